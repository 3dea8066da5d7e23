"""Which earlier heads may have made a query or a key match: proposed here, to be measured.

The proposal of a head is its gradient times (output less its mean over the passage): what taking
it out would change if the rest of the model were linear (attribution patching; Nanda 2023, Syed et
al. 2023). In large models the way through everything ranks best, the direct way where one head
dominates, and where attention is saturated neither says much. So heads are taken from three ways
(`traced`) in turn, and none is shown as the truth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from compute.capture.calls import Call
from compute.models.model import Model
from compute.why.parts import gradients, target
from compute.why.subject import ONE_SIDED, Piece, Subject
from compute.why.traced import DIRECT, EVERYTHING, PARTLY, WAYS, trace

TURNS = {EVERYTHING: 2, PARTLY: 1, DIRECT: 1}
"""How many heads of each way are taken in a turn; chosen by ``benchmarks/why.py``."""
COUNT = 20
"""Heads that are really taken out, unless all are asked for."""


def attributions(model: Model, subject: Subject, piece: Piece) -> dict[str, dict[str, np.ndarray]]:
    """Return what each earlier head is said to give to the contrast of a passage.

    Returns
    -------
    dict of dict of float64 (L, H)
        By side, by way: see `traced.WAYS`. In logits; positive where the head raises the contrast.
    """
    return of_several(model, [subject], piece)[0]


def of_several(
    model: Model, subjects: Sequence[Subject], piece: Piece
) -> list[dict[str, dict[str, np.ndarray]]]:
    """Return the `attributions` of several heads' contrasts, from one pass for each way."""
    deepest, ids = max(subject.layer for subject in subjects), torch.from_numpy(piece.ids)[None]
    found = [{side: dict.fromkeys(WAYS) for side in ONE_SIDED} for _ in subjects]
    # The whole model first: its outputs and other sides count in every way.
    for way in (EVERYTHING, *(way for way in WAYS if way != EVERYTHING)):
        made = trace(model, ids, deepest, way)
        if way == EVERYTHING:
            outputs = [z.detach() - z.detach().mean(1, keepdim=True) for z in made.heads]
            whole = {subject.layer: _held(made.calls[subject.layer]) for subject in subjects}
        for subject, said in zip(subjects, found, strict=True):
            for side in ONE_SIDED:
                value = target(made, subject, piece, side, whole[subject.layer])
                got = gradients(value, made.heads[: subject.layer])
                said[side][way] = _of_heads(outputs, got, model.info.heads)
        del made, value, got  # what one pass holds is much: two are never held at once
    return found


def _held(call: Call) -> Call:
    """Return a layer's attention without the pass that it came from."""
    parts = {name: getattr(call, name).detach() for name in ("query", "key", "value")}
    return replace(call, **parts, weights=None)


def _of_heads(outputs: Sequence[Tensor], got: Sequence[Tensor], heads: int) -> np.ndarray:
    """Return gradients times outputs, float64 (L, H)."""
    made = [(z.double() * g).sum((0, 1, 3)) for z, g in zip(outputs, got, strict=False)]
    return torch.stack(made).cpu().numpy() if made else np.zeros((0, heads))


def first(
    said: Mapping[str, Mapping[str, np.ndarray]], count: int = COUNT
) -> list[tuple[int, int]]:
    """Return the heads that are worth measuring: the first of each attribution and side in turn.

    Parameters
    ----------
    said : mapping
        From `attributions`, or its mean over passages.
    count : int
        How many heads, if there are so many.
    """
    sides = list(said.values())
    orders = {
        (side, way): np.argsort(-abs(sides[side][way]), axis=None, kind="stable")
        for way in TURNS
        for side in range(len(sides))
    }
    heads = sides[0][EVERYTHING].shape[1]
    chosen: dict[int, None] = {}
    for turn in range(sides[0][EVERYTHING].size):
        for (_, way), order in orders.items():
            for place in order[turn * TURNS[way] : (turn + 1) * TURNS[way]]:
                if len(chosen) < count:
                    chosen[int(place)] = None
    return [divmod(place, heads) for place in chosen]
