"""The trust of single maps, measured once and kept beside them in the store."""

from compute import store
from compute.maps import projection
from compute.maps.cloud import Layout
from compute.runs import Run
from compute.trust import trust
from compute.trust.trust import NUMBERS, RECALLS, Trust

VERSION = 1


def key(map_name: str) -> str:
    """Return the name in the store of the trust of a map, from the map's own (`projection.key`)."""
    return store.key("map-trust", VERSION, trust.VERSION, map_name)


def measured(run: Run, layer: int, head: int, map_name: str, layout: Layout) -> Trust:
    """Return the trust of a map; it is measured unless that was done before.

    Parameters
    ----------
    map_name : str
        From `projection.key`.
    layout : Layout
        The map of that name.
    """
    return TRUST.ensure(
        key(map_name), lambda: trust.trust(projection.cloud(run, layer, head), layout)
    )


def _dump(draft: store.Draft, found: Trust) -> None:
    draft.save("q", found.q)
    draft.save("k", found.k)
    draft.values |= found.numbers()


def _build(entry: store.Entry) -> Trust:
    numbers = {what: entry.values[what] for what in NUMBERS}
    for what in ("recall", "chance"):
        numbers[what] = {n: entry.values[what][str(n)] for n in RECALLS}
    return Trust(**numbers, q=entry.array("q"), k=entry.array("k"))


TRUST = store.Stored("map-trust", _dump, _build)
