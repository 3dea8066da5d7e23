"""Writing: everything appears in one step, when it is whole, and killed writers leave nothing.

A draft is a hidden folder or file beside its place, whose name tells which process writes it, and
on which machine: a cache may be shared by several, or by containers, and none sees the others'
processes.
"""

import contextlib
import hashlib
import json
import mmap
import os
import platform
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
import psutil

from compute.store import entries
from compute.store.folder import root, telling
from compute.store.names import place

ABROAD = 24 * 3600
"""Seconds: a draft of another machine that was not touched for so long is taken for dead."""
_BY = r"(?:-([0-9a-f]+))?\.[a-z0-9_]{8}"  # how the name of every draft ends
_FOLDER = re.compile(r"\.[0-9a-f]{24}(?:-[0-9]+)?\.([0-9]+)(?:-([0-9a-f]+))?" + _BY)
_FILE = re.compile(r"\..+\.([0-9]+)-([0-9a-f]+)" + _BY)
_HIDDEN = "hidden"
_TRIES = 20
"""So often is a finished draft put in a place that others write and delete meanwhile."""


class Draft:
    """An entry being written: save arrays, or stream into memory-mapped ones, and set `values`."""

    def __init__(self, folder: Path):
        self.folder, self.values = folder, {}
        self._streamed: dict[str, np.memmap] = {}

    def save(self, name: str, array: np.ndarray) -> None:
        """Write a whole array; `TroubleWriting` if there is no room for it.

        One that `create` made under this name is there already.
        """
        if self._streamed.get(name) is array:
            return
        with telling(array.nbytes):
            np.save(self.folder / f"{name}.npy", np.ascontiguousarray(array), allow_pickle=False)

    def create(self, name: str, shape: tuple[int, ...], dtype: str = "float32") -> np.memmap:
        """Return a writable memory-mapped array of zeros that is filled in place.

        Its room on the disk is taken at once: a map for which there is none ends the process.

        Raises
        ------
        TroubleWriting
            If there is no room for it.
        """
        path = self.folder / f"{name}.npy"
        with telling(int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize):
            array = np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=shape)
            if hasattr(os, "posix_fallocate"):
                with path.open("r+b") as file:
                    os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
            if hasattr(mmap, "MADV_HUGEPAGE"):  # filling it is twice as fast: fewer page faults
                with contextlib.suppress(OSError):
                    array._mmap.madvise(mmap.MADV_HUGEPAGE)
        self._streamed[name] = array
        return array

    def seal(self) -> None:
        """Write the manifest: from here on every later damage is seen.

        Reading sees what was written through a map at once. It is not forced onto the disk, which
        costs more than the checksums: what a power cut takes away, they find.
        """
        text = json.dumps({"values": self.values, "files": entries.checksums(self.folder)})
        with telling(len(text)):
            (self.folder / entries.MANIFEST).write_text(text, encoding="utf-8")


@contextlib.contextmanager
def writing(kind: str, name: str) -> Iterator[Draft]:
    """Write an entry; it appears only if the block ends without an error.

    Parameters
    ----------
    kind, name : str
        ``writing("runs", key(...))``.

    Raises
    ------
    TroubleWriting
        If the disk is full, or the cache folder can't be written.
    ValueError
        If this can't be the name of an entry.

    Notes
    -----
    When two processes write the same entry the first to end wins; the results are the same.
    """
    target = place(kind, name)
    if target is None:
        raise ValueError(f"{kind!r}, {name!r} can't name an entry")
    with draft_folder(target, lambda: entries.find(kind, name) is not None) as folder:
        draft = Draft(folder)
        yield draft
        draft.seal()
    with contextlib.suppress(OSError):
        entries.note_sound(target, entries.state_of(target))


@contextlib.contextmanager
def draft_folder(target: Path, stands: Callable[[], bool] = lambda: True) -> Iterator[Path]:
    """Give a hidden folder to write in, which becomes `target` if the block ends without an error.

    Parameters
    ----------
    stands : callable
        Asked when there is such a folder already: whether it is sound. Then it stays; else it is
        put aside, and the next `clear_drafts` deletes it.

    Raises
    ------
    TroubleWriting
        If it can't be made.
    """
    with telling(2**16):
        target.parent.mkdir(exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=_prefix(target.name), dir=target.parent))
    try:
        yield folder
        _move(folder, target, stands)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """Give a hidden folder that is deleted in the end; of a killed process by `clear_drafts`.

    Raises
    ------
    TroubleWriting
        If it can't be made.
    """
    with telling(0):
        folder = Path(tempfile.mkdtemp(prefix=_prefix(secrets.token_hex(12)), dir=root()))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_text(path: Path, content: str) -> None:
    """Write a small file of text in one step; see `write_bytes`."""
    write_bytes(path, content.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write a small file in one step, private to the user.

    Raises
    ------
    TroubleWriting
        If the disk is full, or the cache folder can't be written.
    """
    with together() as write:
        write(path, content)


@contextlib.contextmanager
def together() -> Iterator[Callable[[Path, bytes], None]]:
    """Give what writes small files: all of them appear if the block ends without an error, or none.

    What is written twice in a block is that of the first time.

    Raises
    ------
    TroubleWriting
        If the disk is full, or the cache folder can't be written.
    """
    drafts: dict[Path, str] = {}

    def write(path: Path, content: bytes) -> None:
        if path in drafts:
            return
        with telling(len(content)):
            path.parent.mkdir(exist_ok=True)
            handle, drafts[path] = tempfile.mkstemp(prefix=_prefix(path.name), dir=path.parent)
            with open(handle, "wb") as file:
                file.write(content)

    try:
        yield write
        with telling(0):
            for path, draft in drafts.items():
                os.replace(draft, path)
    finally:
        for draft in drafts.values():
            with contextlib.suppress(OSError):
                os.unlink(draft)


def delete_text(path: Path) -> None:
    """Delete a small file that `write_text` wrote, if it is there.

    Raises
    ------
    TroubleWriting
        If the cache folder can't be written.
    """
    with telling(0):
        path.unlink(missing_ok=True)


def clear_drafts() -> None:
    """Delete the drafts of processes that are gone, and what was put aside; quick."""
    for path in [*root().glob("*/.*"), *root().glob(".*")]:
        if path.parent.is_symlink() and path.parent != root():  # it leads elsewhere
            continue
        folder = path.is_dir() and not path.is_symlink()
        found = (_FOLDER if folder else _FILE).fullmatch(path.name)
        dead = found and not _lives(path, *found.groups())
        if folder and (dead or path.name.startswith(entries.ASIDE)):
            shutil.rmtree(path, ignore_errors=True)
        elif dead:
            with contextlib.suppress(OSError):
                path.unlink()


def _prefix(name: str) -> str:
    return f".{name}.{os.getpid()}-{_identity(os.getpid())}-{_machine()}."


def _move(folder: Path, target: Path, stands: Callable[[], bool]) -> None:
    """Put a finished draft in its place, unless a sound one of another writer stands there."""
    for _ in range(_TRIES):
        with contextlib.suppress(OSError):
            os.replace(folder, target)
            return
        if target.is_dir():
            if stands():
                return
            with contextlib.suppress(OSError):  # another was faster
                entries.put_aside(target)
    with telling(0):
        os.replace(folder, target)


def _lives(path: Path, pid: str, identity: str | None, machine: str | None) -> bool:
    """Tell whether the process that wrote a draft still runs, and not another of its number."""
    if machine not in (None, _machine()):
        with contextlib.suppress(OSError):
            return path.lstat().st_mtime > time.time() - ABROAD
    now = _identity(int(pid))
    return now is not None and (identity in (None, now) or now == _HIDDEN)


@cache
def _machine() -> str:
    """Return what tells this machine's processes, or this container's, from all others."""
    try:
        numbers = os.readlink("/proc/self/ns/pid")
    except OSError:
        numbers = ""
    return hashlib.sha256(f"{platform.node()} {numbers}".encode()).hexdigest()[:8]


def _identity(pid: int) -> str | None:
    """Return what tells a process from a later one of the same number; None without such a one.

    psutil's hash of a process is of its number and its start, by a clock that nobody sets.
    """
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return f"{hash(process) & 0xFFFFFFFF:x}"
    except (psutil.NoSuchProcess, OverflowError, ValueError):
        return None
    except psutil.AccessDenied:
        return _HIDDEN
