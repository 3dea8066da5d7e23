"""CONTRIBUTING.md does what it says: its examples are applied to a copy of the tree, and work."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST = {
    "A stage": 1,
    "A control in the address": 1,
    "A method of maps": 2,
    "A score on the text": 1,
    "A score with a job of its own": 3,
    "A read-out of the lab": 2,
    "A rule for patterns": 1,
    "A table to save": 1,
    "A command": 1,
}
"""So many files may an addition touch, a new stage's own folder apart."""
EDIT = re.compile(
    r"# (?:new file: (?P<new>\S+)|in (?P<file>\S+), "
    r"(?:(?P<where>before|in place of|at the end of): (?P<line>.+)|among the imports))"
)


def examples() -> dict[str, list[tuple[re.Match, str]]]:
    """Return the edits of each addition: what its first line says, and the code below it."""
    found = {}
    for section in (ROOT / "CONTRIBUTING.md").read_text("utf-8").split("\n## ")[1:]:
        edits = found.setdefault(section.partition("\n")[0].partition(":")[0], [])
        for block in re.findall(r"```python\n(.*?)```", section, re.DOTALL):
            for line in block.splitlines(keepends=True):
                if head := EDIT.fullmatch(line.strip()):
                    edits.append((head, ""))
                else:
                    edits[-1] = edits[-1][0], edits[-1][1] + line
    return {title: edits for title, edits in found.items() if edits}


def apply(edit: re.Match, code: str, tree: Path) -> str:
    """Change the tree as an example says, and return the name of the file."""
    name = edit["new"] or edit["file"]
    path = tree / name
    if edit["new"]:
        assert not path.exists(), name
        path.parent.mkdir(exist_ok=True)
        path.write_text(code, "utf-8")
        return name
    lines = path.read_text("utf-8").splitlines(keepends=True)
    if edit["line"]:
        at = [i for i, line in enumerate(lines) if line.strip() == edit["line"]]
        assert len(at) == 1, f"{name} has {len(at)} lines {edit['line']!r}"
        start = end = at[0]
    else:
        start = end = next(i for i, line in enumerate(lines) if re.match("import |from ", line))
    if edit["where"] == "in place of":
        end += 1
    elif edit["where"] == "at the end of":
        indent = re.match(" *", lines[start])[0]
        start = end = next(i for i in range(start, len(lines)) if lines[i] == f"{indent})\n")
    path.write_text("".join([*lines[:start], code, *lines[end:]]), "utf-8")
    return name


@pytest.fixture(scope="module")
def touched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, set[str]]]:
    """A copy of the tree with all examples applied, and which files each addition touched."""
    tree = tmp_path_factory.mktemp("tree")
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.check_output(listed, cwd=ROOT, text=True).splitlines():
        if (ROOT / name).is_file() and not name.startswith("cache/"):
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tree / name)
    applied = {title: {apply(*each, tree) for each in edits} for title, edits in examples().items()}
    return tree, applied


def run(tree: Path, *arguments: str) -> None:
    """Run a module in the tree; it must succeed."""
    own = {"PYTHONPATH": str(tree), "HEADSCOPE_CACHE": str(tree / "cache"), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(
        command, cwd=tree, env=os.environ | own, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]


def test_no_addition_touches_more_files_than_it_says(touched) -> None:
    _, applied = touched
    own = "components/lengths/"
    counts = {
        title: len(names if title != "A stage" else {n for n in names if not n.startswith(own)})
        for title, names in applied.items()
    }
    assert counts.keys() == MOST.keys()
    assert {title: n for title, n in counts.items() if n > MOST[title]} == {}


def test_all_that_was_added_works(touched) -> None:
    tree, applied = touched
    files = sorted(set().union(*applied.values()))
    run(tree, "ruff", "check", "--fix", "--select", "I", "--quiet", *files)
    run(tree, "ruff", "format", "--quiet", *files)
    run(tree, "ruff", "check", "--quiet", *files)
    looked_at = ("house/added.py", "house/test_floors.py", "components/test_callbacks.py")
    tests = [f"tests/{name}" for name in looked_at]
    run(tree, "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *tests)
