"""Contrast and attention of every later head while heads are taken out: one pass for all of them.

`why.effects` asks this of one head; here each pass without some heads is read in all layers on
its way, and each later head gets the queries, the keys, or both of that pass.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from compute.models.model import Model
from compute.why import sides
from compute.why.subject import SIDES, Piece
from compute.why.without import Heads


@dataclass(frozen=True)
class Reading:
    """Edges of one passage, in all heads; NaN in layers that weren't asked or don't see them all.

    Attributes
    ----------
    before : float64 (4, L, H)
        By `sides.CONTRAST` and so on, in the whole model.
    changes : float64 (4, n, L, H, 3)
        Before less after, without each of n groups of heads, by `subject.SIDES`; NaN in layers
        that come no later than the first of its heads.
    """

    before: np.ndarray
    changes: np.ndarray


def measure(
    model: Model,
    piece: Piece,
    groups: Sequence[Heads],
    method: str = "mean",
    layers: Iterable[int] | None = None,
    step: Callable[[int], None] = lambda done: None,
) -> Reading:
    """Take each of some groups of heads out of one passage, and read all later heads.

    Parameters
    ----------
    groups : sequence of heads
        The heads of each are taken out together. May be empty.
    method : str
        ``mean``: a head's mean output over the passage takes its place; or ``zero``.
    layers : iterable of int, optional
        Which are read; all by default. Passes end after the last of them.
    step : callable
        Told how many groups are done.
    """
    info = model.info
    wanted = dict.fromkeys(range(info.layers) if layers is None else layers)
    found = sides.measure(model, piece, groups, method, wanted, step)
    before = np.full((4, info.layers, info.heads), np.nan)
    changes = np.full((4, len(groups), info.layers, info.heads, len(SIDES)), np.nan)
    for layer, made in found.items():
        before[:, layer] = made.before
        changes[:, :, layer] = made.changes
    for at, group in enumerate(groups):
        changes[:, at, : 1 + min(layer for layer, _ in group)] = np.nan
    return Reading(before, changes)
