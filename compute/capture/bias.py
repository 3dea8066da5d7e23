"""What is added to the logits by position: by the distance of two tokens alone, or by both places.

A softmax does not change when a number is added to a whole row. So biases are compared row by row
against that of one key, and what depends on the distance alone but for such numbers (T5, ALiBi) is
kept as one number for each distance. Needs no torch.
"""

from dataclasses import dataclass

import numpy as np

from compute.capture.sight import Sight

TOLERANCE = 1e-5
"""Largest difference of biases that are the same but for rounding, times their size if above 1."""


@dataclass(frozen=True)
class Bias:
    """What is added to the logits of the heads of a layer; shorter passages use the corner.

    Attributes
    ----------
    values : float32
        (heads, t, s): for each query and key. (heads, 1, s): for each key, whatever the query
        (BLOOM, MPT). (heads, t + s - 1): for each distance, of the first key from the last query
        to that of the last key from the first query.
    queries : int
        t, of the longest passage.
    """

    values: np.ndarray
    queries: int

    def cells(
        self, keys: int, rows: slice = slice(None), head: int | slice = slice(None)
    ) -> np.ndarray:
        """Return what is added for some queries and so many keys, float32 ([heads,] r, keys)."""
        rows = slice(keys) if rows == slice(None) else rows
        places = np.arange(self.queries)[rows]
        return self.at(places[:, None], np.arange(keys)[None, :], head)

    def at(
        self, queries: np.ndarray, keys: np.ndarray, head: int | slice = slice(None)
    ) -> np.ndarray:
        """Return what is added for places in the passage, broadcast, float32 ([heads,] …)."""
        values = self.values[head]
        if self.values.ndim == 2:
            return values[..., keys - queries + self.queries - 1]
        return values[..., queries * (self.values.shape[1] > 1), keys]


def of(values: np.ndarray, sight: Sight) -> Bias:
    """Return the bias of a whole passage.

    Parameters
    ----------
    values : float32 (heads, t, s)
        What counts only where `sight` lets see.
    """
    queries, keys = values.shape[1:]
    seen = sight.cells(keys, slice(0, queries))
    by_key = np.where(seen, values, -np.inf).max(1, keepdims=True)
    if (seen.any(0) & np.where(seen, values == by_key, True).all((0, 1))).all():
        return Bias(by_key.astype(np.float32), queries)
    for candidate in (values, level(values, sight)):
        by_distance, fits = _by_distance(candidate, seen)
        if fits:
            return Bias(by_distance, queries)
    return Bias(np.where(seen, values, 0).astype(np.float32), queries)


def level(values: np.ndarray, sight: Sight) -> np.ndarray:
    """Return biases (heads, t, s) less that of one visible key of each query: of itself, if any."""
    place = np.arange(values.shape[1])
    own = np.minimum(place, values.shape[2] - 1)
    anchor = np.where(sight.at(place, own), own, sight.first[place])
    return values - values[:, place, anchor][..., None]


def same(one: np.ndarray, other: np.ndarray, sight: Sight) -> bool:
    """Tell whether two biases (heads, t, s) lead to the same attention, but for rounding."""
    if one.shape != other.shape:
        return False
    seen = sight.cells(one.shape[2], slice(0, one.shape[1]))
    pair = [level(each, sight)[:, seen] for each in (one, other)]
    return bool((np.abs(pair[0] - pair[1]) <= TOLERANCE * _size(pair[1])).all())


def _size(values: np.ndarray) -> float:
    return max(1.0, float(np.abs(values).max(initial=0)))


def _by_distance(values: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, bool]:
    """Return one number for each distance (heads, t + s - 1), and whether that is all there is."""
    heads, queries, keys = values.shape
    table = np.zeros((heads, queries + keys - 1), np.float32)
    distance = np.arange(keys)[None, :] - np.arange(queries)[:, None] + queries - 1
    at = distance[seen]
    flat = values[:, seen].astype(np.float32)
    table[:, at] = flat
    return table, bool((np.abs(table[:, at] - flat) <= TOLERANCE * 0.1 * _size(flat)).all())
