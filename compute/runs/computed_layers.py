"""Which layers of a text were computed last, beside those that --layers names: they are kept on.

So a page that is loaded again, or a second column, has what was computed before.
"""

from dataclasses import dataclass

from compute import store
from compute.machine import bounds
from compute.runs.run import RUNS

VERSION = 1


@dataclass(frozen=True)
class Computed:
    """The layers, as `chosen_layers` says them, and the run that has them."""

    layers: str
    run: str


COMPUTED = store.record("layers", Computed)


def _key(usual: str) -> str:
    return store.key(COMPUTED.kind, VERSION, usual, bounds.layers())


def remember(usual: str, layers: str, run: str) -> None:
    """Note that a run has more layers than the usual one of the same text has."""
    COMPUTED.drop(_key(usual))
    COMPUTED.put(_key(usual), Computed(layers, run))


def of(usual: str) -> str:
    """Return which layers were computed last beside those of the usual run, if they are there."""
    found = COMPUTED.get(_key(usual))
    return found.layers if found is not None and RUNS.has(found.run) else ""
