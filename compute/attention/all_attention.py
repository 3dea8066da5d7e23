"""Attention of all heads over one passage, small enough to be sent and drawn at once."""

import threading
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from compute import store
from compute.attention import overviews
from compute.attention.exact import WHOLE, attend
from compute.progress import Progress, unseen
from compute.runs import Run

VERSION = 1  # of what is kept
BYTES = 2_400_000
"""Of all heads' pictures together, at most; deeper models get smaller ones."""
SIDE = (24, 128)
"""Pixels of a picture, at least and at most."""
LEVELS = 255
_turn = threading.Lock()
"""How many threads matrices take is set for the whole process: by one at a time, and back. Products
this small gain nothing from threads, which on a busy machine wait for each other for seconds."""


@dataclass(frozen=True)
class Kept:
    """What `of_all_heads` has found in a long passage: ``levels``, uint8 (layers, heads, r, c)."""

    levels: np.ndarray


KEPT = store.record("all-attention", Kept)


def key(run_key: str, passage: int) -> str:
    """Return the name among `KEPT` of all heads' pictures of a passage."""
    return store.key(KEPT.kind, VERSION, run_key, passage)


def is_long(run: Run, passage: int) -> bool:
    """Tell whether a passage is work for a job: its attention is not even held at once."""
    return overviews.pairs(run, passage) > WHOLE**2


def of_all_heads(run: Run, passage: int, progress: Progress = unseen) -> np.ndarray:
    """Return a picture of every head's attention over one passage; progress is in heads.

    A pixel is the largest attention of the pairs that it stands for: of one pair, as long as the
    passage has no more tokens than `side` allows. A mean would hide a thin diagonal.

    Returns
    -------
    uint8 (layers, heads, rows, columns)
        `LEVELS` times the square root of the attention, so that small ones stay apart too.

    Raises
    ------
    HeadscopeError
        What was kept was damaged, or not all layers are stored.
    """
    run.check_all()
    model = run.model
    most = side(model.layers * model.heads)
    spans = run.span(passage), run.key_span(passage)
    pixels = [min(span.stop - span.start, most) for span in spans]
    shape = model.layers, model.heads, *pixels
    out = np.empty(shape, np.uint8)
    long = is_long(run, passage)
    with _turn, threadpool_limits(1):
        for done, at in enumerate(np.ndindex(shape[:2]), 1):
            if long:
                most_of = overviews.largest(run, *at, passage, most)
            else:
                queries, keys = run.vectors(*at, passage)
                most_of = pooled(attend(run, *at, passage, queries, keys), *pixels)
            out[at] = np.round(LEVELS * np.sqrt(most_of))
            progress(done, model.layers * model.heads)
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
