"""All heads' maps as tiles: which places are shown, in what frame."""

import numpy as np
import pytest
from stored import random_run

from compute.all_heads import tiles
from compute.maps import attention_map, projection


@pytest.fixture
def run():
    return random_run()


def places(*heads: list[tuple[float, float]]) -> np.ndarray:
    return np.array([heads], np.float32)


def made(q: np.ndarray, k: np.ndarray) -> tiles.Tiles:
    return tiles.Tiles(q, k, np.zeros(q.shape[:2], bool))


def test_before_a_fit_each_head_has_its_stand_in(run):
    assert tiles.of(run.key, "attention") is None
    seen = []
    tiles.lay_out(run.key, "attention", lambda done, total: seen.append((done, total)))
    found = tiles.of(run.key, "attention")
    expected = attention_map.preview(projection.cloud(run, 1, 2), 2)
    assert np.array_equal(found.q[1, 2], expected.q) and np.array_equal(found.k[1, 2], expected.k)
    assert not found.fitted.any()
    assert seen[-1] == (6, 6)
    tiles.lay_out(run.key, "attention", lambda done, total: seen.append((done, total)))
    assert len(seen) == 6  # what is there is not made anew


def test_a_fitted_map_takes_its_place(run):
    tiles.lay_out(run.key, "attention")
    q = np.full((len(run.tokens), 2), 3, np.float32)
    projection.MAPS.put(projection.key(run.key, 0, 1, "attention"), projection.Layout(q, -q))
    found = tiles.of(run.key, "attention")
    assert found.fitted.tolist() == [[False, True, False], [False, False, False]]
    assert (found.q[0, 1] == 3).all() and (found.k[0, 1] == -3).all()


def test_instant_methods_have_no_other_map(run):
    tiles.lay_out(run.key, "pca")
    found = tiles.of(run.key, "pca")
    layout = projection.fit(projection.cloud(run, 0, 0), "pca")
    assert np.array_equal(found.q[0, 0], layout.q) and found.fitted.all()


def test_the_sample_is_fixed_ordered_and_no_larger_than_the_text():
    assert np.array_equal(tiles.sample(40, 384), np.arange(40))
    some = tiles.sample(5000, 72)
    assert len(some) == 833 and (np.diff(some) > 0).all()
    assert np.array_equal(some, tiles.sample(5000, 72))
    assert len(tiles.sample(5000, 10_000)) == tiles.LEAST


def test_each_tile_in_its_own_frame_or_all_in_one():
    q = places([(0, 0), (2, 1)], [(0, 0), (20, 10)])
    own, _ = tiles.framed(made(q, q), shared=False)
    assert np.allclose(own[0, 0], own[0, 1], atol=1e-5)
    assert np.allclose(own[0, 0], [(-1, -0.5), (1, 0.5)], atol=0.02)
    one, _ = tiles.framed(made(q, q), shared=True)
    assert np.allclose(one[0, 1], own[0, 1])
    assert np.allclose(one[0, 0] * 10, own[0, 0], atol=0.02)


def test_far_points_are_put_on_the_edge():
    rng = np.random.default_rng(0)
    q = rng.uniform(-1, 1, (1, 1, 999, 2)).astype(np.float32)
    q[0, 0, 0] = 1e6, 0
    found, _ = tiles.framed(made(q, q[:, :, ::-1]), shared=False)
    assert found.max() == 1 and found[0, 0, 0, 0] == 1
    assert found[0, 0, 1:].std() > 0.4


def test_points_of_one_place_stay_in_the_middle():
    q = places([(5, 5), (5, 5)])
    assert (tiles.framed(made(q, q), shared=False)[0] == 0).all()


def test_how_close_together_tokens_lie():
    q = places([(0, 0), (0, 0), (4, 0), (-4, 0)], [(9, 0), (-9, 0), (9, 0), (-9, 0)])
    found = tiles.gathered(q, q, np.array([0, 1]))
    assert np.allclose(found, [[0, 1]])
    assert np.isnan(tiles.gathered(q, q, np.array([2]))).all()
