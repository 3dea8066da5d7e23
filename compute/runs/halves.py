"""Numbers of half precision: kept in two bytes each, computed with as the model rounds them.

NumPy has no bfloat16: such numbers are kept as the upper half of those of single precision. Needs
no torch.
"""

import numpy as np

from compute import store

STORED = {"float32": "float32", "bfloat16": "uint16", "float16": "float16"}
"""What arrays of a precision are on the disk, as NumPy calls it."""


def widened(stored: np.ndarray, dtype: str) -> np.ndarray:
    """Return kept numbers as float32, exactly."""
    if dtype == "bfloat16":
        return (stored.astype(np.uint32) << 16).view(np.float32)
    return stored.astype(np.float32)


def rounded(values: np.ndarray, dtype: str) -> np.ndarray:
    """Return float32 numbers rounded to those that a precision has, still as float32.

    Ties go to the even neighbour, as everywhere.
    """
    if dtype == "float16":
        with np.errstate(over="ignore"):
            return values.astype(np.float16).astype(np.float32)
    if dtype != "bfloat16":
        return values
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
    up = np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))
    cut = ((bits + up) & np.uint32(0xFFFF0000)).view(np.float32)
    return np.where(np.isfinite(values), cut, values)


class Halves:
    """An array of half precision on the disk, which gives float32; see `store.OnDisk`.

    Attributes
    ----------
    shape : tuple of int
    dtype : np.dtype
        float32, of what it gives.
    """

    dtype = np.dtype("float32")

    def __init__(self, stored: store.OnDisk, precision: str):
        self._stored, self._precision = stored, precision
        self.shape = stored.shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self._stored.ndim

    def __len__(self) -> int:
        return len(self._stored)

    def __array__(self, dtype: object = None, copy: bool | None = None) -> np.ndarray:
        found = widened(np.asarray(self._stored), self._precision)
        return found if dtype is None else found.astype(dtype)

    def __getitem__(self, index: object) -> "np.ndarray | Halves":
        found = self._stored[index]
        if isinstance(found, store.OnDisk):
            return Halves(found, self._precision)
        return widened(np.asarray(found), self._precision)


def read(stored: store.OnDisk) -> store.OnDisk | Halves:
    """Return a kept array that gives float32, by what it is on the disk."""
    for precision, kind in STORED.items():
        if kind == stored.dtype and precision != "float32":
            return Halves(stored, precision)
    return stored
