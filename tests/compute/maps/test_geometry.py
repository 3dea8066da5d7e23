from dataclasses import replace

import numpy as np
import pytest
from clouds import random_cloud
from scipy.stats import spearmanr

from compute.maps import geometry


@pytest.fixture
def cloud():
    rng = np.random.default_rng(3)
    made = random_cloud(passages=6, d=8, strength=2.0)
    return replace(
        made,
        q=(made.q + rng.normal(size=8)).astype(np.float32),
        k=(made.k + rng.normal(size=8)).astype(np.float32),
    )


def every(cloud):
    return np.stack([cloud.attention(p) for p in range(len(cloud.starts) - 1)])


def test_a_vector_added_to_all_keys_leaves_attention(cloud):
    shift = np.random.default_rng(0).normal(size=8).astype(np.float32) * 3
    assert np.allclose(every(cloud), every(replace(cloud, k=cloud.k + shift)), atol=1e-5)


def test_a_vector_added_to_all_queries_does_not(cloud):
    shift = np.random.default_rng(0).normal(size=8).astype(np.float32) * 3
    assert np.abs(every(cloud) - every(replace(cloud, q=cloud.q + shift))).max() > 0.1


def test_a_scale_on_queries_taken_off_keys_leaves_attention(cloud):
    for c in (0.2, 5):
        c = np.float32(c)
        scaled = replace(cloud, q=cloud.q * c, k=cloud.k / c)
        assert np.allclose(every(cloud), every(scaled), atol=1e-5)


def test_translated_clouds_have_one_centre_and_the_same_attention(cloud):
    for scale in (None, 0.4, "norm"):
        q, k, _ = geometry.translated(cloud, scale)
        assert np.allclose(q.mean(0), k.mean(0), atol=1e-4)
        if scale == "norm":
            norms = [np.median(np.linalg.norm(v - v.mean(0), axis=1)) for v in (q, k)]
            assert norms[0] == pytest.approx(norms[1], rel=1e-4)
        assert np.allclose(every(cloud), every(replace(cloud, q=q, k=k)), atol=1e-5)


def test_the_key_bias_makes_up_for_centred_queries(cloud):
    core = cloud.core
    bias = geometry.key_bias(cloud)
    q, k = cloud.q - cloud.q[core].mean(0), cloud.k - cloud.k[core].mean(0)
    rest = cloud.q @ cloud.k.T - (q @ k.T + bias)
    assert np.allclose(rest, rest[:, :1], atol=1e-3)


def test_lifted_distances_are_the_products(cloud):
    q, k = geometry.lift(cloud.q, cloud.k)
    far = ((q[:, None] - k[None]) ** 2).sum(-1)
    products = cloud.q.astype(float) @ cloud.k.T.astype(float)
    largest = [(v.astype(float) ** 2).sum(1).max() for v in (cloud.q, cloud.k)]
    assert np.allclose(far, sum(largest) - 2 * products)
    assert spearmanr(far.ravel(), products.ravel()).statistic == pytest.approx(-1, abs=1e-9)


def test_norm_scale_of_hand_made_clouds():
    """Median distance to the centre 2 and 8: c = sqrt(8 / 2)."""
    ends = np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])
    assert geometry.norm_scale(2 * ends + 7, 8 * ends - 3) == pytest.approx(2)
    assert geometry.norm_scale(np.ones((4, 2)), ends) == 1
