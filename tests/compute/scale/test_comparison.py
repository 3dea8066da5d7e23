import numpy as np
import pytest
from clouds import random_cloud
from stored import random_run

from compute import store
from compute.errors import HeadscopeError
from compute.maps import projection
from compute.scale import comparison
from compute.scale.comparison import Asked
from compute.trust import trust
from compute.trust.heldout import held_out


@pytest.fixture
def run():
    return random_run()


def test_rows_are_those_of_the_maps_alone(run):
    asked = [Asked("pca"), Asked("pca", options={"scale": 2.5}), Asked("biplot", rounds=5)]
    seen = []
    comparison.compare(run.key, 0, 1, asked, lambda *at: seen.append(at))
    assert seen == [(1, 3), (2, 3), (3, 3)]
    cloud = projection.cloud(run, 0, 1)
    for each in asked:
        layout = projection.fit(cloud, each.method, options=each.options)
        kept = comparison.layout(run.key, 0, 1, each)
        row = comparison.row(run.key, 0, 1, each)
        assert np.allclose(kept.q, layout.q, atol=1e-4)
        expected = trust.trust(cloud, layout).numbers()
        assert row.trust["score"] == pytest.approx(expected["score"], abs=1e-6)
        assert row.trust["recall"] == pytest.approx(expected["recall"], abs=1e-6)
        assert row.seconds > 0
    assert comparison.row(run.key, 0, 1, asked[0]).held_out is None
    hidden = held_out(cloud, lambda c: projection.fit(c, "biplot"))
    found = comparison.row(run.key, 0, 1, asked[2]).held_out
    assert found["score"] == pytest.approx(hidden["score"], abs=1e-6)
    assert found["queries"] == row.trust["queries"]  # every passage was held out once
    scales = [comparison.row(run.key, 0, 1, each).trust["score"] for each in asked[:2]]
    assert scales[0] != pytest.approx(scales[1], abs=1e-3)


def test_only_what_is_missing_is_made(run):
    comparison.compare(run.key, 0, 1, [Asked("pca")])
    seen = []
    both = [Asked("pca"), Asked("exact")]
    comparison.compare(run.key, 0, 1, both, lambda *at: seen.append(at))
    assert seen == [(1, 1)]
    store.discard("maps", projection.key(run.key, 0, 1, "pca", 2, {}))
    assert comparison.row(run.key, 0, 1, Asked("pca")) is None
    comparison.compare(run.key, 0, 1, both)
    assert comparison.row(run.key, 0, 1, Asked("pca")) is not None


def test_a_head_that_does_not_exist_is_said(run):
    with pytest.raises(HeadscopeError, match="no head L9H0"):
        comparison.compare(run.key, 9, 0, [Asked("pca")])


def test_umap_is_ready_before_the_clock_runs(run, monkeypatch):
    order = []
    monkeypatch.setattr(comparison, "ready", lambda methods: order.append(list(methods)))
    comparison.compare(run.key, 0, 1, [Asked("pca")])
    comparison.compare(run.key, 0, 1, [Asked("pca")])
    assert order == [["pca"], []]


def test_a_turned_map_lies_as_the_other_and_keeps_its_distances():
    cloud = random_cloud()
    like = projection.fit(cloud, "pca")
    angle = 2.0
    turn = np.array([[np.cos(angle), np.sin(angle)], [np.sin(angle), -np.cos(angle)]])
    other = projection.Layout(*((v @ turn + 3).astype(np.float32) for v in (like.q, like.k)))
    back = comparison.turned(other, like)
    middle = np.concatenate([like.q, like.k]).mean(0)
    assert np.allclose(back.q, like.q - middle, atol=1e-3)
    assert np.allclose(back.k, like.k - middle, atol=1e-3)
    before = np.linalg.norm(other.q[:, None] - other.k[None], axis=-1)
    after = np.linalg.norm(back.q[:, None] - back.k[None], axis=-1)
    assert np.allclose(before, after, atol=1e-3)
