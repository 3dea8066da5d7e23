"""What is measured of a head and a property."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Finding:
    """A head and a property. What was not measured is NaN.

    Attributes
    ----------
    layer, head : int
    said, words : str
        The property; see `contrasts.marks.Marks`.
    fitted, held : int
        Matching pairs with a control: those fitted, and those held out, of which all below is.
    dims, rank : int
        Of a head's vectors, and of the directions: those with 95 % of the squared singular values.
    above : float
        Singular values above `chance`.
    singular : float64 (dims,)
    chance : float
        95 % of exchanges give a largest singular value below this.
    advantage, advantage_low, advantage_high : float
        Mean logit of matching pairs less that of their controls, and its 95 % interval.
    share : float
        Of the advantage in the directions.
    auc : float
        How often a matching pair has a higher logit than a control.
    attention, removed, principal : float
        Mean attention on all matching keys of queries that see one: as it is, without the
        directions, without as many principal components of the queries.
    random : tuple of float
        The same without as many directions drawn at random.
    effect, low, high : float
        ``attention - removed``, and its 95 % interval over passages.
    queries : int
        Held-out queries that were asked.
    verdict : str
        Key of `verdicts.VERDICTS`.
    """

    layer: int
    head: int
    said: str
    words: str
    fitted: int
    held: int
    dims: int
    rank: int
    above: float
    singular: np.ndarray
    chance: float
    advantage: float
    advantage_low: float
    advantage_high: float
    share: float
    auc: float
    attention: float
    removed: float
    principal: float
    random: tuple[float, ...]
    effect: float
    low: float
    high: float
    queries: int
    verdict: str

    @property
    def random_mean(self) -> float:
        """Mean attention over the directions drawn at random."""
        return float(np.mean(self.random)) if self.random else float("nan")

    @property
    def random_low(self) -> float:
        """The lowest of them."""
        return min(self.random, default=float("nan"))

    @property
    def random_high(self) -> float:
        """The highest of them."""
        return max(self.random, default=float("nan"))


NUMBERS = (
    *("fitted", "held", "rank", "above", "chance", "advantage", "advantage_low", "advantage_high"),
    *("share", "auc", "attention", "removed", "random_mean", "random_low", "random_high"),
    *("principal", "effect", "low", "high", "queries"),
)
"""What lists have of each head; see `Finding`."""
MEASURED = (
    *("above", "chance", "advantage", "advantage_low", "advantage_high", "share", "auc"),
    *("attention", "removed", "principal", "effect", "low", "high"),
)
"""What is NaN until it is measured."""


def numbers_of(found: Finding) -> dict[str, float]:
    """Return the `NUMBERS` of a head by their names."""
    return {name: float(getattr(found, name)) for name in NUMBERS}
