"""Ghost points: new text placed into a map that stays as it is.

Each new query goes among the places of the old queries most like it, each new key among the keys.
In an attention map it is then drawn to the keys it attends to, with the old points frozen.
"""

import numpy as np

from compute.maps.attention_map import Finish, State, gradient, pull, schedule
from compute.maps.cloud import Cloud, Layout
from compute.maps.targets import log_mean_exp, own_terms, softmax, temperature

NEIGHBOURS = 10
STEPS = 60
RATE = 0.2
SAMPLE = 256
SHARE = 0.06
PULL = 0.5


def place(old: Cloud, layout: Layout, new: Cloud, *, refine: bool = True) -> Layout:
    """Return places for new tokens in an old map.

    Parameters
    ----------
    old : Cloud
        What the map shows.
    layout : Layout
        The map; it is not changed.
    new : Cloud
        The new text in the same head of the same model.
    refine : bool
        Draw queries to the keys they attend to: for the attention maps. Without it the new
        attention is never looked at.

    Returns
    -------
    Layout
        Of the new tokens alone.
    """
    start = neighbours(old, layout, new)
    finish = Finish(new, start.q, start.k, start.size, {"ghosts": len(new)})
    size = None if start.size is None else start.size[new.key_core]
    state = State(start.q[new.core], start.k[new.key_core], size)
    if refine:
        _refine(old, layout, new, state, np.random.default_rng(0))
    return finish(state)


def neighbours(old: Cloud, layout: Layout, new: Cloud) -> Layout:
    """Return places for new tokens from those of the old ones most like them.

    Notes
    -----
    Queries are alike if all keys give them like logits: their difference is measured by the second
    moments of the keys, and that of keys by those of the queries. Of the 10 nearest the half around
    their weighted medoid counts, so that no point falls between two clusters.
    """
    core, key_core = old.core, old.key_core
    by_keys = _root(old.k[key_core] - old.k[key_core].mean(0))
    by_queries = _root(old.q[core])
    q, _ = _among(old.q[core] @ by_keys, new.q @ by_keys, layout.q[core], None)
    size = None if layout.size is None else layout.size[key_core]
    k, size = _among(old.k[key_core] @ by_queries, new.k @ by_queries, layout.k[key_core], size)
    return Layout(q, k, size)


def _root(points: np.ndarray) -> np.ndarray:
    """Return the symmetric root (d, d) of the points' second moments."""
    values, axes = np.linalg.eigh((points.T @ points).astype(np.float64) / len(points))
    return ((axes * np.sqrt(np.maximum(values, 0))) @ axes.T).astype(np.float32)


def _among(
    old: np.ndarray, new: np.ndarray, places: np.ndarray, size: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return places (and sizes) for `new` vectors from those of the nearest `old` ones."""
    count = min(NEIGHBOURS, len(old))
    far = (new**2).sum(1)[:, None] + (old**2).sum(1) - 2 * new @ old.T
    near = np.argpartition(far, count - 1, axis=1)[:, :count]
    squares = np.maximum(np.take_along_axis(far, near, 1), 0)
    weights = 1 / (squares + 0.1 * squares.mean(1, keepdims=True) + 1e-12)
    spots = places[near]
    apart = np.linalg.norm(spots[:, :, None] - spots[:, None], axis=-1)
    medoid = (apart @ weights[:, :, None])[..., 0].argmin(1)
    from_medoid = apart[np.arange(len(new)), medoid]
    weights *= from_medoid <= np.median(from_medoid, axis=1, keepdims=True)
    weights /= weights.sum(1, keepdims=True)
    spots = (weights[..., None] * spots).sum(1).astype(np.float32)
    return spots, None if size is None else (weights * size[near]).sum(1).astype(np.float32)


def _refine(old: Cloud, layout: Layout, new: Cloud, state: State, rng: np.random.Generator) -> None:
    """Move the new points for 60 steps: own passages, and a sample of old points that stay."""
    own = own_terms(new, rng)
    some = rng.permutation(old.core)[:SAMPLE]
    keys = some if old.square else rng.permutation(old.key_core)[:SAMPLE]
    size = None if layout.size is None else layout.size[keys]
    level = log_mean_exp(old.q[some] @ old.k[keys].T)
    q, k = new.q[new.core], new.k[new.key_core]
    rows = {
        "q": (_rows(q @ old.k[keys].T), layout.k[keys], size),
        "k": (_rows(k @ old.q[some].T - level), layout.q[some], None),
    }
    for step in range(STEPS):
        slopes = gradient(own, state)
        for kind, (target, fixed, popular) in rows.items():
            slopes[kind] += pull(state.values[kind], fixed, target, PULL, None, popular)[0]
        state.move(slopes, RATE * schedule(step, STEPS))


def _rows(logits: np.ndarray) -> np.ndarray:
    """Return rows over the sample at their perplexity, times the weight of such rows."""
    wide = max(1.05, SHARE * logits.shape[1])
    return softmax(logits * temperature(logits, wide)[:, None]) * np.float32(PULL)
