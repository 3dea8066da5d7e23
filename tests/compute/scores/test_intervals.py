"""Bootstrap intervals against what is known of them."""

import numpy as np
import pytest

from compute.scores.intervals import estimate


def test_mean_is_the_ratio_of_sums():
    result = estimate(np.array([[2.0], [9.0]]), np.array([[1], [3]]), seed=0)
    assert result.mean == pytest.approx(11 / 4)


def test_interval_of_a_normal_mean():
    values = np.random.default_rng(0).normal(3.0, 2.0, size=(400, 1))
    result = estimate(values, np.ones((400, 1)), seed=0)
    half = 1.96 * values.std() / 20
    assert result.low == pytest.approx(values.mean() - half, abs=0.04)
    assert result.high == pytest.approx(values.mean() + half, abs=0.04)


def test_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(60, 500))  # 500 experiments of 60 units
    result = estimate(values, np.ones((60, 1)), seed=0)
    assert 0.91 < ((result.low < 0) & (result.high > 0)).mean() < 0.97


def test_no_evidence_and_one_unit():
    sums = np.array([[1.0, 0.0, 1.0], [2.0, 0.0, 0.0]])
    counts = np.array([[1, 0, 1], [1, 0, 0]])
    mean, low, high = estimate(sums, counts, seed=0)
    np.testing.assert_array_equal(mean, [1.5, np.nan, 1.0])
    np.testing.assert_array_equal(np.isnan(low), [False, True, True])
    np.testing.assert_array_equal(low, estimate(sums, counts, seed=0).low)
    assert low[0] == 1.0 and high[0] == 2.0


def test_cut_into_parts_or_not(monkeypatch):
    values = np.random.default_rng(0).normal(size=(20, 3, 5))
    whole = estimate(values, np.ones((20, 1, 1)), seed=4)
    monkeypatch.setattr("compute.scores.intervals.CHUNK", 4000)
    np.testing.assert_array_equal(whole.high, estimate(values, np.ones((20, 1, 1)), seed=4).high)
