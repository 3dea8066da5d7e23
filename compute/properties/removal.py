"""The causal check: attention on matching keys after directions are taken out of the queries."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from compute import attention
from compute.properties.asking import SEED, Question

RANDOM = 20
"""Subspaces drawn at random, of the same rank."""
CELLS = 2**17
"""Weights of attention that are looked at, each with and without."""
LOOKED = 2**21
"""Pairs that are looked at for matching ones."""
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
    rng = np.random.default_rng(SEED)
    found = list(_matches(question, pattern, rng))
    counts = [int(match.any(1).sum()) for _, match in found]
    cells = sum(count * match.shape[1] for count, (_, match) in zip(counts, found, strict=True))
    share = max(CELLS / max(cells, 1), QUERIES / max(sum(counts), 1))
    return [
        part
        for unit, match in found
        for part in _parts(question, unit, match, match.any(1) & (rng.random(len(match)) < share))
    ]


def _matches(
    question: Question, pattern: int, rng: np.random.Generator
) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the held-out units, and which keys of their passage match their queries, bool (r, m).

    Of very many queries some are looked at; the others have no match here.
    """
    marks, units, sight = question.marks, question.units, question.run.sights[pattern]
    held = np.flatnonzero(units.half == 1)
    cells = ((units.stop - units.start) * (units.end - units.begin))[held].sum()
    for unit in held.tolist():
        begin, end = units.begin[unit], units.end[unit]
        rows = np.arange(units.start[unit], units.stop[unit])
        some = rng.random(len(rows)) < LOOKED / cells
        match = np.zeros((len(rows), end - begin), bool)
        i, j = rows[some, None], np.arange(begin, end)[None, :]
        match[some] = marks.holds(i, j) & marks.counts(i, j) & sight.at(i - begin, j - begin)
        yield unit, match


def _parts(question: Question, unit: int, match: np.ndarray, chosen: np.ndarray) -> Iterator[Rows]:
    """Yield the chosen queries of a unit: between the first and the last of them, or one by one."""
    units, at = question.units, np.flatnonzero(chosen)
    starts = question.run.tokens.starts
    passage = int(np.searchsorted(starts, units.begin[unit], "right") - 1)
    place = int(units.start[unit] - units.begin[unit])
    if match.shape[1] > LONG:
        parts = [slice(int(row), int(row) + 1) for row in at]
    else:
        parts = [slice(int(at[0]), int(at[-1]) + 1)] if len(at) else []
    for part in parts:
        rows = slice(place + part.start, place + part.stop)
        yield Rows(passage, rows, match[part].astype(np.float32), chosen[part], unit)


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
