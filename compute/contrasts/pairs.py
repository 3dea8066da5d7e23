"""Pairs of a query and a key of which a property holds, each with its controls.

A control is a pair at the same places of another passage, where the property does not hold. Of a
text with few passages it is one as far apart elsewhere in the same half; of a property of places
alone, the same query with a key close by.
"""

from dataclasses import dataclass

import numpy as np

from compute.capture.sight import Sight
from compute.contrasts.marks import Marks
from compute.contrasts.units import Units

MOST = 600
"""Matching pairs of each half: the mean of so many is near that of all."""
FEWEST = 100
"""Of each half: with fewer than 200 in all, less of the advantage is found."""
CONTROLS = 2
"""Of each matching pair."""
TRIES = 20
CELLS = 2**20, 2**24
"""Pairs that are looked at for matching ones, and where those are few."""
NEAR = 8
"""Places that the key of a control of places may be moved by, at most."""


@dataclass(frozen=True)
class Pairs:
    """Matching pairs of one half of a text, m, and their controls, c.

    Attributes
    ----------
    i, j : int64 (m,)
        Numbers of the tokens whose query and key match.
    of : int64 (c,)
        Whose control each is.
    other_i, other_j : int64 (c,)
        The controls' tokens.
    weight : float64 (c,)
        One over how many controls that matching pair has.
    found : int
        How many matching pairs there are in all, of those that were looked at.
    """

    i: np.ndarray
    j: np.ndarray
    of: np.ndarray
    other_i: np.ndarray
    other_j: np.ndarray
    weight: np.ndarray
    found: int

    def __len__(self) -> int:
        return len(self.i)


def draw(marks: Marks, units: Units, sight: Sight, half: int, rng: np.random.Generator) -> Pairs:
    """Return the matching pairs of a half that have a control, `MOST` at most, and the controls."""
    for cells in CELLS:
        i, j = _matching(marks, units, sight, half, cells, rng)
        found = len(i)
        if found >= 2 * MOST:
            break
    some = np.sort(rng.permutation(found)[: 2 * MOST])  # some have no control
    of, other_i, other_j = _controls(marks, units, sight, half, i[some], j[some], rng)
    kept = np.unique(of)
    kept = np.sort(rng.permutation(kept)[:MOST])
    mine = np.isin(of, kept)
    of = np.searchsorted(kept, of[mine])
    counts = np.bincount(of, minlength=len(kept))
    i, j = i[some][kept], j[some][kept]
    return Pairs(i, j, of, other_i[mine], other_j[mine], 1 / counts[of], found)


def _matching(
    marks: Marks, units: Units, sight: Sight, half: int, most: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    chosen = np.flatnonzero(units.half == half)
    cells = ((units.stop - units.start) * (units.last - units.first))[chosen].sum()
    share, found = min(1.0, most / max(cells, 1)), []
    for unit in chosen:
        rows = np.arange(units.start[unit], units.stop[unit])
        rows = rows[marks.queries[rows] & (marks.asks[rows] >= 0)]
        if share < 1:
            rows = rows[rng.random(len(rows)) < share]
        columns = np.arange(units.first[unit], units.last[unit])
        columns = columns[marks.keys[columns] & (marks.offers[columns] >= 0)]
        i, j = rows[:, None], columns[None, :]
        begin = units.begin[unit]
        at = marks.holds(i, j) & marks.counts(i, j) & sight.at(i - begin, j - begin)
        row, column = np.nonzero(at)
        found.append((rows[row], columns[column]))
    i, j = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return i, j


def _controls(
    marks: Marks,
    units: Units,
    sight: Sight,
    half: int,
    i: np.ndarray,
    j: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return whose controls they are, and their queries and keys."""
    pick = _nearby if marks.by_place else _elsewhere
    of, rows, columns = [], [], []
    open_ = np.repeat(np.arange(len(i)), CONTROLS)
    for _ in range(TRIES):
        if not len(open_):
            break
        here, there, inside = pick(units, half, i[open_], j[open_], rng)
        fine = inside.copy()
        a, b = here[inside], there[inside]
        begin = units.begin[units.of(a)]
        seen = sight.at(a - begin, b - begin)
        fine[inside] = seen & marks.counts(a, b) & ~marks.holds(a, b)
        of.append(open_[fine])
        rows.append(here[fine])
        columns.append(there[fine])
        open_ = open_[~fine]
    if not of:
        return (np.zeros(0, np.int64),) * 3
    return tuple(np.concatenate(parts) for parts in (of, rows, columns))


def _nearby(
    units: Units, half: int, i: np.ndarray, j: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    far = rng.integers(1, NEAR + 1, len(i)) * rng.choice([-1, 1], len(i))
    unit = units.of(i)
    there = j + far
    return i, there, (there >= units.first[unit]) & (there < units.last[unit])


def _elsewhere(
    units: Units, half: int, i: np.ndarray, j: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    mine = units.of(i)
    theirs = another(units, half, i - units.start[mine], rng)
    moved = units.start[theirs] - units.start[mine]
    there = j + moved
    inside = (theirs != mine) & (there >= units.first[theirs]) & (there < units.last[theirs])
    return i + moved, there, inside


def another(units: Units, half: int, least: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return for each place a unit of a half that has it, drawn evenly among all that do."""
    chosen = np.flatnonzero(units.half == half)
    lengths = (units.stop - units.start)[chosen]
    order = np.argsort(lengths, kind="stable")
    fewer = np.searchsorted(lengths[order], least, "right")  # units that are too short
    drawn = fewer + (rng.random(np.shape(least)) * (len(chosen) - fewer)).astype(np.int64)
    return chosen[order][np.minimum(drawn, len(chosen) - 1)]
