"""UMAP of queries and keys as AttentionViz draws them, at a fraction of umap-learn's default cost.

Below 4,096 points umap-learn compares all pairs in interpreted code, and its neighbour search costs
half a minute of compilation. Neighbours and graph are therefore made here with numpy; umap-learn
does what it is for, the optimisation.
"""

import threading

import numpy as np
from tqdm.auto import tqdm  # as umap-learn has it

from compute.errors import HeadscopeError
from compute.maps.cloud import Cloud, Counts, Frame, Layout
from compute.maps.geometry import translated
from compute.maps.linear import fit_pca, principal
from compute.maps.umap_library import load_umap
from compute.progress import Progress

FEWEST = 5
BLOCK = 512


def fit_umap(
    cloud: Cloud,
    *,
    dims: int = 2,
    seed: int = 0,
    options: dict | None = None,
    progress: Progress | None = None,
    frame: Frame | None = None,
) -> Layout:
    """Return the UMAP of queries and translated keys together, by cosine distance.

    Parameters
    ----------
    seed : int
        The same seed gives the same map on the same machine.
    options : dict
        ``scale`` (see `maps.geometry.translated`), ``n_neighbors`` (15), ``min_dist`` (0.1),
        ``n_epochs`` (200).
    progress : Progress, in epochs

    Raises
    ------
    HeadscopeError
        If an option makes no sense.
    """
    options = {"n_neighbors": 15, "min_dist": 0.1, "n_epochs": 200} | (options or {})
    _check(options)
    q, k, c = translated(cloud, options.get("scale"))
    points = unit_rows(np.concatenate([q, k]))
    n = len(points)
    if n < FEWEST:
        layout = fit_pca(cloud, dims=dims, options=options)
        note = "Too few points for UMAP: this is the PCA."
        return Layout(layout.q, layout.k, None, layout.info | {"note": note})
    neighbours, distances = nearest(points, min(int(options["n_neighbors"]), n))
    graph = fuzzy_graph(neighbours, distances)
    places = _optimise(graph, _start(points, dims, seed), seed, options, progress)
    return Layout(places[: len(q)], places[len(q) :], None, {"c": c})


def unit_rows(points: np.ndarray) -> np.ndarray:
    """Return points (n, d) at length 1, so that Euclidean order is cosine order; zeros stay."""
    norms = np.linalg.norm(points, axis=1, keepdims=True)
    return (points / np.maximum(norms, 1e-12)).astype(np.float32)


def nearest(points: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return each unit vector's nearest ones by cosine distance, itself first, by comparing all.

    Returns
    -------
    indices : int32 (n, count)
    distances : float32 (n, count)
        1 - cosine, in ascending order.
    """
    n = len(points)
    indices = np.empty((n, count), np.int32)
    distances = np.empty((n, count), np.float32)
    for start in range(0, n, BLOCK):
        rows = np.arange(start, min(start + BLOCK, n))
        far = 1 - points[rows] @ points.T
        np.maximum(far, 0, out=far)
        far[rows - start, rows] = -1  # itself first, even among equals
        some = np.argpartition(far, count - 1, axis=1)[:, :count]
        order = np.argsort(np.take_along_axis(far, some, 1), axis=1, kind="stable")
        indices[rows] = np.take_along_axis(some, order, 1)
        distances[rows] = np.maximum(np.take_along_axis(far, indices[rows], 1), 0)
    return indices, distances


def fuzzy_graph(indices: np.ndarray, distances: np.ndarray):
    """Return UMAP's weighted neighbour graph as a symmetric scipy matrix (n, n) in COO form.

    Notes
    -----
    Membership exp(-(distance - nearest) / sigma) with sigma such that a point's memberships sum to
    log2(neighbours), then a + b - ab over both directions. Source: McInnes et al. 2018,
    arXiv:1802.03426, section 3.1.
    """
    import scipy.sparse

    n, count = indices.shape
    above = np.where(distances > 0, distances, np.inf).min(1)
    nearest_one = np.where(np.isfinite(above), above, 0)[:, None]
    excess = np.maximum(distances[:, 1:] - nearest_one, 0).astype(np.float64)
    sigma = _bandwidth(excess, np.log2(count), distances)
    weights = np.exp(-excess / sigma[:, None])
    rows = np.repeat(np.arange(n), count - 1)
    one_way = scipy.sparse.csr_array((weights.ravel(), (rows, indices[:, 1:].ravel())), (n, n))
    other_way = one_way.T.tocsr()
    both = one_way + other_way - one_way.multiply(other_way)
    return scipy.sparse.coo_matrix(both, dtype=np.float32)


def _bandwidth(excess: np.ndarray, target: float, distances: np.ndarray) -> np.ndarray:
    """Return sigma (n,) by bisection, kept above a thousandth of the mean distance."""
    low, high = np.full(len(excess), 1e-12), np.full(len(excess), 1e6)
    for _ in range(64):
        middle = np.sqrt(low * high)
        many = np.exp(-excess / middle[:, None]).sum(1) > target
        low, high = np.where(many, low, middle), np.where(many, middle, high)
    own = distances.mean(1)
    floor = 1e-3 * np.where((distances > 0).any(1), own, distances.mean())
    return np.maximum(np.sqrt(low * high), np.maximum(floor, 1e-12))


def _start(points: np.ndarray, dims: int, seed: int) -> np.ndarray:
    """Return the PCA at ten units, with a little noise so that equal points can part."""
    places, _ = principal(points, dims)
    places = places * (10 / max(np.abs(places).max(), 1e-12))
    noise = np.random.default_rng(seed).normal(scale=1e-4, size=places.shape)
    return (places + noise).astype(np.float32)


def _optimise(
    graph, start: np.ndarray, seed: int, options: dict, progress: Progress | None
) -> np.ndarray:
    umap = load_umap().umap_
    epochs = int(options["n_epochs"])
    # Its own lock is one of all processes that were forked, and stays taken when `progress` raises.
    tqdm.set_lock(threading.RLock())
    a, b = umap.find_ab_params(1.0, float(options["min_dist"]))
    places, _ = umap.simplicial_set_embedding(
        data=start,
        graph=graph,
        n_components=start.shape[1],
        initial_alpha=1.0,
        a=a,
        b=b,
        gamma=1.0,
        negative_sample_rate=5,
        n_epochs=epochs,
        init=start,
        random_state=np.random.RandomState(seed),
        metric="euclidean",
        metric_kwds={},
        densmap=False,
        densmap_kwds={},
        output_dens=False,
        tqdm_kwds=_bar(progress, epochs) if progress else None,
    )
    return np.asarray(places, np.float32)


def _bar(progress: Progress, total: int) -> dict:
    """Return tqdm settings: umap-learn offers no other way to hear of single epochs."""
    return {
        "disable": False,
        "file": Counts(r"\s*(\d+)\s*$", progress, total),
        "bar_format": "{n_fmt}",
        "mininterval": 0.1,
        "miniters": 1,
    }


def _check(options: dict) -> None:
    """Raise `HeadscopeError` for settings that UMAP cannot use."""
    if int(options["n_neighbors"]) < 2 or int(options["n_epochs"]) < 1:
        raise HeadscopeError("UMAP needs at least 2 neighbours and 1 epoch.")
    if not 0 <= float(options["min_dist"]) <= 1:
        raise HeadscopeError("UMAP's min_dist must be between 0 and 1.")
