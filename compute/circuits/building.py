"""Builds a graph of heads: finds who looks along edges, proposes builders, and takes these out."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from compute.circuits import looking, reading
from compute.circuits.bars import SHARE
from compute.circuits.behaviours import Behaviour
from compute.circuits.feeding import shares
from compute.circuits.graph import Graph
from compute.circuits.looking import Looking
from compute.models.model import Model
from compute.progress import Progress, unseen
from compute.why import proposals
from compute.why.results import ENOUGH, beyond, over_passages
from compute.why.sides import ATTENTION, CONTRAST, OTHERS
from compute.why.subject import ONE_SIDED, Piece
from compute.why.traced import WAYS

CHUNK = 20
"""Heads after which what is known so far is handed on."""
PROPOSING = 75
"""Edges from which builders are proposed, in whole passages; they are measured in all of these."""
GRADIENTS = 8
"""Heads that can be taken out in the time in which builders of one are proposed."""

Pairs = list[tuple[int, int]]
"""Layer and head."""


@dataclass(frozen=True)
class _Measured:
    """P passages, n heads that were taken out, R heads that look, 2 sides."""

    builders: Pairs
    effects: np.ndarray
    changes: np.ndarray
    others: np.ndarray


def build(
    model: Model,
    behaviour: Behaviour,
    *,
    method: str = "mean",
    only: tuple[int, int] | None = None,
    progress: Progress = unseen,
) -> Iterator[Graph]:
    """Measure who builds the queries and keys of the heads that look along edges.

    Parameters
    ----------
    method : str
        One of `subject.METHODS`.
    only : (layer, head), optional
        The head whose builders are looked for; by default all that look along the edges, at most
        `bars.MOST`.
    progress : Progress
        In heads times passages; to propose builders counts as `GRADIENTS` of them. How many there
        are in all is known when builders were proposed, and likely before.

    Yields
    ------
    Graph
        First the heads that look, then ever more arrows; the last one is whole.
    """
    found = looking.find(model, behaviour, only)
    shape = len(behaviour.pieces), 0, len(found.heads), len(ONE_SIDED)
    known = _Measured([], *[np.zeros(shape)] * 3)
    yield _graph(behaviour, method, found, known)
    later = [at for at in found.heads if at[0] > 0]
    builders, done = _proposed(model, behaviour, later, progress) if later else ([], 0)
    total = done + len(builders) * len(behaviour.pieces)
    for start in range(0, len(builders), CHUNK):
        some = builders[start : start + CHUNK]
        made = []
        for piece in behaviour.pieces:
            base = done
            step = lambda n, base=base: progress(base + n, total)  # noqa: E731
            layers = {layer for layer, _ in found.heads}
            groups = [(at,) for at in some]
            made.append(reading.measure(model, piece, groups, method, layers, step))
            done += len(some)
        known = _more(known, some, made, found.heads)
        yield _graph(behaviour, method, found, known)


def _proposed(
    model: Model, behaviour: Behaviour, later: Pairs, progress: Progress
) -> tuple[Pairs, int]:
    """Return the first heads proposed for each that looks, and how much progress was told."""
    earlier = max(layer for layer, _ in later) * model.info.heads
    likely = min(earlier, 2 * proposals.COUNT) * len(behaviour.pieces)
    some, each = _enough(behaviour), GRADIENTS * len(later)
    said = []
    for piece in some:
        said.append(proposals.of_several(model, [behaviour.of(*at) for at in later], piece))
        progress(len(said) * each, len(some) * each + likely)
    chosen: dict[tuple[int, int], None] = {}
    for number, (layer, _) in enumerate(later):
        mean = {
            side: {way: np.mean([one[number][side][way] for one in said], 0) for way in WAYS}
            for side in ONE_SIDED
        }
        count = min(proposals.COUNT, layer * model.info.heads)
        chosen |= dict.fromkeys(proposals.first(mean, count))
    return list(chosen), len(some) * each


def _enough(behaviour: Behaviour) -> tuple[Piece, ...]:
    """Return the first passages that have enough edges to propose from."""
    edges = np.cumsum([len(piece.queries) for piece in behaviour.pieces])
    return behaviour.pieces[: 1 + int(np.searchsorted(edges, PROPOSING))]


def _more(known: _Measured, some: Pairs, made: list[reading.Reading], heads: Pairs) -> _Measured:
    layers, numbers = (list(part) for part in zip(*heads, strict=True))
    new = np.stack([one.changes[..., : len(ONE_SIDED)] for one in made], 1)
    new = new[:, :, :, layers, numbers]
    rows = (known.effects, known.changes, known.others)
    joined = [
        np.concatenate([old, new[at]], 1)
        for old, at in zip(rows, (CONTRAST, ATTENTION, OTHERS), strict=True)
    ]
    return _Measured([*known.builders, *some], *joined)


def _graph(behaviour: Behaviour, method: str, found: Looking, known: _Measured) -> Graph:
    """Return what is known so far: arrows above chance, of at least `SHARE` of the contrast."""
    contrast, attention = (over_passages(x).mean for x in (found.contrast, found.attention))
    own = np.array([contrast[at] for at in found.heads])
    effect, change = over_passages(known.effects), over_passages(known.changes).mean
    clear = beyond(known.effects, known.others)
    there = clear & (shares(effect.mean, own[None, :, None]) >= SHARE)
    cells = np.argwhere(there)
    cells = cells[np.argsort(-effect.mean[there], kind="stable")]
    builders = {known.builders[n] for n, _, _ in cells}
    heads = sorted(builders | set(found.heads))
    rows = {at: row for row, at in enumerate(heads)}
    at = tuple(cells.T)
    return Graph(
        words=behaviour.words,
        method=method,
        passages=len(behaviour.pieces),
        edges=sum(len(piece.queries) for piece in behaviour.pieces),
        measured=len(known.builders),
        heads=np.array(heads, np.int64).reshape(-1, 2),
        attention=np.array([attention[at] for at in heads]),
        contrast=np.array([contrast[at] for at in heads]),
        looks=np.array([at in found.heads for at in heads], bool),
        ends=np.array(
            [(rows[known.builders[n]], rows[found.heads[r]]) for n, r, _ in cells], np.int64
        ).reshape(-1, 2),
        sides=cells[:, 2],
        effects=effect.mean[at],
        low=effect.low[at],
        high=effect.high[at],
        changes=change[at],
        notes=(*behaviour.notes, *found.notes, *_notes(behaviour, clear & (effect.mean < 0))),
    )


def _notes(behaviour: Behaviour, against: np.ndarray) -> Iterator[str]:
    if len(behaviour.pieces) < ENOUGH:
        yield (
            f"Only {len(behaviour.pieces)} passages have such edges: from {ENOUGH} on, effects can "
            "be said to be above chance."
        )
    count = int(against.any(2).sum())
    if count:
        yield (
            f"Without an earlier head, a query or a key matched better in {count} "
            f"{'pair' if count == 1 else 'pairs'} of heads: no arrow says so."
        )
