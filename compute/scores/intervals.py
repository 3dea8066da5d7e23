"""Bootstrap intervals of averages, for all heads at once."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

RESAMPLES = 1000
CHUNK = 2_000_000  # resampled numbers held at once


class Estimate(NamedTuple):
    """A value and its 95 % interval: three arrays of one shape, NaN where there is no evidence."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


class Effect(NamedTuple):
    """A loss without and with ablation, in nats, and its change with its 95 % interval, paired."""

    before: float
    after: float
    change: float
    low: float
    high: float


def ratio(sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return ``sums / counts``, NaN where nothing is counted."""
    return np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)


def estimate(
    *parts: np.ndarray,
    seed: int,
    statistic: Callable[..., np.ndarray] = ratio,
    resamples: int = RESAMPLES,
) -> Estimate:
    """Return an average over units of unequal size, with its percentile interval.

    The units (passages, trials) are resampled whole, since what happens inside one is not
    independent (Efron and Tibshirani 1993, chapters 8 and 13).

    Parameters
    ----------
    *parts : float (units, ...)
        Per unit what `statistic` takes, summed over the units; for `ratio` the sum of what is
        averaged and how much was summed. The last part is the amount of evidence.
    seed : int
        Seed of the resampling: the same parts and seed give the same interval.

    Returns
    -------
    Estimate of float64 (...)
        The interval is NaN where fewer than two units hold evidence: one says nothing of spread.
    """
    shape = np.broadcast_shapes(*(np.shape(part) for part in parts))
    units = shape[0]
    flat = [
        np.broadcast_to(np.asarray(part, np.float64), shape).reshape(units, -1) for part in parts
    ]
    mean = statistic(*(part.sum(0) for part in flat))
    low, high = np.full_like(mean, np.nan), np.full_like(mean, np.nan)
    usable = np.flatnonzero((flat[-1] > 0).sum(0) > 1)
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(units, np.full(units, 1 / units), size=resamples).astype(np.float64)
    step = max(1, CHUNK // resamples)
    for start in range(0, len(usable), step):
        some = usable[start : start + step]
        draws = statistic(*(weights @ part[:, some] for part in flat))
        low[some], high[some] = _limits(draws)
    return Estimate(mean.reshape(shape[1:]), low.reshape(shape[1:]), high.reshape(shape[1:]))


def _limits(draws: np.ndarray) -> np.ndarray:
    # A resample without any evidence is no draw; NumPy's way around NaN is slow, so only if needed.
    percentile = np.nanpercentile if np.isnan(draws).any() else np.percentile
    return percentile(draws, [2.5, 97.5], axis=0)
