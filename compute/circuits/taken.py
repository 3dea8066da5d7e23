"""What becomes of every later head when one head, or several, are taken out: as it is kept."""

from dataclasses import dataclass

import numpy as np

from compute import store


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
