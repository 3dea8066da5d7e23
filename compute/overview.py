"""The maps of all heads as small multiples: one cloud of points, ready for one WebGL trace.

The first picture is the closed form that the attention map starts from; where the store has a
head's fitted map, that takes its place. Light: numpy only.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from compute import projection, store
from compute.attention_map import preview
from compute.errors import HeadscopeError
from compute.runs import Run

KIND = "overviews"
VERSION = 1
BUDGET = 200_000
"""Points of all heads together."""
FEWEST = 20
"""Tokens drawn per head at least, if the text has them."""
GAP = 0.12
SHARE = (1.0, 99.0)
"""A cell shows what lies between these percentiles of ordinary points; others lie at its edge."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Overview:
    """The layouts of all heads on the same s tokens.

    Attributes
    ----------
    tokens : int32 (s,)
        Which tokens of the run are drawn, ascending.
    ordinary : bool (s,)
        Which of them are no sinks.
    places : float32 (layers, heads, 2, s, 2)
        Queries, then keys, in each head's own coordinates.
    fitted : bool (layers, heads)
        Whether a head's places are its fitted map, or the closed form it starts from.
    """

    tokens: np.ndarray
    ordinary: np.ndarray
    places: np.ndarray
    fitted: np.ndarray


@dataclass(frozen=True)
class Sprite:
    """All points of all heads, each token's query and key in turn: N = layers · heads · s · 2.

    Attributes
    ----------
    x, y : float32 (N,)
        Head h of layer l has the unit square whose lower left corner is at (h · (1 + gap),
        −(l + 1) · (1 + gap)): layers go down, heads to the right.
    key : bool (N,)
        Keys; the others are queries.
    token : int32 (N,)
        The point's token in the run.
    layer, head : int16 (N,)
    side : float32 (layers, heads)
        How many units of a head's own map the side of its square stands for.
    """

    x: np.ndarray
    y: np.ndarray
    key: np.ndarray
    token: np.ndarray
    layer: np.ndarray
    head: np.ndarray
    side: np.ndarray


def sample(run: Run, budget: int = BUDGET, seed: int = 0) -> np.ndarray:
    """Return which tokens are drawn in every head, int32 (s,) ascending.

    All of them if they fit into the budget of points, otherwise a random choice.
    """
    heads = run.model.layers * run.model.heads
    count = min(len(run.tokens), max(FEWEST, budget // (2 * heads)))
    chosen = np.random.default_rng(seed).choice(len(run.tokens), count, replace=False)
    return np.sort(chosen).astype(np.int32)


def start(
    run: Run,
    *,
    budget: int = BUDGET,
    seed: int = 0,
    progress: Progress = lambda done, total: None,
) -> Overview:
    """Return all heads in closed form, from the store if they were there before.

    Parameters
    ----------
    run : Run
    budget : int
        Points of all heads together.
    seed : int
        Of the choice of tokens.
    progress : callable
        Called with the heads done and the number of all.
    """
    name = store.key("overview", VERSION, projection.VERSION, run.key, budget, seed)
    tokens = sample(run, budget, seed)
    entry = store.find(KIND, name)
    if entry is None:
        places = _previews(run, tokens, progress)
        with store.writing(KIND, name) as draft:
            draft.save("places", places)
    else:
        places = np.array(entry.array("places"))
    ordinary = ~run.tokens.sinks(run.model.causal)[tokens]
    fitted = np.zeros(places.shape[:2], bool)
    return Overview(tokens, ordinary, places, fitted)


def refine(
    overview: Overview, run: Run, method: str = "attention", options: dict | None = None
) -> Overview:
    """Return the overview with all fitted maps that the store has by now.

    Heads that were fitted before are not looked up again, so this can be called as often as new
    maps come in.
    """
    places, fitted = overview.places.copy(), overview.fitted.copy()
    for layer, head in np.argwhere(~fitted):
        name = projection.key(run.key, int(layer), int(head), method, 2, options)
        layout = projection.load(name)
        if layout is not None:
            places[layer, head] = np.stack([layout.q[overview.tokens], layout.k[overview.tokens]])
            fitted[layer, head] = True
    return replace(overview, places=places, fitted=fitted)


def sprite(overview: Overview, *, scale: str = "head", gap: float = GAP) -> Sprite:
    """Return all points in a grid of unit squares.

    Parameters
    ----------
    overview : Overview
    scale : {"head", "shared"}
        ``head``: each map fills its square. ``shared``: one unit is as long in all of them, so
        that a head with a small map is seen to have one.
    gap : float
        Space between squares.

    Raises
    ------
    HeadscopeError
        If there is no such scale.
    """
    if scale not in ("head", "shared"):
        raise HeadscopeError("The scale of an overview is “head” or “shared”.")
    layers, heads, _, count, _ = overview.places.shape
    centre, side = _boxes(overview)
    if scale == "shared":
        side = np.full_like(side, side.max())
    inside = (overview.places - centre[:, :, None, None]) / side[:, :, None, None, None] + 0.5
    inside = np.clip(inside, 0, 1, dtype=np.float32)
    row, column = np.indices((layers, heads), dtype=np.float32)
    step = np.float32(1 + gap)
    inside = np.swapaxes(inside, 2, 3)  # query, key, query, ...: neither kind covers the other
    x = inside[..., 0] + (column * step)[:, :, None, None]
    y = inside[..., 1] - ((row + 1) * step)[:, :, None, None]
    shape = (layers, heads, count, 2)
    layer, head, _, kind = np.indices(shape, dtype=np.int16, sparse=True)
    return Sprite(
        x=x.ravel(),
        y=y.ravel(),
        key=np.broadcast_to(kind == 1, shape).ravel(),
        token=np.broadcast_to(overview.tokens[:, None], shape).ravel(),
        layer=np.broadcast_to(layer, shape).ravel(),
        head=np.broadcast_to(head, shape).ravel(),
        side=side,
    )


def _previews(run: Run, tokens: np.ndarray, progress: Progress) -> np.ndarray:
    layers, heads = run.model.layers, run.model.heads
    places = np.empty((layers, heads, 2, len(tokens), 2), np.float32)
    for layer, head in np.ndindex(layers, heads):
        layout = preview(projection.cloud(run, layer, head), 2)
        places[layer, head] = layout.q[tokens], layout.k[tokens]
        progress(layer * heads + head + 1, layers * heads)
    return places


def _boxes(overview: Overview) -> tuple[np.ndarray, np.ndarray]:
    """Return centres (layers, heads, 2) and sides (layers, heads) of the squares, float32."""
    some = overview.ordinary if overview.ordinary.any() else np.ones_like(overview.ordinary)
    low, high = np.percentile(overview.places[:, :, :, some], SHARE, axis=(2, 3))
    side = np.maximum((high - low).max(-1) * 1.06, 1e-6)
    return ((low + high) / 2).astype(np.float32), side.astype(np.float32)
