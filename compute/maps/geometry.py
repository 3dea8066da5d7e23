"""What may be done to queries and keys without changing attention, and distances that are products.

- One vector added to all keys changes all logits of a query alike: attention stays as it is.
- One vector s added to all queries adds s·k to the logits of key k: attention does change, unless
  that product is taken off again (`key_bias`).
- Queries times c and keys by c leave every product as it is.
"""

import numpy as np

from compute.errors import HeadscopeError
from compute.maps.cloud import Cloud


def translated(
    cloud: Cloud, scale: float | str | None = None
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return queries and keys as AttentionViz joins them: scaled, then keys moved onto the queries.

    Parameters
    ----------
    scale : float or "norm" or None
        c: queries times c, keys by c. ``"norm"`` makes the median norms of the centred clouds
        equal; None is 1, as in AttentionViz's released data.

    Returns
    -------
    q, k : float32 (n, d)
    c : float

    Raises
    ------
    HeadscopeError
        If c is not a positive number.

    Notes
    -----
    Source: Yeh et al. 2023, arXiv:2305.03210. All tokens count for the two means, special ones too.
    """
    c = scale_of(cloud, scale)
    q, k = cloud.q * np.float32(c), cloud.k / np.float32(c)
    return q, k - k.mean(0) + q.mean(0), c


def scale_of(cloud: Cloud, scale: float | str | None) -> float:
    """Return the number c that a `scale` option means (see `translated`)."""
    if scale is None:
        return 1.0
    if scale == "norm":
        return norm_scale(cloud.q, cloud.k)
    try:
        c = float(scale)
    except (TypeError, ValueError):
        c = 0.0
    if not (np.isfinite(c) and c > 0):
        raise HeadscopeError(f"The scale c must be a number above 0 or “norm”, not {scale!r}.")
    return c


def norm_scale(q: np.ndarray, k: np.ndarray) -> float:
    """Return c so that ``q * c`` and ``k / c``, each centred, have equal median norms; else 1."""
    norms = [np.median(np.linalg.norm(v - v.mean(0), axis=1)) for v in (q, k)]
    return float(np.sqrt(norms[1] / norms[0])) if min(norms) > 1e-12 else 1.0


def key_bias(cloud: Cloud) -> np.ndarray:
    """Return what centring the queries takes from each key's logits: its popularity, (s,).

    With means over all but sinks, q·k = (q - mean q)·(k - mean k) + bias of k + a constant per
    query.
    """
    q, k = cloud.q[cloud.core], cloud.k[cloud.key_core]
    return (cloud.k - k.mean(0)) @ q.mean(0)


def lift(q: np.ndarray, k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return vectors with two more coordinates whose distances are products, exactly.

    Parameters
    ----------
    q, k : (n, d)

    Returns
    -------
    q, k : float64 (n, d + 2)
        ``|q_i - k_j|**2 == max|q|**2 + max|k|**2 - 2 q_i·k_j`` for every pair.

    Notes
    -----
    Keys get the coordinate sqrt(max|k|² - |k|²), queries another one in the same way. Source, for
    the keys: Bachrach et al. 2014, RecSys, 257-264. Among themselves queries are nearer than to
    any key, so a graph of joint neighbours has almost no edge between the clouds: useful for PCA
    and for the search of a query's keys, not for UMAP or t-SNE.
    """
    q, k = q.astype(np.float64), k.astype(np.float64)
    pair = np.zeros(len(q)), np.zeros(len(k))
    return np.column_stack([q, pair[0], _missing(q)]), np.column_stack([k, _missing(k), pair[1]])


def _missing(points: np.ndarray) -> np.ndarray:
    """Return the length that each vector lacks to be as long as the longest, at right angles."""
    squares = (points**2).sum(1)
    return np.sqrt(np.maximum(squares.max() - squares, 0))
