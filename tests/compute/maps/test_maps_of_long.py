"""Maps and trust of passages whose pairs are not held at once: the numbers are the same."""

from dataclasses import replace

import numpy as np
import pytest
from stored import random_cross, random_run

from compute.attention import exact
from compute.errors import HeadscopeError
from compute.maps import batches, cloud, projection, selection
from compute.scale import scales
from compute.take_away import export
from compute.trust import trust

pytestmark = pytest.mark.usefixtures("cache")


@pytest.fixture(params=["causal", "sinks of its own", "cross"])
def run(request):
    if request.param == "cross":
        return random_cross()
    made = random_run(passages=2, length=90)
    extra = np.full((2, 3), 0.5, np.float32) if request.param != "causal" else None
    return replace(made, sinks=extra)


@pytest.fixture
def few(monkeypatch):
    """Hold a few rows at a time from here on."""

    def few():
        for module in (cloud, trust):
            monkeypatch.setattr(module, "CELLS", 200)
        monkeypatch.setattr(exact, "CELLS", 200)
        monkeypatch.setattr(trust, "LONG", 2)

    return few


@pytest.mark.parametrize("method", ["pca", "attention"])
def test_trust_is_the_same_in_blocks(run, few, method):
    points = cloud.cloud(run, 0, 1)
    layout = projection.fit(points, method, options={"steps": 15} if method[0] == "a" else None)
    whole = trust.trust(points, layout)
    few()
    parts = trust.trust(points, layout)
    assert whole.queries == parts.queries > 0
    for name in ("score", "score_all", "sink_share", "preference"):
        assert getattr(parts, name) == pytest.approx(getattr(whole, name), abs=1e-6), name
    for name in ("recall", "chance"):
        assert getattr(parts, name) == pytest.approx(getattr(whole, name), abs=1e-6), name
    np.testing.assert_allclose(parts.q, whole.q, atol=1e-5)
    np.testing.assert_allclose(parts.k, whole.k, atol=1e-5)


def test_a_map_is_the_same_in_blocks(run, few):
    points, options = cloud.cloud(run, 0, 1), {"steps": 15}
    whole = projection.fit(points, "attention", options=options)
    few()
    parts = projection.fit(points, "attention", options=options)
    np.testing.assert_allclose(parts.q, whole.q, atol=1e-5)
    np.testing.assert_allclose(parts.k, whole.k, atol=1e-5)


def test_no_more_pairs_are_made_than_are_held(run, few, monkeypatch):
    points = cloud.cloud(run, 0, 1)
    layout = projection.fit(points, "pca")
    few()
    made, original = [], cloud.Cloud.logits

    def noting(self, rows, columns):
        found = original(self, rows, columns)
        made.append(found.size)
        return found

    monkeypatch.setattr(cloud.Cloud, "logits", noting)
    trust.trust(points, layout)
    projection.fit(points, "attention", options={"steps": 1})
    longest = max(np.diff(points.starts).max(), np.diff(points.keys.starts).max())
    beside = [size for size in made if size > 200 + longest]
    terms = sum(1 for _ in batches.batches(points, *_every(points), longest=512))
    assert len(beside) <= terms, "only the rows of the map's own terms are made of whole passages"


def _every(points):
    return (np.ones(len(side.sink), bool) for side in (points.queries, points.keys))


def test_selected_tokens_and_attention_received_are_the_same_in_blocks(run, few):
    some = np.arange(3, 20)
    whole = selection.summarise(run, 0, 1, some, some), export.received(run, 0, 1)
    few()
    parts = selection.summarise(run, 0, 1, some, some), export.received(run, 0, 1)
    np.testing.assert_allclose(parts[1], whole[1], atol=1e-7)
    assert parts[0].within == pytest.approx(whole[0].within, abs=1e-6)
    for mine, its in ((parts[0].given, whole[0].given), (parts[0].received, whole[0].received)):
        assert dict(mine) == pytest.approx(dict(its), abs=1e-5)


def test_scales_of_a_long_passage_are_refused_in_a_sentence(monkeypatch):
    monkeypatch.setattr(scales, "LONGEST", 10)
    with pytest.raises(HeadscopeError, match=r"A passage has 12 tokens.* at most 10 tokens"):
        scales.scan(cloud.cloud(random_run(), 0, 1))
