"""Small files of a person's own, one for each thing that is kept: nothing else overwrites it.

They lie in the cache folder beside one's own texts, in folders named in `store.OWN`: they count,
but are never deleted to make room. Each is written in one step, so that two pages at once lose
nothing of one another's but where both change the same thing: then the last one wins.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from compute import store

_OWNER = re.compile(r"[0-9a-f]{24}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")


def plain(text: str) -> str:
    """Return what a person typed as plain text: lines, without control characters."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(_CONTROL.sub(" ", line).rstrip() for line in lines).strip("\n ")


def read_all(folder: str, owner: str) -> Iterator[tuple[str, dict]]:
    """Yield name and content of all files of an owner; one that was damaged is left out.

    Parameters
    ----------
    folder : str
        One of `store.OWN`.
    owner : str
        24 hexadecimal digits: of a model, or of a run.
    """
    place = store.root() / folder
    for path in sorted(place.glob(f"{_checked(owner)}-*.json")):
        found = _read(path)
        if found is not None:
            yield path.stem.partition("-")[2], found


def read(folder: str, owner: str, name: str) -> dict | None:
    """Return the content of one file; None if there is none, or it was damaged."""
    return _read(_path(folder, owner, name))


def write(folder: str, owner: str, name: str, content: dict) -> None:
    """Keep a file.

    Raises
    ------
    TroubleWriting
        If the disk is full, or the cache folder can't be written.
    """
    store.write_text(_path(folder, owner, name), json.dumps(content, ensure_ascii=False))


def delete(folder: str, owner: str, name: str) -> None:
    """Delete a file, if there is one."""
    store.delete_text(_path(folder, owner, name))


def _path(folder: str, owner: str, name: str) -> Path:
    if folder not in store.OWN or not re.fullmatch(r"[0-9A-Za-z]{1,40}", name):
        raise ValueError(f"{folder!r}, {name!r} can't name what a person keeps")
    return store.root() / folder / f"{_checked(owner)}-{name}.json"


def _checked(owner: str) -> str:
    if not _OWNER.fullmatch(owner):
        raise ValueError(f"{owner!r} is not the key of a model or run")
    return owner


def _read(path: Path) -> dict | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
