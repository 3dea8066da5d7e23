from dataclasses import replace

import numpy as np
import pytest
from clouds import random_cloud, topic_cloud

from compute.capture import sight
from compute.errors import HeadscopeError
from compute.maps import attention_map, projection, targets
from compute.maps.attention_map import State, gradient
from compute.maps.targets import Term
from compute.trust import trust


def one_key_cloud(passages=12, length=12, d=16, seed=0):
    """Every query attends to one known key of its passage; returns the cloud and that key."""
    rng = np.random.default_rng(seed)
    n = passages * length
    starts = np.arange(passages + 1) * length
    target = np.concatenate([s + rng.permutation(length) for s in starts[:-1]])
    k = rng.normal(size=(n, d)).astype(np.float32)
    k /= np.linalg.norm(k, axis=1, keepdims=True)
    cloud = random_cloud(passages=passages, length=length, d=d, ends=False)
    return replace(cloud, q=k[target] * 40, k=k, starts=starts), target


@pytest.mark.parametrize("method", ["attention", "attention-size"])
def test_a_head_with_one_key_per_query_is_drawn_perfectly(method):
    cloud, target = one_key_cloud()
    layout = projection.fit(cloud, method)
    found = trust.trust(cloud, layout)
    assert found.recall[1] == 1.0
    assert found.score == pytest.approx(1, abs=1e-3)
    own = np.linalg.norm(layout.q - layout.k[target], axis=1)
    other = np.linalg.norm(layout.q - layout.k[np.roll(target, 1)], axis=1)
    assert np.median(own) < np.median(other) / 3


@pytest.mark.parametrize("dims", [2, 3])
def test_shows_topics_that_umap_does_not(dims):
    cloud = topic_cloud()
    scores = {
        m: trust.score(cloud, projection.fit(cloud, m, dims=dims))
        for m in ("attention", "umap", "pca")
    }
    assert scores["attention"] > 0.85
    assert scores["attention"] > scores["umap"] + 0.2
    assert scores["attention"] > scores["pca"] + 0.2


def test_sizes_are_read_with_distance():
    """Keys that everybody attends to are big, and trust counts sizes."""
    cloud = random_cloud(passages=30, d=8, ends=False)
    loud = np.arange(len(cloud)) % 12 == 5
    direction = np.zeros(8, np.float32)
    direction[0] = 1
    cloud = replace(cloud, q=cloud.q + 3 * direction, k=cloud.k + loud[:, None] * direction)
    layout = projection.fit(cloud, "attention-size")
    assert layout.size[loud].mean() > layout.size[~loud].mean() + 1
    with_size = trust.score(cloud, layout)
    assert with_size > 0.85
    assert with_size > trust.score(cloud, replace(layout, size=None))


def test_frames_come_at_their_steps_and_the_last_is_the_result():
    cloud = random_cloud(passages=6)
    seen, done = {}, []
    layout = projection.fit(
        cloud,
        "attention",
        frame=lambda step, part: seen.update({step: part}),
        progress=lambda step, total: done.append((step, total)),
    )
    assert list(seen) == [10, 25, 50, 200]
    assert np.array_equal(seen[200].q, layout.q)
    assert not np.array_equal(seen[10].q, seen[25].q)
    assert done[-1] == (200, 200)


def test_options():
    cloud = random_cloud(passages=6)
    start = projection.fit(cloud, "attention", options={"steps": 0})
    core = cloud.core
    assert np.allclose(start.q[core], attention_map.start(cloud, 2)[0][core])
    for wrong in ({"steps": -1}, {"sample": 1}):
        with pytest.raises(HeadscopeError):
            projection.fit(cloud, "attention", options=wrong)


def test_another_seed_another_map():
    cloud = random_cloud(passages=30)
    maps = [projection.fit(cloud, "attention", seed=s).q for s in (0, 1)]
    assert not np.allclose(*maps)


def test_start_draws_in_outliers_and_keeps_directions():
    cloud = random_cloud(passages=8, ends=False)
    cloud.q[0] *= 1000
    q, k, _ = attention_map.start(cloud, 2)
    assert np.linalg.norm(np.concatenate([q, k]), axis=1).max() <= 4 + 1e-5
    biplot = projection.fit(cloud, "biplot")
    cosine = (q * biplot.q).sum(1) / np.linalg.norm(q, axis=1) / np.linalg.norm(biplot.q, axis=1)
    assert np.allclose(cosine, 1, atol=1e-4)


def test_special_tokens_are_placed_at_the_mean_of_those_that_attend_to_them():
    cloud = random_cloud(passages=3)
    layout = projection.fit(cloud, "attention")
    for p in range(3):
        first, last = cloud.starts[p], cloud.starts[p + 1]
        attention = cloud.attention(p)
        others = np.arange(first + 1, last - 1)
        for sink in (first, last - 1):
            weight = attention[1:-1, sink - first]
            mean = (weight[:, None] * layout.q[others]).sum(0) / weight.sum()
            assert np.allclose(layout.k[sink], mean, atol=1e-4)
            weight = attention[sink - first, 1:-1]
            mean = (weight[:, None] * layout.k[others]).sum(0) / weight.sum()
            assert np.allclose(layout.q[sink], mean, atol=1e-4)


def test_special_tokens_do_not_move_the_others():
    cloud = random_cloud(passages=5)
    before = projection.fit(cloud, "attention", options={"steps": 30})
    cloud.k[cloud.sink] *= 5
    after = projection.fit(cloud, "attention", options={"steps": 30})
    assert np.array_equal(before.q[cloud.core], after.q[cloud.core])


def divergence(x, y, target, weight, mask=None, size=None):
    """The loss, written out in double precision."""
    total = 0.0
    for i in range(len(x)):
        w = 1 / (1 + ((x[i] - y) ** 2).sum(1))
        if mask is not None:
            w = w * mask[i]
        if size is not None:
            w = w * np.exp(size)
        shown = w / w.sum()
        p = target[i]
        on = p > 0
        total += weight[i] * (p[on] * np.log(p[on] / shown[on])).sum()
    return total


def slope(loss, values, step=1e-5):
    """Finite differences of `loss()` by every entry of `values`, changed in place."""
    out = np.zeros_like(values)
    for place in np.ndindex(values.shape):
        kept = values[place]
        values[place] = kept + step
        up = loss()
        values[place] = kept - step
        out[place] = (up - loss()) / (2 * step)
        values[place] = kept
    return out


@pytest.fixture
def problem():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(5, 2)), rng.normal(size=(6, 2))
    mask = np.ones((5, 6))
    mask[1, 4:] = 0
    mask[2, :3] = 2.5
    target = rng.random((5, 6)) * (mask > 0)
    target /= target.sum(1, keepdims=True)
    return x, y, target, np.array([1, 0.5, 2, 0, 1.0]), mask, rng.normal(size=6)


def test_gradient_is_that_of_finite_differences(problem):
    x, y, target, weight, mask, size = problem
    found = attention_map.pull(
        *(v.astype(np.float32) for v in (x, y, target * weight[:, None], weight, mask, size))
    )

    def loss():
        return divergence(x, y, target, weight, mask, size)

    for ours, values in zip(found, (x, y, size), strict=True):
        assert np.allclose(ours, slope(loss, values), atol=1e-4)


@pytest.mark.parametrize("sized", [False, True])
def test_gathered_rows_have_the_same_gradient(problem, sized):
    x, y, target, weight, mask, size = (v.astype(np.float32) for v in problem)
    size = size if sized else None
    order = np.argsort(np.random.default_rng(1).random((5, 6)), axis=1)
    weighed = target * weight[:, None]
    every = np.zeros((1, 1), int) + np.arange(6)
    dense = Term("q", "k", np.arange(5), every[0], weighed, weight, mask)
    gathered = Term(
        "q",
        "k",
        np.arange(5),
        order,
        np.take_along_axis(weighed, order, 1),
        weight,
        np.take_along_axis(mask, order, 1),
        gathered=True,
    )
    state = State(x, y, size)
    one, other = gradient([dense], state), gradient([gathered], state)
    assert one.keys() == other.keys()
    for name in one:
        assert np.allclose(one[name], other[name], atol=1e-5)


def test_padding_changes_no_gradient():
    """The own-passage gradient of all passages is the sum over passages taken alone."""
    cloud = random_cloud(passages=4, length=20, ends=False)
    cloud = replace(cloud, starts=np.array([0, 3, 20, 37, 80]), sight=sight.full(43, 43))
    rng = np.random.default_rng(0)
    terms = targets.own_terms(cloud, rng)
    assert sum((term.weight > 0).sum() for term in terms) == 80
    x, y = rng.normal(size=(2, 80, 2)).astype(np.float32)
    found = gradient(terms, State(x, y, None))
    for p in range(4):
        rows = slice(cloud.starts[p], cloud.starts[p + 1])
        logits = cloud.q[rows] @ cloud.k[rows].T
        target, weight = targets.sharpened(logits, np.ones_like(logits))
        gx, gy, _ = attention_map.pull(x[rows], y[rows], target, weight)
        assert np.allclose(found["q"][rows], gx, atol=1e-5)
        assert np.allclose(found["k"][rows], gy, atol=1e-5)


def test_rows_are_brought_to_their_perplexity():
    logits = np.random.default_rng(0).normal(size=(50, 40)).astype(np.float32) * 5
    mask = np.ones_like(logits)
    mask[:, 30:] = 0
    target, counts = targets.sharpened(logits, mask)
    p = np.maximum(target, 1e-30)
    assert np.allclose(np.exp(-(p * np.log(p)).sum(1)), 4, atol=0.02)
    assert np.allclose(target.sum(1), 1, atol=1e-5)
    assert not target[:, 30:].any()
    assert np.array_equal(np.argmax(target, 1), np.argmax(logits[:, :30], 1))
    assert counts.all()


def test_rows_with_fewer_than_three_candidates_do_not_count():
    mask = np.tril(np.ones((5, 5), np.float32))
    target, counts = targets.sharpened(np.zeros((5, 5), np.float32), mask)
    assert counts.tolist() == [0, 0, 1, 1, 1]
    assert not target[:2].any()


def test_samples_go_round_all_tokens_without_repeats_inside():
    cloud = random_cloud(passages=25, ends=False)
    samples = list(targets.sample_terms(cloud, np.random.default_rng(0)))
    assert len(samples) == 8
    for terms in samples:
        cols = terms["qk"].cols
        assert len(set(cols)) == len(cols) == 128
        for name in ("qq", "kk"):
            assert terms[name].target[cols, np.arange(128)].max() < 1e-30
        for name, weight in targets.WEIGHTS.items():
            assert np.allclose(terms[name].target.sum(1), weight, atol=1e-5)
    assert len(set(np.concatenate([t["qk"].cols for t in samples[:2]]))) == 256


def test_passages_longer_than_512_sample_their_keys():
    rng = np.random.default_rng(0)
    n, d = 700, 12
    near = np.arange(n)
    base = np.cumsum(rng.normal(size=(n, d)), 0)
    base = base / np.linalg.norm(base, axis=1, keepdims=True)
    cloud = projection.Cloud(
        (base * 60).astype(np.float32),
        base[np.maximum(near - 1, 0)].astype(np.float32),
        np.array([0, n]),
        near == 0,
        sight.causal(n),
    )
    terms = targets.own_terms(cloud, rng)
    assert [t.gathered for t in terms] == [True]
    assert terms[0].cols.shape == (699, 128)
    assert (terms[0].weight > 0).sum() == 697  # the first two have fewer than three candidates
    hidden = terms[0].cols > np.arange(699)[:, None]
    assert not (terms[0].target * hidden).any()
    assert trust.score(cloud, projection.fit(cloud, "attention")) > 0.85
