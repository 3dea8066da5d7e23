"""What singular values chance gives: the same pairs, on the vectors of other passages.

Each passage gets the queries and keys of one drawn from all those of its half that are long enough,
and the property stays where it was. All that pairs have in common but the property is kept: their
places, and how many share a token. A property of places would go along, so of those one of the keys
of each query is called the match, for all queries of one place alike.
"""

import numpy as np

from compute.contrasts.covariance import difference
from compute.contrasts.marks import Marks
from compute.contrasts.pairs import Pairs, another
from compute.contrasts.units import Units

EXCHANGES = 100
QUANTILE = 0.95


def largest(
    q: np.ndarray, k: np.ndarray, marks: Marks, units: Units, pairs: Pairs, seed: int
) -> np.ndarray:
    """Return the largest singular value of each of `EXCHANGES` exchanges, float64.

    Parameters
    ----------
    q, k : float32 (n, d)
        Centred.
    pairs : Pairs
        Of the fitted half.
    """
    rng = np.random.default_rng(seed)
    made = _renamed if marks.by_place else _exchanged
    found = np.stack([made(q, k, units, pairs, rng) for _ in range(EXCHANGES)])
    squares = found @ np.swapaxes(found, 1, 2)
    return np.sqrt(np.maximum(np.linalg.eigvalsh(squares.astype(np.float64))[:, -1], 0))


def _exchanged(
    q: np.ndarray, k: np.ndarray, units: Units, pairs: Pairs, rng: np.random.Generator
) -> np.ndarray:
    sides = (pairs.i, pairs.j), (pairs.other_i, pairs.other_j)
    least = np.zeros(len(units.start), np.int64)
    for i, j in sides:
        mine = units.of(i)
        reach = np.maximum(i, j) if units.of_passages else i
        np.maximum.at(least, mine, reach - units.start[mine])
    drawn = another(units, 0, least, rng)
    (plus, of), (minus, others) = (_moved(q, k, units, drawn, *side) for side in sides)
    weight = (pairs.weight * others).astype(np.float32)
    first = (q[plus[0]] * of[:, None]).T @ k[plus[1]] / max(of.sum(), 1)
    second = (q[minus[0]] * weight[:, None]).T @ k[minus[1]] / max(weight.sum(), 1e-9)
    return first - second


def _moved(
    q: np.ndarray, k: np.ndarray, units: Units, drawn: np.ndarray, i: np.ndarray, j: np.ndarray
) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Return the tokens at the same places of the units drawn, and which are there, as 0 or 1."""
    mine = units.of(i)
    theirs = drawn[mine]
    moved = units.start[theirs] - units.start[mine]
    there = j + moved
    inside = (there >= units.first[theirs]) & (there < units.last[theirs])
    return (i + moved, np.where(inside, there, 0)), inside.astype(np.float32)


def _renamed(
    q: np.ndarray, k: np.ndarray, units: Units, pairs: Pairs, rng: np.random.Generator
) -> np.ndarray:
    order = np.argsort(pairs.of, kind="stable")
    first = np.searchsorted(pairs.of[order], np.arange(len(pairs)))
    counts = np.bincount(pairs.of, minlength=len(pairs))
    place = pairs.i - units.begin[units.of(pairs.i)]
    which = rng.random(int(place.max()) + 1)[place]
    chosen = (which * (counts + 1)).astype(np.int64) - 1  # -1: the match itself
    swapped = chosen >= 0
    control = order[first[swapped] + chosen[swapped]]
    j, other_j = pairs.j.copy(), pairs.other_j.copy()
    j[swapped], other_j[control] = pairs.other_j[control], pairs.j[swapped]
    renamed = Pairs(pairs.i, j, pairs.of, pairs.other_i, other_j, pairs.weight, pairs.found)
    return difference(q, k, renamed)
