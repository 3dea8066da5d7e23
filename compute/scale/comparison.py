"""Several maps of one head side by side: other methods, or other scales c."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from compute import runs, store
from compute.machine import pool
from compute.maps import projection
from compute.maps.cloud import Cloud, Layout
from compute.progress import Progress, unseen
from compute.trust import trust
from compute.trust.heldout import held_out

VERSION = 1


@dataclass(frozen=True)
class Asked:
    """A map to compare.

    Attributes
    ----------
    method : str
        A key of `projection.METHODS`.
    options : dict
        The method's own settings.
    rounds : int
        So many fifths of the passages are also held out and placed without their own attention.
    """

    method: str
    dims: int = 2
    options: dict = field(default_factory=dict)
    rounds: int = 0


@dataclass(frozen=True)
class Row:
    """What was measured of a map.

    Attributes
    ----------
    trust : dict
        `trust.trust.Trust.numbers` of the whole text.
    held_out : dict or None
        `trust.heldout.held_out`; None if that was not asked for, or can't be done.
    seconds : float
        Of the fit, on one core, without loading or compiling the method's library.
    """

    trust: dict
    held_out: dict | None
    seconds: float


def compare(
    run_key: str,
    layer: int,
    head: int,
    asked: Sequence[Asked],
    progress: Progress = unseen,
) -> None:
    """Fit and measure maps of one head; what is there is not made anew.

    Parameters
    ----------
    progress : Progress
        Called with the maps done and the number of all that had to be made.

    Raises
    ------
    HeadscopeError
        If the run is not in the cache, or a map can't be made.
    """
    runs.load(run_key).check(layer, head)
    missing = [each for each in asked if row(run_key, layer, head, each) is None]
    ready([each.method for each in missing])
    for _ in pool.each(partial(_measure, run_key, layer, head), missing, progress):
        pass


def row(run_key: str, layer: int, head: int, asked: Asked) -> Row | None:
    """Return what was measured of a map, or None if it, or the map, is not in the store."""
    if not projection.MAPS.has(name(run_key, layer, head, asked)):
        return None
    return ROWS.get(key(run_key, layer, head, asked))


def layout(run_key: str, layer: int, head: int, asked: Asked) -> Layout | None:
    """Return a compared map, or None if it is not in the store."""
    return projection.MAPS.get(name(run_key, layer, head, asked))


ROWS = store.record("compared", Row)


def ready(methods: Sequence[str]) -> None:
    """Load and compile what methods need, before processes are forked and clocks are read."""
    for method in dict.fromkeys(methods):
        if prepare := projection.METHODS[method].prepare:
            prepare()


def turned(places: Layout, like: Layout) -> Layout:
    """Return a map rotated and mirrored so that it lies as another one does; distances stay.

    Notes
    -----
    Orthogonal Procrustes analysis: Schönemann 1966, Psychometrika 31, 1-10.
    """
    both = [np.concatenate([m.q, m.k]).astype(np.float64) for m in (places, like)]
    centred = [points - points.mean(0) for points in both]
    u, _, vt = np.linalg.svd(centred[0].T @ centred[1])
    moved = (centred[0] @ u @ vt).astype(np.float32)
    n = len(places.q)
    return Layout(moved[:n], moved[n:], places.size, places.info)


def _measure(run_key: str, layer: int, head: int, asked: Asked) -> None:
    cloud = projection.cloud(runs.load(run_key), layer, head)
    started = time.perf_counter()
    made = _fit(asked, cloud)
    seconds = time.perf_counter() - started
    hidden = held_out(cloud, partial(_fit, asked), rounds=asked.rounds) if asked.rounds else None
    projection.MAPS.put(name(run_key, layer, head, asked), made)
    found = Row(trust.trust(cloud, made).numbers(), hidden, seconds)
    ROWS.put(key(run_key, layer, head, asked), found)


def _fit(asked: Asked, cloud: Cloud) -> Layout:
    return projection.fit(cloud, asked.method, dims=asked.dims, options=asked.options)


def name(run_key: str, layer: int, head: int, asked: Asked) -> str:
    """Return the map's name among the layouts of the store."""
    return projection.key(run_key, layer, head, asked.method, asked.dims, asked.options)


def key(run_key: str, layer: int, head: int, asked: Asked) -> str:
    """Return the name of what was measured of a map in the store."""
    return store.key("compared", VERSION, name(run_key, layer, head, asked), asked.rounds)
