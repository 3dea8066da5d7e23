"""All heads as small multiples: places, scales, and fitted maps that take their turn."""

import numpy as np
import pytest
from test_aggregate import random_run

from compute import overview, projection
from compute.attention_map import preview
from compute.cloud import Layout
from compute.errors import HeadscopeError


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path))


def test_the_first_picture_is_the_closed_form_of_each_head() -> None:
    run, _ = random_run(lengths=(9, 14, 12, 11))
    found = overview.start(run)
    assert found.tokens.tolist() == list(range(46))
    assert found.places.shape == (2, 3, 2, 46, 2)
    layout = preview(projection.cloud(run, 1, 2), 2)
    assert np.array_equal(found.places[1, 2, 0], layout.q)
    assert np.array_equal(found.places[1, 2, 1], layout.k)
    assert not found.fitted.any()
    again = overview.start(run)
    assert np.array_equal(again.places, found.places)


def test_a_budget_of_points_is_kept_with_the_same_tokens_in_all_heads() -> None:
    run, _ = random_run(lengths=(30, 30, 30))
    found = overview.start(run, budget=300)
    assert len(found.tokens) == 25
    assert overview.sprite(found).x.size <= 300
    assert np.array_equal(found.tokens, overview.sample(run, 300))
    assert not np.array_equal(found.tokens, overview.sample(run, 300, seed=1))
    assert len(overview.sample(run, 1)) == overview.FEWEST


def test_fitted_maps_take_the_place_head_by_head() -> None:
    run, _ = random_run()
    found = overview.start(run)
    rng = np.random.default_rng(0)
    q, k = rng.normal(size=(2, len(run.tokens), 2)).astype(np.float32)
    projection.save(projection.key(run.key, 1, 0, "attention"), Layout(q, k))
    later = overview.refine(found, run)
    assert np.argwhere(later.fitted).tolist() == [[1, 0]]
    assert np.array_equal(later.places[1, 0, 1], k)
    assert np.array_equal(later.places[0], found.places[0])
    assert not found.fitted.any()


def test_each_square_holds_its_head() -> None:
    run, _ = random_run()
    found = overview.start(run)
    drawn = overview.sprite(found, gap=0.5)
    assert drawn.x.dtype == drawn.y.dtype == np.float32
    for layer, head in np.ndindex(2, 3):
        own = (drawn.layer == layer) & (drawn.head == head)
        x, y = drawn.x[own] - 1.5 * head, drawn.y[own] + 1.5 * (layer + 1)
        assert 0 <= x.min() <= x.max() <= 1
        assert 0 <= y.min() <= y.max() <= 1
        assert max(np.ptp(x), np.ptp(y)) > 0.8
        assert drawn.key[own].sum() == len(run.tokens)
        assert drawn.token[own & drawn.key].tolist() == list(range(len(run.tokens)))
    # One place, found again: distances in a square are those of the map over its side.
    own = (drawn.layer == 0) & (drawn.head == 1) & ~drawn.key
    a, b = np.flatnonzero(found.ordinary)[[2, 5]]
    apart = found.places[0, 1, 0, a] - found.places[0, 1, 0, b]
    assert (drawn.x[own][a] - drawn.x[own][b]) * drawn.side[0, 1] == pytest.approx(
        apart[0], abs=1e-4
    )


def test_one_scale_for_all_or_one_each() -> None:
    run, _ = random_run()
    found = overview.start(run)
    found.places[1, 1] *= 10
    own, shared = overview.sprite(found), overview.sprite(found, scale="shared")
    assert own.side[1, 1] == pytest.approx(overview.sprite(found).side.max())
    assert np.unique(shared.side).tolist() == [own.side.max()]
    small = (shared.layer == 0) & (shared.head == 0)
    assert np.ptp(shared.x[small]) < 0.5
    assert np.ptp(own.x[small]) > np.ptp(shared.x[small])
    with pytest.raises(HeadscopeError, match="“head” or “shared”"):
        overview.sprite(found, scale="log")


def test_points_far_out_lie_at_the_edge() -> None:
    run, _ = random_run(lengths=(120, 120))
    found = overview.start(run)
    found.places[0, 0, 0, 5] = 1e6
    drawn = overview.sprite(found)
    own = (drawn.layer == 0) & (drawn.head == 0) & ~drawn.key
    assert drawn.x[own][5] == pytest.approx(1, abs=1e-6)
    assert np.ptp(np.delete(drawn.x[own], 5)) > 0.5


def test_heads_of_one_spot_are_drawn_all_the_same() -> None:
    run, _ = random_run()
    found = overview.start(run)
    found.places[0, 0] = 7
    drawn = overview.sprite(found)
    own = (drawn.layer == 0) & (drawn.head == 0)
    assert drawn.x[own] == pytest.approx(0.5)
