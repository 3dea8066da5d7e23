"""What the attention map is fitted to: rows of attention, made comparable with a flat picture.

Three kinds of rows, each a distribution over some columns: a query's attention to the keys of its
own passage; over fixed random samples of the whole text, queries over keys and keys over queries;
and neighbours inside each cloud, over the same samples. Every row is sharpened or flattened to a
fixed perplexity, so that the first ranks matter and no head is too flat or too steep to draw.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from compute.maps.batches import Batch, batches
from compute.maps.cloud import Cloud, Side

OWN_PERPLEXITY = (4.0, 10.0)
"""Of rows inside passages: a twelfth of the candidates, within these limits, at most half."""
SHARE = 0.06
"""Perplexity of rows over a sample, as a share of its size; half of it inside a cloud."""
SUBSETS = 8
SAMPLE = 128
REFERENCE = 512
LONGEST = 512
"""Longer passages give each query its strongest keys and a random sample of the others."""
STRONGEST, OTHERS = 32, 96
WEIGHTS = {"qk": 0.7, "kq": 0.7, "qq": 0.4, "kk": 0.4}


@dataclass(frozen=True)
class Term:
    """Rows that the map should reproduce.

    Attributes
    ----------
    source, goal : str
        ``q`` or ``k``: what rows and columns are.
    rows : int (..., m) or slice
        Tokens of that side, numbered without sinks.
    cols : int (..., c)
        Tokens; if `gathered`, each row has columns of its own: int (m, c).
    target : float32 (..., m, c)
        The distributions times their rows' weights.
    weight : float32 (..., m) or float
    mask : float32 (..., m, c) or None
        0 excludes a pair; otherwise how many columns it stands for.
    real, real_columns : bool (..., m), bool (..., c) or None
        Rows and columns that are no filling.
    """

    source: str
    goal: str
    rows: np.ndarray | slice
    cols: np.ndarray
    target: np.ndarray
    weight: np.ndarray | float
    mask: np.ndarray | None = None
    real: np.ndarray | None = None
    real_columns: np.ndarray | None = None
    gathered: bool = False


def memory(cloud: Cloud) -> int:
    """Return an estimate of the bytes that all terms of a cloud take, before any is made."""
    rows, columns = np.diff(cloud.starts), np.diff(cloud.keys.starts)
    fits = np.maximum(rows, columns) <= LONGEST
    short = int((rows * columns)[fits].sum())
    long = int(rows[~fits].sum()) * (STRONGEST + OTHERS)
    samples = len(cloud) * min(SAMPLE, len(cloud) // 2) * SUBSETS * len(WEIGHTS)
    return 4 * (4 * short + 8 * long + samples)


def own_terms(cloud: Cloud, rng: np.random.Generator) -> list[Term]:
    """Return the rows of attention inside passages, weighted to count as one for each query.

    Parameters
    ----------
    cloud : Cloud
        All but sinks are drawn.
    rng : numpy.random.Generator
        For passages of more than 512 tokens.
    """
    rows = _Drawn.of(cloud.queries)
    columns = rows if cloud.square else _Drawn.of(cloud.keys)
    few = batches(cloud, rows.keep, columns.keep, longest=LONGEST)
    terms = [_own(cloud, batch, rows.number, columns.number) for batch in few]
    for passage in range(len(cloud.starts) - 1):
        pair = rows.of_passage(passage), columns.of_passage(passage)
        if max(map(len, pair)) > LONGEST and min(map(len, pair)) > 0:
            terms.append(_long(cloud, *pair, rows.number, columns.number, rng))
    count = int(sum((term.weight > 0).sum() for term in terms))
    factor = np.float32(len(cloud.core) / max(count, 1))
    return [replace(t, target=t.target * factor, weight=t.weight * factor) for t in terms]


@dataclass(frozen=True)
class _Drawn:
    """The tokens of a side that are drawn, and their numbers among these."""

    side: Side
    keep: np.ndarray
    number: np.ndarray

    @classmethod
    def of(cls, side: Side) -> "_Drawn":
        keep = np.zeros(len(side.sink), bool)
        keep[side.core] = True
        return cls(side, keep, np.cumsum(keep) - 1)

    def of_passage(self, passage: int) -> np.ndarray:
        span = self.side.span(passage)
        return span[self.keep[span]]


def sample_terms(
    cloud: Cloud, rng: np.random.Generator, sample: int = SAMPLE
) -> Iterator[dict[str, Term]]:
    """Yield for each of 8 random samples the terms ``qk``, ``kq``, ``qq``, ``kk``.

    Notes
    -----
    Temperatures are found once, on the first sample. In ``kq`` each query's logits are taken
    relative to the logarithm of its mean exponential over 512 keys: a key is near to the queries
    that give it more than they give to others.
    """
    q, k = cloud.q[cloud.core], cloud.k[cloud.key_core]
    sizes = {"q": min(sample, len(q) // 2), "k": min(sample, len(k) // 2)}
    if min(sizes.values()) < 4:
        return
    reference = rng.permutation(len(k))[:REFERENCE]
    level = log_mean_exp(cloud.capped(q @ k[reference].T))
    centred = {"q": q - q.mean(0), "k": k - k.mean(0)}
    found: dict[str, np.ndarray] = {}
    for cols in _samples(cloud.square, {"q": len(q), "k": len(k)}, sizes, rng):
        logits = {
            "qk": cloud.capped(q @ k[cols["k"]].T),
            "kq": cloud.capped(k @ q[cols["q"]].T) - level[cols["q"]],
            "qq": _similarity(centred["q"], cols["q"]),
            "kk": _similarity(centred["k"], cols["k"]),
        }
        terms = {}
        for name, values in logits.items():
            if name not in found:
                within = name[0] == name[1]
                wide = max(3.0, SHARE * sizes[name[1]])
                found[name] = temperature(values, wide / 2 if within else wide)
            target = softmax(values * found[name][:, None]) * np.float32(WEIGHTS[name])
            terms[name] = Term(*name, slice(None), cols[name[1]], target, WEIGHTS[name])
        yield terms


def temperature(
    logits: np.ndarray,
    perplexity: np.ndarray | float,
    mask: np.ndarray | None = None,
    low: float = 1e-3,
    high: float = 1e3,
) -> np.ndarray:
    """Return the factor of each row of logits (..., c) that gives it a perplexity, by bisection.

    Factors stay between `low` and `high`: a row of equal logits has no sharper version.
    """
    logits = _settled(logits, mask)
    bottom = np.full(logits.shape[:-1], np.log(low), np.float32)
    top = np.full(logits.shape[:-1], np.log(high), np.float32)
    goal = np.log(perplexity)
    for _ in range(18):
        middle = (bottom + top) / 2
        scaled = np.maximum(logits * np.exp(middle)[..., None], -80)
        weights = np.exp(scaled)
        if mask is not None:
            weights *= mask
        total = np.maximum(weights.sum(-1), 1e-30)
        entropy = np.log(total) - (weights * scaled).sum(-1) / total
        flat = entropy > goal
        bottom, top = np.where(flat, middle, bottom), np.where(flat, top, middle)
    return np.exp((bottom + top) / 2).astype(np.float32)


def softmax(logits: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
    """Return the softmax of rows, float32; rows without any allowed column are 0."""
    weights = np.exp(np.maximum(_settled(logits, mask), -80))
    if mask is not None:
        weights *= mask
    total = np.maximum(weights.sum(-1, keepdims=True), 1e-30)
    return (weights / total).astype(np.float32)


def sharpened(logits: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return rows of attention brought to their perplexity, and which rows count.

    Parameters
    ----------
    logits : float32 (..., m, c)
    mask : float32 (..., m, c)

    Returns
    -------
    target : float32 (..., m, c)
        Rows that do not count are 0.
    counts : float32 (..., m)
        1 for rows with at least 3 candidates.
    """
    candidates = mask.sum(-1)
    perplexity = np.minimum(np.clip(candidates / 12, *OWN_PERPLEXITY), candidates / 2)
    perplexity = np.maximum(perplexity, 1.05)
    factor = temperature(logits, perplexity, mask, 0.2, 50)
    counts = (candidates >= 3).astype(np.float32)
    return softmax(logits * factor[..., None], mask) * counts[..., None], counts


def _own(cloud: Cloud, batch: Batch, number: np.ndarray, key_number: np.ndarray) -> Term:
    logits = cloud.logits(batch.rows, batch.columns)
    mask = batch.mask.astype(np.float32)
    target, counts = sharpened(logits, mask)
    rows, columns = number[batch.rows], key_number[batch.columns]
    return Term("q", "k", rows, columns, target, counts, mask, batch.real, batch.real_columns)


def _long(
    cloud: Cloud,
    tokens: np.ndarray,
    keys: np.ndarray,
    number: np.ndarray,
    key_number: np.ndarray,
    rng: np.random.Generator,
) -> Term:
    """Return the rows of a long passage, each over its strongest keys and a sample of the rest."""
    strongest = min(STRONGEST, len(keys) - 1)
    cols = np.empty((len(tokens), strongest + OTHERS), np.int64)
    logits = np.empty(cols.shape, np.float32)
    mask, allowed = np.empty(cols.shape, np.float32), np.empty(len(tokens), np.int64)
    for block in np.array_split(np.arange(len(tokens)), -(-len(tokens) // LONGEST)):
        values = cloud.q[tokens[block]] @ cloud.k[keys].T
        values = _rules(cloud, values, tokens[block], keys)
        allowed[block] = np.isfinite(values).sum(1)
        order = np.argsort(-values, axis=1)
        rest = rng.integers(strongest, len(keys), (len(block), OTHERS))
        picked = np.concatenate([order[:, :strongest], np.take_along_axis(order, rest, 1)], 1)
        cols[block] = picked
        logits[block] = np.take_along_axis(values, picked, 1)
    seen = np.isfinite(logits)
    mask[:] = seen
    # A random column stands for all the allowed ones it was drawn from.
    drawn = np.maximum(seen[:, strongest:].sum(1), 1)
    mask[:, strongest:] *= (np.maximum(allowed - strongest, 0) / drawn)[:, None]
    target, counts = sharpened(np.where(seen, logits, -1e4), mask)
    at = number[tokens], key_number[keys][cols]
    return Term("q", "k", *at, target, counts, mask, gathered=True)


def _rules(cloud: Cloud, products: np.ndarray, rows: np.ndarray, cols: np.ndarray) -> np.ndarray:
    """Return products as logits between tokens of one passage, -inf where a key is hidden."""
    pairs = rows[:, None], cols[None, :]
    return np.where(cloud.seen(*pairs), cloud.with_added(cloud.capped(products), *pairs), -np.inf)


def _samples(
    square: bool, counts: dict[str, int], sizes: dict[str, int], rng: np.random.Generator
) -> Iterator[dict[str, np.ndarray]]:
    """Yield samples of queries and of keys; the same tokens where both are of the same."""
    if square:
        yield from ({"q": some, "k": some} for some in _subsets(counts["q"], sizes["q"], rng))
        return
    both = [_subsets(counts[side], sizes[side], rng) for side in ("q", "k")]
    yield from ({"q": q, "k": k} for q, k in zip(*both, strict=True))


def _subsets(n: int, sample: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield 8 samples without repetition, in turns through all of n before any comes again."""
    left = np.empty(0, np.int64)
    for _ in range(SUBSETS):
        if len(left) < sample:
            left = rng.permutation(n)
        yield left[:sample]
        left = left[sample:]


def _similarity(points: np.ndarray, cols: np.ndarray) -> np.ndarray:
    """Return minus squared distances to some points, up to a constant per row, itself left out."""
    some = points[cols]
    values = 2 * (points @ some.T) - (some**2).sum(1)
    values[cols, np.arange(len(cols))] = -np.inf
    return values


def log_mean_exp(values: np.ndarray) -> np.ndarray:
    """Return the logarithm of each row's mean exponential, (rows,)."""
    top = values.max(1)
    return top + np.log(np.exp(values - top[:, None]).mean(1))


def _settled(logits: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    """Return logits with each row's largest at 0, and hidden ones at a finite low."""
    if mask is not None:
        logits = np.where(mask > 0, logits, -np.inf)
    top = logits.max(-1, keepdims=True)
    return np.maximum(logits - np.where(np.isfinite(top), top, 0), np.float32(-1e4))
