"""Who may import whom: the list of floors in docs/house.md, read from the top to the bottom."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def floors() -> list[list[str]]:
    """Return the floors, the lowest first: each a list of folders or files."""
    text = (ROOT / "docs" / "house.md").read_text(encoding="utf-8")
    found = []
    for line in re.search(r"```floors\n(.*?)```", text, re.DOTALL)[1].splitlines():
        first, *more = line.split()
        found.append([first, *(f"{first.rpartition('/')[0]}/{name}" for name in more)])
    return found


@cache
def rooms() -> dict[str, int]:
    """Return the floor of each folder or file that the list names."""
    return {name: number for number, floor in enumerate(floors()) for name in floor}


def files() -> list[Path]:
    every = [*(ROOT / "compute").rglob("*.py"), *(ROOT / "components").rglob("*.py")]
    return [*every, ROOT / "app.py"]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def room_of(path: Path) -> str:
    """Return the folder or file of the list that a file belongs to; "" for a package's own file."""
    parts = name_of(path).split("/")
    if len(parts) == 2 and parts[1] == "__init__.py":
        return ""
    room, others = "/".join(parts[:2]), f"{parts[0]}/*"
    return others if len(parts) > 2 and room not in rooms() and others in rooms() else room


@cache
def imported(path: Path) -> tuple[Path, ...]:
    """Return our own files that a file imports, wherever in it, for types too."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                found += _file(f"{node.module}.{alias.name}") or _file(node.module)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                found += _file(alias.name)
    return tuple(found)


@cache
def _file(dotted: str) -> list[Path]:
    place = ROOT.joinpath(*dotted.split("."))
    found = [place.with_suffix(".py"), place / "__init__.py"]
    return [path for path in found if path.exists()][:1]


def test_every_file_has_a_floor() -> None:
    known = rooms()
    assert {
        name_of(path) for path in files() if room_of(path) and room_of(path) not in known
    } == set()
    named = {name for name in known if not name.endswith("/*")}
    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_no_import_runs_to_a_lower_line() -> None:
    known, wrong, seen = rooms(), [], 0
    for path in files():
        for other in imported(path):
            here, there = room_of(path), room_of(other)
            if here and there and here != there:
                seen += 1
                if known[there] >= known[here] and not (
                    known[there] == known[here] and here < there
                ):
                    wrong.append(f"{name_of(path)} imports {name_of(other)}")
    assert seen > 500
    assert wrong == []


def test_no_modules_import_one_another_in_a_circle() -> None:
    """Not inside functions either: what is put off there is a circle all the same."""
    leads = {path: set(imported(path)) - {path} for path in files()}
    # A package's own file hands on names of its modules.
    leads = {path: {o for o in others if o.name != "__init__.py"} for path, others in leads.items()}
    open_, done = [], set()

    def circle(path: Path) -> list[str]:
        if path in open_:
            return [name_of(each) for each in open_[open_.index(path) :]]
        if path in done:
            return []
        open_.append(path)
        found = next((c for other in sorted(leads.get(path, ())) if (c := circle(other))), [])
        open_.pop()
        done.add(path)
        return found

    assert [found for path in files() if (found := circle(path))] == []
