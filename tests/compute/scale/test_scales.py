from dataclasses import replace

import numpy as np
import pytest
from clouds import random_cloud, tiny_clouds

from compute.capture import sight
from compute.maps.cloud import Cloud
from compute.maps.geometry import translated
from compute.scale import scales


@pytest.fixture
def cloud():
    made = random_cloud(passages=8, d=4, causal=True, strength=1.5)
    return replace(made, q=made.q + np.float32(0.7), k=made.k - np.float32(0.3))


def published(cloud, c, edge):
    """The published form with loops, one query at a time."""
    found = []
    for p in range(len(cloud.starts) - 1):
        first, last = cloud.starts[p], cloud.starts[p + 1]
        for i in range(first, last):
            dots, far = [], []
            for j in range(first, last):
                if cloud.seen(i, j):
                    d = np.linalg.norm(cloud.q[i].astype(float) * c - cloud.k[j] / c)
                    if d < edge:
                        dots.append(cloud.q[i].astype(float) @ cloud.k[j])
                        far.append(d)
            if len(dots) >= 2:
                w = (edge - np.array(far)) ** 2
                a, b = (np.array(v) - np.average(v, weights=w) for v in (dots, far))
                found.append((w * a * b).sum() / np.sqrt((w * a * a).sum() * (w * b * b).sum()))
    return np.mean(found), len(found)


def test_weighted_correlation_as_published(cloud):
    pairs = scales.own_pairs(cloud)
    for c in (0.4, 1.0, 2.5):
        edge = float(np.quantile(pairs.distances(c), 0.4))
        value, count = scales.per_query(pairs, c, edge)
        expected, queries = published(cloud, c, edge)
        assert value == pytest.approx(expected, abs=1e-6)
        assert count == queries > 5


def test_two_near_keys_always_correlate_fully():
    q = np.array([[1.0, 0]], np.float32)
    k = np.array([[1.0, 0.2], [0.5, 0.1], [9, 9]], np.float32)
    cloud = Cloud(np.repeat(q, 3, 0), k, np.array([0, 3]), np.zeros(3, bool), sight.full(3, 3))
    value, count = scales.per_query(scales.own_pairs(cloud), 1.0, 1.0)
    assert (value, count) == (pytest.approx(-1), 3)


def test_distances_at_c_are_those_of_the_moved_clouds(cloud):
    everyone = replace(cloud, sink=np.zeros_like(cloud.sink))
    pairs = scales.sampled_pairs(everyone, np.random.default_rng(0), 500)
    rows = np.random.default_rng(0).choice(everyone.core, (2, 500))
    for c in (0.2, 1.25, 5):
        q, k, _ = translated(everyone, c)
        expected = np.linalg.norm(q[np.sort(rows[0])].astype(float) - k[rows[1]], axis=1)
        assert np.allclose(pairs.distances(c), expected, atol=1e-4)


def test_pooled_correlation_is_minus_one_where_distance_is_the_product():
    """On a sphere, distance falls with the product; near pairs are nearly in line."""
    rng = np.random.default_rng(0)
    points = rng.normal(size=(2, 600, 3))
    points = np.concatenate([points, -points], 1)  # so that both means are exactly zero
    points /= np.linalg.norm(points, axis=-1, keepdims=True)
    q, k = points.astype(np.float32)
    n = len(q)
    cloud = Cloud(q, k, np.array([0, n]), np.zeros(n, bool), sight.full(n, n))
    pairs = scales.sampled_pairs(cloud, rng)
    value, count = scales.pooled(pairs, 1.0)
    assert value < -0.95
    assert count == pytest.approx(0.005 * scales.SAMPLE, rel=0.01)
    edge = scales.threshold(pairs, (1.0,))
    upper, same = scales.bounded(pairs, 1.0, edge)
    assert value < upper < value + 0.02
    assert same == count


def test_few_pairs_widen_the_interval():
    rng = np.random.default_rng(0)
    cloud = random_cloud(passages=20, ends=False)
    few = scales.sampled_pairs(cloud, rng, 6_000)
    many = scales.sampled_pairs(cloud, rng, 50_000)
    gaps = []
    for pairs in (few, many):
        edge = scales.threshold(pairs, (1.0,))
        gaps.append(scales.bounded(pairs, 1.0, edge)[0] - scales.pooled(pairs, 1.0)[0])
    assert gaps[0] > 2 * gaps[1] > 0


def test_scaled_by_counts_as_published():
    values = np.array([[-0.5, -1.0], [-0.2, np.nan]])
    counts = np.array([[30, 10], [10, 0]])
    expected = [[-0.5 * 30 / 20, -1.0 * 10 / 5], [-0.2 * 10 / 20, 0]]
    assert np.allclose(scales.scaled_by_counts(values, counts), expected)


def test_norm_ratio_as_published_and_with_the_root():
    """Keys four times as long as queries: c = 4 as published, 2 with the root."""
    ends = np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]] * 3, np.float32)
    cloud = Cloud(ends, 4 * ends, np.array([0, 4, 12]), np.zeros(12, bool), sight.full(8, 8))
    found = scales.scan(cloud)
    assert found.norms == pytest.approx(4)
    assert found.norms_corrected == pytest.approx(2)


def test_scan_is_deterministic_and_its_best_no_worse_than_the_grid(cloud):
    first, second = scales.scan(cloud), scales.scan(cloud)
    pairs = scales.sampled_pairs(cloud, np.random.default_rng(0))
    curve = first.weighted_corrected
    assert np.array_equal(curve.values, second.weighted_corrected.values)
    assert curve.best == second.weighted_corrected.best
    assert scales.pooled(pairs, curve.best)[0] <= curve.values[2:5].min() + 1e-9
    assert np.all(np.abs(curve.values) <= 1)
    assert 0.2 <= curve.best <= 5


@pytest.mark.parametrize("case", tiny_clouds())
def test_inputs_at_the_edge(case):
    found = scales.scan(tiny_clouds()[case])
    assert found.norms > 0
    assert found.norms_corrected > 0
    for curve in (found.weighted, found.weighted_corrected, found.counts_corrected):
        assert curve.values.shape == (7,)
        assert curve.best is None or 0.2 <= curve.best <= 5
