"""Scores and intervals from sums over documents."""

import numpy as np
import pytest

from compute.scores.head_scores import HEAD_SCORES
from compute.scores.intervals import estimate, ratio
from compute.summaries import moments


def of(sums: np.ndarray, counts: np.ndarray) -> moments.Moments:
    """Return the moments of documents of one head: (documents,) each."""
    return moments.of([part.astype(float).reshape(-1, 1, 1) for part in (sums, counts)])


def test_a_ratio_has_the_error_of_the_textbook() -> None:
    rng = np.random.default_rng(0)
    counts = rng.integers(1, 50, 400)
    sums = counts * 0.3 + rng.normal(0, 1, 400)
    found = moments.spread(of(sums, counts), ratio)
    value = sums.sum() / counts.sum()
    assert found.value.item() == pytest.approx(value, abs=1e-12)
    rest = sums - value * counts  # Cochran 1977, 6.4
    error = np.sqrt((rest**2).sum() / 399 * 400) / counts.sum()
    assert found.error.item() == pytest.approx(error, rel=1e-6)
    assert found.freedom.item() == 399


def test_intervals_are_about_those_of_a_bootstrap() -> None:
    rng = np.random.default_rng(1)
    counts = rng.integers(5, 80, 200)
    sums = counts * rng.beta(2, 5, 200)
    found = moments.spread(of(sums, counts), ratio)
    wide = moments.half_width(found.error, found.freedom).item()
    resampled = estimate(sums[:, None], counts[:, None].astype(float), seed=0)
    assert wide == pytest.approx((resampled.high - resampled.low).item() / 2, rel=0.1)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(2)
    hits = 0
    for _ in range(1000):
        counts = rng.integers(5, 40, 30)
        sums = rng.binomial(counts, 0.3)
        found = moments.spread(of(sums, counts), ratio)
        wide = moments.half_width(found.error, found.freedom).item()
        hits += abs(found.value.item() - 0.3) <= wide
    assert 920 <= hits <= 980


def test_one_document_says_nothing_of_its_spread() -> None:
    found = moments.spread(of(np.array([3.0]), np.array([10])), ratio)
    assert found.value.item() == pytest.approx(0.3) and np.isnan(found.error.item())


def test_nothing_is_no_number() -> None:
    found = moments.spread(of(np.array([0.0, 0.0]), np.array([0, 0])), ratio)
    assert np.isnan(found.value.item()) and np.isnan(found.error.item())


def test_what_is_taken_away_is_as_if_it_had_not_been_there() -> None:
    rng = np.random.default_rng(3)
    sums, counts = rng.random(20), rng.integers(1, 9, 20)
    rest = of(sums, counts).minus(of(sums[:7], counts[:7]))
    alone = of(sums[7:], counts[7:])
    for name in ("sums", "products", "documents"):
        np.testing.assert_array_equal(getattr(rest, name), getattr(alone, name))


def test_the_error_of_a_spread_that_is_small_beside_the_mean() -> None:
    rng = np.random.default_rng(4)
    far = rng.normal(200, 0.3, (300, 20))
    square, total, weight = (far**2).sum(1), far.sum(1), np.full(300, 20.0)
    parts = [part.reshape(-1, 1, 1) for part in (square, total, weight)]
    found = moments.spread(moments.of(parts), HEAD_SCORES["spread"].statistic)
    value = found.value.item()
    assert value == pytest.approx(far.std(), rel=1e-6)
    about = ((far - far.mean()) ** 2 - value**2).sum(1) / (2 * value * far.size)  # the gradient's
    error = np.sqrt((about**2).sum() * 300 / 299)
    assert found.error.item() == pytest.approx(error, rel=1e-2)
