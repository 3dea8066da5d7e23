"""The edges of induction: from a token that comes again to where induction heads look."""

from dataclasses import replace

import numpy as np

from compute.lab.readouts import READOUTS, main_readout
from compute.models.model import Model
from compute.trials import planned
from compute.trials.designs import Trials
from compute.why.questions import check
from compute.why.subject import Piece, Subject

SEQUENCES, LENGTH = 8, 25
"""Random sequences, and random tokens of each of their two copies, if the model takes so many."""


def ask(model: Model, layer: int, head: int, seed: int = 0, sequences: int = SEQUENCES) -> Subject:
    """Return the edges of induction of a head, in random repeated tokens; see `everywhere`."""
    check(model.info)
    model.info.check(layer, head)
    words, pieces, notes = everywhere(model, seed, sequences)
    return Subject(layer, head, words, pieces, notes)


def everywhere(
    model: Model, seed: int = 0, sequences: int = SEQUENCES, most: int = LENGTH
) -> tuple[str, tuple[Piece, ...], tuple[str, ...]]:
    """Return the edges of induction, whichever head looks at them: words, passages, and notes.

    In causal models from every token of the second copy to the one after its first instance; in
    masked ones from a masked token to its own first instance. They are compared with the same
    places of sequences in which no token comes twice.

    Parameters
    ----------
    most : int
        Random tokens of each copy, if the model takes so many.

    Raises
    ------
    HeadscopeError
        If the model is refused (`questions.check`), or can't read such sequences.
    """
    info = model.info
    check(info)
    longest = most if info.positions is None else min(most, (info.positions - 2) // 2)
    trials, length, notes = planned.plan(model, "standard", "corrected", sequences, longest, seed)
    fresh = planned.without_repeat(model, trials, "corrected", seed)
    row = trials.rows.index(READOUTS[main_readout(info.causal)].row(info.causal))
    pairs = zip(_pieces(trials, row), _pieces(fresh, row), strict=True)
    pieces = tuple(replace(piece, others=other) for piece, other in pairs)
    return f"the edges of induction in random tokens, 2 × {length}", pieces, notes


def _pieces(trials: Trials, row: int) -> list[Piece]:
    found = []
    for number, (ids, queries, keys) in enumerate(
        zip(trials.ids, trials.queries, trials.keys, strict=True)
    ):
        to = keys[:, row, 0]
        there = to >= 0
        found.append(Piece(number, ids, *(x[there].astype(np.int64) for x in (queries, to))))
    return found
