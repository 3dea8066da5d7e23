"""Graphs of heads, and what becomes of others without some, as tables."""

from collections.abc import Iterator

import numpy as np

from compute.circuits import feeding, rising
from compute.circuits.graph import Graph, arrows
from compute.circuits.taken import Taken
from compute.why.results import over_passages

GRAPH = (
    *("builder_layer", "builder_head", "layer", "head", "side"),
    *("effect", "low", "high", "attention"),
)
FED = feeding.Fed._fields
"""`feeding.fed` gives the rows."""
RISES = ("layer", "head", "before", "after", "change", "low", "high", "rises")


def of_graph(found: Graph) -> Iterator[tuple]:
    """Yield the rows of `GRAPH`: an arrow each, the strongest first.

    ``effect`` is what of the contrast of a head went when its builder was taken out, in logits,
    ``low`` and ``high`` its 95 % interval over passages, ``attention`` what went of the attention.
    """
    for one in arrows(found):
        yield (*one.builder[:2], *one.looking[:2], one.side, *one[3:])


def of_rises(found: Taken) -> Iterator[tuple]:
    """Yield the rows of `RISES`: every later head's attention on the edges, with and without.

    ``change`` is after less before, with its 95 % interval over passages; ``rises`` is 1 for heads
    that `rising.rises` names, else 0.
    """
    before, change = over_passages(found.attention).mean, rising.changes(found)
    there = rising.rises(found)
    for layer, head in np.argwhere(np.isfinite(change.mean)).tolist():
        at = layer, head
        start, more = float(before[at]), [float(part[at]) for part in change]
        ends = [None if np.isnan(end) else end for end in more[1:]]
        yield (layer, head, start, start + more[0], more[0], *ends, int(there[at]))
