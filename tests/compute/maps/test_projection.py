import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import patterns
import pytest
from clouds import random_cloud, tiny_clouds
from stored import comes_back

from compute.errors import HeadscopeError
from compute.maps import projection, targets, umap_map

OF_ALL = [name for name, method in projection.METHODS.items() if not method.takes_property]
"""Methods that have a map of every cloud, also of one without tokens."""


@pytest.mark.parametrize("case", tiny_clouds())
@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("method", OF_ALL)
def test_every_method_takes_inputs_at_the_edge(method, dims, case):
    cloud = tiny_clouds()[case]
    layout = projection.fit(cloud, method, dims=dims)
    for places in (layout.q, layout.k):
        assert places.shape == (len(cloud), dims)
        assert places.dtype == np.float32
        assert np.isfinite(places).all()
    assert layout.size is None or np.isfinite(layout.size).all()


@pytest.mark.parametrize("method", OF_ALL)
def test_same_seed_same_map_and_input_untouched(method):
    cloud = random_cloud(passages=6, length=10)
    before = cloud.q.copy(), cloud.k.copy()
    first, second = (projection.fit(cloud, method, seed=3) for _ in range(2))
    assert np.array_equal(first.q, second.q)
    assert np.array_equal(first.k, second.k)
    assert np.array_equal(before[0], cloud.q)
    assert np.array_equal(before[1], cloud.k)


@pytest.mark.parametrize("method", OF_ALL)
def test_layouts_come_back_from_the_store(method):
    layout = projection.fit(random_cloud(passages=3, length=8), method)
    comes_back(projection.MAPS, layout)


def test_keys_differ_by_all_they_depend_on():
    names = {
        projection.key("run", 0, 1, "pca"),
        projection.key("other", 0, 1, "pca"),
        projection.key("run", 1, 1, "pca"),
        projection.key("run", 0, 0, "pca"),
        projection.key("run", 0, 1, "umap"),
        projection.key("run", 0, 1, "pca", 3),
        projection.key("run", 0, 1, "pca", 2, {"scale": "norm"}),
        projection.key("run", 0, 1, "pca", 2, None, 5),
    }
    assert len(names) == 8


def test_unknown_method_dimension_or_scale_is_said():
    cloud = random_cloud(passages=2)
    with pytest.raises(HeadscopeError, match="no map called 'mds'"):
        projection.fit(cloud, "mds")
    with pytest.raises(HeadscopeError, match="2 or 3"):
        projection.fit(cloud, "pca", dims=4)
    for scale in (0, -1, "big", float("nan")):
        with pytest.raises(HeadscopeError, match="scale c"):
            projection.fit(cloud, "pca", options={"scale": scale})
    with pytest.raises(HeadscopeError, match="min_dist"):
        projection.fit(cloud, "umap", options={"min_dist": 2})
    with pytest.raises(HeadscopeError, match="250"):
        projection.fit(cloud, "tsne", options={"iterations": 100})


@pytest.mark.parametrize("method", projection.METHODS)
def test_too_little_memory_is_said_before_any_work(method, monkeypatch):
    class Free:
        available = 1000

    monkeypatch.setattr(projection.psutil, "virtual_memory", Free)
    with pytest.raises(HeadscopeError, match="144 tokens needs about"):
        projection.fit(random_cloud(), method, progress=lambda *_: pytest.fail("it began"))


def test_the_estimate_of_memory_is_no_less_than_the_targets():
    cloud = random_cloud(passages=60, length=20, ends=False)
    rng = np.random.default_rng(0)
    own = targets.own_terms(cloud, rng)
    terms = own + [t for d in targets.sample_terms(cloud, rng) for t in d.values()]
    held = sum(t.target.nbytes + (0 if t.mask is None else t.mask.nbytes) for t in terms)
    assert held <= targets.memory(cloud) <= 2 * held


def test_pca_is_the_svd_of_the_translated_points():
    cloud = random_cloud()
    moved = cloud.k - cloud.k.mean(0) + cloud.q.mean(0)
    points = np.concatenate([cloud.q, moved]).astype(np.float64)
    points -= points.mean(0)
    _, s, vt = np.linalg.svd(points, full_matrices=False)
    layout = projection.fit(cloud, "pca", dims=3)
    got = np.concatenate([layout.q, layout.k])
    assert np.allclose(np.abs(got), np.abs(points @ vt[:3].T), atol=1e-3)
    assert layout.info["variance"] == pytest.approx((s[:3] ** 2).sum() / (s**2).sum(), abs=1e-5)


def test_biplot_products_are_the_best_of_their_rank():
    cloud = random_cloud(ends=False)
    q, k = (v - v.mean(0) for v in (cloud.q.astype(np.float64), cloud.k.astype(np.float64)))
    u, s, vt = np.linalg.svd(q @ k.T)
    layout = projection.fit(cloud, "biplot", dims=3)
    assert np.allclose(layout.q @ layout.k.T, (u[:, :3] * s[:3]) @ vt[:3], atol=1e-2)
    assert layout.info["share"] == pytest.approx((s[:3] ** 2).sum() / (s**2).sum(), abs=1e-6)


def test_biplot_does_not_move_for_special_tokens():
    cloud = random_cloud()
    before = projection.fit(cloud, "biplot")
    cloud.q[cloud.sink] += 100
    after = projection.fit(cloud, "biplot")
    rows = cloud.core
    assert np.allclose(before.q[rows], after.q[rows], atol=1e-3)
    assert np.allclose(before.k, after.k, atol=1e-3)


def test_neighbours_are_those_of_cosine_distance():
    points = np.random.default_rng(0).normal(size=(700, 5)).astype(np.float32)
    far = 1 - (points @ points.T) / np.outer(*[np.linalg.norm(points, axis=1)] * 2)
    indices, distances = umap_map.nearest(umap_map.unit_rows(points), 6)
    assert np.array_equal(indices[:, 0], np.arange(700))
    assert np.allclose(distances, np.sort(far, 1)[:, :6], atol=1e-5)


def test_graph_is_that_of_umap_learn():
    from umap.umap_ import fuzzy_simplicial_set

    points = np.random.default_rng(0).normal(size=(80, 5)).astype(np.float32)
    near = umap_map.nearest(umap_map.unit_rows(points), 10)
    theirs, *_ = fuzzy_simplicial_set(
        points, 10, None, "cosine", knn_indices=near[0], knn_dists=near[1]
    )
    ours = umap_map.fuzzy_graph(*near)
    assert np.allclose(ours.toarray(), theirs.toarray(), atol=1e-3)


def test_umap_tells_its_epochs_and_can_be_stopped():
    cloud = random_cloud(passages=8)
    seen = []
    projection.fit(cloud, "umap", progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (200, 200)
    assert seen == sorted(seen)

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        projection.fit(cloud, "umap", progress=stop)
    again = threading.Thread(target=projection.fit, args=(cloud, "umap"), daemon=True)
    again.start()
    again.join(60)
    assert not again.is_alive()  # nobody waits for what was stopped


def test_tsne_tells_its_iterations_prints_nothing_and_lowers_the_perplexity(capsys):
    cloud = random_cloud(passages=4)
    seen = []
    layout = projection.fit(cloud, "tsne", progress=lambda done, total: seen.append((done, total)))
    assert seen[0] == (50, 300)
    assert seen[-1] == (300, 300)
    assert capsys.readouterr().out == ""
    assert layout.info["perplexity"] == pytest.approx(95 / 3)


def test_exact_distance_map_holds_the_products_in_three_dimensions():
    """Products of rank one need two coordinates, the second of them the lift's."""
    rng = np.random.default_rng(0)
    cloud = random_cloud(passages=4, d=1, ends=False)
    cloud.q[:] = np.sign(cloud.q)
    cloud.k[:] = rng.uniform(-1, 1, cloud.k.shape)
    layout = projection.fit(cloud, "exact", dims=3)
    far = ((layout.q[:, None] - layout.k[None]) ** 2).sum(-1)
    products = cloud.q @ (cloud.k - cloud.k.mean(0)).T
    assert np.corrcoef(far.ravel(), products.ravel())[0, 1] < -0.99


@pytest.mark.parametrize("causal", [False, True])
def test_cloud_of_a_run_has_its_attention(causal):
    from compute import attention

    made = random_cloud(causal=causal)
    even = [np.full((1, 1, 12, 12), 1 / 12)] * 12
    run = patterns.run([list(range(12))] * 12, even, causal, special=set() if causal else {0, 11})
    run = replace(run, q=made.q[None, None], k=made.k[None, None], scaling=(0.25,))
    cloud = projection.cloud(run, 0, 0)
    assert np.allclose(cloud.q @ cloud.k.T, 0.25 * run.q[0, 0] @ run.k[0, 0].T, atol=1e-5)
    for passage in (0, 5):
        assert np.allclose(cloud.attention(passage), attention.of_passage(run, 0, 0, passage))


def test_the_web_process_can_use_maps_and_trust_without_heavy_libraries():
    heavy = {"torch", "transformers", "umap", "numba", "sklearn", "scipy", "dash", "plotly"}
    code = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from clouds import random_cloud\n"
        "from compute.maps import out_of_sample, projection\n"
        "from compute.scale import scales\n"
        "from compute.trust import heldout, trust\n"
        "cloud = random_cloud(4)\n"
        "maps = [m for m in projection.METHODS.values() if m.instant]\n"
        "assert len(maps) == 3\n"
        "for method in [*maps, projection.METHODS['attention']]:\n"
        "    trust.trust(cloud, projection.fit(cloud, method.name))\n"
        f"print(sorted({heavy} & set(sys.modules)))\n"
    )
    root = Path(projection.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
