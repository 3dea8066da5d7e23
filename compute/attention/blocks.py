"""The attention of all heads over a whole text, a block at a time: what every average runs over."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from compute.attention.exact import attend
from compute.progress import Progress
from compute.runs import Run

SIZE = 2_000_000
"""Attention weights of one layer held at once."""


@dataclass(frozen=True)
class Block:
    """Some passages of one length, or some queries of one long passage.

    Attributes
    ----------
    passages : int64 (p,)
        Which passages.
    rows : slice
        Which of their queries, with start and stop: r of them.
    queries : int64 (p, t)
        Their tokens whose queries are seen, numbered over the text.
    places : int64 (p, m)
        Their tokens whose keys are seen; the same but in cross-attention.
    """

    passages: np.ndarray
    rows: slice
    queries: np.ndarray
    places: np.ndarray

    @property
    def length(self) -> int:
        """Keys of each passage, m."""
        return self.places.shape[1]

    @property
    def asking(self) -> np.ndarray:
        """The tokens whose queries these are, int64 (p, r)."""
        return self.queries[:, self.rows]

    @property
    def offsets(self) -> np.ndarray:
        """Position of each key minus that of each query, int64 (r, m); each in its own passage."""
        asking = np.arange(self.rows.start, self.rows.stop)
        return np.arange(self.length)[None, :] - asking[:, None]


def blocks(
    run: Run, size: int | None = None, passages: np.ndarray | None = None
) -> Iterator[Block]:
    """Cut the work: passages of one length, or some queries of one long passage, at a time.

    Parameters
    ----------
    size : int
        Attention weights of one layer in a block, at most (at least one row of all heads);
        `SIZE` by default.
    passages : int (k,), optional
        Only these; all by default.
    """
    size = size or SIZE
    sides = run.tokens.starts, run.keys.starts
    lengths = np.stack([np.diff(starts) for starts in sides], 1)
    wanted = np.arange(len(lengths)) if passages is None else np.asarray(passages)
    for asking, length in np.unique(lengths[wanted], axis=0).tolist():
        group = wanted[(lengths[wanted] == [asking, length]).all(1)]
        one = run.model.heads * length
        rows = min(asking, max(1, size // one))
        step = max(1, size // (one * rows))
        for start in range(0, len(group), step):
            some = group[start : start + step]
            queries = sides[0][some][:, None] + np.arange(asking)
            places = queries if run.square else sides[1][some][:, None] + np.arange(length)
            for row in range(0, asking, rows):
                yield Block(some, slice(row, min(row + rows, asking)), queries, places)


def attention(run: Run, layer: int, block: Block) -> np.ndarray:
    """Return the attention of all heads of a layer, float32 (p, heads, r, m)."""
    group = run.model.heads // run.model.kv_heads
    queries = np.moveaxis(run.q[layer][:, block.asking], 0, 1)
    keys = np.repeat(np.moveaxis(run.k[layer][:, block.places], 0, 1), group, axis=1)
    return attend(run, layer, slice(None), block.passages, queries, keys, block.rows)


def ordinary(run: Run) -> tuple[np.ndarray, np.ndarray]:
    """Return which queries, and which keys, are of ordinary tokens, bool (n,) and (s,)."""
    return ~run.tokens.sinks(run.model.causal), ~run.keys.sinks(run.model.causal)


def by_layer(
    run: Run, measure: Callable[[int], dict[str, np.ndarray]], progress: Progress
) -> dict[str, np.ndarray]:
    """Return what is measured of each layer, stacked by its names; progress is in layers.

    Of a layer that is not stored, numbers are NaN and counts 0.
    """
    layers = {}
    for done, layer in enumerate(run.stored, 1):
        layers[layer] = measure(layer)
        progress(done, len(run.stored))
    nothing = {name: _nothing(found) for name, found in next(iter(layers.values())).items()}
    every = [layers.get(layer, nothing) for layer in range(run.model.layers)]
    return {name: np.stack([found[name] for found in every]) for name in nothing}


def _nothing(found: np.ndarray) -> np.ndarray:
    found = np.asarray(found)
    return np.full_like(found, np.nan if found.dtype.kind == "f" else 0)


def visible(run: Run, layer: int, block: Block) -> np.ndarray:
    """Return which keys the queries may see in a layer, bool (r, m)."""
    return run.sight(layer).cells(block.length, block.rows)
