"""How far nearness on a map can be read as attention.

For a query i with m candidate keys in its passage, a its attention over them (summing to 1) and
t = ceil(m / 10), at most 10: got = attention of the t keys nearest on the map, best = the t largest
of a together, chance = t / m. The trust score is T = sum(got - chance) / sum(best - chance).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from compute.maps.batches import Batch, batches, long_passages, of_pairs
from compute.maps.cloud import CELLS, Cloud, Layout

VERSION = 1
"""Of the numbers that are kept: another definition needs another number."""
FEWEST = 8
"""Queries with fewer candidate keys are not counted: a tenth of them means nothing."""
PREFERENCE = 0.05
"""Heads below this preference (see `Trust`) have nothing to show."""
RECALLS = (1, 3, 5)
NUMBERS = ("score", "score_all", "sink_share", "corpus", "mixing", "preference", "queries")
"""What `Trust` has of a map in single numbers."""
LONG = 2048
"""Kept tokens of a passage whose pairs are held at once; of longer ones some are."""
NEAR_CORPUS = 10
NEAR_MIX = 20


@dataclass(frozen=True)
class Trust:
    """What a map says truly, and what it leaves out.

    Attributes
    ----------
    score : float or None
        T: 0 is chance, 1 the best that any map could do; sinks left out. None if no query has 8
        candidate keys, or attention is exactly uniform.
    score_all : float or None
        The same with sinks as queries and keys.
    sink_share : float
        Mean attention of the other tokens on sinks, of which T says nothing; 0 to 1.
    recall : dict of int to float
        Share of the 1, 3, 5 most attended keys of the passage among as many nearest ones.
    chance : dict of int to float
        What random places would give.
    corpus : float or None
        Mean percentile (0 to 1, chance 0.5) of the product q·k of a query's 10 nearest keys of the
        whole text, among all of them; sampled queries.
    mixing : float or None
        Share of the other kind among a point's 20 nearest, relative to a half: 1 mixed, 0 apart.
    preference : float
        sum(best - chance) / sum(1 - chance): 0 is uniform attention, 1 all in one tenth.
    queries : int
        Number of queries counted.
    q, k : float32 (n,), float32 (s,)
        got / best of each query; of each key the same with attention received and the queries that
        may see it. NaN where fewer than 8 candidates or a sink.
    """

    score: float | None
    score_all: float | None
    sink_share: float
    recall: dict[int, float]
    chance: dict[int, float]
    corpus: float | None
    mixing: float | None
    preference: float
    queries: int
    q: np.ndarray
    k: np.ndarray

    @property
    def words(self) -> str:
        """What to think of it, in words."""
        return words(self.score, self.preference, self.queries)

    def numbers(self) -> dict:
        """Return all but the points' own values, JSON-able."""
        return {name: getattr(self, name) for name in NUMBERS} | {
            "recall": {str(k): v for k, v in self.recall.items()},
            "chance": {str(k): v for k, v in self.chance.items()},
            "words": self.words,
        }


def words(score: float | None, preference: float, queries: int) -> str:
    """Return the verdict on a trust score."""
    if not queries:
        return "passages too short to measure"
    if score is None or preference < PREFERENCE:
        return "no preference to show"
    shown = round(score, 2)  # the words must fit the number that stands beside them
    if shown >= 0.85:
        return "near means attended"
    return "roughly" if shown >= 0.6 else "do not read distances"


def trust(cloud: Cloud, layout: Layout) -> Trust:
    """Measure a map against the attention that it should show.

    Parameters
    ----------
    layout : Layout
        In any number of dimensions. With a `size`, nearness is ``log(1 + d**2) - size``.

    Notes
    -----
    Equal distances count as in a random order of them, so a map of one spot has T = 0.
    """
    sums = Sums(cloud)
    sums.add(cloud, layout)
    every = Sums(cloud)
    every.add(cloud, layout, sinks=True)
    rng = np.random.default_rng(0)  # of the sampled queries
    return Trust(
        score=sums.score,
        score_all=every.score,
        sink_share=sink_share(cloud),
        recall={r: sums.mean(sums.hits[r]) for r in RECALLS},
        chance={r: sums.mean(sums.luck[r]) for r in RECALLS},
        corpus=corpus_percentile(cloud, layout, rng),
        mixing=mixing(cloud, layout, rng),
        preference=sums.best / sums.room if sums.room > 0 else 0.0,
        queries=sums.queries,
        q=sums.q,
        k=sums.k,
    )


def score(cloud: Cloud, layout: Layout) -> float | None:
    """Return T alone."""
    sums = Sums(cloud)
    sums.add(cloud, layout)
    return sums.score


class Sums:
    """Running sums of T over batches of passages, maps and folds."""

    def __init__(self, cloud: Cloud):
        self.queries, self.got, self.best, self.room = 0, 0.0, 0.0, 0.0
        self.hits = dict.fromkeys(RECALLS, 0.0)
        self.luck = dict.fromkeys(RECALLS, 0.0)
        self.q = np.full(len(cloud.q), np.nan, np.float32)
        self.k = np.full(len(cloud.k), np.nan, np.float32)

    @property
    def score(self) -> float | None:
        """T, or None where there is nothing to share out."""
        return self.got / self.best if self.best > 1e-6 * max(self.queries, 1) else None

    def mean(self, total: float) -> float:
        """Return a sum per counted query (0 without any)."""
        return total / self.queries if self.queries else 0.0

    def add(self, cloud: Cloud, layout: Layout, sinks: bool = False) -> None:
        """Count the queries of a cloud, and its keys; without sinks unless they are asked for."""
        kept = tuple(~side.sink | sinks for side in (cloud.queries, cloud.keys))
        for batch in batches(cloud, *kept, longest=LONG):
            logits, shares = _logits(cloud, batch)
            weights, far = shares.of(logits), _far(layout, batch)
            self._rows(weights, far, batch)
            self._columns(weights, far, batch)
        for queries, keys in long_passages(cloud, *kept, LONG):
            self._add_long(cloud, layout, queries, keys)

    def _add_long(
        self, cloud: Cloud, layout: Layout, queries: np.ndarray, keys: np.ndarray
    ) -> None:
        """Count the queries of a long passage some rows at a time, its keys some columns."""
        parts = []
        for rows in np.array_split(queries, -(-len(queries) * len(keys) // CELLS)):
            batch = of_pairs(cloud, rows, keys)
            logits, shares = _logits(cloud, batch)
            parts.append(shares)
            self._rows(shares.of(logits), _far(layout, batch), batch)
        shares = _Shares(*(np.concatenate(each, axis=1) for each in zip(*parts, strict=True)))
        for columns in np.array_split(keys, -(-len(queries) * len(keys) // CELLS)):
            batch = of_pairs(cloud, queries, columns)
            logits, _ = _logits(cloud, batch)
            self._columns(shares.of(logits), _far(layout, batch), batch)

    def _rows(self, weights: np.ndarray, far: np.ndarray, batch: Batch) -> None:
        m = batch.mask.sum(-1)
        counted = m >= FEWEST
        weights, far, m = weights[counted], far[counted], m[counted]
        if not len(m):
            return
        t = tenth(m)
        got = (chosen(far, t) * weights).sum(-1)
        best = (chosen(-weights, t) * weights).sum(-1)
        self.queries += len(m)
        self.got += float((got - t / m).sum())
        self.best += float((best - t / m).sum())
        self.room += float((1 - t / m).sum())
        for r in RECALLS:
            some = np.full(len(m), r)
            both = chosen(far, some) * chosen(np.where(np.isfinite(far), -weights, np.inf), some)
            self.hits[r] += float(both.sum() / r)
            self.luck[r] += float((r / m).sum())
        self.q[batch.rows[counted]] = got / np.maximum(best, 1e-12)

    def _columns(self, weights: np.ndarray, far: np.ndarray, batch: Batch) -> None:
        m = batch.mask.sum(-2)
        counted = m >= FEWEST
        weights, far = np.swapaxes(weights, 1, 2)[counted], np.swapaxes(far, 1, 2)[counted]
        if not len(weights):
            return
        t = tenth(m[counted])
        got = (chosen(far, t) * weights).sum(-1)
        best = (chosen(-weights, t) * weights).sum(-1)
        self.k[batch.columns[counted]] = got / np.maximum(best, 1e-12)


def tenth(m: np.ndarray) -> np.ndarray:
    """Return how many of m candidates count as near: a tenth, rounded up, at most 10."""
    return np.minimum(np.ceil(m / 10), 10).astype(int)


def chosen(values: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Return each entry's chance to be among the `count` smallest of its row, ties at random.

    Parameters
    ----------
    values : float (rows, m)
    count : int (rows,)

    Returns
    -------
    float32 (rows, m)
        Rows sum to `count`.
    """
    edge = np.take_along_axis(np.sort(values, axis=-1), count[:, None] - 1, 1)
    below, equal = values < edge, values == edge
    left = (count - below.sum(-1)) / equal.sum(-1)
    return below + equal * left[:, None].astype(np.float32)


def nearness(layout: Layout, batch: Batch) -> np.ndarray:
    """Return how far each key of a batch's passages is from each query: smaller is nearer."""
    size = None if layout.size is None else layout.size[batch.columns]
    return apart(layout.q[batch.rows], layout.k[batch.columns], size)


def apart(x: np.ndarray, y: np.ndarray, size: np.ndarray | None = None) -> np.ndarray:
    """Return squared distances (..., n, m), or ``log(1 + d**2) - size`` with sizes (..., m)."""
    far = np.zeros((*x.shape[:-1], y.shape[-2]), np.float32)
    for axis in range(x.shape[-1]):  # differences, not products: near points keep their digits
        far += (x[..., :, None, axis] - y[..., None, :, axis]) ** 2
    return far if size is None else np.log1p(far) - size[..., None, :]


def sink_share(cloud: Cloud) -> float:
    """Return the mean attention that the other tokens give to sinks, 0 to 1."""
    total, count = 0.0, 0
    for passage in range(len(cloud.starts) - 1):
        sink = cloud.sink[cloud.queries.span(passage)]
        keys = cloud.keys.sink[cloud.keys.span(passage)]
        if sink.all():
            continue
        for some, attention in cloud.attention_in_blocks(passage):
            kept = attention[~sink[some]][:, ~keys].sum(1)
            total += float((1 - kept).sum())
            count += len(kept)
    return max(0.0, total / count) if count else 0.0


def corpus_percentile(cloud: Cloud, layout: Layout, rng: np.random.Generator) -> float | None:
    """Return the mean percentile of q·k of the keys nearest on the map (see `Trust.corpus`)."""
    core = cloud.key_core
    if len(core) <= NEAR_CORPUS:
        return None
    rows = rng.choice(cloud.core, min(250, len(cloud.core)), replace=False)
    size = None if layout.size is None else layout.size[core]
    far = apart(layout.q[rows], layout.k[core], size)
    near = np.argpartition(far, NEAR_CORPUS - 1, axis=1)[:, :NEAR_CORPUS]
    products = cloud.q[rows] @ cloud.k[core].T
    own = np.take_along_axis(products, near, 1)
    ordered = np.sort(products, axis=1)
    low, high = (_ranks(ordered, own, side) for side in ("left", "right"))
    return float(((low + high - 1) / 2).mean() / (len(core) - 1))


def mixing(cloud: Cloud, layout: Layout, rng: np.random.Generator) -> float | None:
    """Return how mixed queries and keys are: 1 like one cloud, 0 apart (see `Trust.mixing`).

    Where there are more of one kind, its share of all is what one cloud would have.
    """
    clouds = layout.q[cloud.core], layout.k[cloud.key_core]
    sizes = [len(each) for each in clouds]
    if min(sizes) < 2:
        return None
    both = np.concatenate(clouds)
    kind = np.repeat([0, 1], sizes)
    count = min(NEAR_MIX, len(both) - 1)
    rows = rng.choice(sizes[0], min(150, sizes[0]), replace=False)
    shares = []
    for own in (0, 1):
        if own and not cloud.square:
            rows = rng.choice(sizes[1], min(150, sizes[1]), replace=False)
        far = apart(clouds[own][rows], both)
        far[np.arange(len(rows)), rows + own * sizes[0]] = np.inf
        near = np.argpartition(far, count - 1, axis=1)[:, :count]
        shares.append((kind[near] != own).mean() / (sizes[1 - own] / sum(sizes)))
    return float(np.mean(shares))


class _Shares(NamedTuple):
    """What makes attention of logits: the largest of each row, and the sum of exponentials."""

    top: np.ndarray
    total: np.ndarray

    def of(self, logits: np.ndarray) -> np.ndarray:
        """Return attention (passages, m, c) from logits of these rows and some of their columns."""
        return np.exp(logits - self.top) / self.total


def _logits(cloud: Cloud, batch: Batch) -> tuple[np.ndarray, _Shares]:
    """Return logits, -inf where a key is hidden, and what makes rows over the batch sum to 1."""
    logits = cloud.logits(batch.rows, batch.columns)
    logits = np.where(batch.mask, logits, -np.inf)
    top = logits.max(-1, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    total = np.exp(logits - top).sum(-1, keepdims=True)
    return logits, _Shares(top, np.maximum(total, 1e-30))


def _far(layout: Layout, batch: Batch) -> np.ndarray:
    return np.where(batch.mask, nearness(layout, batch), np.inf)


def _ranks(ordered: np.ndarray, values: np.ndarray, side: str) -> np.ndarray:
    """Return for each row how many of `ordered` (rows, n) lie below `values` (rows, m)."""
    return np.stack(
        [np.searchsorted(row, some, side) for row, some in zip(ordered, values, strict=True)]
    )
