"""How alike two heads attend: the Jensen–Shannon divergence of their attention over a text.

For a query with the attention a in one head and b in the other, both over the same keys, the
divergence is H((a + b) / 2) − (H(a) + H(b)) / 2 in bits, H the entropy: 0 if they are equal, 1 if
they share no key. The likeness of two heads is its mean over ordinary queries (see
`scores.heads`), special keys counted. Source: Lin 1991, IEEE Trans. Inf. Theory 37, 145-151.

Across models that cut the text differently, queries and keys are the units of
`matched.token_alignment`: attention is summed over the key tokens of a unit and averaged over its
query tokens. In models whose heads have a sink of their own, what goes there counts as one more
key. Heads of cross-attention are compared token by token, where they have the same ones.
"""

from dataclasses import dataclass

import numpy as np

from compute import store
from compute.attention.blocks import attention, blocks
from compute.errors import HeadscopeError
from compute.matched.paired_attention import check_cross
from compute.matched.token_alignment import Match, between, match
from compute.progress import Progress, unseen
from compute.runs import Run
from compute.scores.aggregate import Aggregate

VERSION = 1
QUERIES = 1000
"""All pairs of heads are compared on a sample of so many queries."""
LONG, CELLS = 1024, 2**29
"""Longer passages are refused where all heads have more attention weights over one than these."""
SEED = 0


@dataclass(frozen=True)
class Likeness:
    """Divergence of every head of one run from every head of another, or of the same.

    Attributes
    ----------
    divergence : float32 (layers a, heads a, layers b, heads b)
        0: they attend alike, 1: never to the same key.
    queries : int
        Over how many queries, at most 1,000, drawn with seed 0.
    of : int
        How many there are.
    same : bool
        Whether both are one run.
    """

    divergence: np.ndarray
    queries: int
    of: int
    same: bool


@dataclass(frozen=True)
class Neighbour:
    """A head and its divergence from another."""

    layer: int
    head: int
    divergence: float


def key(run_a: str, run_b: str) -> str:
    """Return the name in the store of the likeness of two runs' heads."""
    return store.key(run_a, run_b, VERSION)


LIKENESS = store.record("likeness", Likeness)


def all_pairs(a: Run, b: Run, progress: Progress = unseen) -> Likeness:
    """Compare all heads of a run with all heads of another, or of the same.

    Parameters
    ----------
    a, b : Run
        Of the same text; in one model or two.
    progress : Progress, in passages

    Raises
    ------
    HeadscopeError
        If the texts have different content.
    """
    if not (a.square and b.square):
        check_cross(a, b)
    for run in (a, b):
        check(run)
    joined = match(a, b)
    chosen, every = _sample(joined)
    same = a.key == b.key
    shape = [(run.model.layers, run.model.heads) for run in (a, b)]
    total = np.zeros((np.prod(shape[0]), np.prod(shape[1])))
    passages = [p for p in range(len(joined.starts) - 1) if chosen[_span(joined, p)].any()]
    for done, passage in enumerate(passages):
        queries = np.flatnonzero(chosen[_span(joined, passage)])
        one = _shares(a, joined.a, joined, passage, _every_head(a, passage))[:, queries]
        two = (
            one
            if same
            else _shares(b, joined.b, joined, passage, _every_head(b, passage))[:, queries]
        )
        _add(total, one, two, same)
        progress(done + 1, len(passages))
    count = int(chosen.sum())
    divergence = np.clip(total / count, 0, 1).astype(np.float32)
    return Likeness(divergence.reshape(*shape[0], *shape[1]), count, every, same)


def nearest(
    found: Likeness, layer: int, head: int, count: int = 5, *, most: bool = True
) -> list[Neighbour]:
    """Return the heads of the second run most (or least) like a head of the first.

    Parameters
    ----------
    found : Likeness
        Within one run the head itself is left out.
    most : bool
        False: the least like, the farthest first.
    """
    row = np.asarray(found.divergence[layer, head], np.float64)
    order = np.argsort(row if most else -row, axis=None, kind="stable")
    itself = layer * row.shape[1] + head if found.same else None
    heads = [np.unravel_index(i, row.shape) for i in order if i != itself]
    return [Neighbour(int(n), int(h), float(row[n, h])) for n, h in heads[:count]]


def across_texts(a: Aggregate, b: Aggregate) -> np.ndarray:
    """Compare each head on two texts, where there are no common queries: by offset.

    Returns
    -------
    float64 (layers, heads)
        Jensen–Shannon divergence, in bits, between the mean attention of an ordinary query on the
        two texts, shared out over: sinks at position 0, other sinks, and ordinary tokens at each
        offset that both texts have, or beyond. 0: the head rests and looks as far on both.

    Raises
    ------
    HeadscopeError
        If the averages are of models with different heads.
    """
    if a.sums.shape[:2] != b.sums.shape[:2]:
        raise HeadscopeError(
            "These are two models with different heads. Choose one model to compare a head on two "
            "texts."
        )
    reach = min(a.sums.shape[-1], b.sums.shape[-1]) // 2
    return divergence_of(*(_by_offset(found, reach) for found in (a, b)))


def _by_offset(found: Aggregate, reach: int) -> np.ndarray:
    sums, middle = np.asarray(found.sums), found.sums.shape[-1] // 2
    before = sums[..., : middle - reach].sum(-1, keepdims=True)
    after = sums[..., middle + reach + 1 :].sum(-1, keepdims=True)
    near = sums[..., middle - reach : middle + reach + 1]
    parts = np.concatenate([found.sinks, before, near, after], axis=-1)
    return (parts / np.maximum(parts.sum(-1, keepdims=True), 1e-30)).astype(np.float32)


def _sample(joined: Match) -> tuple[np.ndarray, int]:
    """Return the units whose queries are compared, bool (units,), and how many there would be."""
    eligible = np.flatnonzero(_eligible(joined))
    if len(eligible) == 0:
        raise HeadscopeError("The text has no ordinary tokens to compare heads on.")
    rng = np.random.default_rng(SEED)
    some = rng.choice(eligible, min(QUERIES, len(eligible)), replace=False)
    chosen = np.zeros(len(joined.ordinary), bool)
    chosen[some] = True
    return chosen, len(eligible)


def _eligible(joined: Match) -> np.ndarray:
    """Return ordinary units with a token in both runs, bool (units,)."""
    there = [np.bincount(u, minlength=len(joined.ordinary)) > 0 for u in (joined.a, joined.b)]
    return joined.ordinary & there[0] & there[1]


def _span(joined: Match, passage: int) -> slice:
    return slice(int(joined.starts[passage]), int(joined.starts[passage + 1]))


def check(run: Run) -> None:
    """Raise `HeadscopeError` if heads can't be compared on a run.

    Not all layers are stored, or the attention of all heads over a passage is too much to hold.
    """
    run.check_all()
    longest = int(np.diff(run.tokens.starts).max())
    if longest > LONG and run.model.layers * run.model.heads * longest**2 > CELLS:
        raise HeadscopeError(
            f"A passage has {longest:,} tokens: the attention of all heads between them is too "
            f"much to be held at once. Heads are compared on passages of at most {LONG:,} tokens."
        )


def _every_head(run: Run, passage: int) -> np.ndarray:
    """Return the attention of all heads over a passage, float32 (layers · heads, m, s)."""
    rows, columns = run.span(passage), run.key_span(passage)
    size = run.model.heads * (rows.stop - rows.start) * (columns.stop - columns.start)
    (block,) = blocks(run, size=size, passages=np.array([passage]))
    return np.concatenate([attention(run, layer, block)[0] for layer in range(run.model.layers)])


def _shares(
    run: Run, units: np.ndarray, joined: Match, passage: int, weights: np.ndarray
) -> np.ndarray:
    """Return attention between units, float32 (heads, u, u + 1): the last is a head's own sink.

    In cross-attention, where all have the same tokens, it is that between tokens.
    """
    span, shared = _span(joined, passage), weights
    if run.square:
        shared = between(weights, units[run.span(passage)] - span.start, span.stop - span.start)
    rest = np.maximum(1 - shared.sum(-1, keepdims=True), 0) if run.sinks is not None else 0
    rest = np.broadcast_to(np.float32(rest), (*shared.shape[:-1], 1))
    return np.concatenate([shared, rest], axis=-1)


def _negative_entropy(shares: np.ndarray) -> np.ndarray:
    """Return Σ x ln x over the last axis."""
    return (shares * np.log(np.maximum(shares, np.finfo(np.float32).tiny))).sum(-1)


def divergence_of(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Return the divergence in bits of distributions on the last axis."""
    apart = (_negative_entropy(one) + _negative_entropy(two)) / 2 - _negative_entropy(
        (one + two) / 2
    )
    return np.clip(apart / np.log(2), 0, 1)


def _add(total: np.ndarray, one: np.ndarray, two: np.ndarray, same: bool) -> None:
    """Add the summed divergence of all pairs of heads of a passage, head by head."""
    entropies = [_negative_entropy(x).sum(1, dtype=np.float64) for x in (one, two)]
    for head in range(len(one)):
        first = head + 1 if same else 0
        mixed = _negative_entropy((one[head] + two[first:]) / 2).sum(1, dtype=np.float64)
        row = ((entropies[0][head] + entropies[1][first:]) / 2 - mixed) / np.log(2)
        total[head, first:] += row
        if same:
            total[first:, head] += row
