"""The way of the data in docs/house.md: every function that it names is there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = re.compile(r"(\w+(?:\.\w+)*)\.(\w+)\.(\w+)")
SCRIPT = re.compile(r"(assets/\S+\.js): (\w+)")


def trips() -> dict[str, list[str]]:
    """Return the steps of each trip."""
    text = (
        (ROOT / "docs" / "house.md").read_text("utf-8").partition("\n## The way of the data\n")[2]
    )
    parts = [part.splitlines() for part in text.partition("\n## ")[0].split("\n### ")[1:]]
    return {title: [line for line in lines if line] for title, *lines in parts}


def names(lines: list[str]) -> list[str]:
    """Return what stands in backticks, but for the names of stores."""
    every = re.findall(r"`([^`]+)`", "\n".join(lines))
    return [name for name in every if not re.fullmatch("[a-z-]+", name)]


def is_there(name: str) -> bool:
    """Tell whether a function is where its name says."""
    if found := SCRIPT.fullmatch(name):
        path, function = ROOT / found[1], found[2]
        made = rf"^\s*(?:function {function}\(|{function}\(.*\) \{{|.*\b{function} = )"
        return path.exists() and bool(re.search(made, path.read_text("utf-8"), re.MULTILINE))
    folder, module, function = PYTHON.fullmatch(name).groups()
    files = [ROOT / top / folder / f"{module}.py" for top in ("compute", "components")]
    return any(function in functions(path) for path in files if path.exists())


def functions(path: Path) -> set[str]:
    body = ast.parse(path.read_text("utf-8")).body
    return {node.name for node in body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(
    "title",
    ["Open a text", "Switch head", "Click a point", "Measure induction", "Measure a corpus"],
)
def test_a_trip_is_short_and_names_functions_that_are_there(title: str) -> None:
    lines = trips()[title]
    named = names(lines)
    assert len(lines) <= 5 and len(named) >= 5
    assert [name for name in named if not is_there(name)] == []


def test_a_function_that_is_gone_is_missed() -> None:
    assert is_there("joint_map.maps.draw_map") and not is_there("joint_map.maps.drawn_map")
    assert is_there("assets/page/headscope.js: pick") and not is_there("assets/page/pen.js: pick")
    assert not is_there("assets/page/headscope.js: picked")
