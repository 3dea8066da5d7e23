"""What becomes of every later head when one head, or several, are taken out: as it is kept."""

from dataclasses import dataclass

import numpy as np

from compute import store
from compute.circuits import reading
from compute.circuits.behaviours import Behaviour
from compute.models.model import Model
from compute.progress import Progress, unseen
from compute.why.without import Heads


@dataclass(frozen=True)
class Taken:
    """Heads taken out together; P passages, L layers, H heads, sides by `subject.SIDES`.

    NaN in layers no later than the first of the heads, and in layers that don't see all edges.

    Attributes
    ----------
    words : str
        Along which edges other heads were looked at.
    heads : tuple of (layer, head)
        What was taken out.
    method : str
        What took their place: ``mean`` (over the passage) or ``zero``.
    passages : int64 (P,)
    contrast, attention : float64 (P, L, H)
        On the edges, in the whole model.
    effects, changes : float64 (P, L, H, 3)
        What went of contrast and attention: before less after.
    others, others_changes : float64 (P, L, H, 3)
        The same on the edges that these are compared with; NaN without any.
    notes : tuple of str
    """

    words: str
    heads: tuple[tuple[int, int], ...]
    method: str
    passages: np.ndarray
    contrast: np.ndarray
    attention: np.ndarray
    effects: np.ndarray
    changes: np.ndarray
    others: np.ndarray
    others_changes: np.ndarray
    notes: tuple[str, ...] = ()


TAKEN = store.record("taken-out", Taken)


def measure(
    model: Model,
    behaviour: Behaviour,
    heads: Heads,
    method: str = "mean",
    progress: Progress = unseen,
) -> Taken:
    """Take heads out of every passage of a behaviour, and read all later heads.

    Parameters
    ----------
    heads : sequence of (layer, head)
        Taken out together.
    progress : Progress
        In passages.
    """
    made = []
    for done, piece in enumerate(behaviour.pieces, 1):
        made.append(reading.measure(model, piece, [heads], method))
        progress(done, len(behaviour.pieces))
    before = np.stack([one.before for one in made], 1)
    changes = np.stack([one.changes[:, 0] for one in made], 1)
    return Taken(
        behaviour.words,
        tuple((int(layer), int(head)) for layer, head in heads),
        method,
        np.array([piece.passage for piece in behaviour.pieces], np.int64),
        *before[:2],
        *changes,
        behaviour.notes,
    )
