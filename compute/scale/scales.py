"""Which scale c (queries times c, keys by c) the study's three criteria choose, and better forms.

c changes no attention, only distances. The study scans seven values. Each criterion comes as
published and corrected:

- weighted correlation of product and distance over near pairs: published per query, keys not
  moved; corrected over pairs of the whole text after the keys were moved, as on the map;
- the same scaled by counts: published times a head's share of all counted queries (no longer a
  correlation); corrected as the upper end of the correlation's 95 % interval, which few pairs
  make wide;
- ratio of norms: published |k| / |q|; corrected its root, which makes norms equal.

Source of the published forms: the correlation notebook of the study by Yeh's group, 2023, which
writes queries / s and keys * s; c is 1 / s.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from compute.errors import HeadscopeError
from compute.maps.batches import batches
from compute.maps.cloud import Cloud
from compute.maps.geometry import norm_scale

SCALES = (0.2, 0.4, 0.8, 1.0, 1.25, 2.5, 5.0)
QUANTILE = 0.005
"""Near pairs: those below this quantile of the distances."""
SAMPLE = 100_000
FINE = 33
LONGEST = 2048
"""Tokens of a passage whose pairs are compared, at most."""


@dataclass(frozen=True)
class Pairs:
    """Queries with keys, reduced to what distances at any c are made of; all (p,).

    Attributes
    ----------
    query : int
        Number of the query, in ascending order.
    q2, k2 : float64
        Squared norms.
    qk : float64
        Products that distances are made of.
    logit : float64
        Products that attention is made of.
    """

    query: np.ndarray
    q2: np.ndarray
    k2: np.ndarray
    qk: np.ndarray
    logit: np.ndarray

    def distances(self, c: float) -> np.ndarray:
        """Return Euclidean distances at c."""
        return np.sqrt(np.maximum(c * c * self.q2 + self.k2 / (c * c) - 2 * self.qk, 0))


@dataclass(frozen=True)
class Curve:
    """One criterion over c; the smaller the better.

    Attributes
    ----------
    values : float64 (scales,)
        NaN where there was nothing to count.
    counts : int (scales,)
        Queries (published) or pairs (corrected) that counted.
    best : float or None
        The best c between the smallest and the largest scale, not only of the grid.
    fine : float64 (33,)
        Values at `fine_scales`.
    fine_counts : int (33,)
    """

    values: np.ndarray
    counts: np.ndarray
    best: float | None
    fine: np.ndarray
    fine_counts: np.ndarray


@dataclass(frozen=True)
class Scan:
    """All criteria of one head.

    Attributes
    ----------
    weighted, weighted_corrected, counts_corrected : Curve
        The published count-scaled form needs all heads: `scaled_by_counts`.
    norms, norms_corrected : float
        c of the norm ratio.
    """

    weighted: Curve
    weighted_corrected: Curve
    counts_corrected: Curve
    norms: float
    norms_corrected: float


def scan(cloud: Cloud) -> Scan:
    """Return the criteria of one head over `SCALES`; the same sample of pairs every time."""
    raw = own_pairs(cloud)
    sampled = sampled_pairs(cloud, np.random.default_rng(0))
    edge, wide = threshold(raw, SCALES), threshold(sampled, SCALES)
    return Scan(
        weighted=_curve(lambda c: per_query(raw, c, edge)),
        weighted_corrected=_curve(lambda c: pooled(sampled, c)),
        counts_corrected=_curve(lambda c: bounded(sampled, c, wide)),
        norms=norm_ratio(cloud),
        norms_corrected=norm_scale(cloud.q[cloud.core], cloud.k[cloud.key_core]),
    )


def fine_scales() -> np.ndarray:
    """Return 33 scales from the smallest to the largest, in equal ratios."""
    return np.geomspace(min(SCALES), max(SCALES), FINE)


def own_pairs(cloud: Cloud) -> Pairs:
    """Return each query with the keys that it may see in its passage: as they are, all tokens."""
    sides = [np.empty((2, 0), np.int64)]
    if (most := max(len(cloud.queries.span(p)) for p in range(len(cloud.starts) - 1))) > LONGEST:
        raise HeadscopeError(
            f"A passage has {most:,} tokens. Scales are compared over all pairs of a passage, of "
            f"at most {LONGEST:,} tokens: open the text with shorter passages."
        )
    every = (np.ones(len(vectors), bool) for vectors in (cloud.q, cloud.k))
    for batch in batches(cloud, *every):
        passage, row, col = np.nonzero(batch.mask)
        sides.append(np.stack([batch.rows[passage, row], batch.columns[passage, col]]))
    return _pairs(cloud, *np.concatenate(sides, axis=1), False)


def sampled_pairs(cloud: Cloud, rng: np.random.Generator, sample: int = SAMPLE) -> Pairs:
    """Return random queries and keys of the whole text, keys moved, special tokens left out."""
    count = min(sample, 4 * len(cloud.core) * len(cloud.key_core))
    if cloud.square:
        rows, cols = rng.choice(cloud.core, (2, count))
    else:
        rows, cols = (rng.choice(core, count) for core in (cloud.core, cloud.key_core))
    return _pairs(cloud, np.sort(rows), cols, True)


def _pairs(cloud: Cloud, rows: np.ndarray, cols: np.ndarray, centred: bool) -> Pairs:
    q, k = cloud.q.astype(np.float64), cloud.k.astype(np.float64)
    logit = np.einsum("ij,ij->i", q[rows], k[cols])
    if centred:
        q, k = q - q[cloud.core].mean(0), k - k[cloud.key_core].mean(0)
    product = np.einsum("ij,ij->i", q[rows], k[cols]) if centred else logit
    return Pairs(rows, (q**2).sum(1)[rows], (k**2).sum(1)[cols], product, logit)


def threshold(pairs: Pairs, scales: tuple[float, ...]) -> float:
    """Return the 0.5th percentile of the pairs' distances at all scales together."""
    far = np.concatenate([pairs.distances(c) for c in scales])
    return float(np.quantile(far, QUANTILE)) if len(far) else 0.0


def per_query(pairs: Pairs, c: float, edge: float) -> tuple[float, int]:
    """Return the weighted correlation as published, and how many queries it is the mean of.

    For each query with at least 2 keys nearer than `edge`: Pearson's correlation of product and
    distance over these, with weights (edge - distance)². Two keys give exactly 1 or -1, which is
    why the published optimum is noisy.
    """
    far = pairs.distances(c)
    near = far < edge
    query = np.unique(pairs.query[near], return_inverse=True)[1]
    sums = _moments(query, pairs.logit[near], far[near], (edge - far[near]) ** 2)
    one, other, both = (s[np.bincount(query) >= 2] for s in sums)
    fine = (one > 1e-12) & (other > 1e-12)
    if not fine.any():
        return float("nan"), 0
    return float((both[fine] / np.sqrt(one[fine] * other[fine])).mean()), int(fine.sum())


def pooled(pairs: Pairs, c: float) -> tuple[float, int]:
    """Return the weighted correlation over all near pairs at once, and their number.

    Near pairs are here the nearest 0.5 % at this very c.
    """
    value, count, _ = _correlation(pairs, c, threshold(pairs, (c,)))
    return value, count


def bounded(pairs: Pairs, c: float, edge: float) -> tuple[float, int]:
    """Return the upper end of the 95 % interval of the pooled correlation, and its pairs' number.

    Pairs nearer than `edge` count, so that scales with few of them have a wide interval. By
    Fisher's transformation, with (sum w)² / sum w² as the number of weighted pairs.
    """
    value, count, effective = _correlation(pairs, c, edge)
    if np.isnan(value) or effective < 4:
        return float("nan"), count
    sure = np.arctanh(np.clip(value, -0.999999, 0.999999)) + 1.96 / np.sqrt(effective - 3)
    return float(np.tanh(sure)), count


def _correlation(pairs: Pairs, c: float, edge: float) -> tuple[float, int, float]:
    """Return the weighted correlation of near pairs, their number, and that less their weights."""
    far = pairs.distances(c)
    near = far < edge
    weight = (edge - far[near]) ** 2
    none = np.zeros(len(weight), np.int64)
    sums = _moments(none, pairs.logit[near], far[near], weight)
    one, other, both = (float(s.sum()) for s in sums)
    if one <= 1e-12 or other <= 1e-12:
        return float("nan"), int(near.sum()), 0.0
    effective = float(weight.sum() ** 2 / (weight**2).sum())
    return both / np.sqrt(one * other), int(near.sum()), effective


def scaled_by_counts(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the published count-scaled form for all heads.

    Parameters
    ----------
    values : float (heads, scales)
        `Scan.weighted`'s values.
    counts : int (heads, scales)
        Its counts.

    Returns
    -------
    float64 (heads, scales)
        value * count / mean count of all heads at that scale: no correlation any more. 0 where a
        head has no near pair, as published.
    """
    mean = np.maximum(counts.mean(0, keepdims=True), 1e-12)
    return np.where(counts > 0, np.nan_to_num(values) * counts / mean, 0.0)


def norm_ratio(cloud: Cloud) -> float:
    """Return c as published: median over passages of mean |k| / mean |q|, without the root."""
    starts = cloud.starts[:-1]
    sizes = np.diff(cloud.starts)
    means = [np.add.reduceat(np.linalg.norm(v, axis=1), starts) / sizes for v in (cloud.q, cloud.k)]
    middle = [float(np.median(m)) for m in means]
    return middle[1] / middle[0] if min(middle) > 1e-12 else 1.0


def _moments(group: np.ndarray, a: np.ndarray, b: np.ndarray, weight: np.ndarray) -> tuple:
    """Return per group the weighted sums of a², b², ab around the group's weighted means."""
    total = np.maximum(np.bincount(group, weight), 1e-300)
    a, b = (v - (np.bincount(group, weight * v) / total)[group] for v in (a, b))
    return tuple(np.bincount(group, weight * v) for v in (a * a, b * b, a * b))


def _curve(value: Callable[[float], tuple[float, int]]) -> Curve:
    fine = fine_scales()
    grid, between = ([value(float(c)) for c in some] for some in (SCALES, fine))
    values, counts = (np.array(part) for part in zip(*grid, strict=True))
    more, fine_counts = (np.array(part) for part in zip(*between, strict=True))
    return Curve(values, counts, _refined(value, fine, more), more, fine_counts)


def _refined(value: Callable, fine: np.ndarray, between: np.ndarray) -> float | None:
    """Return the best c by golden section around the best of a fine grid: curves have many dips."""
    if np.isnan(between).all():
        return None
    place = int(np.nanargmin(between))
    low, high = np.log(fine[[max(place - 1, 0), min(place + 1, len(fine) - 1)]])
    share = (np.sqrt(5) - 1) / 2
    best, least = float(fine[place]), float(between[place])
    for _ in range(12):
        left, right = high - share * (high - low), low + share * (high - low)
        a, b = value(float(np.exp(left)))[0], value(float(np.exp(right)))[0]
        for c, found in ((left, a), (right, b)):
            if found < least:
                best, least = float(np.exp(c)), found
        low, high = (low, right) if not a > b else (left, high)
    return best
