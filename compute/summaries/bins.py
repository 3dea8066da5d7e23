"""The bins of all histograms of a summary."""

import numpy as np

LARGEST = 20
"""Bins of .05 of a query's largest attention."""
ENTROPY = 36
"""Bins of .25 nats: 9 nats are the entropy of 8,000 keys with the same attention."""
ENTROPY_STEP = 0.25
PEAKS = 100
"""Bins of .01 of a passage's largest attention to another token."""
DISTANCES = (0, 1, *(2**n for n in range(1, 13)))
"""Where bins of distances and of positions begin: 0, 1, 2, 4 … 4096, the last one open."""


def shares(values: np.ndarray, bins: int) -> np.ndarray:
    """Return the bin of numbers from 0 to 1, int64."""
    return np.clip((np.asarray(values, np.float64) * bins).astype(np.int64), 0, bins - 1)


def entropies(values: np.ndarray) -> np.ndarray:
    """Return the bin of entropies in nats, int64."""
    whole = (np.asarray(values, np.float64) / ENTROPY_STEP).astype(np.int64)
    return np.clip(whole, 0, ENTROPY - 1)


def distances(count: int) -> np.ndarray:
    """Return which bin each of the whole numbers 0, 1, … belongs to, bool (count, bins)."""
    which = np.searchsorted(DISTANCES, np.arange(count), side="right") - 1
    return which[:, None] == np.arange(len(DISTANCES))


def counted(which: np.ndarray, bins: int) -> np.ndarray:
    """Return how many are in each bin, int64 (rows, bins).

    Parameters
    ----------
    which : int64 (rows, n)
    """
    rows = len(which)
    flat = which + bins * np.arange(rows)[:, None]
    return np.bincount(flat.ravel(), minlength=rows * bins).reshape(rows, bins)
