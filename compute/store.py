"""Results on disk: content-addressed, written atomically, read back memory-mapped.

An entry is a folder ``<cache>/<kind>/<key>`` of ``.npy`` files with a ``manifest.json`` that holds
small values and the checksum of every file. It appears in one step, when it is whole; an entry that
does not match its manifest is deleted, and its reader is told that there is none.
"""

import contextlib
import glob
import hashlib
import json
import os
import shutil
import tempfile
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

SIZE_LIMIT = 8 * 2**30
MANIFEST = "manifest.json"
KNOWN = 256
"""So many entries need not be compared with their checksums again."""
_parsing = threading.Lock()
"""NumPy parses an array's header as Python code, which Python 3.11 can't do in two threads."""


def root() -> Path:
    """Return the cache folder, made private to the user on first use."""
    folder = Path(os.environ.get("HEADSCOPE_CACHE") or Path(__file__).parent.parent / "cache")
    folder.mkdir(parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)
    return folder


def key(*parts: object) -> str:
    """Return a short name for a result from everything it depends on (JSON-able values)."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


class Entry:
    """One finished entry: its small values, and its arrays memory-mapped on demand.

    Attributes
    ----------
    folder : Path
    values : dict
        What the writer put into ``Draft.values``.
    """

    def __init__(self, folder: Path, values: dict):
        self.folder, self.values = folder, values

    def array(self, name: str) -> np.ndarray:
        """Return array `name`, memory-mapped and read-only."""
        with _parsing:
            return np.load(self.folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)


class Draft:
    """An entry being written: save arrays, or stream into memory-mapped ones, and set `values`."""

    def __init__(self, folder: Path):
        self.folder, self.values = folder, {}

    def save(self, name: str, array: np.ndarray) -> None:
        """Write a whole array."""
        np.save(self.folder / f"{name}.npy", np.ascontiguousarray(array), allow_pickle=False)

    def create(self, name: str, shape: tuple[int, ...], dtype: str = "float32") -> np.memmap:
        """Return a writable memory-mapped array of zeros that is filled in place."""
        path = self.folder / f"{name}.npy"
        return np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=shape)

    def seal(self) -> None:
        """Write the manifest: from here on every later damage is seen.

        Reading sees what was written through a map at once. It is not forced onto the disk, which
        costs more than the checksums: what a power cut takes away, they find.
        """
        files = {p.name: checksum(p) for p in sorted(self.folder.glob("*.npy"))}
        text = json.dumps({"values": self.values, "files": files})
        (self.folder / MANIFEST).write_text(text, encoding="utf-8")


@contextlib.contextmanager
def writing(kind: str, name: str) -> Iterator[Draft]:
    """Write an entry; it appears only if the block ends without an error.

    Parameters
    ----------
    kind, name : str
        ``writing("runs", key(...))``.

    Notes
    -----
    A killed writer leaves a hidden folder behind, which `sweep` removes. When two processes write
    the same entry the first to end wins; the results are the same.
    """
    home = root() / kind
    home.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{name}.{os.getpid()}.", dir=home))
    try:
        draft = Draft(folder)
        yield draft
        draft.seal()
        with contextlib.suppress(OSError):  # an equal entry got there first
            os.replace(folder, home / name)
            _sound[str(home / name)] = _state(home / name)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def find(kind: str, name: str) -> Entry | None:
    """Return an entry, or None if there is none or it was damaged (it is then deleted).

    The checksums of an unchanged entry are compared once per process, not in the one that wrote it.
    """
    folder = root() / kind / name
    try:
        state = _state(folder)
        if _sound.get(str(folder)) != state:
            _check(folder, state)
            _sound[str(folder)] = state
        values = json.loads(state.manifest)["values"]
    except (OSError, ValueError, KeyError):
        discard(kind, name)
        return None
    while len(_sound) > KNOWN:
        _sound.pop(next(iter(_sound)), None)  # the oldest; it is only compared once more
    with contextlib.suppress(OSError):
        os.utime(folder / MANIFEST)  # the time of last use, for `sweep`
    return Entry(folder, values)


def exists(name: str) -> bool:
    """Tell whether there is an entry of this name, of any kind; quick, without a look inside."""
    return any(root().glob(f"*/{glob.escape(name)}/{MANIFEST}"))


def discard(kind: str, name: str) -> None:
    """Delete an entry, if it exists."""
    _sound.pop(str(root() / kind / name), None)
    shutil.rmtree(root() / kind / name, ignore_errors=True)


def sweep(limit: int = SIZE_LIMIT) -> None:
    """Delete what killed writers left, then the least recently used entries above `limit` bytes."""
    entries = []
    for folder in root().glob("*/*/"):
        if folder.name.startswith("."):
            if not _alive(folder.name):
                shutil.rmtree(folder, ignore_errors=True)
        elif (folder / MANIFEST).exists():
            with contextlib.suppress(OSError):
                size = sum(p.stat().st_size for p in folder.iterdir())
                entries.append(((folder / MANIFEST).stat().st_mtime, size, folder))
    total = sum(size for _, size, _ in entries)
    for _, size, folder in sorted(entries):
        if total <= limit:
            return
        shutil.rmtree(folder, ignore_errors=True)
        total -= size


def checksum(path: Path) -> int:
    """Return the CRC-32 of a file."""
    value = 0
    with path.open("rb") as file:
        while block := file.read(2**22):
            value = zlib.crc32(block, value)
    return value


def _parts(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.npy"))


class _State(NamedTuple):
    files: tuple  # name, size and time of each
    manifest: str


_sound: dict[str, _State] = {}
"""The entries of which this process knows that they are whole, and how they were then."""


def _state(folder: Path) -> _State:
    files = tuple((p.name, p.stat().st_size, p.stat().st_mtime_ns) for p in _parts(folder))
    return _State(files, (folder / MANIFEST).read_text(encoding="utf-8"))


def _check(folder: Path, state: _State) -> None:
    expected = json.loads(state.manifest)["files"]
    if {p.name: checksum(p) for p in _parts(folder)} != expected:
        raise ValueError(f"{folder} is damaged")


def _alive(hidden: str) -> bool:
    """Tell whether the process named in a draft's folder name still runs."""
    pid = hidden.rsplit(".", 2)[-2]
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
