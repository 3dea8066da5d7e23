"""Arrays in files that others wrote: .npy, .npz, .safetensors, read in order, never unpickled.

Nothing is mapped into memory, and nothing is believed before it was read: a header that promises
more than the file holds, a file that was cut short or changed meanwhile ends in a sentence.
"""

import contextlib
import json
import os
import struct
import tokenize
import zipfile
import zlib
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import BinaryIO

import numpy as np

from compute.errors import HeadscopeError
from compute.model_files.names import shown
from compute.store.on_disk import parsing

HEADER = 16 * 2**20
"""Bytes that the header of a .safetensors file may take."""
MOST = 2**48
"""Numbers in an array; more is a header that lies."""
_SAFETENSORS = {"F16": "float16", "BF16": "bfloat16", "F32": "float32", "F64": "float64"}
_NUMPY = {"float16", "float32", "float64"}
_ON_DISK = {"bfloat16": np.dtype("<u2")}
_ERRORS = (
    *(OSError, ValueError, KeyError, EOFError, RuntimeError, RecursionError, NotImplementedError),
    *(zipfile.BadZipFile, zlib.error, struct.error, TypeError),
)


@dataclass
class Given:
    """An array in an open file, which is read from its beginning on.

    Attributes
    ----------
    name : str
        What it is: ``q``, ``k``.
    file : Path
    shape : tuple of int
    precision : str
        ``float16``, ``bfloat16``, ``float32`` or ``float64``.
    kind : np.dtype
        Of its numbers in the file; bfloat16 as the upper halves of single precision.
    """

    name: str
    file: Path
    shape: tuple[int, ...]
    precision: str
    kind: np.dtype
    stream: BinaryIO = field(repr=False)
    opened: contextlib.ExitStack = field(repr=False, default_factory=contextlib.ExitStack)
    _about: tuple[int, ...] = field(repr=False, default=())

    def __post_init__(self) -> None:
        self._about = _state(self.file)

    def next(self, shape: tuple[int, ...]) -> np.ndarray:
        """Return the next numbers, in this shape, as they are kept (uint16 for bfloat16).

        Raises
        ------
        HeadscopeError
            If the file ends before, can't be read, or was changed.
        """
        need = prod(shape) * self.kind.itemsize
        try:
            content = self.stream.read(need)
        except _ERRORS as error:
            raise _unreadable(self.file, error) from error
        if len(content) != need:
            raise HeadscopeError(
                f"{self.file} ends in the middle of {self.name}, {told(self.shape)}. Write it anew."
            )
        found = np.frombuffer(content, self.kind).reshape(shape)
        return found.astype(self.kind.newbyteorder("="), copy=False)

    def close(self) -> None:
        """Close the file; `HeadscopeError` if it was changed since it was opened."""
        self.release()
        if _state(self.file) != self._about:
            raise HeadscopeError(f"{self.file} was changed while it was read. Import it again.")

    def release(self) -> None:
        """Close the file, be it changed or not."""
        self.opened.close()


def told(shape: tuple[int, ...]) -> str:
    """Return a shape as it is told."""
    return f"({', '.join(map(str, shape))})"


def names(file: Path) -> set[str]:
    """Return the names of the arrays in a .npz or .safetensors file.

    Raises
    ------
    HeadscopeError
        If it is no such file.
    """
    check(file)
    try:
        if file.suffix.lower() == ".npz":
            with zipfile.ZipFile(file) as archive:
                return {each.removesuffix(".npy") for each in archive.namelist()}
        with file.open("rb") as stream:
            return set(_header(stream)) - {"__metadata__"}
    except _ERRORS as error:
        raise _unreadable(file, error) from error


def given(name: str, file: Path) -> Given:
    """Open an array: the one of a .npy file, or that of this name in a .npz or .safetensors file.

    Raises
    ------
    HeadscopeError
        If there is no such file or array, or it is none of floating-point numbers.
    """
    check(file)
    opener = {".npy": _npy, ".npz": _npz, ".safetensors": _safetensors}.get(file.suffix.lower())
    if opener is None:
        raise HeadscopeError(
            f"{file} is neither .npy nor .npz nor .safetensors. Save {name} as one of these."
        )
    with contextlib.ExitStack() as opened:
        try:
            found = opener(name, file, opened)
        except HeadscopeError:
            raise
        except _ERRORS as error:
            raise _unreadable(file, error) from error
        if min(found.shape, default=1) < 1 or prod(found.shape) > MOST:
            shape = told(found.shape)
            raise HeadscopeError(f"{name} in {file} has the shape {shape}: no such array.")
        found.opened = opened.pop_all()
    return found


def check(file: Path) -> None:
    """Refuse what is no file."""
    if not file.is_file():
        what = "is no file" if file.exists() else "is not there"
        raise HeadscopeError(f"{shown(str(file))} {what}. Check the spelling.")


def _npy(name: str, file: Path, opened: contextlib.ExitStack) -> Given:
    stream = opened.enter_context(file.open("rb"))
    return _of_numpy(name, file, stream, os.fstat(stream.fileno()).st_size)


def _of_numpy(name: str, file: Path, stream: BinaryIO, size: int) -> Given:
    with parsing:
        version = np.lib.format.read_magic(stream)
        if version not in ((1, 0), (2, 0)):
            raise ValueError("its header is of another version")
        read = np.lib.format.read_array_header_1_0, np.lib.format.read_array_header_2_0
        try:
            shape, by_columns, kind = read[version[0] - 1](stream)
        except (MemoryError, tokenize.TokenError) as error:  # of Python's parser, from its depths
            raise ValueError("its header is none") from error
    if kind.hasobject:
        raise HeadscopeError(
            f"{file} holds pickled Python objects, which could run code and are never read. Save "
            f"{name} as an array of numbers."
        )
    if by_columns and len(shape) > 1:
        raise HeadscopeError(
            f"{name} in {file} is stored column by column. Save np.ascontiguousarray({name})."
        )
    # NumPy has no bfloat16: JAX's is written as two bytes of nothing in particular.
    precision = "bfloat16" if kind == np.dtype("V2") else kind.name
    if precision not in {*_NUMPY, "bfloat16"}:
        raise _other_kind(name, file, kind.name)
    kind = _ON_DISK.get(precision, kind)
    if prod(shape) * kind.itemsize > size - stream.tell():
        raise HeadscopeError(
            f"{file} is shorter than its {name}, {told(shape)}, needs. Write it anew."
        )
    return Given(name, file, tuple(map(int, shape)), precision, kind, stream)


def _npz(name: str, file: Path, opened: contextlib.ExitStack) -> Given:
    archive = opened.enter_context(zipfile.ZipFile(file))
    there = {each.removesuffix(".npy"): each for each in archive.namelist()}
    if name not in there:
        raise _missing(name, file, set(there))
    about = archive.getinfo(there[name])
    stream = opened.enter_context(archive.open(about))
    return _of_numpy(name, file, stream, about.file_size)


def _safetensors(name: str, file: Path, opened: contextlib.ExitStack) -> Given:
    stream = opened.enter_context(file.open("rb"))
    header = _header(stream)
    start = stream.tell()
    if name not in header:
        raise _missing(name, file, set(header) - {"__metadata__"})
    shape, (first, last) = header[name]["shape"], header[name]["data_offsets"]
    if not all(type(n) is int for n in (*shape, first, last)):
        raise ValueError(f"its header says of {name} what can't be")
    precision = _SAFETENSORS.get(header[name]["dtype"])
    if precision is None:
        raise _other_kind(name, file, str(header[name]["dtype"])[:20])
    kind = _ON_DISK.get(precision) or np.dtype(precision).newbyteorder("<")
    whole = 0 <= first <= last <= os.fstat(stream.fileno()).st_size - start
    if min(shape, default=0) < 0 or not whole or last - first != prod(shape) * kind.itemsize:
        raise ValueError(f"its header says of {name} what can't be")
    stream.seek(start + first)
    return Given(name, file, tuple(shape), precision, kind, stream)


def _header(stream: BinaryIO) -> dict:
    (length,) = struct.unpack("<Q", stream.read(8))
    if length > HEADER:
        raise ValueError("its header is too long")
    found = json.loads(stream.read(length))
    if not isinstance(found, dict):
        raise ValueError("its header is none")
    return found


def _state(file: Path) -> tuple[int, ...]:
    try:
        about = file.stat()
    except OSError as error:
        raise _unreadable(file, error) from error
    return about.st_size, about.st_mtime_ns, about.st_ino


def _missing(name: str, file: Path, there: set[str]) -> HeadscopeError:
    listed = ", ".join(shown(each) for each in sorted(there)[:8]) or "nothing"
    return HeadscopeError(f"There is no “{name}” in {file}: it holds {listed}. Rename it.")


def _other_kind(name: str, file: Path, kind: str) -> HeadscopeError:
    return HeadscopeError(
        f"{name} in {file} is of {kind}. Save it as float32, float16, bfloat16 or float64."
    )


def _unreadable(file: Path, error: Exception) -> HeadscopeError:
    why = getattr(error, "strerror", None) or " ".join(str(error).split())[:120] or "damaged"
    return HeadscopeError(f"{file} can't be read: {why.rstrip('.')}. Write it anew.")
