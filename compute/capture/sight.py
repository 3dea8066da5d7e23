"""Which keys each query may see: a first and a last key for each, and a table only where gaps are.

Causal attention, windows, chunks and prefixes all let a query see one stretch of keys, so that a
passage of many thousand tokens needs two numbers for each, not a matrix. Needs no torch.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Sight:
    """What the queries of the longest passage may see; shorter ones use the corner.

    Attributes
    ----------
    first, last : int32 (t,)
        Query i sees keys ``first[i]`` to ``last[i] - 1``; none if these are equal.
    table : bool (t, s) or None
        Which of them it sees, where some between are hidden.
    """

    first: np.ndarray
    last: np.ndarray
    table: np.ndarray | None = None

    def cells(self, keys: int, rows: slice = slice(None)) -> np.ndarray:
        """Return which of so many keys some queries may see, bool (r, keys).

        Parameters
        ----------
        keys : int
            Of the passage.
        rows : slice
            Which queries; as many as keys by default, from the first on.
        """
        rows = slice(keys) if rows == slice(None) else rows
        return self.at(np.arange(len(self.first))[rows][:, None], np.arange(keys)[None, :])

    def at(self, queries: np.ndarray, keys: np.ndarray) -> np.ndarray:
        """Return whether queries may see keys, by their places in the passage, broadcast."""
        seen = (keys >= self.first[queries]) & (keys < self.last[queries])
        return seen if self.table is None else seen & self.table[queries, keys]

    def corner(self, queries: int, keys: int) -> "Sight":
        """Return the sight of a shorter passage."""
        table = None if self.table is None else self.table[:queries, :keys]
        first, last = (np.minimum(ends[:queries], keys) for ends in (self.first, self.last))
        return of(table) if table is not None else _tidy(first, last)

    def same(self, other: "Sight") -> bool:
        """Tell whether two sights let see the same."""
        if self.first.shape != other.first.shape or (self.table is None) != (other.table is None):
            return False
        mine, others = (s.table if s.table is not None else True for s in (self, other))
        return bool(
            np.array_equal(self.first, other.first)
            and np.array_equal(self.last, other.last)
            and np.array_equal(mine, others)
        )

    @property
    def causal(self) -> bool:
        """Whether each query sees itself and what is before it, and nothing after."""
        place = np.arange(len(self.first))
        return len(place) > 1 and bool((self.last == place + 1).all())


def of(allowed: np.ndarray) -> Sight:
    """Return the sight that a table says, bool (t, s)."""
    keys = allowed.shape[1]
    any_key = allowed.any(1)
    first = np.where(any_key, allowed.argmax(1), 0)
    last = np.where(any_key, keys - allowed[:, ::-1].argmax(1), 0)
    whole = bool((allowed.sum(1) == last - first).all())
    sight = _tidy(first, last)
    return sight if whole else Sight(sight.first, sight.last, np.array(allowed))


def full(queries: int, keys: int) -> Sight:
    """Return the sight of queries that see all keys."""
    return _tidy(np.zeros(queries), np.full(queries, keys))


def causal(tokens: int) -> Sight:
    """Return the sight of tokens that see themselves and what is before them."""
    return _tidy(np.zeros(tokens), np.arange(1, tokens + 1))


def _tidy(first: np.ndarray, last: np.ndarray) -> Sight:
    """Return a sight; queries that see nothing have 0 and 0."""
    some = last > first
    return Sight(*(np.where(some, ends, 0).astype(np.int32) for ends in (first, last)))
