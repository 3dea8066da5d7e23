"""The causal check: attention on matching keys after directions are taken out of the queries."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from compute import attention
from compute.properties.asking import SEED, Question

RANDOM = 20
"""Subspaces drawn at random, of the same rank."""
CELLS = 2**17
"""Weights of attention that are looked at, each with and without."""
QUERIES = 64
"""At least so many queries of long passages are."""
LONG = 512
"""Tokens of a passage of which single rows are taken."""


@dataclass(frozen=True)
class Rows:
    """Some queries of a held-out unit, r, in a passage of m tokens.

    Attributes
    ----------
    passage : int
    rows : slice
        Their places in the passage.
    matching : float32 (r, m)
        1 where a key is visible and matches.
    asked : bool (r,)
        Which of them are counted: those with a match that were drawn.
    unit : int
    """

    passage: int
    rows: slice
    matching: np.ndarray
    asked: np.ndarray
    unit: int


@dataclass(frozen=True)
class Removed:
    """Attention on matching keys by unit, as it is and without some directions.

    Attributes
    ----------
    sums : float64 (units, 3 + RANDOM)
        As it is, without the property's directions, without as many principal components of the
        queries, without as many directions at random; over the queries of the unit.
    counts : float64 (units,)
        How many queries were asked.
    """

    sums: np.ndarray
    counts: np.ndarray

    @property
    def means(self) -> np.ndarray:
        """Return the mean attention of each column."""
        return self.sums.sum(0) / max(self.counts.sum(), 1)


def rows_of(question: Question, pattern: int) -> list[Rows]:
    """Return the queries of the held-out half that have a matching key in view, or some of them."""
    marks, units = question.marks, question.units
    sight, found = question.run.sights[pattern], []
    for unit in np.flatnonzero(units.half == 1):
        begin, end = units.begin[unit], units.end[unit]
        i = np.arange(units.start[unit], units.stop[unit])[:, None]
        j = np.arange(begin, end)[None, :]
        match = marks.holds(i, j) & marks.counts(i, j) & sight.at(i - begin, j - begin)
        found.append((int(unit), match))
    counts = [int(match.any(1).sum()) for _, match in found]
    cells = sum(count * match.shape[1] for count, (_, match) in zip(counts, found, strict=True))
    asked = sum(counts)
    share = min(1.0, max(CELLS / max(cells, 1), QUERIES / max(asked, 1)))
    rng = np.random.default_rng(SEED)
    starts = question.run.tokens.starts
    out = []
    for unit, match in found:
        chosen = match.any(1)
        chosen &= rng.random(len(chosen)) < share
        passage = int(np.searchsorted(starts, units.begin[unit], "right") - 1)
        place = int(units.start[unit] - units.begin[unit])
        at = np.flatnonzero(chosen)
        if not len(at):
            continue
        parts = [slice(int(at[0]), int(at[-1]) + 1)]
        if match.shape[1] > LONG:
            parts = [slice(int(row), int(row) + 1) for row in at]
        for part in parts:
            rows = slice(place + part.start, place + part.stop)
            out.append(Rows(passage, rows, match[part].astype(np.float32), chosen[part], unit))
    return out


def removed(
    question: Question, layer: int, head: int, directions: np.ndarray, rows: list[Rows]
) -> Removed:
    """Return the attention on matching keys with and without directions of the queries.

    Parameters
    ----------
    directions : float32 (d, r)
        Orthonormal, of queries; taken out down to zero, the queries' mean along them included.
    rows : list of Rows
        From `rows_of`, of the layer's sight.
    """
    run, units = question.run, question.units
    q, k = run.vectors(layer, head)
    fitted = np.concatenate(
        [np.arange(units.start[u], units.stop[u]) for u in np.flatnonzero(units.half == 0)]
    )
    rank = directions.shape[1]
    fitted = fitted[question.marks.queries[fitted]]
    taken = np.stack([directions, principal(q[fitted], rank), *_at_random(q.shape[1], rank)])
    sums, counts = np.zeros((len(units.start), 1 + len(taken))), np.zeros(len(units.start))
    starts = run.tokens.starts
    for part in rows:
        begin, end = int(starts[part.passage]), int(starts[part.passage + 1])
        asking = q[begin + part.rows.start : begin + part.rows.stop]
        without = asking - (asking @ taken) @ np.swapaxes(taken, 1, 2)
        every = np.concatenate([asking[None], without])
        weights = attention.attend(run, layer, head, part.passage, every, k[begin:end], part.rows)
        on = np.einsum("vrm,rm->vr", weights, part.matching)
        sums[part.unit] += on @ part.asked
        counts[part.unit] += part.asked.sum()
    held = units.half == 1
    return Removed(sums[held], counts[held])


def principal(q: np.ndarray, rank: int) -> np.ndarray:
    """Return the first principal components of queries (n, d), float32 (d, rank)."""
    centred = q - q.mean(0)
    _, axes = np.linalg.eigh((centred.T @ centred).astype(np.float64))
    return axes[:, ::-1][:, :rank].astype(np.float32)


@lru_cache(maxsize=64)
def _at_random(dims: int, rank: int) -> np.ndarray:
    drawn = np.random.default_rng(SEED).standard_normal((RANDOM, dims, rank))
    return np.linalg.qr(drawn)[0].astype(np.float32)
