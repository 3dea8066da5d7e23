"""What really changes when an earlier head is taken out: measured, one head after the other.

The head's output is replaced, at every place of the passage, by its mean over the passage or by
zero, and the model runs on to the layer that is explained. From its queries and keys, and those of
the whole model, the contrast and the attention are computed again: with the queries of the pass
without the head, with its keys, and with both.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from compute.capture import passes
from compute.capture.calls import Call
from compute.models.model import Model
from compute.why import contrast
from compute.why.subject import SIDES, Piece, Subject
from compute.why.traced import Reached

TOKENS = 2048
"""Of a pass: as many heads are taken out of copies of the passage at once."""

Heads = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Changed:
    """What taking heads out did to the edges of one passage.

    Attributes
    ----------
    contrast, attention : float64 (n, 3)
        Before less after, for each head by `SIDES`: positive where the head raised it.
    others : float64 (n, 3)
        The same of the contrast of the edges they are compared with; NaN without any.
    """

    contrast: np.ndarray
    attention: np.ndarray
    others: np.ndarray


def before(model: Model, subject: Subject, piece: Piece) -> tuple[float, float]:
    """Return contrast and attention of the edges of a passage in the whole model."""
    call = _clean(model, subject, piece.ids)
    weighed = contrast.weights(piece, contrast.visible(call)[0])
    return float(contrast.contrast(call, weighed)), float(contrast.attention(call, piece))


def measure(
    model: Model,
    subject: Subject,
    piece: Piece,
    heads: Heads,
    method: str = "mean",
    step: Callable[[int], None] = lambda done: None,
) -> Changed:
    """Take each of some heads out of one passage by itself.

    Parameters
    ----------
    heads : sequence of (layer, head)
        Of earlier layers than the subject's.
    method : str
        ``mean``: the head's mean output over the passage takes its place; or ``zero``.
    step : callable
        Told how many heads are done.
    """
    found = _changes(model, subject, piece, heads, method, step)
    others = piece.others
    if others is None:
        empty = np.full((len(heads), len(SIDES)), np.nan)
        return Changed(found[0], found[1], empty)
    if np.array_equal(others.ids, piece.ids):
        return Changed(*found)
    elsewhere = _changes(model, subject, replace(others, others=None), heads, method)
    return Changed(found[0], found[1], elsewhere[0])


def _changes(
    model: Model,
    subject: Subject,
    piece: Piece,
    heads: Heads,
    method: str,
    step: Callable[[int], None] = lambda done: None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    clean = _clean(model, subject, piece.ids)
    seen = contrast.visible(clean)[0]
    weighed = [contrast.weights(piece, seen)]
    if piece.others is not None:
        weighed.append(contrast.weights(piece.others, seen))
    made = np.full((3, len(heads), len(SIDES)), np.nan)
    start = _read(clean, piece, weighed)
    done = 0
    for without in _without(model, subject, piece.ids, heads, method):
        count = len(without.query)
        for at, call in enumerate(_sides(clean, without)):
            for row, now in enumerate(_read(call, piece, weighed)):
                made[row, done : done + count, at] = start[row] - now
        done += count
        step(done)
    return made[0], made[1], made[2]


def _read(call: Call, piece: Piece, weighed: list[Tensor]) -> list[np.ndarray]:
    """Return contrast, attention and the contrast of what is compared, each (n,)."""
    own, *others = (contrast.contrast(call, each).double().cpu().numpy() for each in weighed)
    return [own, contrast.attention(call, piece).cpu().numpy(), *others]


def _sides(clean: Call, without: Call) -> Iterator[Call]:
    """Yield the attention with queries, with keys, and with both of passes without a head."""
    rows = len(without.query)
    query, key = (t.expand(rows, *t.shape[1:]) for t in (clean.query, clean.key))
    same = {"value": clean.value.expand(rows, *clean.value.shape[1:]), "mask": clean.mask}
    yield replace(without, key=key, **same)
    yield replace(without, query=query, **same)
    yield replace(without, **same)


def _clean(model: Model, subject: Subject, ids: np.ndarray) -> Call:
    return next(_without(model, subject, ids, [None], "mean"))


def _without(
    model: Model,
    subject: Subject,
    ids: np.ndarray,
    heads: Sequence[tuple[int, int] | None],
    method: str,
) -> Iterator[Call]:
    """Yield the head's own attention in passes without others, some of these (n, …) at a time."""
    core = model.net.base_model
    step = max(1, TOKENS // len(ids))
    for start in range(0, len(heads), step):
        some = heads[start : start + step]
        found: list[Call] = []

        def on_call(call: Call, some=some, found=found) -> None:
            if call.layer == subject.layer:
                found.append(_own(call, subject.head, len(some)))
                raise Reached

        def ablate(layer: int, output: Tensor, some=some) -> Tensor:
            rows = [(row, at[1]) for row, at in enumerate(some) if at and at[0] == layer]
            if not rows:
                return output
            output = output.clone()
            for row, head in rows:
                usual = output[row, :, head].mean(0) if method == "mean" else 0.0
                output[row, :, head] = usual
            return output

        inputs = {"input_ids": torch.from_numpy(ids.astype(np.int64)).expand(len(some), -1)}
        try:
            passes.run(core, inputs, on_call=on_call, ablate=ablate)
        except Reached:
            yield found[0]


def _own(call: Call, head: int, rows: int) -> Call:
    """Return what a head needs of a layer's attention, copied; the mask of one row is all rows'."""
    own = contrast.alone(call, head, slice(0, rows))
    one = contrast.alone(call, head)
    mask = one.mask
    return replace(
        own,
        query=own.query.clone(),
        key=own.key.clone(),
        value=one.value.clone(),
        mask=None if mask is None else mask + 0,
        bias=None if one.bias is None else one.bias.clone(),
    )
