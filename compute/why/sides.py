"""What taking heads out does to edges, with the queries, the keys, or both of the pass without.

Read while the passes run, layer after layer, so that no layer's vectors are held.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from torch import Tensor

from compute.capture.calls import Call
from compute.models.model import Model
from compute.why import contrast, without
from compute.why.subject import SIDES, Piece
from compute.why.without import Heads

CONTRAST, ATTENTION, OTHERS, OTHERS_ATTENTION = range(4)
"""What is read of a layer: of the edges, and of those that they are compared with."""


@dataclass(frozen=True)
class Changes:
    """Edges of one passage in one layer; H heads of it.

    Attributes
    ----------
    before : float64 (4, H)
        By `CONTRAST` and so on, in the whole model; NaN where nothing is compared, and where the
        layer doesn't see all of the edges.
    changes : float64 (4, n, H, 3)
        Before less after without each of n groups of heads, by `subject.SIDES`: positive where
        these raised it.
    """

    before: np.ndarray
    changes: np.ndarray


def measure(
    model: Model,
    piece: Piece,
    groups: Sequence[Heads],
    method: str,
    wanted: Mapping[int, int | None],
    step: Callable[[int], None] = lambda done: None,
) -> dict[int, Changes]:
    """Take each of some groups of heads out of one passage, and read its edges in layers.

    Parameters
    ----------
    groups : sequence of heads
        May be empty: then only what is in the whole model is read.
    method : str
        One of `subject.METHODS`.
    wanted : mapping of int to int or None
        Layers, and which of their heads is read; None for all.
    step : callable
        Told how many groups are done.

    Raises
    ------
    HeadscopeError
        If a head that is named doesn't see an edge; of all heads, these are NaN.
    """
    others = piece.others
    if others is None or np.array_equal(others.ids, piece.ids):
        pieces = [piece] if others is None else [piece, others]
        found = _of_passage(model, pieces, groups, method, wanted, step)
    else:
        own = _of_passage(model, [piece], groups, method, wanted, step)
        more = _of_passage(model, [others], groups, method, wanted)
        found = {layer: _joined(own[layer], more[layer]) for layer in wanted}
    return found if others is not None else {at: _joined(one, None) for at, one in found.items()}


def _joined(own: Changes, more: Changes | None) -> Changes:
    pairs = [(of.before, of.changes) for of in (own, more) if of is not None]
    if more is None:
        pairs.append(tuple(np.full_like(array, np.nan) for array in pairs[0]))
    return Changes(*(np.concatenate(both) for both in zip(*pairs, strict=True)))


def _of_passage(
    model: Model,
    pieces: list[Piece],
    groups: Sequence[Heads],
    method: str,
    wanted: Mapping[int, int | None],
    step: Callable[[int], None] = lambda done: None,
) -> dict[int, Changes]:
    """Read the edges of pieces of one passage, two rows for each."""
    found: dict[int, list[Changes]] = {layer: [] for layer in wanted}

    def on_call(call: Call) -> None:
        if call.layer in wanted:
            found[call.layer].append(_read(call, wanted[call.layer], pieces))

    for done in without.run(model, pieces[0].ids, groups, method, max(wanted), on_call):
        step(done)
    return {
        layer: Changes(made[0].before, np.concatenate([one.changes for one in made], 1))
        for layer, made in found.items()
    }


def _read(call: Call, head: int | None, pieces: list[Piece]) -> Changes:
    call = contrast.whole(call) if head is None else contrast.alone(call, head)
    seen = contrast.visible(call)
    # Some heads of a model may look there though those of this layer can't.
    weighed = [
        None if head is None and not contrast.sees(piece, seen) else contrast.weights(piece, seen)
        for piece in pieces
    ]
    before = _numbers(_rows(call, slice(0, 1)), pieces, weighed)
    if len(call.query) == 1:
        return Changes(before[:, 0], np.zeros((len(before), 0, before.shape[2], len(SIDES))))
    after = [_numbers(side, pieces, weighed) for side in _sides(call)]
    changes = before[..., None] - np.stack(after, -1)
    return Changes(before[:, 0], changes)


def _rows(call: Call, rows: slice) -> Call:
    parts = {name: getattr(call, name)[rows] for name in ("query", "key", "value")}
    return replace(call, **parts)


def _sides(call: Call) -> Iterator[Call]:
    """Yield the attention without heads: with its queries, with its keys, and with both."""
    clean, changed = _rows(call, slice(0, 1)), _rows(call, slice(1, None))
    query, key = clean.query.expand_as(changed.query), clean.key.expand_as(changed.key)
    yield replace(changed, key=key)
    yield replace(changed, query=query)
    yield changed


def _numbers(call: Call, pieces: list[Piece], weighed: list[Tensor | None]) -> np.ndarray:
    """Return contrast and attention of pieces, float64 (2 · pieces, B, H)."""
    found = []
    for piece, weights in zip(pieces, weighed, strict=True):
        if weights is None:
            found += [np.full(tuple(call.query.shape[:2]), np.nan)] * 2
            continue
        found.append(contrast.contrast(call, weights).double().cpu().numpy())
        found.append(contrast.attention(call, piece).cpu().numpy())
    return np.stack(found)
