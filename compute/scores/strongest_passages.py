"""Where one head is strongest: its passages in order, by one of the things that it may do there.

By a score the number of a passage is the head's score, taken over this passage alone: weighed by
how many tokens they rest on, the passages' numbers have that of the head as their mean.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from compute import store
from compute.attention import blocks
from compute.attention.blocks import Block
from compute.attention.exact import attend
from compute.errors import HeadscopeError
from compute.progress import Progress, unseen
from compute.runs import Run
from compute.scores.clearest import SCORES
from compute.scores.cross_scores import described, known_of
from compute.scores.heads import Scores, pairs_of
from compute.scores.intervals import ratio
from compute.scores.pairs import Pairs

VERSION = 1
LARGEST = "largest"
MEASURES = (*SCORES, LARGEST)
"""By what passages are ordered, besides by what a token gets; see `find`."""
AT_ONCE = 4_000_000
"""Pairs of tokens that are looked through in a moment; more of them are work for a job."""

Weigh = Callable[[Pairs, Block], np.ndarray]
"""Weighs the pairs of a block, (p, r, m): what is summed is weight times attention."""


@dataclass(frozen=True)
class Strongest:
    """What one head does in each passage.

    Attributes
    ----------
    value : float64 (passages,)
        NaN where a passage has nothing that is asked for.
    n : int64 (passages,)
        How many tokens the value is a mean over; of the largest attention, among how many pairs.
    query, key : int64 (passages,)
        The pair that has most of it, as tokens of the text; -1 where there is none.
    """

    value: np.ndarray
    n: np.ndarray
    query: np.ndarray
    key: np.ndarray

    def first(self, count: int) -> np.ndarray:
        """Return the strongest passages in order; of equal ones those that rest on more tokens."""
        there = np.flatnonzero(np.isfinite(self.value))
        order = np.lexsort((there, -self.n[there], -np.round(self.value[there], 4)))
        return there[order][:count]


@dataclass(frozen=True)
class Clearest:
    """The score by which a head stands out most.

    Attributes
    ----------
    name : str
        Of `clearest.SCORES`.
    value : float
    rank, heads : int
        How many of the model's heads have at least as much, itself included, and how many have one.
    """

    name: str
    value: float
    rank: int
    heads: int


FOUND = store.record("strongest", Strongest)


def key(run_key: str, layer: int, head: int, measure: str | int) -> str:
    """Return the name among `FOUND` of a head's passages by a measure."""
    return store.key(FOUND.kind, VERSION, run_key, layer, head, measure)


def clearest(scores: Scores, layer: int, head: int) -> Clearest | None:
    """Return the score in which the fewest heads have as much; None without evidence.

    Of equal ones the larger score.
    """
    candidates = []
    for name in (name for name in SCORES if name in scores.names):
        values = scores.of(name).mean
        value, known = float(values[layer, head]), values[np.isfinite(values)]
        if not np.isfinite(value):
            continue
        candidates.append(Clearest(name, value, int((known >= value).sum()), len(known)))
    return min(candidates, key=lambda each: (each.rank, -each.value), default=None)


def pairs(run: Run) -> int:
    """Return how many pairs of a query and a key of one passage a text has."""
    return int((np.diff(run.tokens.starts) * np.diff(run.keys.starts)).sum())


def find(
    run: Run, layer: int, head: int, measure: str | int, progress: Progress = unseen
) -> Strongest:
    """Measure each passage; progress is in passages.

    Parameters
    ----------
    measure : str or int
        Of `MEASURES`; or a token's id: then how much this token gets, as the mean over ordinary
        tokens i of Σ a(i, j), token j = this one, j ≠ i, where those count that may see it. In
        cross-attention i is of the target and j of the source, so that all j count.
    """
    weigh, largest = _weigh(run, measure), measure == LARGEST
    count, done = len(run.tokens.starts) - 1, 0
    total, most, n = np.zeros(count), np.zeros(count), np.zeros(count, np.int64)
    pair = np.full((2, count), -1, np.int64)
    for block, seen, weights in _looked(run, layer, head, weigh):
        some = block.passages
        made = (seen * weights).reshape(len(some), -1)
        total[some] += made.sum(1, dtype=np.float64)
        n[some] += weights.sum((1, 2)) if largest else weights.any(2).sum(1)
        at = made.argmax(1)
        here = made[np.arange(len(some)), at]
        better = here > most[some]
        places = divmod(at, block.length)
        starts = block.asking[:, 0], block.places[:, 0]
        for side, place, start in zip(pair, places, starts, strict=True):
            side[some[better]] = (start + place)[better]
        most[some] = np.maximum(most[some], here)
        if block.rows.stop == block.queries.shape[1]:
            done += len(some)
            progress(done, count)
    value = np.where(n > 0, most, np.nan) if largest else ratio(total, n)
    return Strongest(value, n, *pair)


def shades(run: Run, layer: int, head: int, measure: str | int, passage: int) -> np.ndarray:
    """Return how much each query of a passage gives to what is measured, float (m,), 0 to 1.

    Parameters
    ----------
    measure : str or int
        As in `find`. By the largest attention it is what that pair's query gives to each key.
    """
    weigh = _weigh(run, measure)
    asking = run.keys if measure == LARGEST else run.tokens
    total = np.zeros(int(np.diff(asking.starts)[passage]))
    largest = 0.0
    for block, seen, weights in _looked(run, layer, head, weigh, np.array([passage])):
        made = (seen * weights)[0]
        if measure != LARGEST:
            total[block.rows] = made.sum(1)
        elif made.max(initial=0) > largest:
            total, largest = made[made.max(1).argmax()].astype(float), float(made.max())
    return total


def _weigh(run: Run, measure: str | int) -> Weigh:
    if isinstance(measure, int):
        return _to(run, measure)
    if measure == LARGEST:
        return lambda pairs, _: pairs.ordinary & _others(run, pairs)
    if measure not in known_of(run.square, run.grid is not None):
        raise HeadscopeError(
            f"“{described(measure).title}” is no score of this attention: within one text others "
            "are measured than from a target to its source. Choose another."
        )
    return lambda pairs, _: described(measure).pairs[0](pairs)


def _others(run: Run, pairs: Pairs) -> np.ndarray | bool:
    """Return where query and key are not one token; in cross-attention they never are."""
    return pairs.i != pairs.j if run.square else True


def _to(run: Run, token_id: int) -> Weigh:
    same = run.keys.ids == token_id
    special = bool((same & run.keys.special).any())

    def weigh(pairs: Pairs, block: Block) -> np.ndarray:
        looked = pairs.asked if special else pairs.ordinary
        return looked & same[block.places][:, None, :] & _others(run, pairs)

    return weigh


def _looked(
    run: Run, layer: int, head: int, weigh: Weigh, passages: np.ndarray | None = None
) -> Iterator[tuple[Block, np.ndarray, np.ndarray]]:
    """Yield blocks with the attention of one head and the weights of its pairs, both (p, r, m)."""
    queries, keys = run.vectors(layer, head)
    size = blocks.SIZE * run.model.heads  # they are cut for all heads of a layer, and this is one
    for block in blocks.blocks(run, size, passages):
        sides = queries[block.asking], keys[block.places]
        seen = attend(run, layer, head, block.passages, *sides, block.rows)
        yield block, seen, weigh(pairs_of(run, run.pattern[layer], block), block)
