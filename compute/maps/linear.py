"""Layouts in closed form: joint PCA, exact-distance PCA, and the biplot of the products."""

from typing import NamedTuple

import numpy as np

from compute.maps.cloud import Cloud, Layout
from compute.maps.geometry import lift, scale_of, translated


class Axes(NamedTuple):
    """Linear maps to the biplot: x = (q - mean_q) @ a, y = (k - mean_k) @ b.

    Attributes
    ----------
    mean_q, mean_k : float64 (d,)
    a, b : float64 (d, dims)
    share : float
        Share of the centred products' sum of squares that the picture holds, 0 to 1.
    """

    mean_q: np.ndarray
    mean_k: np.ndarray
    a: np.ndarray
    b: np.ndarray
    share: float


def principal(points: np.ndarray, dims: int) -> tuple[np.ndarray, float]:
    """Return the first principal components (n, dims) float32 and their share of the variance.

    The sign of each axis is such that its largest loading is positive. Missing dimensions are 0.
    """
    centred = points - points.mean(0)
    spread, axes = np.linalg.eigh((centred.T @ centred).astype(np.float64))
    axes = axes[:, ::-1][:, :dims]
    axes = axes * signs(axes)
    total = max(spread.sum(), 1e-30)
    places = centred @ axes.astype(np.float32)
    return pad(places, dims), float(np.clip(spread[::-1][:dims].sum() / total, 0, 1))


def signs(axes: np.ndarray) -> np.ndarray:
    """Return 1 or -1 per column, so that its entry of largest size becomes positive."""
    peak = np.abs(axes).argmax(0)
    return np.where(axes[peak, np.arange(axes.shape[1])] < 0, -1.0, 1.0)


def pad(places: np.ndarray, dims: int) -> np.ndarray:
    """Return places as float32 (n, dims), with zeros where there are fewer dimensions."""
    out = np.zeros((len(places), dims), np.float32)
    out[:, : places.shape[1]] = places[:, :dims]
    return out


def fit_pca(cloud: Cloud, *, dims: int = 2, options: dict | None = None) -> Layout:
    """Joint PCA of queries and keys after AttentionViz's key translation (option ``scale``)."""
    q, k, c = translated(cloud, (options or {}).get("scale"))
    places, share = principal(np.concatenate([q, k]), dims)
    return Layout(places[: len(q)], places[len(q) :], None, {"c": c, "variance": share})


def fit_exact(cloud: Cloud, *, dims: int = 2, options: dict | None = None) -> Layout:
    """PCA of vectors whose squared distances are a constant minus 2 q·k, for every pair.

    The keys are centred first, which leaves every query's order; option ``scale`` as in
    `maps.geometry.translated`, with ``"norm"`` as the default.
    """
    c = scale_of(cloud, (options or {}).get("scale", "norm"))
    q, k = lift(cloud.q * c, (cloud.k - cloud.k[cloud.key_core].mean(0)) / c)
    places, share = principal(np.concatenate([q, k]).astype(np.float32), dims)
    return Layout(places[: len(q)], places[len(q) :], None, {"c": c, "variance": share})


def biplot_axes(cloud: Cloud, dims: int) -> Axes:
    """Return the linear maps whose products are nearest to the centred q·k, sinks left out.

    Notes
    -----
    The singular value decomposition of the (n, n) matrix of products, from (d, d) matrices only:
    with Q = Oq Rq and K = Ok Rk, Q Kᵀ = Oq (Rq Rkᵀ) Okᵀ. Each side takes the root of the singular
    values. Source: Gabriel 1971, Biometrika 58, 453-467.
    """
    rows, columns = cloud.core, cloud.key_core
    q, k = cloud.q.astype(np.float64), cloud.k.astype(np.float64)
    mean_q, mean_k = q[rows].mean(0), k[columns].mean(0)
    root_q = np.linalg.qr(q[rows] - mean_q, mode="r")
    root_k = np.linalg.qr(k[columns] - mean_k, mode="r")
    u, s, vt = np.linalg.svd(root_q @ root_k.T)
    half = np.sqrt(s[:dims])
    a = np.linalg.pinv(root_q, rcond=1e-6) @ (u[:, : len(half)] * half)
    b = np.linalg.pinv(root_k, rcond=1e-6) @ (vt[: len(half)].T * half)
    flip = signs(a) if a.size else 1.0
    share = (s[:dims] ** 2).sum() / max((s**2).sum(), 1e-30)
    return Axes(mean_q, mean_k, a * flip, b * flip, float(share))


def fit_biplot(cloud: Cloud, *, dims: int = 2, options: dict | None = None) -> Layout:
    """Return the best rank-`dims` picture of q·k: the products of places approximate the logits.

    There is nothing to choose: whatever the options are, the map is the same.
    """
    axes = biplot_axes(cloud, dims)
    q = pad((cloud.q - axes.mean_q) @ axes.a, dims)
    k = pad((cloud.k - axes.mean_k) @ axes.b, dims)
    return Layout(q, k, None, {"share": axes.share})
