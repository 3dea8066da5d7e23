"""The maps of all heads of a run and how far each can be trusted, in one go."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from compute import runs, store
from compute.machine import pool
from compute.maps import projection
from compute.progress import Progress, unseen
from compute.scale.comparison import ready
from compute.trust import trust as measures
from compute.trust import trust_store

VERSION = 1


@dataclass(frozen=True)
class AllTrust:
    """What `trust.trust.Trust` says of every head's map.

    Attributes
    ----------
    score, preference : float64 (layers, heads)
        As in `Trust`; NaN where a head has no such number (uniform attention, short passages).
    queries : int (layers, heads)
    """

    score: np.ndarray
    preference: np.ndarray
    queries: np.ndarray

    def words(self, layer: int, head: int) -> str:
        """Return what to think of one head's map, in words."""
        score, preference = self.score[layer, head], self.preference[layer, head]
        known = None if np.isnan(score) else float(score)
        return measures.words(known, float(preference), int(self.queries[layer, head]))


def fit_all(
    run_key: str,
    method: str,
    dims: int = 2,
    options: dict | None = None,
    progress: Progress = unseen,
) -> None:
    """Lay out all heads of a run, measure every map, and keep both; what is there is not made anew.

    Parameters
    ----------
    method : str
        A key of `projection.METHODS`.
    dims : int
        2 or 3.
    options : dict
        The method's own settings.
    progress : Progress, in heads

    Raises
    ------
    HeadscopeError
        If the run is not in the cache, or one of its heads can't be laid out.
    """

    def fit() -> AllTrust:
        run = runs.load(run_key)  # before the processes are forked
        run.check_all()
        model = run.model
        heads = [*np.ndindex(model.layers, model.heads)]
        ready([method])
        one = partial(fit_one, run_key, method, dims, options or {})
        found = dict(pool.each(one, heads, progress))
        numbers = zip(*(found[at] for at in heads), strict=True)
        score, preference, queries = (
            np.array(some).reshape(model.layers, model.heads) for some in numbers
        )
        return AllTrust(score.astype(float), preference, queries)  # None becomes NaN

    TRUSTS.ensure(key(run_key, method, dims, options), fit)


def key(run_key: str, method: str, dims: int = 2, options: dict | None = None) -> str:
    """Return the name of all heads' trust in the store."""
    maps = projection.VERSION, run_key, method, dims, options or {}
    # The last was once how many fifths of the passages are held out.
    return store.key("trusts", VERSION, measures.VERSION, *maps, 0)


TRUSTS = store.record("trusts", AllTrust)


def fit_one(run_key: str, method: str, dims: int, options: dict, at: tuple[int, int]) -> tuple:
    """Return score, preference and queries of one head's map, fitted unless it is there."""
    run = runs.load(run_key)
    name = projection.key(run_key, *at, method, dims, options)
    layout = projection.MAPS.ensure(
        name, lambda: projection.fit(projection.cloud(run, *at), method, dims=dims, options=options)
    )
    found = trust_store.measured(run, *at, name, layout)
    return found.score, found.preference, found.queries
