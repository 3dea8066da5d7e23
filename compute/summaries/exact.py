"""Sums of floating-point numbers that come out the same in any order, to the last bit.

A number is rounded once, to a multiple of 2⁻⁴⁰, and written as whole numbers of 30 bits each, the
lowest first. These are added without carrying: 2³³ numbers fit before one could overflow. (Fixed
point with several limbs, as in Kulisch's long accumulators, only shorter.)
"""

import numpy as np

LIMBS = 5
_BITS = 30
_UNIT = 2.0**40
MOST = 2.0 ** (LIMBS * _BITS - 40)
"""Numbers must be smaller than this."""


def of(values: np.ndarray) -> np.ndarray:
    """Return numbers as limbs, int64 (…, LIMBS), that may be added along any axis but the last.

    Parameters
    ----------
    values : float (…)
        Finite; what is smaller than 2⁻⁴¹ becomes 0.
    """
    rest = np.rint(np.abs(np.asarray(values, np.float64)) * _UNIT)
    found = np.zeros((*rest.shape, LIMBS), np.int64)
    for at in reversed(range(LIMBS)):
        part = np.floor(rest / 2.0 ** (_BITS * at))
        found[..., at] = part
        rest -= part * 2.0 ** (_BITS * at)
    return found * np.sign(values).astype(np.int64)[..., None]


def total(limbs: np.ndarray) -> np.ndarray:
    """Return what sums of limbs stand for, float64 (…), each rounded once."""
    whole = sum(limbs[..., at].astype(object) << (_BITS * at) for at in range(LIMBS))
    return np.asarray(whole / int(_UNIT), dtype=np.float64)
