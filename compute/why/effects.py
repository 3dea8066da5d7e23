"""What really changes when an earlier head is taken out: measured, one head after the other.

The head's output is replaced, at every place of the passage, by its mean over the passage or by
zero, and the model runs on to the layer that is explained. From its queries and keys, and those of
the whole model, the contrast and the attention are computed again: with the queries of the pass
without the head, with its keys, and with both.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from compute.models.model import Model
from compute.why import sides
from compute.why.sides import ATTENTION, CONTRAST, OTHERS
from compute.why.subject import Piece, Subject
from compute.why.without import Heads


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
    found = sides.measure(model, piece, (), "mean", {subject.layer: subject.head})
    values = found[subject.layer].before[:, 0]
    return float(values[CONTRAST]), float(values[ATTENTION])


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
    groups, wanted = [(at,) for at in heads], {subject.layer: subject.head}
    found = sides.measure(model, piece, groups, method, wanted, step)[subject.layer]
    values = found.changes[:, :, 0]
    return Changed(values[CONTRAST], values[ATTENTION], values[OTHERS])
