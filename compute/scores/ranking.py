"""Heads in order: what each ranking says of a head, and which comes first."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np


@dataclass(frozen=True)
class HeadRow:
    """One head in a ranking, which adds numbers of its own.

    Attributes
    ----------
    mean, low, high : float
        And its 95 % interval over passages.
    """

    layer: int
    head: int
    mean: float
    low: float
    high: float


Row = TypeVar("Row", bound=HeadRow)


def ranked(rows: Iterable[Row], by: str = "mean") -> list[Row]:
    """Return heads by one of their numbers, the largest first, those that have none last."""

    def place(row: Row) -> tuple[bool, float, int, int]:
        value = getattr(row, by)
        return bool(np.isnan(value)), 0.0 if np.isnan(value) else -value, row.layer, row.head

    return sorted(rows, key=place)
