"""What of a text is fitted and what is held out: passages in turn, or the halves of long ones."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from compute.errors import HeadscopeError

PASSAGES = 12
"""So many passages are units themselves; of fewer, stretches are."""
STRETCHES = 8
"""Of each half of a text with few passages, at least, if they are long enough."""
SHORTEST = 16
"""Tokens of a stretch."""
FEWEST = 5
"""Units of a half: with fewer, one can't tell what chance gives."""


@dataclass(frozen=True)
class Units:
    """Passages, or stretches of them, as many as u; what is independent of what else there is.

    Attributes
    ----------
    start, stop : int64 (u,)
        Their queries are the tokens ``start:stop``.
    first, last : int64 (u,)
        And may be paired with the keys ``first:last``: their passage, or its half.
    begin, end : int64 (u,)
        Their passage.
    half : int64 (u,)
        0: it is fitted, 1: it is held out.
    """

    start: np.ndarray
    stop: np.ndarray
    first: np.ndarray
    last: np.ndarray
    begin: np.ndarray
    end: np.ndarray
    half: np.ndarray

    @property
    def of_passages(self) -> bool:
        """Whether each unit is a whole passage."""
        return bool((self.start == self.begin).all() and (self.stop == self.end).all())

    def of(self, tokens: np.ndarray) -> np.ndarray:
        """Return the unit of each token, int64; those of no unit are in the one before them."""
        return np.searchsorted(self.start, tokens, "right") - 1


def units(starts: np.ndarray) -> Units:
    """Return the units of a text.

    Parameters
    ----------
    starts : int64 (passages + 1,)

    Raises
    ------
    HeadscopeError
        If it has few passages, and those are short.
    """
    starts = np.asarray(starts, np.int64)
    if len(starts) > PASSAGES:
        begin, end = starts[:-1], starts[1:]
        return Units(begin, end, begin, end, begin, end, np.arange(len(begin)) % 2)
    each = -(-STRETCHES // (len(starts) - 1))
    rows = [row for ends in pairwise(starts.tolist()) for row in _cut(*ends, each)]
    if len(rows) < 2 * FEWEST:
        longest = int(np.diff(starts).max())
        count = len(starts) - 1
        what = "1 passage" if count == 1 else f"{count} passages"
        raise HeadscopeError(
            f"This text has {what} of at most {longest} tokens. That is too little to fit one half "
            f"and look at the other: open one with {PASSAGES} passages or more, or a longer one."
        )
    return Units(*np.array(rows, np.int64).T)


def _cut(begin: int, end: int, count: int) -> list[tuple[int, ...]]:
    """Return the stretches of both halves of a passage, all of one length."""
    middle = (begin + end) // 2
    long = max(SHORTEST, (middle - begin) // count)
    return [
        (start, start + long, first, last, begin, end, half)
        for half, (first, last) in enumerate(((begin, middle), (middle, end)))
        for start in range(first, last - long + 1, long)
    ]
