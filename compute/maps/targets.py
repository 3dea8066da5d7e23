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
from compute.maps.cloud import Cloud

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
        Tokens, numbered without sinks.
    cols : int (..., c)
        Tokens; if `gathered`, each row has columns of its own: int (m, c).
    target : float32 (..., m, c)
        The distributions times their rows' weights.
    weight : float32 (..., m) or float
    mask : float32 (..., m, c) or None
        0 excludes a pair; otherwise how many columns it stands for.
    real : bool (..., m) or None
        Rows (and, in passages, columns) that are no filling.
    """

    source: str
    goal: str
    rows: np.ndarray | slice
    cols: np.ndarray
    target: np.ndarray
    weight: np.ndarray | float
    mask: np.ndarray | None = None
    real: np.ndarray | None = None
    gathered: bool = False


def memory(cloud: Cloud) -> int:
    """Return an estimate of the bytes that all terms of a cloud take, before any is made."""
    sizes = np.diff(cloud.starts)
    short = int((sizes[sizes <= LONGEST] ** 2).sum())
    long = int(sizes[sizes > LONGEST].sum()) * (STRONGEST + OTHERS)
    samples = len(cloud) * min(SAMPLE, len(cloud) // 2) * SUBSETS * len(WEIGHTS)
    return 4 * (4 * short + 8 * long + samples)


def own_terms(cloud: Cloud, core: np.ndarray, rng: np.random.Generator) -> list[Term]:
    """Return the rows of attention inside passages, weighted to count as one for each token.

    Parameters
    ----------
    core : int (m,)
        The tokens to draw, ascending.
    rng : numpy.random.Generator
        For passages of more than 512 tokens.
    """
    keep = np.zeros(len(cloud), bool)
    keep[core] = True
    number = np.cumsum(keep) - 1
    terms = [_own(cloud, batch, number) for batch in batches(cloud, keep, longest=LONGEST)]
    for passage in range(len(cloud.starts) - 1):
        span = np.arange(cloud.starts[passage], cloud.starts[passage + 1])
        if keep[span].sum() > LONGEST:
            terms.append(_long(cloud, span[keep[span]], number, rng))
    count = int(sum((term.weight > 0).sum() for term in terms))
    factor = np.float32(len(core) / max(count, 1))
    return [replace(t, target=t.target * factor, weight=t.weight * factor) for t in terms]


def sample_terms(
    cloud: Cloud, core: np.ndarray, rng: np.random.Generator, sample: int = SAMPLE
) -> Iterator[dict[str, Term]]:
    """Yield for each of 8 random samples the terms ``qk``, ``kq``, ``qq``, ``kk``.

    Notes
    -----
    Temperatures are found once, on the first sample. In ``kq`` each query's logits are taken
    relative to the logarithm of its mean exponential over 512 keys: a key is near to the queries
    that give it more than they give to others.
    """
    q, k = cloud.q[core], cloud.k[core]
    n = len(core)
    sample = min(sample, n // 2)
    if sample < 4:
        return
    wide = max(3.0, SHARE * sample)
    reference = rng.permutation(n)[:REFERENCE]
    level = log_mean_exp(cloud.capped(q @ k[reference].T))
    centred = {"q": q - q.mean(0), "k": k - k.mean(0)}
    found: dict[str, np.ndarray] = {}
    for cols in _subsets(n, sample, rng):
        logits = {
            "qk": cloud.capped(q @ k[cols].T),
            "kq": cloud.capped(k @ q[cols].T) - level[cols],
            "qq": _similarity(centred["q"], cols),
            "kk": _similarity(centred["k"], cols),
        }
        terms = {}
        for name, values in logits.items():
            if name not in found:
                within = name[0] == name[1]
                found[name] = temperature(values, wide / 2 if within else wide)
            target = softmax(values * found[name][:, None]) * np.float32(WEIGHTS[name])
            terms[name] = Term(*name, slice(None), cols, target, WEIGHTS[name])
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


def _own(cloud: Cloud, batch: Batch, number: np.ndarray) -> Term:
    logits = cloud.logits(batch.rows)
    mask = batch.mask.astype(np.float32)
    target, counts = sharpened(logits, mask)
    rows = number[batch.rows]
    return Term("q", "k", rows, rows, target, counts, mask, batch.real)


def _long(cloud: Cloud, tokens: np.ndarray, number: np.ndarray, rng: np.random.Generator) -> Term:
    """Return the rows of a long passage, each over its strongest keys and a sample of the rest."""
    cols = np.empty((len(tokens), STRONGEST + OTHERS), np.int64)
    logits = np.empty(cols.shape, np.float32)
    mask = np.empty(cols.shape, np.float32)
    for block in np.array_split(np.arange(len(tokens)), -(-len(tokens) // LONGEST)):
        values = cloud.q[tokens[block]] @ cloud.k[tokens].T
        values = _rules(cloud, values, tokens[block], tokens)
        order = np.argsort(-values, axis=1)
        rest = rng.integers(STRONGEST, len(tokens), (len(block), OTHERS))
        picked = np.concatenate([order[:, :STRONGEST], np.take_along_axis(order, rest, 1)], 1)
        cols[block] = picked
        logits[block] = np.take_along_axis(values, picked, 1)
    seen = np.isfinite(logits)
    mask[:] = seen
    # A random column stands for all the allowed ones it was drawn from.
    allowed = cloud.seen(tokens[:, None], tokens[None, :]).sum(1)
    drawn = np.maximum(seen[:, STRONGEST:].sum(1), 1)
    mask[:, STRONGEST:] *= (np.maximum(allowed - STRONGEST, 0) / drawn)[:, None]
    target, counts = sharpened(np.where(seen, logits, -1e4), mask)
    return Term("q", "k", number[tokens], number[tokens][cols], target, counts, mask, None, True)


def _rules(cloud: Cloud, products: np.ndarray, rows: np.ndarray, cols: np.ndarray) -> np.ndarray:
    """Return products as logits between tokens of one passage, -inf where a key is hidden."""
    pairs = rows[:, None], cols[None, :]
    return np.where(cloud.seen(*pairs), cloud.with_added(cloud.capped(products), *pairs), -np.inf)


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
