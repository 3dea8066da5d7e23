from dataclasses import asdict, replace

import numpy as np
import pytest
from clouds import random_cloud, tiny_clouds, topic_cloud

from compute.capture import sight
from compute.maps import projection
from compute.maps.batches import batches
from compute.maps.cloud import Side
from compute.maps.projection import Layout
from compute.trust import trust, trust_store


def straight_line(cloud, layout):
    """T, recall and each query's trust, one query at a time and from the definition."""
    got_all = best_all = 0.0
    hits, points = {1: [], 3: [], 5: []}, {}
    for p in range(len(cloud.starts) - 1):
        asked = cloud.keys.span(p)
        for i in cloud.queries.span(p):
            if cloud.sink[i]:
                continue
            keys = [j for j in asked if cloud.seen(i, j) and not cloud.keys.sink[j]]
            if len(keys) < 8:
                continue
            logits = np.array([float(cloud.q[i].astype(float) @ cloud.k[j]) for j in keys])
            a = np.exp(logits - logits.max())
            a /= a.sum()
            d = np.array([np.linalg.norm(layout.q[i].astype(float) - layout.k[j]) for j in keys])
            if layout.size is not None:
                d = np.log(1 + d**2) - layout.size[keys]
            t = min(10, int(np.ceil(len(keys) / 10)))
            got = a[np.argsort(d)[:t]].sum()
            best = np.sort(a)[::-1][:t].sum()
            got_all += got - t / len(keys)
            best_all += best - t / len(keys)
            points[i] = got / best
            for r in hits:
                near, top = np.argsort(d)[:r], np.argsort(-a)[:r]
                hits[r].append(len(set(near) & set(top)) / r)
    return got_all / best_all, {r: np.mean(v) for r, v in hits.items()}, points


def uneven(causal):
    """Passages of 1 to 30 tokens, so that batches are padded."""
    cloud = random_cloud(passages=15, length=30, causal=causal, seed=4, ends=False)
    starts = np.array([0, 1, 12, 40, 49, 79, 100, 130, 155, 160, 190])
    n = starts[-1]
    sink = np.isin(np.arange(n), starts)
    return replace(cloud, q=cloud.q[:n], k=cloud.k[:n], sink=sink, starts=starts)


def crossed():
    """The same with as many passages of other keys, 3 to 40 in each."""
    cloud, rng = uneven(causal=False), np.random.default_rng(5)
    starts = np.cumsum([0, 40, 3, 25, 12, 30, 9, 17, 38, 8, 14])
    source = Side(starts, np.isin(np.arange(starts[-1]), starts[1:] - 1))
    k = rng.normal(size=(starts[-1], cloud.k.shape[1])).astype(np.float32)
    return replace(cloud, k=k, source=source, sight=sight.full(30, 40))


@pytest.mark.parametrize("made", [uneven, lambda _: crossed()], ids=["within", "across"])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("sized", [False, True])
def test_same_as_the_definition_written_out(made, causal, sized):
    cloud = made(causal)
    rng = np.random.default_rng(0)
    x, y = (rng.normal(size=(len(side), 2)).astype(np.float32) for side in (cloud.q, cloud.k))
    size = rng.normal(size=len(y)).astype(np.float32) if sized else None
    layout = Layout(x, y, size)
    found = trust.trust(cloud, layout)
    score, recall, points = straight_line(cloud, layout)
    assert found.score == pytest.approx(score, abs=1e-5)
    assert found.recall == pytest.approx(recall, abs=1e-6)
    assert set(np.flatnonzero(np.isfinite(found.q))) == set(points)
    assert np.allclose(found.q[list(points)], list(points.values()), atol=1e-4)
    assert found.queries == len(points)
    assert trust.score(cloud, layout) == pytest.approx(score, abs=1e-5)
    everyone = replace(cloud, sink=np.zeros_like(cloud.sink))
    if not cloud.square:
        own = replace(cloud.source, sink=np.zeros_like(cloud.source.sink))
        everyone = replace(everyone, source=own)
    assert found.score_all == pytest.approx(straight_line(everyone, layout)[0], abs=1e-5)


def one_key_each(cloud):
    """Give every query one key of its passage to attend to, and put it on that key's place."""
    rng = np.random.default_rng(2)
    n = len(cloud)
    spans = zip(cloud.starts[:-1], cloud.starts[1:], strict=True)
    target = np.concatenate([rng.permutation(np.arange(a, b)) for a, b in spans])
    k = rng.normal(size=(n, 16))
    k = (k / np.linalg.norm(k, axis=1, keepdims=True)).astype(np.float32)
    spread = rng.normal(size=(n, 2)).astype(np.float32) * 10
    places = Layout(spread[target] + 1e-4, spread)
    return replace(cloud, q=k[target] * 30, k=k), places


def test_a_map_with_every_query_on_its_key_is_perfect():
    cloud = random_cloud(passages=10, length=12, ends=False)
    cloud, layout = one_key_each(cloud)
    found = trust.trust(cloud, layout)
    assert found.recall[1] == 1.0
    assert found.score > 0.99
    assert found.words == "near means attended"
    assert found.chance[1] == pytest.approx(1 / 12)


def test_random_places_are_near_zero():
    cloud = topic_cloud(passages=150)
    scores = []
    for seed in range(5):
        x, y = np.random.default_rng(seed).normal(size=(2, len(cloud), 2)).astype(np.float32)
        found = trust.trust(cloud, Layout(x, y))
        scores.append(found.score)
    assert np.abs(np.mean(scores)) < 0.02
    assert found.words == "do not read distances"
    assert found.recall[3] == pytest.approx(found.chance[3], abs=0.03)
    assert found.mixing == pytest.approx(1, abs=0.1)
    assert found.corpus == pytest.approx(0.5, abs=0.05)


def test_all_in_one_spot_is_exactly_chance():
    cloud = topic_cloud()
    nowhere = np.zeros((len(cloud), 2), np.float32)
    found = trust.trust(cloud, Layout(nowhere, nowhere))
    assert found.score == pytest.approx(0, abs=1e-6)
    assert found.recall == pytest.approx(found.chance, abs=1e-6)


def test_a_uniform_head_has_no_preference_to_show():
    cloud = random_cloud()
    for strength in (0, 1e-2):
        flat = replace(cloud, q=cloud.q * np.float32(strength))
        found = trust.trust(flat, projection.fit(cloud, "pca"))
        assert found.words == "no preference to show"
        assert found.preference < 0.02


def test_words_fit_the_number_that_stands_beside_them():
    assert trust.words(0.845 + 1e-9, 0.5, 9) == "near means attended"
    assert trust.words(0.844 + 1e-9, 0.5, 9) == "roughly"
    assert trust.words(0.595 + 1e-9, 0.5, 9) == "roughly"
    assert trust.words(0.594 + 1e-9, 0.5, 9) == "do not read distances"
    assert trust.words(-0.1, 0.5, 9) == "do not read distances"
    assert trust.words(1.0, 0.01, 9) == "no preference to show"
    assert trust.words(None, 0.0, 0) == "passages too short to measure"


def test_ties_count_as_in_random_order():
    values = np.array([[3.0, 1.0, 1.0, 1.0], [0.0, 5.0, 5.0, 9.0]])
    share = trust.chosen(values, np.array([2, 2]))
    assert np.allclose(share, [[0, 2 / 3, 2 / 3, 2 / 3], [1, 0.5, 0.5, 0]])


def test_a_tenth_rounded_up_and_at_most_ten():
    assert trust.tenth(np.array([8, 10, 11, 100, 101, 500])).tolist() == [1, 1, 2, 10, 10, 10]


def test_sink_share_is_the_mean_attention_on_sinks():
    cloud = random_cloud(passages=3)
    expected = []
    for p in range(3):
        rows = slice(cloud.starts[p], cloud.starts[p + 1])
        logits = (cloud.q[rows] @ cloud.k[rows].T).astype(float)
        a = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        expected.extend(a[~cloud.sink[rows]][:, cloud.sink[rows]].sum(1))
    assert trust.sink_share(cloud) == pytest.approx(np.mean(expected), abs=1e-5)
    assert trust.sink_share(replace(cloud, extra=50.0)) == pytest.approx(1, abs=1e-5)


def test_corpus_percentile_of_the_best_and_the_worst_order():
    """In one dimension a query's own product can be the order of places."""
    n = 60
    cloud = random_cloud(passages=5, length=12, d=1, ends=False)
    cloud = replace(cloud, q=np.ones((n, 1), np.float32))
    for sign, expected in ((1, 1 - 4.5 / 59), (-1, 4.5 / 59)):
        layout = Layout(np.full((n, 1), 99, np.float32), sign * cloud.k)
        found = trust.corpus_percentile(cloud, layout, np.random.default_rng(0))
        assert found == pytest.approx(expected)


def test_mixing_of_clouds_apart():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 200, 2)).astype(np.float32)
    cloud = random_cloud(passages=10, length=20, ends=False)
    assert trust.mixing(cloud, Layout(x, y + 100), rng) == 0


def test_keys_have_trust_of_their_own():
    cloud, layout = one_key_each(random_cloud(passages=8, ends=False))
    found = trust.trust(cloud, layout)
    assert np.nanmin(found.k) > 0.99
    far = np.random.default_rng(0).normal(size=layout.k.shape).astype(np.float32)
    assert np.nanmean(trust.trust(cloud, Layout(layout.q, far)).k) < 0.5


@pytest.mark.parametrize("case", tiny_clouds())
def test_inputs_at_the_edge(case):
    cloud = tiny_clouds()[case]
    found = trust.trust(cloud, projection.fit(cloud, "pca"))
    assert found.words
    assert 0 <= found.sink_share <= 1
    numbers = [found.score, found.score_all, found.corpus, found.mixing]
    assert all(v is None or np.isfinite(v) for v in numbers)
    assert set(found.numbers()) >= {"score", "recall", "words"}


def test_same_numbers_every_time():
    cloud = random_cloud(passages=40)
    layout = projection.fit(cloud, "pca")
    assert trust.trust(cloud, layout).numbers() == trust.trust(cloud, layout).numbers()


def test_batches_hold_every_kept_token_once_and_the_mask():
    cloud = uneven(True)
    seen = []
    for batch in batches(cloud, ~cloud.sink, ~cloud.sink):
        seen.extend(batch.rows[batch.real])
        for row, real, mask in zip(batch.rows, batch.real, batch.mask, strict=True):
            tokens = row[real]
            expected = tokens[:, None] >= tokens[None, :]
            assert np.array_equal(mask[np.ix_(real, real)], expected)
            assert not mask[~real].any()
            assert not mask[:, ~real].any()
    assert sorted(seen) == np.flatnonzero(~cloud.sink).tolist()


def test_a_maps_trust_is_measured_once_and_comes_back_whole(monkeypatch):
    cloud = random_cloud(passages=5, length=20, seed=1)
    layout = projection.fit(cloud, "pca")
    monkeypatch.setattr(projection, "cloud", lambda run, layer, head: cloud)
    first = trust_store.measured(None, 0, 0, "a map", layout)
    expected = trust.trust(cloud, layout)
    assert first.numbers() == expected.numbers()
    monkeypatch.setattr(trust, "trust", None)  # a second measurement would fail
    again = trust_store.measured(None, 0, 0, "a map", layout)
    np.testing.assert_equal(asdict(again), asdict(expected))
    assert not trust_store.TRUST.has(trust_store.key("another map"))
