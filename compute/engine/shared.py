"""Whether a worker of a cluster can do the work: with this code, and in this cache folder.

For as long as somebody asks, a file with a word in it lies in the cache folder; who reads it there
has the same folder, be it by another path: the one that ``HEADSCOPE_CACHE`` named for the worker.
"""

import contextlib
import os
import platform
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from compute import store
from compute.version import code_version

VARIABLE = "HEADSCOPE_CACHE"
START = "Start it in the folder of Headscope, or name that in PYTHONPATH."
_FILE = "word"
_found: dict[str, str] = {}
"""In a worker: by a caller's folder, where it is here."""


@dataclass(frozen=True)
class Sign:
    """What lies in the caller's cache folder.

    Attributes
    ----------
    cache : str
        The folder, as the caller knows it.
    folder : str
        In it, where the file lies.
    word : str
        That stands in the file.
    """

    cache: str
    folder: str
    word: str


@dataclass(frozen=True)
class Seen:
    """What a worker is: its versions, and the cache folder as it knows it, "" without one."""

    python: str
    dask: str
    code: str
    cache: str


@contextlib.contextmanager
def sign() -> Iterator[Sign]:
    """Lay the file down for a block."""
    with store.scratch() as folder:
        made = Sign(str(store.root().resolve()), folder.name, secrets.token_hex(16))
        store.write_text(folder / _FILE, made.word)
        yield made


def look(sign: Sign) -> Seen:
    """Say what this process is, and whether the caller's cache folder is there; `here` knows it."""
    found = next((folder for folder in _candidates(sign) if _is_it(folder, sign)), "")
    if found:
        _found[sign.cache] = found
    return Seen(_python(), metadata.version("distributed"), code_version(), found)


def here(cache: str) -> str:
    """Return where a caller's cache folder is here."""
    return _found.get(cache, cache)


def trouble(seen: Seen, sign: Sign) -> str:
    """Return why a worker can't do the work, the rest of a sentence about it; "" if it can."""
    mine = Seen(_python(), metadata.version("distributed"), code_version(), "")
    if not seen.cache:
        return (
            f"does not see the cache folder {sign.cache}. Put that on a disk which all machines "
            f"share, and name it by {VARIABLE} here and where the workers are started."
        )
    if seen.code != mine.code:
        return "has another version of Headscope's code. Update both to the same, and restart them."
    for what, theirs, ours in (
        ("Python", seen.python, mine.python),
        ("Dask", seen.dask, mine.dask),
    ):
        if theirs != ours:
            return f"has {what} {theirs}, and here is {ours}. Install the same on both."
    return ""


def _python() -> str:
    """Return Python's version without its last number, within which pickles are the same."""
    return ".".join(platform.python_version_tuple()[:2])


def _candidates(sign: Sign) -> Iterator[str]:
    own = os.environ.get(VARIABLE)
    if own:
        yield own
    yield sign.cache


def _is_it(folder: str, sign: Sign) -> bool:
    try:
        return (Path(folder) / sign.folder / _FILE).read_text("utf-8") == sign.word
    except (OSError, ValueError):
        return False
