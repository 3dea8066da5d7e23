"""The few keys of each query that get most attention, found in one look at each number.

torch's `topk` takes ten times as long as making the attention; here most numbers are passed over
after one comparison. On other devices than the processor `topk` is quick.
"""

from collections.abc import Callable
from functools import cache

import numpy as np
from torch import Tensor

from compute.maps.umap_library import settle_numba
from compute.summaries.passages import KEYS, LEAST, pack


def strongest_keys(attention: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Return which keys get most, and their attention, packed, uint16 (…, T, KEYS) each.

    Parameters
    ----------
    attention : float32 (…, T, S)
        S below 65,536.

    Returns
    -------
    keys, weights : uint16
        The strongest first, of equal ones the first; what is below `LEAST` is left out, and where
        there are fewer than `KEYS` the rest is 0.
    """
    if attention.device.type == "cpu":
        flat = attention.contiguous().numpy().reshape(-1, attention.shape[-1])
        keys, weights = _looked_through()(flat)
    else:
        keys, weights = _sorted(attention.reshape(-1, attention.shape[-1]))
    shape = *attention.shape[:-1], KEYS
    return keys.reshape(shape), pack(weights).reshape(shape)


def _sorted(rows: Tensor) -> tuple[np.ndarray, np.ndarray]:
    some = min(KEYS, rows.shape[1])
    weights, keys = rows.sort(dim=1, descending=True, stable=True)
    found = np.zeros((2, len(rows), KEYS))
    found[0, :, :some] = keys[:, :some].cpu()
    found[1, :, :some] = weights[:, :some].float().cpu()
    found[:, found[1] < LEAST] = 0
    return found[0].astype(np.uint16), found[1]


def _scan(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what `_sorted` does; compiled by `_looked_through`."""
    keys = np.zeros((len(rows), KEYS), np.uint16)
    weights = np.zeros((len(rows), KEYS), np.float32)
    for row in range(len(rows)):
        held, least = 0, np.float32(LEAST)
        for key in range(rows.shape[1]):
            weight = rows[row, key]
            if weight < least or (held == KEYS and weight <= weights[row, KEYS - 1]):
                continue
            at = held if held < KEYS else KEYS - 1
            while at > 0 and weights[row, at - 1] < weight:
                weights[row, at], keys[row, at] = weights[row, at - 1], keys[row, at - 1]
                at -= 1
            weights[row, at], keys[row, at] = weight, key
            if held < KEYS:
                held += 1
    return keys, weights


@cache
def _looked_through() -> Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]:
    settle_numba()
    import numba  # takes long, and has to be told before where its code is kept

    return numba.njit(cache=True)(_scan)
