"""t-SNE of queries and keys as AttentionViz draws them, by scikit-learn."""

import contextlib

import numpy as np

from compute.errors import HeadscopeError
from compute.maps.cloud import Cloud, Counts, Frame, Layout
from compute.maps.geometry import translated
from compute.maps.linear import fit_pca, principal
from compute.progress import Progress

FEWEST = 5
EXAGGERATION = 250
"""Iterations that scikit-learn spends pushing clusters apart, before the real ones."""
ITERATION = r"\[t-SNE\] Iteration (\d+):"
"""How it prints them."""


def fit_tsne(
    cloud: Cloud,
    *,
    dims: int = 2,
    seed: int = 0,
    options: dict | None = None,
    progress: Progress | None = None,
    frame: Frame | None = None,
) -> Layout:
    """Return the t-SNE of queries and translated keys together, by cosine distance.

    Parameters
    ----------
    seed : int
        Of the noise that parts equal points; the map starts from the PCA.
    options : dict
        ``scale`` (see `maps.geometry.translated`), ``perplexity`` (50; lowered to a third of the
        points), ``iterations`` (300, at least 250).
    progress : Progress
        Called every 50 iterations with the iterations done and the number of all.

    Raises
    ------
    HeadscopeError
        If an option makes no sense.

    Notes
    -----
    Perplexity, metric and iterations are those of AttentionViz's notebooks. Of 300 iterations only
    the last 50 are without the early exaggeration: their layouts have not settled.
    """
    options = {"perplexity": 50, "iterations": 300} | (options or {})
    iterations, perplexity = int(options["iterations"]), float(options["perplexity"])
    if iterations < EXAGGERATION or perplexity < 1:
        raise HeadscopeError("t-SNE needs 250 or more iterations and a perplexity of 1 or more.")
    q, k, c = translated(cloud, options.get("scale"))
    points = np.concatenate([q, k])
    n = len(points)
    if n < FEWEST:
        layout = fit_pca(cloud, dims=dims, options=options)
        note = "Too few points for t-SNE: this is the PCA."
        return Layout(layout.q, layout.k, None, layout.info | {"note": note})
    perplexity = min(perplexity, (n - 1) / 3)
    places = _optimise(points, _start(points, dims, seed), perplexity, iterations, progress)
    info = {"c": c, "perplexity": perplexity, "iterations": iterations}
    return Layout(places[: len(q)], places[len(q) :], None, info)


def _start(points: np.ndarray, dims: int, seed: int) -> np.ndarray:
    """Return the PCA at a standard deviation of 1e-4, with noise so that equal points can part."""
    places, _ = principal(points, dims)
    spread = max(float(places[:, 0].std()), 1e-12)
    noise = np.random.default_rng(seed).normal(scale=1e-6, size=places.shape)
    return (places / spread * 1e-4 + noise).astype(np.float32)


def _optimise(
    points: np.ndarray,
    start: np.ndarray,
    perplexity: float,
    iterations: int,
    progress: Progress | None,
) -> np.ndarray:
    from sklearn.manifold import TSNE

    model = TSNE(
        n_components=start.shape[1],
        perplexity=perplexity,
        metric="cosine",
        max_iter=iterations,
        init=start,
        random_state=0,
        n_jobs=1,
        verbose=2 if progress else 0,
    )
    if not progress:
        return np.asarray(model.fit_transform(points), np.float32)
    with contextlib.redirect_stdout(Counts(ITERATION, progress, iterations)):
        places = model.fit_transform(points)
    progress(iterations, iterations)
    return np.asarray(places, np.float32)
