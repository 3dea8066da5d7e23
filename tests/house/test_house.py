"""The rules of the house: who may import whom, what is pinned, how long a file may be."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("compute", "components", "training", "tests", "benchmarks", "assets")
ENDINGS = {".py", ".js", ".css", ".sh", ".html"}
HEAVY = ("torch", "transformers", "umap", "numba", "sklearn", "sentence_transformers")
CDN = re.compile(
    r"\bcdn[.-]|jsdelivr|unpkg\.com|cdnjs|bootstrapcdn|googleapis|gstatic|iconify|skypack|esm\.sh"
)


def sources(*folders: str) -> Iterator[Path]:
    """Yield the files of code in some folders, our own and others'."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in ENDINGS and "__pycache__" not in path.parts:
                yield path


def imported(path: Path) -> set[str]:
    """Return the top-level names of all modules that a file imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def all_code() -> list[Path]:
    return [*ROOT.glob("*.py"), *sources(*FOLDERS)]


def test_the_rules_have_something_to_look_at() -> None:
    assert len(list(sources("compute"))) > 5
    assert imported(Path(__file__)) >= {"ast", "pytest", "pathlib"}


@pytest.mark.parametrize("path", sources("compute"), ids=lambda path: path.stem)
def test_numbers_know_nothing_of_the_page(path: Path) -> None:
    page = {"components", "app", "training"}
    if path.name != "manager.py":
        page |= {"dash", "plotly", "dash_bootstrap_components", "flask"}
    assert not imported(path) & page


@pytest.mark.parametrize("path", sources("components"), ids=lambda path: path.stem)
def test_the_page_imports_nothing_heavy_and_no_training(path: Path) -> None:
    assert not imported(path) & {"app", "training", *HEAVY}


def test_the_web_process_is_light() -> None:
    files = [p.relative_to(ROOT) for p in (ROOT / "components").rglob("*.py")]
    modules = ["app", *(".".join(p.with_suffix("").parts) for p in files)]
    code = (
        f"import sys, importlib\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        f"print('PIL.Image' in sys.modules)\n"  # `components.pictures.serving` says why
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    reply = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert reply.returncode == 0, reply.stderr
    assert reply.stdout.split() == ["True", "[]"]


@pytest.mark.parametrize(
    "name", ["requirements.txt", "requirements-cluster.txt", "requirements-dev.txt"]
)
def test_every_requirement_is_pinned(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if line and not line.startswith(("#", "-r "))]
    assert wanted
    for line in wanted:
        assert re.fullmatch(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==[0-9][0-9A-Za-z.]*", line), line


def test_no_file_is_too_long() -> None:
    own = [p for p in all_code() if ".min." not in p.name]
    lengths = {str(p.relative_to(ROOT)): len(p.read_text("utf-8").splitlines()) for p in own}
    assert {name: lines for name, lines in lengths.items() if lines > 350} == {}


def test_nothing_is_fetched_from_elsewhere() -> None:
    named = {
        str(path.relative_to(ROOT)): found.group()
        for path in all_code()
        if path != Path(__file__) and (found := CDN.search(path.read_text(encoding="utf-8")))
    }
    assert named == {}
    for path in sources("assets"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"""(url\(|@import)\s*["']?(https?:)?//""", text), path.name
        assert "sourceMappingURL" not in text, path.name


def test_style_sheets_do_not_look_inside_of_what_they_style() -> None:
    """Browsers look again at every change of the page; assets/page/shown.js tells it by classes."""
    sheets = [path for path in sources("assets") if path.suffix == ".css"]
    assert len(sheets) > 5
    assert [path.name for path in sheets if ":has(" in path.read_text(encoding="utf-8")] == []


def test_the_rules_see_an_address_of_a_cdn() -> None:
    for address in (
        "https://cdn.jsdelivr.net/npm/bootstrap@5.3.6/dist/css/bootstrap.min.css",
        "https://cdn.plot.ly/plotly-3.0.0.min.js",
        "https://unpkg.com/react",
        "https://fonts.googleapis.com/css2",
    ):
        assert CDN.search(address)


def test_no_two_files_of_tests_have_the_same_name() -> None:
    names = [p.name for p in (ROOT / "tests").rglob("test_*.py")]
    assert sorted({name for name in names if names.count(name) > 1}) == []
