"""The maps of all heads of a run at once: places without a fit first, then the fitted ones.

Places without a fit take some 10 ms a head. They are kept together, so that the page reads one file
however many heads there are; fitted maps are those of `maps.projection`, one entry a head.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from compute import runs, store
from compute.maps import projection
from compute.maps.cloud import Cloud, Layout
from compute.progress import Progress, unseen

VERSION = 1
MOST = 120_000
"""Points drawn of all heads together, roughly."""
LEAST = 60
"""Tokens drawn of every head, if the text has as many."""
INSIDE = 0.5
"""Percent of the points on either side that may lie beyond a tile's edge and are drawn on it."""


@dataclass(frozen=True)
class Tiles:
    """Places of all tokens in all heads' maps.

    Attributes
    ----------
    q, k : float32 (layers, heads, n, 2), (layers, heads, s, 2)
    fitted : bool (layers, heads)
        Which heads show the fitted map; the others show its stand-in.
    """

    q: np.ndarray
    k: np.ndarray
    fitted: np.ndarray


def stand_in(points: Cloud, method: str, dims: int = 2) -> Layout:
    """Return what is shown until a method's fit is there; for instant methods the map itself."""
    known = projection.METHODS[method]
    if known.preview:
        return known.preview(points, dims)
    return projection.fit(points, method if known.instant else "pca", dims=dims)


def key(run_key: str, method: str) -> str:
    """Return the name of the places without a fit in the store."""
    return store.key("tiles", VERSION, projection.VERSION, run_key, method)


def lay_out(
    run_key: str,
    method: str,
    progress: Progress = unseen,
) -> None:
    """Lay out all heads of a run without a fit, unless that was done before.

    Parameters
    ----------
    method : str
        A key of `projection.METHODS`.
    progress : Progress, in heads

    Raises
    ------
    HeadscopeError
        If the run is not in the cache, or the vectors of a head are no numbers.
    """
    name = key(run_key, method)
    if PLACES.has(name):
        return
    run = runs.load(run_key)
    run.check_all()
    shape = run.model.layers, run.model.heads
    sides = run.tokens, run.keys
    places = tuple(np.empty((*shape, len(side), 2), np.float32) for side in sides)
    with threadpool_limits(1):  # of matrices this small threads would only wait for each other
        for done, at in enumerate(np.ndindex(shape), 1):
            layout = stand_in(projection.cloud(run, *at), method)
            places[0][at], places[1][at] = layout.q, layout.k
            progress(done, shape[0] * shape[1])
    PLACES.put(name, places)


def _dump(draft: store.Draft, places: tuple[np.ndarray, np.ndarray]) -> None:
    q, k = places
    if q.shape == k.shape:
        draft.save("places", np.stack(places))
        return
    draft.save("queries", q)
    draft.save("keys", k)


def _build(entry: store.Entry) -> tuple[np.ndarray, np.ndarray]:
    if "places" in entry.names():
        q, k = entry.array("places")
        return q, k
    return entry.array("queries"), entry.array("keys")


PLACES = store.Stored("tiles", _dump, _build)


def of(run_key: str, method: str) -> Tiles | None:
    """Return all heads' places, fitted ones where they are; None before `lay_out`."""
    places = PLACES.get(key(run_key, method))
    if places is None:
        return None
    q, k = (np.array(side) for side in places)
    fitted = np.full(q.shape[:2], projection.METHODS[method].instant)
    if not fitted.all():
        for at in np.ndindex(fitted.shape):
            layout = projection.MAPS.get(projection.key(run_key, *at, method))
            if layout is not None:
                q[at], k[at], fitted[at] = layout.q, layout.k, True
    return Tiles(q, k, fitted)


def some(run_key: str, method: str, heads: Sequence[tuple[int, int]]) -> Tiles | None:
    """Return the fitted places of some heads, in one row; None if one of them is not there."""
    found = [projection.MAPS.get(projection.key(run_key, *at, method)) for at in heads]
    if None in found:
        return None
    q, k = (np.stack([getattr(each, role) for each in found])[None] for role in "qk")
    return Tiles(q, k, np.ones((1, len(found)), bool))


def sample(tokens: int, heads: int) -> np.ndarray:
    """Return which queries, or keys, are drawn, the same in all heads: int64 (s,), in order.

    Random rather than evenly spaced: heads that look a fixed number of tokens away would show
    patterns of the spacing.
    """
    count = min(tokens, max(LEAST, MOST // (2 * heads)))
    return np.sort(np.random.default_rng(0).permutation(tokens)[:count])


def framed(tiles: Tiles, shared: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the places in each tile's own frame, −1 to 1 from left to right and bottom to top.

    Parameters
    ----------
    shared : bool
        One scale for all heads, that of the widest map, instead of one per head.

    Returns
    -------
    q, k : float32 (layers, heads, n, 2), (layers, heads, s, 2)
        The few points beyond the frame are put on its edge.
    """
    both = np.concatenate([tiles.q, tiles.k], axis=2)
    low, high = np.percentile(both, (INSIDE, 100 - INSIDE), axis=2)
    middle = ((low + high) / 2)[:, :, None].astype(np.float32)
    half = np.maximum((high - low).max(-1) / 2, 1e-12)
    if shared:
        half = np.full_like(half, half.max())
    half = half[..., None, None].astype(np.float32)
    q, k = (np.clip((places - middle) / half, -1, 1) for places in (tiles.q, tiles.k))
    return q, k


def gathered(
    q: np.ndarray, k: np.ndarray, tokens: np.ndarray, keys: np.ndarray | None = None
) -> np.ndarray:
    """Return how close together some tokens lie in each head's map.

    Parameters
    ----------
    q, k : float (layers, heads, n, 2), (layers, heads, s, 2)
    tokens : int (t,)
    keys : int (u,), optional
        Those that are meant among keys, where these are of other tokens than queries.

    Returns
    -------
    float64 (layers, heads)
        Mean distance of the tokens' queries, and of their keys, from their own middle, over that of
        all queries, and all keys: 0 is one spot, 1 as far apart as any tokens. A role with fewer
        than two of them says nothing; NaN where neither has two.
    """
    sides = (q, tokens), (k, tokens if keys is None else keys)
    several = [(places, rows) for places, rows in sides if len(rows) > 1]
    if not several:
        return np.full(q.shape[:2], np.nan)
    some = sum(_spread(places[:, :, rows]) for places, rows in several)
    everything = sum(_spread(places) for places, _ in several)
    return some / np.maximum(everything, 1e-12)


def _spread(places: np.ndarray) -> np.ndarray:
    return np.linalg.norm(places - places.mean(2, keepdims=True), axis=-1).mean(2, dtype=float)
