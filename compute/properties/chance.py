"""What singular values chance gives: the same pairs, on the vectors of other passages.

The passages of the fitted half exchange their queries and keys, each for those of one that is long
enough, and the property stays where it was. All that pairs have in common but the property is kept:
their places, and how many share a token. A property of places would go along, so of those one of
the keys of each query is called the match, for all queries of one place alike.
"""

from dataclasses import replace

import numpy as np

from compute.contrasts.covariance import difference
from compute.contrasts.marks import Marks
from compute.contrasts.pairs import Pairs
from compute.contrasts.units import Units

EXCHANGES = 100
QUANTILE = 0.95


def exchanged(marks: Marks, units: Units, pairs: Pairs, seed: int) -> list[Pairs]:
    """Return the pairs of the fitted half as `EXCHANGES` exchanges have them."""
    rng = np.random.default_rng(seed)
    if marks.by_place:
        return [_renamed(units, pairs, rng) for _ in range(EXCHANGES)]
    needed = _needed(units, pairs)
    return [_moved(units, pairs, _order(units, needed, rng)) for _ in range(EXCHANGES)]


def largest(q: np.ndarray, k: np.ndarray, every: list[Pairs]) -> np.ndarray:
    """Return the largest singular value that each exchange gives centred q and k (n, d)."""
    found = np.stack([difference(q, k, pairs) for pairs in every])
    squares = found @ np.swapaxes(found, 1, 2)
    return np.sqrt(np.maximum(np.linalg.eigvalsh(squares.astype(np.float64))[:, -1], 0))


def _needed(units: Units, pairs: Pairs) -> np.ndarray:
    """Return how many tokens a unit must have for the pairs of each, int64 (u,)."""
    needed = np.zeros(len(units.start), np.int64)
    for i, j in ((pairs.i, pairs.j), (pairs.other_i, pairs.other_j)):
        mine = units.of(i)
        reach = np.maximum(i, j) if units.of_passages else i
        np.maximum.at(needed, mine, reach - units.start[mine] + 1)
    return needed


def _order(units: Units, needed: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return for each unit of the fitted half another that is long enough; each is taken once.

    Those that need most choose first: what is left to them is never nothing, since each is long
    enough for itself.
    """
    chosen = np.flatnonzero(units.half == 0)
    lengths = units.stop - units.start
    by_length = chosen[np.argsort(-lengths[chosen], kind="stable")].tolist()
    drawn, left, following = np.arange(len(lengths)), [], 0
    for unit in chosen[np.argsort(-needed[chosen], kind="stable")].tolist():
        while following < len(by_length) and lengths[by_length[following]] >= needed[unit]:
            left.append(by_length[following])
            following += 1
        at = int(rng.random() * len(left))
        left[at], left[-1] = left[-1], left[at]
        drawn[unit] = left.pop()
    return drawn


def _moved(units: Units, pairs: Pairs, drawn: np.ndarray) -> Pairs:
    """Return pairs at the same places of the units drawn, without those that have no key there."""
    i, j, inside = _places(units, drawn, pairs.i, pairs.j)
    other_i, other_j, there = _places(units, drawn, pairs.other_i, pairs.other_j)
    there &= inside[pairs.of]
    inside &= np.bincount(pairs.of, there, len(pairs)) > 0
    there &= inside[pairs.of]
    of = (np.cumsum(inside) - 1)[pairs.of[there]]
    weight = 1 / np.bincount(of, minlength=int(inside.sum()))[of]
    sides = i[inside], j[inside], of, other_i[there], other_j[there]
    return Pairs(*sides, weight, pairs.found)


def _places(
    units: Units, drawn: np.ndarray, i: np.ndarray, j: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    mine = units.of(i)
    theirs = drawn[mine]
    moved = units.start[theirs] - units.start[mine]
    there = j + moved
    return i + moved, there, (there >= units.first[theirs]) & (there < units.last[theirs])


def _renamed(units: Units, pairs: Pairs, rng: np.random.Generator) -> Pairs:
    """Return pairs of which one of match and controls is the match, by the query's place."""
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
    return replace(pairs, j=j, other_j=other_j)
