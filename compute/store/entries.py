"""Finished results: content-addressed folders, read back and held against their manifest.

An entry is a folder ``<cache>/<kind>/<name>`` of ``.npy`` files with a ``manifest.json`` that holds
small values and the checksum of every file. It appears in one step, when it is whole; an entry that
does not match its manifest is deleted, and its reader is told that there is none. A folder without
a manifest of ours is no entry, and is left alone.
"""

import contextlib
import json
import math
import os
import secrets
import shutil
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np

from compute.store.names import place
from compute.store.on_disk import Damaged, OnDisk, parsing

MANIFEST = "manifest.json"
BLOCK = 2**18
"""Bytes that are read for a checksum at a time: they stay in a processor's cache."""
LARGE = 2**22
"""Bytes of a file that is worth a thread."""
ASIDE = ".aside."
"""How a folder is called that is being deleted."""
KNOWN = 256
"""So many entries need not be compared with their checksums again."""
NOTED = 5.0
"""Seconds: so often is it noted on the disk that an entry which stays open is in use."""


class Entry:
    """One finished entry: its small values, and its arrays on demand.

    Attributes
    ----------
    values : dict
        What the writer put into ``Draft.values``.
    """

    def __init__(self, folder: Path, values: dict, state: "State"):
        self.folder, self.values = folder, values
        self._state, self._noted = state, -math.inf

    def names(self) -> set[str]:
        """Return the names of the arrays."""
        return {path.stem for path in _parts(self.folder)}

    def array(self, name: str) -> np.ndarray:
        """Return array `name`, read-only.

        Raises
        ------
        Damaged
            If the file was cut short, or is gone.
        """
        path = self.folder / f"{name}.npy"
        try:
            with parsing:
                found = np.load(path, allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise Damaged(f"{self.folder.name}/{path.name}") from error
        found.flags.writeable = False
        return found

    def on_disk(self, name: str) -> OnDisk:
        """Return a large array `name`, of which only what is asked for is read."""
        return OnDisk(self.folder / f"{name}.npy")

    def unchanged(self) -> bool:
        """Tell whether the entry is still there as it was when it was found."""
        try:
            return state_of(self.folder) == self._state
        except (OSError, ValueError):
            return False

    def touch(self) -> bool:
        """Note now and then that the entry is in use: what was not used longest goes first.

        Returns
        -------
        bool
            Whether it was noted now.
        """
        now = time.monotonic()
        if now - self._noted <= NOTED:
            return False
        self._noted = now
        with contextlib.suppress(OSError):
            os.utime(self.folder / MANIFEST)
        return True


def find(kind: str, name: str) -> Entry | None:
    """Return an entry, or None if there is none or it was damaged (it is then deleted).

    The checksums of an unchanged entry are compared once per process, not in the one that wrote it.
    Names may come from a request: one that is none finds nothing.
    """
    folder = place(kind, name)
    if folder is None:
        return None
    try:
        state = state_of(folder)
    except (OSError, ValueError):  # no manifest, or not text
        return None
    manifest = _ours(state.manifest)
    if manifest is None:
        return None
    try:
        if _sound.get(str(folder)) != state:
            if checksums(folder) != manifest["files"]:
                raise ValueError(f"{folder} is damaged")
            note_sound(folder, state)
    except (OSError, ValueError):
        discard(kind, name)
        return None
    entry = Entry(folder, manifest["values"], state)
    entry.touch()
    return entry


def outside(folder: Path) -> Entry:
    """Return an entry that lies outside of the cache, where somebody took it along.

    Raises
    ------
    Damaged
        If there is none, or it is not what its manifest says.
    """
    try:
        state = state_of(folder)
        manifest = _ours(state.manifest)
        if manifest is None or checksums(folder) != manifest["files"]:
            raise Damaged(folder.name)
    except (OSError, ValueError) as error:
        raise Damaged(folder.name) from error
    return Entry(folder, manifest["values"], state)


def discard(kind: str, name: str) -> None:
    """Delete an entry, if it exists: a folder whose manifest shows that it is one of ours."""
    folder = place(kind, name)
    if folder is None:
        return
    with _noting:
        _sound.pop(str(folder), None)
    with contextlib.suppress(OSError, ValueError):
        if _ours((folder / MANIFEST).read_text(encoding="utf-8")) is not None:
            remove(folder)


def remove(folder: Path) -> None:
    """Delete a folder in one step for all who look: a kill leaves nothing of it in its place."""
    try:
        shutil.rmtree(put_aside(folder), ignore_errors=True)
    except FileNotFoundError:  # another was faster, and somebody may be writing it again
        return
    except OSError:  # somebody has a file in it open (Windows)
        shutil.rmtree(folder, ignore_errors=True)


def put_aside(folder: Path) -> Path:
    """Give a folder that is to be deleted another name, by which `clear_drafts` knows it."""
    aside = folder.with_name(f"{ASIDE}{secrets.token_hex(8)}")
    folder.rename(aside)
    return aside


def checksum(path: Path) -> int:
    """Return the CRC-32 of a file."""
    value, block = 0, memoryview(bytearray(BLOCK))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(block):
            value = zlib.crc32(block[:count], value)
    return value


def checksums(folder: Path) -> dict[str, int]:
    """Return the checksums of the arrays of an entry, by the names of their files.

    Two large files at a time: a run has queries and keys.
    """
    parts = _parts(folder)
    large = [path for path in parts if path.stat().st_size >= LARGE]
    found = {path.name: checksum(path) for path in parts if path not in large}
    if large:
        with ThreadPoolExecutor(2) as pool:
            names = (path.name for path in large)
            found |= zip(names, pool.map(checksum, large), strict=True)
    return found


class State(NamedTuple):
    """What tells whether an entry was changed."""

    files: tuple  # name, size and time of each
    manifest: str


def state_of(folder: Path) -> State:
    """Return the present state of an entry; OSError without a manifest."""
    files = tuple((p.name, p.stat().st_size, p.stat().st_mtime_ns) for p in _parts(folder))
    return State(files, (folder / MANIFEST).read_text(encoding="utf-8"))


def note_sound(folder: Path, state: State) -> None:
    """Remember that an entry is whole, so that its checksums need not be compared again."""
    with _noting:
        _sound[str(folder)] = state
        while len(_sound) > KNOWN:
            del _sound[next(iter(_sound))]  # the oldest; it is only compared once more


_noting = threading.Lock()
_sound: dict[str, State] = {}
"""The entries of which this process knows that they are whole, and how they were then."""


def _parts(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.npy"))


def _ours(text: str) -> dict | None:
    """Return a manifest, or None for a text that is not one of ours."""
    try:
        manifest = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(manifest, dict):
        return None
    fits = all(isinstance(manifest.get(part), dict) for part in ("values", "files"))
    return manifest if fits else None
