"""Takes heads out of every passage of a behaviour, and reads all later heads."""

import numpy as np

from compute.circuits import reading
from compute.circuits.behaviours import Behaviour
from compute.circuits.taken import Taken
from compute.models.model import Model
from compute.progress import Progress, unseen
from compute.why.without import Heads


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
