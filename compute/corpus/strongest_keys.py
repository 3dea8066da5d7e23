"""The few keys of each query that get most attention.

torch's `topk` takes ten times as long as making the attention; here most numbers are passed over,
sixteen at a time. On other devices than the processor `topk` is quick.
"""

from collections.abc import Callable
from functools import cache

import numpy as np
from torch import Tensor

from compute.maps.umap_library import settle_numba
from compute.summaries.passages import KEYS, LEAST, pack

_AT_ONCE = 16
"""Numbers of which the largest is found in one step of a processor."""


def strongest_keys(
    attention: Tensor, heads: np.ndarray, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return which keys get most, and their attention, packed, uint16 (h, size, KEYS) each.

    Parameters
    ----------
    attention : float32 (H, T, S)
        Of one passage.
    heads : int64 (h,)
        Those that are looked at.
    size : int
        Tokens of the passage, below 65,536; the rest is padding.

    Returns
    -------
    keys, weights : uint16
        The strongest first, of equal ones the first; what is below `LEAST` is left out, and where
        there are fewer than `KEYS` the rest is 0.
    """
    if attention.device.type == "cpu":
        keys, weights = _looked_through()(attention.contiguous().numpy(), heads, size)
    else:
        keys, weights = _sorted(attention[heads, :size, :size])
    return keys, pack(weights)


def _sorted(attention: Tensor) -> tuple[np.ndarray, np.ndarray]:
    some = min(KEYS, attention.shape[2])
    weights, keys = attention.sort(dim=2, descending=True, stable=True)
    found = np.zeros((2, *attention.shape[:2], KEYS))
    found[0, ..., :some] = keys[..., :some].cpu()
    found[1, ..., :some] = weights[..., :some].cpu()
    found[:, found[1] < LEAST] = 0
    return found[0].astype(np.uint16), found[1]


def _scan(attention: np.ndarray, heads: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return what `_sorted` does; compiled by `_looked_through`."""
    keys = np.zeros((len(heads), size, KEYS), np.uint16)
    weights = np.zeros((len(heads), size, KEYS), np.float32)
    for own in range(len(heads)):
        for query in range(size):
            row, held = attention[heads[own], query], 0
            found, best = keys[own, query], weights[own, query]
            bar = np.float32(LEAST)
            for start in range(0, size, _AT_ONCE):
                most = np.float32(0)
                for key in range(start, min(start + _AT_ONCE, size)):
                    most = max(most, row[key])
                if most < bar:
                    continue
                for key in range(start, min(start + _AT_ONCE, size)):
                    weight = row[key]
                    if weight < bar or (held == KEYS and weight <= bar):
                        continue
                    at = min(held, KEYS - 1)
                    while at > 0 and best[at - 1] < weight:
                        best[at], found[at] = best[at - 1], found[at - 1]
                        at -= 1
                    best[at], found[at] = weight, key
                    held = min(held + 1, KEYS)
                    if held == KEYS:
                        bar = best[KEYS - 1]
    return keys, weights


@cache
def _looked_through() -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    settle_numba()
    import numba  # takes long, and has to be told before where its code is kept

    return numba.njit(cache=True, fastmath=True)(_scan)
