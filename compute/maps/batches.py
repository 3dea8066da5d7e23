"""Passages of similar length padded together, so that numpy handles many at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from compute.maps.cloud import CELLS, Cloud, Side

LENGTHS = (8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)


@dataclass(frozen=True)
class Batch:
    """Some passages side by side.

    Attributes
    ----------
    rows : int (passages, m)
        Queries; where a passage is shorter, the rest repeats its first token.
    columns : int (passages, c)
        Keys, likewise.
    real, real_columns : bool (passages, m), bool (passages, c)
        Which of them are no filling.
    mask : bool (passages, m, c)
        Which key a query may see, fillings excluded.
    """

    rows: np.ndarray
    columns: np.ndarray
    real: np.ndarray
    real_columns: np.ndarray
    mask: np.ndarray


def batches(
    cloud: Cloud, keep: np.ndarray, keep_keys: np.ndarray, longest: int | None = None
) -> Iterator[Batch]:
    """Yield the passages in batches of at most 4 million pairs (or one passage).

    Parameters
    ----------
    keep, keep_keys : bool (n,), bool (s,)
        Queries and keys that take part.
    longest : int, optional
        Leave out passages of more kept tokens.
    """
    rows = _kept(cloud.queries, keep)
    columns = _kept(cloud.keys, keep_keys)
    counts = np.array([[len(tokens) for tokens in side] for side in (rows, columns)], dtype=int)
    sizes = np.where(counts.min(0) > 0, counts.max(0), 0)
    if longest is not None:
        sizes[sizes > longest] = 0
    room = np.searchsorted(LENGTHS, sizes)
    for bucket in np.unique(room[sizes > 0]):
        chosen = np.flatnonzero((room == bucket) & (sizes > 0))
        m = int(sizes[chosen].max())
        step = max(1, CELLS // m**2)
        for start in range(0, len(chosen), step):
            some = chosen[start : start + step]
            yield _batch(cloud, *([side[i] for i in some] for side in (rows, columns)))


def long_passages(
    cloud: Cloud, keep: np.ndarray, keep_keys: np.ndarray, longest: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the kept queries and keys of passages that `batches` leaves out as too long."""
    pairs = zip(_kept(cloud.queries, keep), _kept(cloud.keys, keep_keys), strict=True)
    yield from (pair for pair in pairs if max(map(len, pair)) > longest and min(map(len, pair)))


def of_pairs(cloud: Cloud, queries: np.ndarray, keys: np.ndarray) -> Batch:
    """Return some queries and some keys of one passage as a batch without fillings."""
    mask = cloud.seen(queries[:, None], keys[None, :])
    real = np.ones(len(queries), bool), np.ones(len(keys), bool)
    return Batch(*(each[None] for each in (queries, keys, *real, mask)))


def _kept(side: Side, keep: np.ndarray) -> list[np.ndarray]:
    spans = (np.arange(*ends) for ends in pairwise(side.starts))
    return [span[keep[span]] for span in spans]


def _batch(cloud: Cloud, queries: list[np.ndarray], keys: list[np.ndarray]) -> Batch:
    rows, real = _padded(queries)
    columns, real_columns = _padded(keys)
    seen = cloud.seen(rows[:, :, None], columns[:, None, :])
    mask = seen & real[:, :, None] & real_columns[:, None, :]
    return Batch(rows, columns, real, real_columns, mask)


def _padded(lists: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    m = max(len(tokens) for tokens in lists)
    rows = np.stack([np.pad(t, (0, m - len(t)), constant_values=t[0]) for t in lists])
    return rows, np.arange(m) < np.array([len(t) for t in lists])[:, None]
