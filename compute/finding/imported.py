"""Imported vectors: what names them, and the records that keep them where all else may be deleted.

A record is a small file in `store.IMPORTS`, named after its run, which therefore is never swept.
"""

import contextlib
import json
import re
from dataclasses import asdict, dataclass

from compute import store
from compute.errors import HeadscopeError

PREFIX = "imported:"
TASK = "imported"
"""`ModelInfo.task` of vectors without a model."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
_KEY = re.compile(r"[0-9a-f]{24}")
_DAMAGED = (OSError, ValueError, TypeError, KeyError, RecursionError, HeadscopeError)
LARGEST = 2**16
"""Bytes of a record."""


@dataclass(frozen=True)
class Imported:
    """What is kept of an import besides its run.

    Attributes
    ----------
    key : str
        The run's name in the store.
    name : str
        What the person called it; no two have the same.
    title : str
        Of its text.
    identity : str
        24 hexadecimal digits, of vectors, tokens and rules.
    """

    key: str
    name: str
    title: str
    identity: str

    @property
    def spec(self) -> str:
        """What names it in place of a model, and its text in place of a text."""
        return f"{PREFIX}{self.name}"


def is_one(spec: str) -> bool:
    """Tell whether this names an import, be it there or not."""
    return spec.startswith(PREFIX)


def checked(name: str) -> str:
    """Return the name of an import; `HeadscopeError` if it can't be one."""
    if not _NAME.fullmatch(name):
        raise HeadscopeError(
            "An import's name has 1 to 60 letters, digits, dots, hyphens and underscores, and "
            "begins with a letter or digit. Choose another with --name."
        )
    return name


def every() -> list[Imported]:
    """Return all imports by name; damaged records are left out."""
    folder, found = store.root() / store.IMPORTS, []
    if folder.is_symlink():
        return []
    for path in folder.glob("*.json"):
        with contextlib.suppress(*_DAMAGED):
            if _KEY.fullmatch(path.stem) and path.is_file() and path.stat().st_size <= LARGEST:
                kept = json.loads(path.read_text(encoding="utf-8"))
                one = Imported(path.stem, *(str(kept[n]) for n in ("name", "title", "identity")))
                checked(one.name)
                found.append(one)
    return sorted(found, key=lambda each: each.name)


def find(spec: str) -> Imported:
    """Return an import by what names it.

    Raises
    ------
    HeadscopeError
        If there is none of this name.
    """
    name = spec.removeprefix(PREFIX)
    for each in every():
        if each.name == name:
            return each
    raise HeadscopeError(
        f"Nothing was imported under the name “{name[:60]}” into this cache. Import it with "
        "python -m compute import, or choose a model."
    )


def keep(one: Imported) -> None:
    """Write a record; `TroubleWriting` if there is no room for it."""
    folder = store.root() / store.IMPORTS
    if folder.is_symlink():
        raise store.TroubleWriting(
            f"{folder} is a link, and nothing is kept where it leads. Put a folder in its place."
        )
    store.write_text(folder / f"{one.key}.json", json.dumps(asdict(one), ensure_ascii=False))


def forget(one: Imported) -> None:
    """Delete a record, so that its run is an entry like any other."""
    store.delete_text(store.root() / store.IMPORTS / f"{one.key}.json")


def no_weights(name: str) -> HeadscopeError:
    """Return the sentence for what needs more than an import has."""
    return HeadscopeError(
        f"{name} holds imported vectors, no model: its weights are not here, so nothing can be run "
        "through it. Maps, attention and scores on its own text are there; for induction, "
        "ablation, losses or another text open the model itself."
    )
