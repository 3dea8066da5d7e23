"""Who attends to whom, by classes of tokens, such as noun queries to pronoun keys.

For queries of class A and keys of class B: the mean over queries i of class A of the attention
that i gives to all visible keys of class B together. Its chance is what position-blind uniform
attention gives: the mean over the same queries of the share of B among their visible keys. Lift is
the one over the other: 1 is no preference, 2 twice as much as by chance. In cross-attention the
queries are of the target, the keys of the source.
"""

from dataclasses import dataclass

import numpy as np

from compute import store
from compute.attention.blocks import Block, attention, blocks, by_layer, ordinary, visible
from compute.errors import HeadscopeError
from compute.progress import Progress, unseen
from compute.runs import Run
from compute.runs.labels import Labels
from compute.scores.intervals import Estimate, estimate
from compute.scores.ranking import HeadRow, ranked

VERSION = 1
SEED = 0
FEW = 20
"""A cell that rests on fewer tokens is marked: it says much of them and little of their classes."""


@dataclass(frozen=True)
class Classes:
    """Attention between C classes, for all heads.

    Attributes
    ----------
    names : tuple of str
        The classes.
    tokens : int64 (C,)
        How many tokens of the text are in each; in cross-attention of the sources.
    mean, low, high : float64 (layers, heads, C, C)
        Attention from the row's class to the column's, 0 to 1, and its 95 % interval over
        passages; NaN for classes without queries.
    chance : float64 (layers, C, C)
        What uniform attention gives.
    lift, lift_low, lift_high : float64 (layers, heads, C, C)
        Mean over chance, and its interval; NaN where no query sees such a key.
    n : int64 (layers, C)
        Number of queries averaged.
    """

    names: tuple[str, ...]
    tokens: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    chance: np.ndarray
    lift: np.ndarray
    lift_low: np.ndarray
    lift_high: np.ndarray
    n: np.ndarray

    def rests_on(self, layer: int) -> np.ndarray:
        """Return how many tokens each cell rests on, int64 (C, C).

        The fewer of two: the queries of its row, and the keys of its column.
        """
        queries, keys = np.asarray(self.n)[layer], np.asarray(self.tokens)
        return np.minimum(queries[:, None], keys[None, :])


@dataclass(frozen=True)
class Row(HeadRow):
    """One head in a ranking by one cell of the matrix."""

    chance: float
    lift: float
    lift_low: float
    lift_high: float
    n: int


def key(run_key: str, labels: Labels, sinks: bool = True) -> str:
    """Return the name in the store of a run's matrices for some classes."""
    return store.key(run_key, VERSION, labels.digest, sinks)


CLASSES = store.record("classes", Classes)


def of(
    run: Run,
    labels: Labels,
    *,
    sinks: bool = True,
    progress: Progress = unseen,
) -> Classes:
    """Measure attention between classes for all heads.

    Parameters
    ----------
    labels : Labels
        Of this run's tokens.
    sinks : bool
        False leaves special tokens, and in causal models the first ones, out of the keys: each
        query's attention to the others is brought to sum to 1 (a query that gives them nothing
        counts as 0), and chance counts only them.
    progress : Progress, in layers

    Raises
    ------
    HeadscopeError
        If the labels are those of another text.
    """
    for numbers, tokens in ((labels.of, run.tokens), (labels.keys, run.keys)):
        if len(numbers) != len(tokens):
            raise HeadscopeError(
                f"The labels are for {len(numbers):,} tokens, and this text has {len(tokens):,} "
                "in this model. Label it again."
            )
    one = np.eye(len(labels.names), dtype=np.float32)
    members = one[labels.of], one[labels.keys]
    keep = np.ones(len(run.keys), bool) if sinks else ordinary(run)[1]
    parts = list(blocks(run))
    stacked = by_layer(run, lambda layer: _layer(run, layer, parts, members, keep), progress)
    tokens = members[1].sum(0).astype(np.int64)
    return Classes(labels.names, tokens, **stacked)


def cell(found: Classes, query: str, key: str) -> tuple[Estimate, Estimate, np.ndarray]:
    """Return one cell for all heads.

    Returns
    -------
    mean, lift : Estimate of float64 (layers, heads)
    chance : float64 (layers,)

    Raises
    ------
    HeadscopeError
        If there is no such class.
    """
    for name in (query, key):
        if name not in found.names:
            raise HeadscopeError(
                f"There is no class “{name}” here; there are {', '.join(found.names)}."
            )
    a, b = found.names.index(query), found.names.index(key)
    mean = Estimate(*(part[..., a, b] for part in (found.mean, found.low, found.high)))
    lift = Estimate(*(part[..., a, b] for part in (found.lift, found.lift_low, found.lift_high)))
    return mean, lift, found.chance[:, a, b]


def rank(
    found: Classes, query: str, key: str, *, by: str = "mean", least: float | None = None
) -> list[Row]:
    """Return the heads by one cell of their matrix, the largest first.

    Parameters
    ----------
    query, key : str
        Names of classes.
    by : {"mean", "lift"}
    least : float, optional
        Leave out heads below this value of `by`.

    Raises
    ------
    HeadscopeError
        If there is no such class.
    """
    mean, lift, chance = cell(found, query, key)
    values = (mean if by == "mean" else lift).mean
    n = found.n[:, found.names.index(query)]
    rows = [
        Row(
            layer,
            head,
            *(float(part[layer, head]) for part in mean),
            float(chance[layer]),
            *(float(part[layer, head]) for part in lift),
            int(n[layer]),
        )
        for layer, head in np.ndindex(values.shape)
        if np.isfinite(values[layer, head]) and (least is None or values[layer, head] >= least)
    ]
    return ranked(rows, by)


def _layer(
    run: Run,
    layer: int,
    parts: list[Block],
    members: tuple[np.ndarray, np.ndarray],
    keep: np.ndarray,
) -> dict[str, np.ndarray]:
    passages, heads, size = len(run.tokens.starts) - 1, run.model.heads, members[0].shape[1]
    sums = np.zeros((passages, heads, size, size))
    chances = np.zeros((passages, size, size))
    counts = np.zeros((passages, size))
    for block in parts:
        weights, seen = attention(run, layer, block), visible(run, layer, block)
        there = seen & keep[block.places][:, None, :]
        share = there / np.maximum(there.sum(-1, keepdims=True), 1)
        if not keep.all():
            weights = weights * there[:, None]
            weights /= np.maximum(weights.sum(-1, keepdims=True), np.finfo(np.float32).tiny)
        keys = members[1][block.places]
        asking = np.swapaxes(members[0][block.asking] * there.any(-1)[..., None], 1, 2)
        sums[block.passages] += asking[:, None] @ (weights @ keys[:, None])
        chances[block.passages] += asking @ (share.astype(np.float32) @ keys)
        counts[block.passages] += asking.sum(2)
    mean = estimate(sums, counts[:, None, :, None], seed=SEED)
    lift = estimate(sums, chances[:, None], seed=SEED)
    n = counts.sum(0)
    with np.errstate(invalid="ignore"):
        chance = chances.sum(0) / n[:, None]
    names = ("mean", "low", "high", "lift", "lift_low", "lift_high")
    arrays = dict(zip(names, (*mean, *lift), strict=True))
    return arrays | {"chance": chance, "n": n.astype(np.int64)}
