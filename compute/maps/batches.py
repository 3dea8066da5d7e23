"""Passages of similar length padded together, so that numpy handles many at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from compute.maps.cloud import Cloud

LENGTHS = (8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)
MOST = 2**22


@dataclass(frozen=True)
class Batch:
    """Some passages side by side.

    Attributes
    ----------
    rows : int (passages, m)
        Tokens; where a passage is shorter, the rest repeats its first token.
    real : bool (passages, m)
        Which of them are no filling.
    mask : bool (passages, m, m)
        Which key a query may see, fillings excluded.
    """

    rows: np.ndarray
    real: np.ndarray
    mask: np.ndarray


def batches(cloud: Cloud, keep: np.ndarray, longest: int | None = None) -> Iterator[Batch]:
    """Yield the passages in batches of at most 4 million pairs (or one passage).

    Parameters
    ----------
    keep : bool (n,)
        Tokens that take part.
    longest : int, optional
        Leave out passages of more kept tokens.
    """
    spans = [np.arange(*ends) for ends in pairwise(cloud.starts)]
    lists = [span[keep[span]] for span in spans]
    sizes = np.array([len(tokens) for tokens in lists], dtype=int)
    if longest is not None:
        sizes[sizes > longest] = 0
    room = np.searchsorted(LENGTHS, sizes)
    for bucket in np.unique(room[sizes > 0]):
        chosen = np.flatnonzero((room == bucket) & (sizes > 0))
        m = int(sizes[chosen].max())
        step = max(1, MOST // m**2)
        for start in range(0, len(chosen), step):
            yield _padded(cloud, [lists[i] for i in chosen[start : start + step]], m)


def _padded(cloud: Cloud, lists: list[np.ndarray], m: int) -> Batch:
    rows = np.stack([np.pad(t, (0, m - len(t)), constant_values=t[0]) for t in lists])
    real = np.arange(m) < np.array([len(t) for t in lists])[:, None]
    seen = cloud.seen(rows[:, :, None], rows[:, None, :])
    return Batch(rows, real, seen & real[:, :, None] & real[:, None, :])
