"""Attention of every head averaged over a whole text: by position, and by offset.

By position all tokens count, special ones too. By offset only *ordinary* tokens do, both as the
token that looks and as the token looked at (see `scores.heads`); so offset −1 is the score
``previous``. In cross-attention places are counted in target and source, each from its beginning.
"""

from dataclasses import dataclass

import numpy as np

from compute import store
from compute.attention.blocks import Block, attention, blocks, by_layer, ordinary, visible
from compute.progress import Progress, unseen
from compute.runs import Run
from compute.scores.intervals import Estimate, estimate

VERSION = 1
CELLS = 96
"""Longer passages are drawn with cells of more than one position."""
REACH = 8
"""Offsets with intervals: from −8 to +8."""
SEED = 0
_Sides = tuple[np.ndarray, np.ndarray]
"""Which queries, and which keys, are ordinary."""


@dataclass(frozen=True)
class Aggregate:
    """The averaged attention of all heads on one text; t is the length of its longest passage.

    In cross-attention t is that of the longest target or source, whichever is longer.

    Attributes
    ----------
    width : int
        Positions per cell of `positions`: 1 unless a passage has more than 96 tokens.
    positions : float32 (layers, heads, cells of queries, cells of keys)
        Mean attention of a query whose position is in the row's cell to all keys in the column's,
        over the queries that may see one there; NaN where there are none. With a width of 1:
        the mean over passages of a(i, j).
    counted : int64 (layers, cells of queries, cells of keys)
        Number of those queries.
    mean, low, high : float64 (layers, heads, 17)
        Mean of a(i, i + offset) for offsets −8 to +8, over ordinary queries that have an ordinary
        key there, and its 95 % interval over passages; NaN where the text has no such pair.
    n : int64 (layers, 17)
        Number of those queries.
    sums : float64 (layers, heads, 2t − 1)
        Attention between ordinary tokens summed by offset, from −(t − 1) to t − 1.
    pairs : int64 (layers, 2t − 1)
        How many pairs of ordinary tokens were summed.
    sinks : float64 (layers, heads, 2)
        Summed attention of ordinary queries to sinks: those at position 0, and the others.
    sink_pairs : int64 (layers, 2)
        How many pairs were summed there.
    queries : int64 (1,)
        Number of ordinary queries.
    """

    width: int
    positions: np.ndarray
    counted: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n: np.ndarray
    sums: np.ndarray
    pairs: np.ndarray
    sinks: np.ndarray
    sink_pairs: np.ndarray
    queries: np.ndarray

    @property
    def offsets(self) -> np.ndarray:
        """The offsets of `mean`, int (17,)."""
        return np.arange(-REACH, REACH + 1)

    @property
    def spectrum(self) -> Estimate:
        """Mean and interval by offset, each (layers, heads, 17)."""
        return Estimate(self.mean, self.low, self.high)


def key(run_key: str) -> str:
    """Return the name of a run's averages in the store."""
    return store.key(run_key, VERSION)


AVERAGES = store.record("aggregates", Aggregate)


def of(run: Run, progress: Progress = unseen) -> Aggregate:
    """Average the attention of all heads over a text. Progress is in layers."""
    parts = list(blocks(run))
    sides = ordinary(run)
    stacked = by_layer(run, lambda layer: _layer(run, layer, parts, sides), progress)
    return Aggregate(width=_width(run), queries=np.array([sides[0].sum()]), **stacked)


def skewed(values: np.ndarray, first: int, longest: int) -> np.ndarray:
    """Sum pairs by offset.

    Parameters
    ----------
    values : (..., r, m)
        Rows are queries from position `first` on, columns keys from 0.
    longest : int
        t; the result has offsets −(t − 1) to t − 1.

    Returns
    -------
    (..., 2t − 1)
    """
    *outer, r, m = values.shape
    # Rows from the last to the first, each one place further on than the row before: what lies in
    # one column then has one offset. Padding and cutting the flat array moves them.
    wide = np.zeros((*outer, r, m + r), values.dtype)
    wide[..., :m] = values[..., ::-1, :]
    flat = wide.reshape(*outer, r * (m + r))[..., : r * (m + r - 1)]
    by_offset = flat.reshape(*outer, r, m + r - 1).sum(-2)
    out = np.zeros((*outer, 2 * longest - 1), by_offset.dtype)
    start = longest - 1 - (first + r - 1)  # column of the offset of key 0 to the last query
    out[..., start : start + m + r - 1] = by_offset
    return out


def _layer(run: Run, layer: int, parts: list[Block], sides: _Sides) -> dict:
    heads, longest, width = run.model.heads, _longest(run), _width(run)
    cells = tuple(-(-side // width) for side in _sizes(run))
    total, counted = np.zeros((heads, *cells)), np.zeros(cells, np.int64)
    passages = len(run.tokens.starts) - 1
    middle = slice(max(0, longest - 1 - REACH), longest + REACH)
    size = middle.stop - middle.start if longest > REACH else 2 * longest - 1
    near, near_pairs = np.zeros((passages, heads, size)), np.zeros((passages, size))
    sums, pairs = np.zeros((heads, 2 * longest - 1)), np.zeros(2 * longest - 1, np.int64)
    sinks, sink_pairs = np.zeros((heads, 2)), np.zeros(2, np.int64)
    for block in parts:
        weights, seen = attention(run, layer, block), visible(run, layer, block)
        _bin(total, counted, weights.sum(0), seen, len(block.passages), block.rows.start, width)
        between = _ordinary_pairs(block, sides, seen)
        by_offset = skewed(weights * between[:, None], block.rows.start, longest)
        count = skewed(between.astype(np.int64), block.rows.start, longest)
        sums += by_offset.sum(0)
        pairs += count.sum(0)
        near[block.passages] += by_offset[..., middle]
        near_pairs[block.passages] += count[..., middle]
        for slot, to in enumerate(_sink_pairs(block, sides, seen)):
            sinks[:, slot] += np.einsum("phrm,prm->h", weights, to.astype(np.float32))
            sink_pairs[slot] += to.sum()
    spectrum = estimate(near, near_pairs[:, None], seed=SEED)
    mean, low, high = (_padded(part, np.nan) for part in spectrum)
    with np.errstate(invalid="ignore"):
        positions = (total / counted).astype(np.float32)
    return {
        "positions": positions,
        "counted": counted,
        "mean": mean,
        "low": low,
        "high": high,
        "n": _padded(near_pairs.sum(0), 0).astype(np.int64),
        "sums": sums,
        "pairs": pairs,
        "sinks": sinks,
        "sink_pairs": sink_pairs,
    }


def _bin(
    total: np.ndarray,
    counted: np.ndarray,
    weights: np.ndarray,
    seen: np.ndarray,
    passages: int,
    first: int,
    width: int,
) -> None:
    """Add attention (heads, r, m) summed over passages, and what it counts, to the cells."""
    r, m = seen.shape
    columns = np.arange(0, m, width)
    cells = (first + np.arange(r)) // width
    starts = np.flatnonzero(np.diff(cells, prepend=-1))
    rows = slice(int(cells[0]), int(cells[-1]) + 1)
    by_column = np.add.reduceat(weights, columns, axis=2)
    total[:, rows, : len(columns)] += np.add.reduceat(by_column, starts, axis=1)
    any_seen = np.logical_or.reduceat(seen, columns, axis=1).astype(np.int64)
    counted[rows, : len(columns)] += passages * np.add.reduceat(any_seen, starts, axis=0)


def _ordinary_pairs(block: Block, sides: _Sides, seen: np.ndarray) -> np.ndarray:
    """Mark visible pairs of ordinary tokens, bool (p, r, m)."""
    return sides[0][block.asking][:, :, None] & sides[1][block.places][:, None, :] & seen


def _sink_pairs(block: Block, sides: _Sides, seen: np.ndarray) -> list[np.ndarray]:
    """Mark visible pairs of an ordinary query and a sink at position 0, or elsewhere (p, r, m)."""
    to_sink = sides[0][block.asking][:, :, None] & ~sides[1][block.places][:, None, :] & seen
    first = np.arange(block.length) == 0
    return [to_sink & first, to_sink & ~first]


def _padded(values: np.ndarray, fill: float) -> np.ndarray:
    """Widen the last axis, its middle at offset 0, to offsets −8 to +8."""
    missing = REACH - values.shape[-1] // 2
    edges = [(0, 0)] * (values.ndim - 1) + [(missing, missing)]
    return np.pad(values, edges, constant_values=fill)


def _sizes(run: Run) -> tuple[int, int]:
    """Return the most queries, and the most keys, that a passage has."""
    return int(np.diff(run.tokens.starts).max()), int(np.diff(run.keys.starts).max())


def _longest(run: Run) -> int:
    return max(_sizes(run))


def _width(run: Run) -> int:
    return -(-_longest(run) // CELLS)
