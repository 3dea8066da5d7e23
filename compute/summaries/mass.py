"""Attention, and what is summed with it, as whole numbers: in units of 2⁻³⁰.

Where a sum is over tokens and never over squares, one whole number of 64 bits is enough: the
attention of 8.6 billion tokens fits.
"""

import numpy as np

_UNIT = 2.0**30
MOST = 2**33
"""A sum must be smaller than this."""


def of(values: np.ndarray) -> np.ndarray:
    """Return sums over a stretch of text as whole numbers, int64 (…), rounded once."""
    return np.rint(np.asarray(values, np.float64) * _UNIT).astype(np.int64)


def total(whole: np.ndarray) -> np.ndarray:
    """Return what such numbers stand for, float64 (…)."""
    return np.asarray(whole, np.float64) / _UNIT
