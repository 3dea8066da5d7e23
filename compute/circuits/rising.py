"""Which heads look more along the edges of a behaviour when others are gone.

The study that first looked for induction in BERT asks whether backup heads step in for heads that
are taken out. What is measured is only that a head rises when others are gone: not what for.
"""

from typing import NamedTuple

import numpy as np

from compute.circuits.bars import RISE
from compute.circuits.taken import Taken
from compute.scores.intervals import Estimate
from compute.trials.head_ablation import names
from compute.why.results import ENOUGH, over_passages
from compute.why.subject import SIDES

_BOTH = SIDES.index("both")
_NAMED = 5
"""Heads that a sentence names."""


class Rise(NamedTuple):
    """A head that looks more along the edges when others are gone.

    Attributes
    ----------
    layer, head : int
    before, after : float
        Its mean attention on the edges, in the whole model and without the heads.
    change, low, high : float
        After less before, paired, and its 95 % interval over passages.
    """

    layer: int
    head: int
    before: float
    after: float
    change: float
    low: float
    high: float


def changes(found: Taken) -> Estimate:
    """Return by how much the attention of all heads on the edges rises, float64 (L, H).

    NaN for the heads that were taken out, and all that come no later.
    """
    return over_passages(_risen(found))


def rises(found: Taken) -> np.ndarray:
    """Return which heads rise, bool (L, H).

    By `RISE` at least, with an interval over passages above 0; and more than their attention on
    the edges that these are compared with, where there are any.
    """
    own, others = _risen(found), -found.others_changes[..., _BOTH]
    change, differ = over_passages(own), over_passages(own - others)
    enough = np.isfinite(own).sum(0) >= ENOUGH
    compared = np.isfinite(others).sum(0) >= ENOUGH
    with np.errstate(invalid="ignore"):
        more = (change.low > 0) & (change.mean >= RISE)
        return enough & more & np.where(compared, differ.low > 0, True)


def rising(found: Taken) -> list[Rise]:
    """Return the heads that rise, the largest change first."""
    change, before = changes(found), over_passages(found.attention).mean
    made = [
        Rise(
            *(int(layer), int(head)),
            float(before[layer, head]),
            float(before[layer, head] + change.mean[layer, head]),
            *(float(part[layer, head]) for part in change),
        )
        for layer, head in np.argwhere(rises(found))
    ]
    return sorted(made, key=lambda one: -one.change)


def _risen(found: Taken) -> np.ndarray:
    """Return after less before, float64 (P, L, H)."""
    risen = -found.changes[..., _BOTH]
    for layer, head in found.heads:
        risen[:, layer, head] = np.nan
    return risen


def sentence(found: Taken) -> str:
    """Return which heads rise, in one sentence; no more than that."""
    gone = names(found.heads)
    verb = "is" if len(found.heads) == 1 else "are"
    there = rising(found)
    if not there:
        return f"No later head looks clearly more along {found.words} when {gone} {verb} gone."
    some = [f"L{one.layer}H{one.head}" for one in there[:_NAMED]]
    more = f" and {len(there) - _NAMED} more" if len(there) > _NAMED else ""
    rise = "rises" if len(there) == 1 else "rise"
    return f"{', '.join(some)}{more} {rise} along {found.words} when {gone} {verb} gone."
