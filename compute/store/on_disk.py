"""Large arrays read piece by piece from their file, and never mapped into memory.

A mapped file that somebody cuts short ends the process that touches it (a bus error); a read that
comes back short is an ordinary error.
"""

import os
import threading
import weakref
from collections.abc import Iterator
from itertools import pairwise
from math import prod
from pathlib import Path

import numpy as np

from compute.errors import HeadscopeError

parsing = threading.Lock()
"""NumPy parses an array's header as Python code, which Python 3.11 can't do in two threads."""


class Damaged(HeadscopeError):
    """What was kept turned out to be damaged while it was used."""

    def __init__(self, what: object):
        super().__init__(
            f"A kept file was damaged while it was in use ({what}). "
            "Reload the page: what is missing is computed again."
        )


class OnDisk:
    """An array in a ``.npy`` file, indexed as NumPy's, from which only what is asked for is read.

    Attributes
    ----------
    dtype : np.dtype

    Notes
    -----
    Numbers that leave three or more axes give an `OnDisk` again, and nothing is read; any other
    index gives an array. The file stays open, so that an array that is in use outlives
    the deletion of its entry.

    Raises
    ------
    Damaged
        On opening or reading, if the file is not as long as it says.
    """

    def __init__(self, path: Path):
        try:
            with path.open("rb") as file, parsing:
                version = np.lib.format.read_magic(file)
                read = {
                    (1, 0): np.lib.format.read_array_header_1_0,
                    (2, 0): np.lib.format.read_array_header_2_0,
                }[version]
                shape, by_columns, dtype = read(file)
                if by_columns or dtype.hasobject:
                    raise ValueError("not a plain array")
                self._base = file.tell()
            handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        except (OSError, ValueError, KeyError, EOFError) as error:
            raise Damaged(f"{path.parent.name}/{path.name}") from error
        self._file = _File(handle, f"{path.parent.name}/{path.name}")
        self.shape, self.dtype = tuple(shape), dtype
        if not self.whole():
            raise Damaged(self._file.name)

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def nbytes(self) -> int:
        """Size of the array in bytes."""
        return prod(self.shape) * self.dtype.itemsize

    def __len__(self) -> int:
        return self.shape[0]

    def whole(self) -> bool:
        """Tell whether the file is still long enough, and still in its place."""
        about = os.fstat(self._file.handle)
        return about.st_size >= self._base + self.nbytes and about.st_nlink > 0

    def __array__(self, dtype: object = None, copy: bool | None = None) -> np.ndarray:
        found = self._rows(0, prod(self.shape[:1])).reshape(self.shape)
        return found if dtype is None else found.astype(dtype)

    def __getitem__(self, index: object) -> "np.ndarray | OnDisk":
        view, rest = self, index if isinstance(index, tuple) else (index,)
        if _numbers_apart(rest):
            return np.asarray(self)[rest]
        while rest and isinstance(rest[0], int | np.integer):
            view, rest = view._item(int(rest[0])), rest[1:]
        if not rest:
            return view if view.ndim > 2 else np.asarray(view)[()]
        first, *others = rest
        if isinstance(first, slice):
            if others and view.ndim > 2:
                rows = range(*first.indices(len(view)))
                if parts := [np.asarray(view._item(i)[tuple(others)]) for i in rows]:
                    return np.stack(parts)
            start, stop, step = first.indices(len(view))
            if step > 0:
                found = view._rows(start, max(stop - start, 0))
                return found[(slice(None, None, step), *others)]
        elif isinstance(first, np.ndarray | list) and not others:
            picks = np.asarray(first)
            if picks.dtype.kind in "iu" or (picks.dtype == bool and picks.shape == view.shape[:1]):
                return view._some(picks)
        return np.asarray(view)[rest]

    def _item(self, i: int) -> "OnDisk":
        n = self.shape[0] if self.shape else 0
        if not -n <= i < n:
            raise IndexError(f"index {i} is out of bounds for axis 0 with size {n}")
        view = object.__new__(OnDisk)
        view._file, view.dtype, view.shape = self._file, self.dtype, self.shape[1:]
        view._base = self._base + (i % n) * view.nbytes
        return view

    def _rows(self, start: int, count: int) -> np.ndarray:
        """Read `count` of what lies along the first axis (of one number: it)."""
        found = np.empty((count, *self.shape[1:]), self.dtype)
        size = prod(self.shape[1:]) * self.dtype.itemsize
        self._file.read(self._base + start * size, found)
        return found

    def _some(self, index: np.ndarray) -> np.ndarray:
        """Read what an array of numbers (or of truth) along the first axis picks."""
        if index.dtype == bool:
            index = np.flatnonzero(index)
        flat = index.ravel().astype(np.int64)
        n, row = self.shape[0], self.shape[1:]
        if flat.size and (flat.min() < -n or flat.max() >= n):
            raise IndexError(f"an index is out of bounds for axis 0 with size {n}")
        flat = np.where(flat < 0, flat + n, flat)
        found = np.empty((len(flat), *row), self.dtype)
        size = prod(row) * self.dtype.itemsize
        for start, stop in _runs(flat):
            self._file.read(self._base + int(flat[start]) * size, found[start:stop])
        return found.reshape((*index.shape, *row))


class _File:
    """An open file that may be read from many threads and by processes forked from this one."""

    def __init__(self, handle: int, name: str):
        self.handle, self.name = handle, name
        self._turn = threading.Lock()
        weakref.finalize(self, os.close, handle)

    def read(self, offset: int, into: np.ndarray) -> None:
        """Fill an array, which lies in one piece, with what stands at an offset."""
        left = memoryview(into.reshape(-1).view(np.uint8))
        while left:
            if hasattr(os, "preadv"):
                got = os.preadv(self.handle, [left], offset)
            else:
                with self._turn:
                    os.lseek(self.handle, offset, os.SEEK_SET)
                    some = os.read(self.handle, len(left))
                got = len(some)
                left[:got] = some
            if not got:
                raise Damaged(self.name)
            left, offset = left[got:], offset + got


def _numbers_apart(index: tuple) -> bool:
    """Tell whether numbers and arrays stand apart: NumPy then puts their axes first."""
    kinds = [isinstance(part, int | np.integer | np.ndarray | list) for part in index]
    arrays = any(isinstance(part, np.ndarray | list) for part in index)
    return arrays and sum(kinds) > 1 and False in kinds[: len(kinds) - kinds[::-1].index(True)]


def _runs(flat: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield where stretches of neighbouring numbers begin and end."""
    if not flat.size:
        return
    cuts = [0, *(np.flatnonzero(np.diff(flat) != 1) + 1).tolist(), len(flat)]
    yield from pairwise(cuts)
