"""Small files of a person's own, one for each thing that is kept: nothing else overwrites it.

They lie in the cache folder beside one's own texts, in folders named in `store.OWN`: they count,
but are never deleted to make room. Each is written in one step, so that two pages at once lose
nothing of one another's but where both change the same thing: then the last one wins.

What others put there is no file of these: links are not followed, nothing is waited for, and of a
file that is too large nothing is read.
"""

import json
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from compute import limits, store

_FLAGS = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC"))
_OWNER = re.compile(r"[0-9a-f]{24}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")
_DIRECTION = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""They let text look as if it said something else; letters have their direction without them."""
LARGEST = 20 * limits.POINTS
"""Bytes of the largest file: a selection of as many queries and keys as there may be."""


def plain(text: str) -> str:
    """Return what a person typed as plain text: lines, without control characters."""
    text = _DIRECTION.sub("", text)
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
    if place.is_symlink():
        return
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
        If the disk is full, or the cache folder can't be written, or leads elsewhere.
    """
    path = _path(folder, owner, name)
    _stays(path.parent)
    store.write_text(path, json.dumps(content, ensure_ascii=False))


def delete(folder: str, owner: str, name: str) -> None:
    """Delete a file, if there is one."""
    path = _path(folder, owner, name)
    _stays(path.parent)
    store.delete_text(path)


def _path(folder: str, owner: str, name: str) -> Path:
    if folder not in store.OWN or not re.fullmatch(r"[0-9A-Za-z]{1,40}", name):
        raise ValueError(f"{folder!r}, {name!r} can't name what a person keeps")
    return store.root() / folder / f"{_checked(owner)}-{name}.json"


def _checked(owner: str) -> str:
    if not _OWNER.fullmatch(owner):
        raise ValueError(f"{owner!r} is not the key of a model or run")
    return owner


def _stays(folder: Path) -> None:
    if folder.is_symlink():
        raise store.TroubleWriting(
            f"{folder} is a link, and nothing is kept where it leads. Put a folder in its place."
        )


def _read(path: Path) -> dict | None:
    if path.parent.is_symlink():
        return None
    try:
        found = json.loads(_content(path))
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _content(path: Path) -> bytes:
    """Return what is in a file; nothing of what is no file, or too large.

    It is asked of what was opened: what has the name can change meanwhile. Nobody need write into
    a pipe, so opening it must not wait.
    """
    handle = os.open(path, os.O_RDONLY | _FLAGS)
    try:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode) or about.st_size > LARGEST:
            return b""
        with open(handle, "rb", closefd=False) as file:
            return file.read(LARGEST)
    finally:
        os.close(handle)
