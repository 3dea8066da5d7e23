"""Attention of all heads over one passage, small enough to be sent and drawn at once."""

import threading

import numpy as np
from threadpoolctl import threadpool_limits

from compute.runs import Run
from compute.runs.attention import attend, check_whole

BYTES = 2_400_000
"""Of all heads' pictures together, at most; deeper models get smaller ones."""
SIDE = (24, 128)
"""Pixels of a picture, at least and at most."""
LEVELS = 255
_turn = threading.Lock()
"""How many threads matrices take is set for the whole process: by one at a time, and back. Products
this small gain nothing from threads, which on a busy machine wait for each other for seconds."""


def of_all_heads(run: Run, passage: int) -> np.ndarray:
    """Return a picture of every head's attention over one passage.

    A pixel is the largest attention of the pairs that it stands for: of one pair, as long as the
    passage has no more tokens than `side` allows. A mean would hide a thin diagonal.

    Returns
    -------
    uint8 (layers, heads, rows, columns)
        `LEVELS` times the square root of the attention, so that small ones stay apart too.

    Raises
    ------
    HeadscopeError
        What was kept was damaged, or the passage is too long.
    """
    run.check_all()
    check_whole(run, passage)
    model = run.model
    most = side(model.layers * model.heads)
    spans = run.span(passage), run.key_span(passage)
    pixels = [min(span.stop - span.start, most) for span in spans]
    shape = model.layers, model.heads, *pixels
    out = np.empty(shape, np.uint8)
    with _turn, threadpool_limits(1):
        for at in np.ndindex(shape[:2]):
            queries, keys = run.vectors(*at, passage)
            weights = attend(run, *at, passage, queries, keys)
            out[at] = np.round(LEVELS * np.sqrt(pooled(weights, *pixels)))
    return out


def side(heads: int) -> int:
    """Return how many pixels across the picture of one of so many heads may be."""
    least, most = SIDE
    return int(np.clip(np.sqrt(BYTES / heads), least, most))


def pooled(weights: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Return the largest number in each of so many parts of a matrix, (rows, columns)."""
    for axis, count in enumerate((rows, columns)):
        starts = np.arange(count) * weights.shape[axis] // count
        weights = np.maximum.reduceat(weights, starts, axis=axis)
    return weights
