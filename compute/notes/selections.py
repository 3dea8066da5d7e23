"""Selections of points that a person gave a name: which queries and keys of a run they are."""

from dataclasses import dataclass

import numpy as np

from compute import limits, store
from compute.errors import HeadscopeError
from compute.notes import on_disk

FOLDER = "selections"
Counts = tuple[int, int]
"""How many queries and keys a run has; as many but in cross-attention."""


@dataclass(frozen=True)
class Selection:
    """Some points of a run, by a name.

    Attributes
    ----------
    name : str
    queries, keys : tuple of int
        Numbers of tokens, ascending; each is of its own side.
    """

    name: str
    queries: tuple[int, ...]
    keys: tuple[int, ...]


def of_run(run_key: str, counts: Counts) -> tuple[Selection, ...]:
    """Return the selections that were kept of a run with so many queries and keys, by name."""
    read = on_disk.read_all(FOLDER, run_key)
    found = [(file, _selection(content, counts)) for file, content in read]
    named = [each for file, each in found if each and _file(each.name) == file]
    return tuple(sorted(named, key=lambda each: each.name.casefold()))


def load(run_key: str, counts: Counts, name: str) -> Selection | None:
    """Return a selection by its name; None if there is none."""
    content = on_disk.read(FOLDER, run_key, _file(name))
    found = content and _selection(content, counts)
    return found or None


def keep(run_key: str, name: str, queries: list[int], keys: list[int]) -> str:
    """Keep a selection, in place of one of the same name; return its name as it is kept.

    Raises
    ------
    HeadscopeError
        If there is no name, or nothing selected, or too much is kept already.
    """
    name = _plain(name)
    if not name:
        raise HeadscopeError("Give the selection a name, then keep it.")
    if len(name) > limits.SELECTION_NAME:
        most = f"{limits.SELECTION_NAME:,}"
        raise HeadscopeError(f"The name of a selection can have at most {most} characters.")
    if not queries and not keys:
        raise HeadscopeError("No points are selected. Draw a lasso round some, then keep them.")
    others = {file for file, _ in on_disk.read_all(FOLDER, run_key)} - {_file(name)}
    if len(others) >= limits.SELECTIONS:
        raise HeadscopeError(
            f"{limits.SELECTIONS} selections are kept of this text. Delete one, then keep this."
        )
    content = {"name": name, "queries": sorted(set(queries)), "keys": sorted(set(keys))}
    try:
        on_disk.write(FOLDER, run_key, _file(name), content)
    except store.TroubleWriting as error:
        raise HeadscopeError(f"The selection could not be kept. {error}") from error
    return name


def forget(run_key: str, name: str) -> None:
    """Delete a selection, if there is one of this name.

    Raises
    ------
    HeadscopeError
        If it can't be deleted.
    """
    try:
        on_disk.delete(FOLDER, run_key, _file(name))
    except store.TroubleWriting as error:
        raise HeadscopeError(f"The selection could not be deleted. {error}") from error


def _plain(name: str) -> str:
    return " ".join(on_disk.plain(name).split())


def _file(name: str) -> str:
    return store.key("selection", name)


def _selection(content: dict, counts: Counts) -> Selection | None:
    name, sides = content.get("name"), [content.get(side) for side in ("queries", "keys")]
    if not isinstance(name, str) or not all(isinstance(side, list) for side in sides):
        return None
    if not 0 < len(name) <= limits.SELECTION_NAME or name != _plain(name):
        return None
    each = zip(sides, counts, strict=True)
    if not all(type(i) is int and 0 <= i < count for side, count in each for i in side):
        return None
    return Selection(name, *(tuple(side) for side in sides))


def arrays(found: Selection) -> tuple[np.ndarray, np.ndarray]:
    """Return queries and keys as arrays."""
    return np.array(found.queries, np.int64), np.array(found.keys, np.int64)
