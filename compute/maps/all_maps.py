"""The maps of all heads of a run and how far each can be trusted, in one go."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from compute import runs, store
from compute.machine import pool
from compute.maps import projection, trust_store
from compute.maps import trust as measures
from compute.maps.comparison import ready
from compute.maps.heldout import held_out
from compute.progress import Progress, unseen

VERSION = 1
NAMES = ("score", "score_all", "preference", "sink_share", "corpus", "mixing", "held_out")


@dataclass(frozen=True)
class AllTrust:
    """What `maps.trust.Trust` says of every head's map; all float64 (layers, heads).

    NaN where a head has no such number (uniform attention, passages too short).

    Attributes
    ----------
    score, score_all, preference, sink_share, corpus, mixing
        As in `Trust`.
    held_out
        T of the passages placed without their own attention; NaN unless that was asked for.
    queries : int (layers, heads)
    """

    score: np.ndarray
    score_all: np.ndarray
    preference: np.ndarray
    sink_share: np.ndarray
    corpus: np.ndarray
    mixing: np.ndarray
    held_out: np.ndarray
    recall: dict[int, np.ndarray]
    chance: dict[int, np.ndarray]
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
    *,
    rounds: int = 0,
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
    rounds : int
        So many fifths of the passages (0 to 5) are also held out and placed without their own
        attention; each costs another fit.

    Raises
    ------
    HeadscopeError
        If the run is not in the cache, or one of its heads can't be laid out.
    """

    def fit() -> AllTrust:
        model = runs.load(run_key).model  # also opens the run before the processes are forked
        heads = [*np.ndindex(model.layers, model.heads)]
        ready([method])
        one = partial(_one, run_key, method, dims, options or {}, rounds)
        found = dict(pool.each(one, heads, progress))
        return _together([found[at] for at in heads], (model.layers, model.heads))

    TRUSTS.ensure(key(run_key, method, dims, options, rounds=rounds), fit)


def key(
    run_key: str, method: str, dims: int = 2, options: dict | None = None, *, rounds: int = 0
) -> str:
    """Return the name of all heads' trust in the store."""
    maps = projection.VERSION, run_key, method, dims, options or {}
    return store.key("trusts", VERSION, measures.VERSION, *maps, rounds)


def _dump(draft: store.Draft, found: AllTrust) -> None:
    for name in (*NAMES, "queries"):
        draft.save(name, getattr(found, name))
    for what in ("recall", "chance"):
        for n, values in getattr(found, what).items():
            draft.save(f"{what}{n}", values)


def _build(entry: store.Entry) -> AllTrust:
    recalls = {
        what: {n: np.array(entry.array(f"{what}{n}")) for n in measures.RECALLS}
        for what in ("recall", "chance")
    }
    arrays = {name: np.array(entry.array(name)) for name in (*NAMES, "queries")}
    return AllTrust(**arrays, **recalls)


TRUSTS = store.Stored("trusts", _dump, _build)


def _one(
    run_key: str, method: str, dims: int, options: dict, rounds: int, at: tuple[int, int]
) -> dict:
    """Return the trust of one head's map, which is fitted and kept unless it is there."""
    cloud = projection.cloud(runs.load(run_key), *at)
    name = projection.key(run_key, *at, method, dims, options)
    fit = partial(projection.fit, method=method, dims=dims, options=options)
    layout = projection.MAPS.ensure(name, lambda: fit(cloud))
    numbers = trust_store.measured(runs.load(run_key), *at, name, layout).numbers()
    if rounds:
        hidden = held_out(cloud, fit, rounds=rounds)
        numbers["held_out"] = hidden and hidden["score"]
    return numbers


def _together(numbers: list[dict], shape: tuple[int, int]) -> AllTrust:
    """Return the trust of all heads from that of each."""

    def of(values: list) -> np.ndarray:
        known = [np.nan if value is None else value for value in values]
        return np.array(known, float).reshape(shape)

    arrays = {name: of([some.get(name) for some in numbers]) for name in NAMES}
    recalls = {
        what: {n: of([some[what][str(n)] for some in numbers]) for n in measures.RECALLS}
        for what in ("recall", "chance")
    }
    queries = np.array([some["queries"] for some in numbers]).reshape(shape)
    return AllTrust(**arrays, **recalls, queries=queries)
