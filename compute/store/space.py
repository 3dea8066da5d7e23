"""The size limit: everything in the cache counts, and what was not used longest goes first."""

import contextlib
import os
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from compute.store.drafts import clear_drafts
from compute.store.entries import MANIFEST, discard
from compute.store.folder import root
from compute.store.names import place

SIZE_LIMIT = 8 * 2**30
IMPORTS = "imports"
"""Folder of records, each named after the run of vectors that were imported."""
OWN = ("texts", "pictures", "notes", "selections", "corpora", IMPORTS)
"""Folders of what a person wrote or kept, which nobody can compute again."""
IN_USE = 15
"""Seconds: what was used so lately is not deleted, be the limit ever so small."""
_told: set[int] = set()
"""Limits of which this process has said that they can't be kept."""


@dataclass(frozen=True)
class Usage:
    """What lies in the cache folder, in bytes.

    Attributes
    ----------
    entries : int
        Results, which are deleted when there is too much.
    texts : int
        The user's own texts, pictures, corpora, notes and selections (`OWN`), and imported
        vectors, which are never deleted.
    others : int
        Compiled code, converted weights, drafts, the database of results.
    limit : int
        What all of it may take.
    """

    entries: int
    texts: int
    others: int
    limit: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.entries + self.texts + self.others

    @property
    def trouble(self) -> str | None:
        """A sentence if no sweep can keep the limit, for what is never deleted is above it."""
        if self.texts + self.others <= self.limit:
            return None
        kept = (self.texts, self.others, self.limit)
        texts, others, limit = (f"{n / 2**20:,.0f} MiB" for n in kept)
        return (
            f"The cache folder {root()} can't be kept to its limit of {limit}: texts of your own "
            f"and imported vectors take {texts}, compiled code and weights {others}, so no result "
            "can stay. Texts and imports are never deleted for you. Raise the limit with "
            "--cache-limit, or delete those that you no longer need."
        )


def set_limit(gibibytes: float) -> None:
    """Set the size limit, which may be infinite, for this process and those that it starts."""
    os.environ["HEADSCOPE_CACHE_LIMIT"] = str(int(min(gibibytes, 2**30) * 2**30))


def size_limit() -> int:
    """Return the size limit in bytes: of `set_limit`, or `SIZE_LIMIT`."""
    with contextlib.suppress(ValueError):
        return int(os.environ.get("HEADSCOPE_CACHE_LIMIT") or SIZE_LIMIT)
    return SIZE_LIMIT


def usage() -> Usage:
    """Measure the cache folder."""
    found, texts, others = _measure()
    return Usage(sum(size for _, size, _ in found), texts, others, size_limit())


def sweep(limit: int | None = None) -> Usage:
    """Delete what killed writers left, then the least recently used entries above the limit.

    Parameters
    ----------
    limit : int, optional
        Bytes; `size_limit` by default.

    Returns
    -------
    Usage
        What is left. If that is more than the limit, it is said on the terminal, once.
    """
    clear_drafts()
    most = size_limit() if limit is None else limit
    found, texts, others = _measure()
    kept = sum(size for _, size, _ in found)
    newest = time.time() - IN_USE
    for used, size, folder in sorted(found):
        if kept + texts + others <= most or used > newest:
            break
        discard(folder.parent.name, folder.name)
        if not folder.exists():
            kept -= size
    left = Usage(kept, texts, others, most)
    if (sentence := left.trouble) and most not in _told:
        _told.add(most)
        print(sentence, file=sys.stderr)
    return left


def empty(part: str) -> None:
    """Delete a folder of the cache with all that is in it."""
    folder = root() / part
    if folder.resolve().parent == root().resolve():
        shutil.rmtree(folder, ignore_errors=True)


def _measure() -> tuple[list[tuple[float, int, Path]], int, int]:
    """Return last use, size and folder of every entry; bytes of texts; bytes of all else."""
    found, texts, others = [], 0, 0
    imported = {path.stem for path in _children(root() / IMPORTS)}
    for path in _children(root()):
        if path.is_symlink() or not path.is_dir():
            others += _size_of(path)
        elif path.name in OWN:
            texts += _size_of(path)
        else:
            for part in _children(path):
                if part.name in imported:
                    texts += _size_of(part)
                elif place(path.name, part.name) and (part / MANIFEST).is_file():
                    with contextlib.suppress(OSError):
                        used = (part / MANIFEST).stat().st_mtime
                        found.append((used, _size_of(part), part))
                else:
                    others += _size_of(part)
    return found, texts, others


def _children(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _size_of(path: Path) -> int:
    """Return the bytes of a file, or of all files below a folder; links count as themselves."""
    try:
        if path.is_symlink() or not path.is_dir():
            return path.lstat().st_size
        return sum(_size_of(Path(part)) for part in os.scandir(path))
    except OSError:
        return 0
