"""The heads that look along the edges of a behaviour: those whose builders are looked for."""

from dataclasses import dataclass

import numpy as np

from compute.circuits import reading
from compute.circuits.bars import LOOKS, MOST
from compute.circuits.behaviours import Behaviour
from compute.models.model import Model
from compute.why.results import over_passages
from compute.why.sides import ATTENTION, CONTRAST


@dataclass(frozen=True)
class Looking:
    """Heads that look along edges; P passages, L layers, H heads.

    Attributes
    ----------
    heads : list of (layer, head)
        The strongest first.
    contrast, attention : float64 (P, L, H)
        Of all heads; NaN in layers that don't see all edges of a passage.
    notes : tuple of str
        Sentences on what was left out.
    """

    heads: list[tuple[int, int]]
    contrast: np.ndarray
    attention: np.ndarray
    notes: tuple[str, ...]


def find(model: Model, behaviour: Behaviour, only: tuple[int, int] | None = None) -> Looking:
    """Return the heads whose mean attention on the edges is at least `LOOKS`, at most `MOST`.

    Parameters
    ----------
    only : (layer, head), optional
        This head in their place, whatever its attention.
    """
    before = np.stack([reading.measure(model, piece, []).before for piece in behaviour.pieces], 1)
    attention = over_passages(before[ATTENTION]).mean
    blind = np.flatnonzero(np.isnan(before[ATTENTION]).any((0, 2)))
    notes = _blind(blind.tolist()) if len(blind) else ()
    if only is None:
        order = np.argsort(-np.nan_to_num(attention), axis=None, kind="stable")
        there = [divmod(int(at), model.info.heads) for at in order if attention.flat[at] >= LOOKS]
        if len(there) > MOST:
            notes += (
                f"{len(there) - MOST} more {'head' if len(there) == MOST + 1 else 'heads'} put at "
                f"least {LOOKS} of their attention on these edges: only the {MOST} strongest were "
                "looked at.",
            )
        heads = there[:MOST]
    else:
        heads = [only]
    return Looking(heads, before[CONTRAST], before[ATTENTION], notes)


def _blind(layers: list[int]) -> tuple[str, ...]:
    some = ", ".join(map(str, layers))
    if len(layers) == 1:
        return (f"Layer {some} doesn't see all of these edges and was left out of some passages.",)
    return (f"Layers {some} don't see all of these edges and were left out of some passages.",)
