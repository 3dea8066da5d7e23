"""The attention map: places of queries and keys whose nearness reproduces attention.

The picture has an attention of its own: with w = 1 / (1 + d²), a query's w over keys, divided by
their sum. The places minimise the divergence KL from the true rows (`maps.targets`) to these,
by Adam from the closed-form biplot. Plain numpy; the same seed gives the same map.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from compute.errors import HeadscopeError
from compute.maps.cloud import Cloud, Frame, Layout
from compute.maps.geometry import key_bias
from compute.maps.linear import biplot_axes, pad
from compute.maps.targets import SAMPLE, Term, own_terms, sample_terms
from compute.progress import Progress

STEPS = 200
FRAMES = (10, 25, 50, 200)
TURNS = (("qk", "kk"), ("kq", "qq"))
"""Terms of even and odd steps: half the work, the same map."""
LARGEST = 6.0
"""Limit of the logarithm of a key's popularity."""
RADIUS = 4.0


def fit_attention(
    cloud: Cloud,
    *,
    dims: int = 2,
    seed: int = 0,
    options: dict | None = None,
    progress: Progress | None = None,
    frame: Frame | None = None,
    sized: bool = False,
) -> Layout:
    """Return places whose distance shows attention.

    Parameters
    ----------
    seed : int
        Of the samples of the whole text.
    options : dict
        ``steps`` (200), ``sample`` (128: tokens per sample of the whole text).
    progress : Progress, in steps
    frame : callable
        Called with the step and the map so far after steps 10, 25, 50, 200.
    sized : bool
        Draw each key's popularity as the size of its dot: w = exp(b) / (1 + d²) in the rows of
        queries, and b of every key is fitted too and returned as `Layout.size`.

    Raises
    ------
    HeadscopeError
        If an option makes no sense.
    """
    options = options or {}
    steps, sample = (int(options.get(n, d)) for n, d in (("steps", STEPS), ("sample", SAMPLE)))
    if steps < 0 or sample < 4:
        raise HeadscopeError("An attention map needs 0 or more steps and a sample of 4 or more.")
    rng = np.random.default_rng(seed)
    core, key_core = cloud.core, cloud.key_core
    q, k, share = start(cloud, dims)
    size = popularity(cloud) if sized else None
    finish = Finish(cloud, q, k, size, {"steps": steps, "share": share})
    own = own_terms(cloud, rng)
    samples = list(sample_terms(cloud, rng, sample))
    state = State(q[core], k[key_core], None if size is None else size[key_core])
    for step in range(steps):
        turn = samples[step // 2 % len(samples)] if samples else {}
        terms = own + [turn[name] for name in TURNS[step % 2] if turn]
        state.move(gradient(terms, state), schedule(step, steps))
        if frame and step + 1 in FRAMES:
            frame(step + 1, finish(state))
        if progress and ((step + 1) % 10 == 0 or step + 1 == steps):
            progress(step + 1, steps)
    return finish(state)


def preview(cloud: Cloud, dims: int) -> Layout:
    """Return the map before its first step: the biplot, drawn together; a few milliseconds."""
    q, k, share = start(cloud, dims)
    return Layout(q, k, None, {"steps": 0, "share": share})


def start(cloud: Cloud, dims: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the biplot with its far points drawn in, (n, dims) each, and the share it shows.

    A point at radius r goes to 4 r / (r + r0), r0 the median: no outlier is cut off, none is far.
    """
    axes = biplot_axes(cloud, dims)
    places = [pad((v - m) @ a, dims) for v, m, a in _sides(cloud, axes)]
    radii = [np.linalg.norm(p, axis=1, keepdims=True) for p in places]
    cores = radii[0][cloud.core], radii[1][cloud.key_core]
    middle = max(float(np.median(np.concatenate(cores))), 1e-12)
    q, k = (
        (np.float32(RADIUS) * p / (middle + r)).astype(np.float32)
        for p, r in zip(places, radii, strict=True)
    )
    return q, k, axes.share


def _sides(cloud: Cloud, axes) -> tuple:
    return (cloud.q, axes.mean_q, axes.a), (cloud.k, axes.mean_k, axes.b)


def popularity(cloud: Cloud) -> np.ndarray:
    """Return the product of each key with the mean query, less the mean of all, within ±6 (s,)."""
    return np.clip(key_bias(cloud), -LARGEST, LARGEST).astype(np.float32)


def schedule(step: int, steps: int) -> float:
    """Return the learning rate: ten steps up to 1, then down to almost 0."""
    return min(1.0, (step + 1) / 10) * max(0.02, 1 - step / steps)


class Adam:
    """Adam (Kingma & Ba 2015, arXiv:1412.6980) with decay rates .9 and .99, in place."""

    def __init__(self, values: np.ndarray):
        self.mean, self.square, self.time = np.zeros_like(values), np.zeros_like(values), 0

    def step(self, values: np.ndarray, slope: np.ndarray, rate: float) -> None:
        """Move `values` down the slope."""
        self.time += 1
        self.mean += (slope - self.mean) * np.float32(0.1)
        self.square += (slope * slope - self.square) * np.float32(0.01)
        mean = self.mean / np.float32(1 - 0.9**self.time)
        square = self.square / np.float32(1 - 0.99**self.time)
        values -= np.float32(rate) * mean / (np.sqrt(square) + np.float32(1e-8))


class State:
    """Places (and sizes) of the tokens that are fitted, and their Adam memories."""

    def __init__(self, q: np.ndarray, k: np.ndarray, size: np.ndarray | None):
        self.values = {"q": q.copy(), "k": k.copy()}
        if size is not None:
            self.values["size"] = size.copy()
        self.adam = {name: Adam(v) for name, v in self.values.items()}

    def move(self, slopes: dict[str, np.ndarray], rate: float) -> None:
        """Take one step down the gradient; sizes a tenth as fast, within their limit."""
        for name, values in self.values.items():
            self.adam[name].step(values, slopes[name], rate * (0.1 if name == "size" else 1))
        if "size" in self.values:
            np.clip(self.values["size"], -LARGEST, LARGEST, out=self.values["size"])


def gradient(terms: list[Term], state: State) -> dict[str, np.ndarray]:
    """Return the gradient of the summed divergences by all places (and sizes)."""
    slopes = {name: np.zeros_like(v) for name, v in state.values.items()}
    for term in terms:
        x, y = state.values[term.source], state.values[term.goal]
        sized = term.source == "q" and term.goal == "k"
        size = state.values.get("size") if sized else None
        add = _add_gathered if term.gathered else _add
        add(term, x, y, size, slopes)
    return slopes


def _add(term: Term, x: np.ndarray, y: np.ndarray, size, slopes: dict[str, np.ndarray]) -> None:
    b = None if size is None else size[term.cols]
    gx, gy, gb = pull(x[term.rows], y[term.cols], term.target, term.weight, term.mask, b)
    rows, cols = term.rows, term.cols
    if term.real is not None:
        rows, cols = rows[term.real], cols[term.real_columns]
        gx, gy = gx[term.real], gy[term.real_columns]
        gb = None if gb is None else gb[term.real_columns]
    slopes[term.source][rows] += gx
    slopes[term.goal][cols] += gy
    if gb is not None:
        slopes["size"][cols] += gb


def _add_gathered(
    term: Term, x: np.ndarray, y: np.ndarray, size, slopes: dict[str, np.ndarray]
) -> None:
    """Add the gradient of rows that each have columns of their own."""
    apart = x[term.rows][:, None] - y[term.cols]
    nearness = 1 / (1 + (apart**2).sum(-1))
    shown = nearness * term.mask
    if size is not None:
        shown *= np.exp(size[term.cols])
    shown *= (term.weight / np.maximum(shown.sum(-1), np.float32(1e-20)))[:, None]
    missing = term.target - shown
    force = (2 * missing * nearness)[..., None] * apart
    slopes[term.source][term.rows] += force.sum(1)
    flat, n = term.cols.ravel(), len(y)
    for axis in range(y.shape[1]):
        slopes[term.goal][:, axis] -= np.bincount(flat, force[..., axis].ravel(), n)
    if size is not None:
        slopes["size"] -= np.bincount(flat, missing.ravel(), n)


def pull(
    x: np.ndarray,
    y: np.ndarray,
    target: np.ndarray,
    weight: np.ndarray | float,
    mask: np.ndarray | None = None,
    size: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Return the gradient of sum_i weight_i KL(P_i || M_i), M the map's own rows.

    Parameters
    ----------
    x : float32 (..., m, dims)
    y : float32 (..., c, dims)
    target : float32 (..., m, c)
        P, each row times its weight.
    weight : float32 (..., m) or float
    mask : float32 (..., m, c), optional
        Factors of w; 0 hides a pair.
    size : float32 (..., c), optional
        Logarithms of the columns' popularity.

    Returns
    -------
    by_x, by_y : float32, shaped as x and y
    by_size : float32 (..., c) or None

    Notes
    -----
    With G = 2 (P - M) w: by_x_i = sum_j G_ij (x_i - y_j), in matrix form.
    """
    nearness = x @ (np.swapaxes(y, -1, -2) * np.float32(-2))
    nearness += (x * x).sum(-1)[..., :, None]
    nearness += ((y * y).sum(-1) + 1)[..., None, :]
    np.maximum(nearness, 1, out=nearness)
    np.reciprocal(nearness, out=nearness)
    shown = nearness * mask if mask is not None else nearness.copy()
    if size is not None:
        shown *= np.exp(size)[..., None, :]
    total = np.maximum(shown.sum(-1), np.float32(1e-20))
    shown *= (np.asarray(weight, np.float32) / total)[..., None]
    force = np.subtract(target, shown, out=shown)
    by_size = None if size is None else -force.sum(-2)
    force *= nearness
    force *= np.float32(2)
    by_x = x * force.sum(-1)[..., None] - force @ y
    by_y = y * force.sum(-2)[..., None] - np.swapaxes(force, -1, -2) @ x
    return by_x, by_y, by_size


@dataclass(frozen=True)
class _Sinks:
    """Sinks of a passage, others of the other side, and the attention between, normalised."""

    sinks: np.ndarray
    others: np.ndarray
    attention: np.ndarray


class Finish:
    """Turns a state into a layout: sinks are placed afterwards, and never fitted.

    A sink's key is drawn at the attention-weighted mean of its passage's queries, its query at that
    of the keys it attends to (at its own key, if it attends only to sinks and has one).
    """

    def __init__(
        self, cloud: Cloud, q: np.ndarray, k: np.ndarray, size: np.ndarray | None, info: dict
    ):
        self.core, self.key_core = cloud.core, cloud.key_core
        self.start, self.size, self.info = (q, k), size, info
        self.square = cloud.square
        self.sinks = list(_sink_weights(cloud)) if _has_sinks(cloud) else []

    def __call__(self, state: State) -> Layout:
        """Return the layout of a state."""
        q, k = (v.copy() for v in self.start)
        q[self.core], k[self.key_core] = state.values["q"], state.values["k"]
        for keys, queries in self.sinks:
            k[keys.sinks] = keys.attention @ q[keys.others]
            seen = queries.attention.any(1)
            drawn = queries.attention @ k[queries.others]
            instead = (k if self.square else q)[queries.sinks]
            q[queries.sinks] = np.where(seen[:, None], drawn, instead)
        size = None if self.size is None else self.size.copy()
        if size is not None:
            size[self.key_core] = state.values["size"]
        return Layout(q, k, size, self.info)


def _has_sinks(cloud: Cloud) -> bool:
    sides = cloud.queries, cloud.keys
    return any(len(side.core) < len(side.sink) for side in sides)


def _sink_weights(cloud: Cloud) -> Iterator[tuple[_Sinks, _Sinks]]:
    """Yield the sinks of each passage: keys with the queries, queries with the keys they draw."""
    for passage in range(len(cloud.starts) - 1):
        rows, columns = cloud.queries.span(passage), cloud.keys.span(passage)
        asking, asked = cloud.sink[rows], cloud.keys.sink[columns]
        if asking.all() or asked.all() or not (asking.any() or asked.any()):
            continue
        to_sinks, of_sinks = [], []
        for some, attention in cloud.attention_in_blocks(passage):
            to_sinks.append(attention[~asking[some]][:, asked])
            of_sinks.append(attention[asking[some]][:, ~asked])
        received = np.concatenate(to_sinks).T + np.float32(1e-12)
        given = np.concatenate(of_sinks)
        total = given.sum(1, keepdims=True)
        yield (
            _Sinks(columns[asked], rows[~asking], received / received.sum(1, keepdims=True)),
            _Sinks(
                rows[asking],
                columns[~asked],
                np.where(total > 1e-9, given / np.maximum(total, 1e-30), 0),
            ),
        )
