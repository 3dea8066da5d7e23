"""Heads found by a pattern: painted cells of one passage, or a rule.

For every query that has a cell of the pattern: the attention it puts on those cells (times their
weights, if painted with any), minus what would lie there by position alone (`scores.by_position`)
or, for rules that are themselves a position, by equal attention to all visible keys. A head's
*excess* is the mean of that difference over those queries.
"""

from dataclasses import asdict, dataclass, fields

import numpy as np

from compute import store
from compute.attention.blocks import Block, attention, blocks, by_layer, visible
from compute.errors import HeadscopeError
from compute.progress import Progress, unseen
from compute.runs import Run
from compute.scores import aggregate, by_position
from compute.scores.aggregate import Aggregate
from compute.scores.intervals import Estimate, estimate
from compute.scores.pattern_rules import RULES, Finder, Rule, rules_of
from compute.scores.ranking import HeadRow, ranked

VERSION = 1
SEED = 0
PAINTED = "painted"
ORDERS = ("mean", "excess")
"""By attention on the pattern, or by what the baseline does not explain of it."""


@dataclass(frozen=True)
class Pattern:
    """What to look for; JSON-able with `dataclasses.asdict`.

    Attributes
    ----------
    rule : str
        A key of `RULES`, or ``painted``.
    offset : int
        Of the rule ``offset``: −1 is the token before.
    passage : int or None
        Only this passage; the whole text if None. Painted cells need one.
    cells : tuple of (query, key, weight)
        Painted cells by position in the passage; weights are above 0.
    """

    rule: str
    offset: int = -1
    passage: int | None = None
    cells: tuple[tuple[int, int, float], ...] = ()


@dataclass(frozen=True)
class Ranking:
    """What all heads put on a pattern.

    Attributes
    ----------
    baseline : str
        ``position`` or ``uniform``: what `expected` is.
    mean, low, high : float64 (layers, heads)
        Attention on the pattern, and its 95 % interval over passages (NaN for one passage).
    expected : float64 (layers, heads)
        What the baseline gives.
    excess, excess_low, excess_high : float64 (layers, heads)
        Mean minus expected, and its interval.
    n : int64 (layers,)
        Number of queries that have a visible cell of the pattern; values are NaN where it is 0.
    """

    baseline: str
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    expected: np.ndarray
    excess: np.ndarray
    excess_low: np.ndarray
    excess_high: np.ndarray
    n: np.ndarray


@dataclass(frozen=True)
class Row(HeadRow):
    """One head in a ranking by a pattern."""

    expected: float
    excess: float
    excess_low: float
    excess_high: float
    n: int


def key(run_key: str, pattern: Pattern) -> str:
    """Return the name in the store of a run's ranking by a pattern."""
    return store.key(run_key, VERSION, aggregate.VERSION, asdict(pattern))


RANKINGS = store.record("patterns", Ranking)


def rank(
    run: Run,
    pattern: Pattern,
    averages: Aggregate,
    progress: Progress = unseen,
) -> Ranking:
    """Measure what all heads put on a pattern.

    Parameters
    ----------
    averages : Aggregate
        Of the same run, from `aggregate.of`.
    progress : Progress, in layers

    Raises
    ------
    HeadscopeError
        If nothing is painted, no such rule or passage exists, or no token has such a key in view.
    """
    _check(run, pattern)
    is_painted = pattern.rule == PAINTED
    baseline = "position" if is_painted else RULES[pattern.rule].baseline
    find = _cells(run, pattern) if is_painted else RULES[pattern.rule].prepare(run, pattern.offset)
    some = None if pattern.passage is None else np.array([pattern.passage])
    parts = [(block, find(block)) for block in blocks(run, passages=some)]
    parts = [(block, cells.astype(np.float32)) for block, cells in parts if cells.any()]
    found = by_layer(run, lambda layer: _layer(run, layer, parts, averages, baseline), progress)
    if not found["n"].any():
        raise _nothing(run, pattern)
    return Ranking(baseline, **found)


def fitting(rule: str) -> str:
    """Return the order that fits a rule, one of `ORDERS`.

    Who paints cells asks which head looks there, wherever its attention comes from. A rule about
    tokens asks more: a head that looks at everything so far away meets it too.
    """
    return "mean" if rule == PAINTED else "excess"


def rows(found: Ranking, by: str = "excess") -> list[Row]:
    """Return the heads by attention or excess, the largest first; without those that have none."""
    listed = [
        Row(
            layer,
            head,
            *(float(getattr(found, name)[layer, head]) for name in _arrays()[:-1]),
            int(found.n[layer]),
        )
        for layer, head in np.ndindex(found.excess.shape)
        if np.isfinite(found.excess[layer, head])
    ]
    return ranked(listed, by)


def _layer(
    run: Run,
    layer: int,
    parts: list[tuple[Block, np.ndarray]],
    averages: Aggregate,
    baseline: str,
) -> dict[str, np.ndarray]:
    passages = len(run.tokens.starts) - 1
    got = np.zeros((passages, run.model.heads))
    base = np.zeros_like(got)
    counts = np.zeros((passages, 1))
    for block, cells in parts:
        weights, seen = attention(run, layer, block), visible(run, layer, block)
        shown = cells * seen
        total = weights.sum(-1)
        if baseline == "uniform":
            without = by_position.uniform(seen, total)
        else:
            without = by_position.expected(run, averages, layer, block, seen, total)
        got[block.passages] += np.einsum("phrm,prm->ph", weights, shown)
        base[block.passages] += np.einsum("phrm,prm->ph", without, shown)
        counts[block.passages, 0] += shown.any(-1).sum(-1)
    there = counts[:, 0] > 0
    if not there.any():
        nothing = np.full(run.model.heads, np.nan)
        return dict.fromkeys(_arrays()[:-1], nothing) | {"n": np.int64(0)}
    mean = estimate(got[there], counts[there], seed=SEED)
    excess: Estimate = estimate((got - base)[there], counts[there], seed=SEED)
    values = (*mean, base.sum(0) / counts.sum(), *excess, np.int64(counts.sum()))
    return dict(zip(_arrays(), values, strict=True))


def _cells(run: Run, pattern: Pattern) -> Finder:
    """Return the finder of painted cells: their weights, float (1, r, m)."""
    _, keys = _shape(run, pattern.passage)

    def find(block: Block) -> np.ndarray:
        mask = np.zeros((1, block.rows.stop - block.rows.start, keys))
        for i, j, weight in pattern.cells:
            if block.rows.start <= i < block.rows.stop:
                mask[0, i - block.rows.start, j] = weight
        return mask

    return find


def _check(run: Run, pattern: Pattern) -> None:
    passages = len(run.tokens.starts) - 1
    of_pictures = run.grid is not None
    offered = rules_of(run.square, of_pictures)
    if pattern.rule not in (*RULES, PAINTED):
        raise HeadscopeError(
            f"There is no pattern “{pattern.rule}”; there are {', '.join(offered)}."
        )
    if pattern.rule not in (*offered, PAINTED):
        raise HeadscopeError(_elsewhere(RULES[pattern.rule], run.square, of_pictures))
    if pattern.passage is not None and not 0 <= pattern.passage < passages:
        raise HeadscopeError(
            f"There is no passage {pattern.passage}: the text has 0 to {passages - 1}."
        )
    if pattern.rule != PAINTED:
        return
    if pattern.passage is None or not any(weight > 0 for *_, weight in pattern.cells):
        raise HeadscopeError("Nothing is painted. Paint some cells of the heatmap, or pick a rule.")
    t, s = _shape(run, pattern.passage)
    if not all(0 <= i < t and 0 <= j < s for i, j, _ in pattern.cells):
        size = f"{t} tokens" if run.square else f"{t} tokens in its target and {s} in its source"
        raise HeadscopeError(
            f"Some painted cells lie outside passage {pattern.passage}, which has {size} in "
            "this model. Paint them again."
        )


def _shape(run: Run, passage: int) -> tuple[int, int]:
    """Return how many queries and keys a passage has."""
    rows, columns = run.span(passage), run.key_span(passage)
    return rows.stop - rows.start, columns.stop - columns.start


def _elsewhere(rule: Rule, square: bool, of_pictures: bool) -> str:
    """Say that a rule is of another kind of attention."""
    title = rule.title
    if rule.pictures or of_pictures:
        kind = "pictures" if rule.pictures else "texts"
        return f"“{title}” is a pattern of {kind}. Choose another one."
    if square:
        return f"“{title}” is a pattern of cross-attention. Choose another, or the part “cross”."
    return (
        f"“{title}” is a pattern within one text: in cross-attention queries are of the target and "
        "keys of the source. Choose another pattern, or another part."
    )


def _nothing(run: Run, pattern: Pattern) -> HeadscopeError:
    where = "The text" if pattern.passage is None else f"Passage {pattern.passage}"
    back = f" {run.model.name} looks only back." if run.model.causal else ""
    if pattern.rule == PAINTED:
        return HeadscopeError(
            f"None of the painted cells can get attention: their keys are out of view.{back} "
            "Paint below the diagonal."
        )
    title = RULES[pattern.rule].title.lower()
    return HeadscopeError(
        f"{where} has no pair of tokens for “{title}” that this model could join.{back} Choose "
        "another pattern or text."
    )


def _arrays() -> list[str]:
    return [field.name for field in fields(Ranking) if field.name != "baseline"]
