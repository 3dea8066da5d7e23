"""Imported vectors: what names them, and the records that keep them where all else may be deleted.

A record is a small file in `store.IMPORTS`, named after its run, which therefore is never swept.
"""

import contextlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock

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
_PATIENCE = 60
"""Seconds that another process may take to write a record."""


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


def is_name(spec: str) -> bool:
    """Tell whether this could name an import, and nothing else."""
    return is_one(spec) and bool(_NAME.fullmatch(spec.removeprefix(PREFIX)))


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
    return sorted(filter(None, map(_read, _records())), key=lambda each: each.name)


def damaged() -> list[Path]:
    """Return the records that can't be read. Their vectors stay, for nobody said to delete them."""
    return sorted(path for path in _records() if _read(path) is None)


def _records() -> list[Path]:
    folder = store.root() / store.IMPORTS
    if folder.is_symlink():
        return []
    return [path for path in folder.glob("*.json") if _KEY.fullmatch(path.stem)]


def _read(path: Path) -> Imported | None:
    with contextlib.suppress(*_DAMAGED):
        if path.is_file() and path.stat().st_size <= LARGEST:
            kept = json.loads(path.read_text(encoding="utf-8"))
            one = Imported(path.stem, *(str(kept[n]) for n in ("name", "title", "identity")))
            checked(one.name)
            return one
    return None


def find(spec: str) -> Imported:
    """Return an import by what names it.

    Raises
    ------
    HeadscopeError
        If there is none of this name.
    """
    name = spec.removeprefix(PREFIX)
    if found := _named(name):
        return found
    lacking = f"Nothing was imported under the name “{name[:60]}” into this cache"
    if broken := damaged():
        raise HeadscopeError(
            f"{lacking}, and the record {broken[0]} is damaged. Delete it with its vectors: "
            f"python -m compute import --delete {broken[0].stem}"
        )
    raise HeadscopeError(f"{lacking}. Import it with python -m compute import, or choose a model.")


def _named(name: str) -> Imported | None:
    return next((each for each in every() if each.name == name), None)


def before(one: Imported) -> Imported | None:
    """Return the import of the same name, if there is one: the same, or made or titled otherwise.

    Raises
    ------
    HeadscopeError
        If it is of other vectors, tokens or rules.
    """
    found = _named(one.name)
    if found and found.identity != one.identity:
        raise HeadscopeError(
            f"Something else was imported as {one.name}. Choose another --name, or delete that "
            f"first: python -m compute import --delete {one.name}"
        )
    return found


def keep(one: Imported) -> Imported | None:
    """Write a record, in place of that of the same import before.

    Returns
    -------
    Imported or None
        That one, if its run was another.

    Raises
    ------
    HeadscopeError
        If the name was taken meanwhile; `TroubleWriting` if there is no room.
    """
    with _turn() as folder:
        old = before(one)
        store.write_text(folder / f"{one.key}.json", json.dumps(asdict(one), ensure_ascii=False))
        if old is None or old.key == one.key:
            return None
        store.delete_text(folder / f"{old.key}.json")
        return old


def forget(name: str) -> str:
    """Delete the record of an import, or a damaged one by its key, and return its run's key.

    That is an entry like any other then.

    Raises
    ------
    HeadscopeError
        If there is none.
    """
    with _turn() as folder:
        found = _named(name)
        broken = found is None and name in {path.stem for path in damaged()}
        key = name if broken else find(name).key
        store.delete_text(folder / f"{key}.json")
    return key


@contextlib.contextmanager
def _turn() -> Iterator[Path]:
    """Give the folder of records, while no other process changes them."""
    folder = store.root() / store.IMPORTS
    if folder.is_symlink():
        raise store.TroubleWriting(
            f"{folder} is a link, and nothing is kept where it leads. Put a folder in its place."
        )
    try:
        folder.mkdir(exist_ok=True)
        lock = FileLock(folder / ".lock", _PATIENCE, mode=0o600)
        lock.acquire()
    except OSError as error:
        raise store.trouble(error) from error
    try:
        yield folder
    finally:
        lock.release()


def no_weights(name: str) -> HeadscopeError:
    """Return the sentence for what needs more than an import has."""
    return HeadscopeError(
        f"{name} holds imported vectors, no model: its weights are not here, so nothing can be run "
        "through it. Maps, attention and scores on its own text are there; for induction, "
        "ablation, losses or another text open the model itself."
    )
