"""A head's attention over a whole long passage as one small picture, read some rows at a time."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from compute import store
from compute.attention import exact
from compute.progress import Progress, unseen
from compute.runs import Run

VERSION = 1
SIDE = 160
"""Pixels of a picture along each side, at most."""
LEVELS = 255
AT_ONCE = 2**23
"""Pairs of tokens that are looked through in a moment; more of them are work for a job."""


@dataclass(frozen=True)
class Overview:
    """The largest attention in each block of a passage, uint8 (rows, columns) in ``levels``.

    A pixel is `LEVELS` times the square root of the largest attention among the pairs of a query
    and a key that it stands for: a mean would hide a thin diagonal, and the root lets small ones
    be seen.
    """

    levels: np.ndarray


OVERVIEWS = store.record("overview", Overview)


def key(run_key: str, layer: int, head: int, passage: int) -> str:
    """Return the name among `OVERVIEWS` of a head's picture of a passage."""
    return store.key(OVERVIEWS.kind, VERSION, run_key, layer, head, passage)


def pairs(run: Run, passage: int) -> int:
    """Return how many pairs of a query and a key a passage has."""
    spans = run.span(passage), run.key_span(passage)
    return int(np.prod([span.stop - span.start for span in spans], dtype=np.int64))


def of_passage(
    run: Run, layer: int, head: int, passage: int, progress: Progress = unseen
) -> Overview:
    """Look through a passage; progress is in queries.

    Raises
    ------
    HeadscopeError
        If the model has no such head, or its layer is not stored.
    """
    most = largest(run, layer, head, passage, SIDE, progress)
    return Overview(np.round(LEVELS * np.sqrt(most)).astype(np.uint8))


def largest(
    run: Run, layer: int, head: int, passage: int, most: int, progress: Progress = unseen
) -> np.ndarray:
    """Return the largest attention in each block of a passage, float32 (rows, columns).

    There are at most so many rows and columns. No more than some `exact.CELLS` weights are held
    at a time; progress is in queries.
    """
    spans = run.span(passage), run.key_span(passage)
    counts = [span.stop - span.start for span in spans]
    starts = [np.arange(side) * n // side for n, side in ((n, min(n, most)) for n in counts)]
    pixel = np.searchsorted(starts[0], np.arange(counts[0]), side="right") - 1
    found = np.zeros([len(side) for side in starts], np.float32)
    for rows, weights in _seen(run, layer, head, passage):
        columns = starts[1][starts[1] < weights.shape[1]]
        across = np.maximum.reduceat(weights, columns, axis=1)
        first = np.flatnonzero(np.diff(pixel[rows], prepend=-1))
        at = pixel[rows][first], slice(len(columns))
        found[at] = np.maximum(found[at], np.maximum.reduceat(across, first, axis=0))
        progress(rows.stop, counts[0])
    return found


def _seen(run: Run, layer: int, head: int, passage: int) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield attention (r, k) of some rows over the keys up to the last that one of them may see.

    In causal models that is half of the work of `exact.in_rows`.
    """
    queries, keys = run.vectors(layer, head, passage)
    step, last = max(1, exact.CELLS // len(keys)), run.sight(layer).last
    for start in range(0, len(queries), step):
        rows = slice(start, min(start + step, len(queries)))
        stop = min(max(1, int(last[rows].max())), len(keys)) if run.added is None else len(keys)
        some = queries[rows], keys[:stop]
        yield rows, exact.attend(run, layer, head, passage, *some, rows)
