"""Sums over documents from which scores have their intervals, without keeping the documents.

A score is a function of sums over documents, such as attention over tokens. With the sums of all
squares and products of a document's parts its variance follows by the delta method (for a ratio the
classical estimator, Cochran 1977, chapter 6): first-order, documents taken as independent.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import stats

from compute.summaries import exact

_STEP = 1e-9
"""Relative step of the differences that stand for derivatives."""


@dataclass(frozen=True)
class Moments:
    """Sums over documents of the k parts of one score, of all heads.

    Attributes
    ----------
    sums : int64 (k, layers, heads, limbs)
        See `exact`; the last part is the amount of evidence.
    products : int64 (k · (k + 1) / 2, layers, heads, limbs)
        Of the parts a ≤ b of each document, in that order.
    documents : int64 (layers,)
        That hold evidence.
    """

    sums: np.ndarray
    products: np.ndarray
    documents: np.ndarray

    def plus(self, other: "Moments") -> "Moments":
        """Return the sums over the documents of both."""
        return Moments(
            self.sums + other.sums,
            self.products + other.products,
            self.documents + other.documents,
        )

    def minus(self, other: "Moments") -> "Moments":
        """Return the sums over the documents of this that are not of the other, which is in it."""
        return Moments(
            self.sums - other.sums,
            self.products - other.products,
            self.documents - other.documents,
        )


def of(parts: list[np.ndarray]) -> Moments:
    """Return the moments of some documents.

    Parameters
    ----------
    parts : list of float64 (documents, layers, heads)
        The last one is the amount of evidence.
    """
    pairs = [parts[a] * parts[b] for a in range(len(parts)) for b in range(a, len(parts))]
    sums = np.stack([exact.of(part).sum(0) for part in parts])
    products = np.stack([exact.of(pair).sum(0) for pair in pairs])
    return Moments(sums, products, (parts[-1] > 0).any(2).sum(0).astype(np.int64))


class Spread(NamedTuple):
    """A score, its standard error, and its degrees of freedom, float64 (layers, heads).

    NaN where there is no evidence; the error also where fewer than two documents hold any.
    """

    value: np.ndarray
    error: np.ndarray
    freedom: np.ndarray


def spread(found: Moments, statistic: Callable[..., np.ndarray]) -> Spread:
    """Return how much a score, a function of the sums of its parts, is uncertain."""
    sums, products = exact.total(found.sums), exact.total(found.products)
    value = statistic(*sums)
    slopes = _slopes(sums, statistic)
    count = found.documents[:, None].astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        correction = np.where(count > 1, count / (count - 1), np.nan)
        variance, at = np.zeros_like(value), 0
        for a in range(len(sums)):
            for b in range(a, len(sums)):
                covariance = correction * (products[at] - sums[a] * sums[b] / count)
                variance += (1 if a == b else 2) * slopes[a] * slopes[b] * covariance
                at += 1
        error = np.sqrt(np.maximum(variance, 0))
    freedom = np.broadcast_to(np.maximum(count - 1, 1), value.shape)
    return Spread(value, np.where(np.isnan(value), np.nan, error), freedom)


def half_width(error: np.ndarray, freedom: np.ndarray) -> np.ndarray:
    """Return half of the 95 % interval: Student's t, which few documents need."""
    return stats.t.ppf(0.975, freedom) * error


def _slopes(sums: np.ndarray, statistic: Callable[..., np.ndarray]) -> np.ndarray:
    """Return the derivatives of a statistic by its parts, by central differences."""
    slopes = np.zeros_like(sums)
    for part in range(len(sums)):
        step = _STEP * np.maximum(np.abs(sums[part]), 1e-9)
        ends = []
        for sign in (1, -1):
            moved = sums.copy()
            moved[part] += sign * step
            ends.append(statistic(*moved))
        slopes[part] = np.nan_to_num((ends[0] - ends[1]) / (2 * step))
    return slopes
