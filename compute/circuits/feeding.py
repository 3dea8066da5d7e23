"""Whom a head feeds: whose queries and keys lose contrast when it is taken out."""

from typing import NamedTuple

import numpy as np

from compute.circuits.bars import SHARE
from compute.circuits.taken import Taken
from compute.why.results import beyond, over_passages
from compute.why.subject import ONE_SIDED


class Fed(NamedTuple):
    """One side of a later head.

    Attributes
    ----------
    layer, head : int
    side : str
        ``query`` or ``key``.
    effect, low, high : float
        What of its contrast went, in logits, and its 95 % interval over passages.
    share : float
        The effect as a part of its contrast.
    attention : float
        What went of its attention on the edges, by this side alone.
    """

    layer: int
    head: int
    side: str
    effect: float
    low: float
    high: float
    share: float
    attention: float


def fed(found: Taken) -> list[Fed]:
    """Return which later heads' queries and keys lose contrast, the largest effect first.

    Above chance (see `results.beyond`), and at least `SHARE` of the head's contrast.
    """
    effect, attention = over_passages(found.effects), over_passages(found.changes).mean
    share = shares(effect.mean, over_passages(found.contrast).mean[..., None])
    there = beyond(found.effects, found.others) & (share >= SHARE)
    made = [
        Fed(
            *(int(layer), int(head), ONE_SIDED[side]),
            *(float(part[layer, head, side]) for part in effect),
            float(share[layer, head, side]),
            float(attention[layer, head, side]),
        )
        for layer, head, side in np.argwhere(there)
        if side < len(ONE_SIDED)
    ]
    return sorted(made, key=lambda one: -one.effect)


def shares(effects: np.ndarray, contrast: np.ndarray) -> np.ndarray:
    """Return effects as parts of a contrast; 0 where there is none to lose."""
    there = np.isfinite(effects) & (contrast > 0)
    return np.divide(effects, contrast, out=np.zeros(effects.shape), where=there)
