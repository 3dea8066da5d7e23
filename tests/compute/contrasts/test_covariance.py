"""The directions in which queries and keys meet, where they are known."""

import numpy as np
import planted

from compute.contrasts import covariance, kinds, pairs
from compute.contrasts.units import units


def fitted(run, said: str):
    marks = kinds.of(said, run.tokens, run.tokens.sinks(False))
    parts = units(run.tokens.starts)
    some = pairs.draw(marks, parts, run.sights[0], 0, np.random.default_rng(0))
    q, k = run.head(0, 0)
    middle = covariance.centre(marks, parts, q, k)
    return covariance.contrast(q - middle.q, k - middle.k, some), middle


def test_a_planted_plane_is_found_with_its_rank() -> None:
    found, _ = fitted(planted.same_word(), "same@0")
    assert found.rank == 2
    axes = planted.plane()[:, :2]
    for side in (found.u, found.v):
        cosines = np.linalg.svd(axes.T @ side[:, :2], compute_uv=False)
        assert cosines.min() > 0.97


def test_a_class_of_keys_is_found_by_the_mean_query() -> None:
    run = planted.without_effect()
    found, middle = fitted(run, "regex:^[0-2]$")
    assert found.rank == 1 and not middle.q.any() and middle.k.any()
    assert abs(found.v[planted.LENGTH, 0]) > 0.98


def test_queries_are_centred_for_pairs_alone() -> None:
    run = planted.unrelated(0)
    _, of_pairs = fitted(run, "same@0")
    q, k = run.head(0, 0)
    even = np.flatnonzero(run.tokens.passage % 2 == 0)
    np.testing.assert_allclose(of_pairs.q, q[even].mean(0), atol=1e-5)
    np.testing.assert_allclose(of_pairs.k, k[even].mean(0), atol=1e-5)


def test_the_difference_is_that_by_hand() -> None:
    run = planted.unrelated(1)
    q, k = run.head(0, 0)
    i, j = np.array([0, 1, 2]), np.array([3, 4, 5])
    of, a, b = np.array([0, 0, 1, 2]), np.array([40, 80, 41, 42]), np.array([43, 83, 44, 45])
    weight = np.array([0.5, 0.5, 1, 1])
    by_hand = sum(np.outer(q[x], k[y]) for x, y in zip(i, j, strict=True)) / 3
    by_hand -= sum(w * np.outer(q[x], k[y]) for w, x, y in zip(weight, a, b, strict=True)) / 3
    some = pairs.Pairs(i, j, of, a, b, weight, 3)
    np.testing.assert_allclose(covariance.difference(q, k, some), by_hand, atol=1e-5)
