"""A graph of heads: who builds whose queries and keys for a behaviour; as it is kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from compute import store
from compute.why.subject import ONE_SIDED

BUILDS, LOOKS, BOTH = ROLES = ("builds", "looks", "both")


class Node(NamedTuple):
    """A head of a graph: where it is, its mean attention on the edges, and one of `ROLES`."""

    layer: int
    head: int
    attention: float
    role: str


class Arrow(NamedTuple):
    """One side of a head, and an earlier head that builds it.

    Attributes
    ----------
    builder, looking : Node
    side : str
        ``query`` or ``key``.
    effect, low, high : float
        What of the contrast went without the builder, in logits; its 95 % interval over passages.
    attention : float
        What went of the attention on the edges.
    """

    builder: Node
    looking: Node
    side: str
    effect: float
    low: float
    high: float
    attention: float


@dataclass(frozen=True)
class Graph:
    """Who builds whose queries and keys; n heads, m arrows.

    Attributes
    ----------
    words : str
        Along which edges, for a sentence.
    method : str
        What took the place of heads that were taken out: ``mean`` or ``zero``.
    passages, edges, measured : int
        How many there are, and how many heads were taken out.
    heads : int64 (n, 2)
        Layer and head, in that order.
    attention, contrast : float64 (n,)
        On the edges, mean over passages; NaN in layers that don't see all of them.
    looks : bool (n,)
        Which heads look along the edges; the others build only.
    ends : int64 (m, 2)
        Builder and looking head of each arrow, as rows of `heads`; the strongest arrow first.
    sides : int64 (m,)
        By `subject.ONE_SIDED`.
    effects, low, high, changes : float64 (m,)
        See `Arrow`; `changes` is the attention.
    notes : tuple of str
    """

    words: str
    method: str
    passages: int
    edges: int
    measured: int
    heads: np.ndarray
    attention: np.ndarray
    contrast: np.ndarray
    looks: np.ndarray
    ends: np.ndarray
    sides: np.ndarray
    effects: np.ndarray
    low: np.ndarray
    high: np.ndarray
    changes: np.ndarray
    notes: tuple[str, ...] = ()


GRAPHS = store.record("graphs", Graph)


def nodes(graph: Graph) -> list[Node]:
    """Return the heads of a graph, the first layer's first."""
    builds = np.isin(np.arange(len(graph.heads)), graph.ends[:, 0])
    return [
        Node(int(layer), int(head), float(attention), _role(looks, building))
        for (layer, head), attention, looks, building in zip(
            graph.heads, graph.attention, graph.looks, builds, strict=True
        )
    ]


def arrows(graph: Graph) -> Iterator[Arrow]:
    """Yield the arrows of a graph, the strongest first."""
    known = nodes(graph)
    numbers = np.stack([graph.effects, graph.low, graph.high, graph.changes], 1)
    for (builder, looking), side, values in zip(graph.ends, graph.sides, numbers, strict=True):
        yield Arrow(known[builder], known[looking], ONE_SIDED[side], *map(float, values))


def sentence(graph: Graph) -> str:
    """Return what a graph says, in one sentence."""
    looking, built = int(graph.looks.sum()), len(set(graph.ends[:, 1].tolist()))
    if not looking:
        return f"No head of this model looks along {graph.words}."
    who = f"{_heads(looking)} {'looks' if looking == 1 else 'look'} along {graph.words}"
    who = who[0].upper() + who[1:]
    if not graph.measured:
        return f"{who}. No earlier head was taken out."
    if not built:
        theirs = "its query or key" if looking == 1 else "a query or a key of theirs"
        return (
            f"{who}, and of {graph.measured} earlier heads that were taken out none was found to "
            f"build {theirs}."
        )
    builders = len(set(graph.ends[:, 0].tolist()))
    by = "one earlier head builds" if builders == 1 else f"{builders} earlier heads build"
    if looking == 1:
        return f"{who}: {by} its query or key."
    whose = "theirs" if built == looking else f"{built} of them"
    return f"{who}: {by} queries or keys of {whose}."


def _heads(count: int) -> str:
    return "one head" if count == 1 else f"{count} heads"


def _role(looks: bool, builds: bool) -> str:
    return BOTH if looks and builds else LOOKS if looks else BUILDS
