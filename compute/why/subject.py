"""What is explained: edges of one head, passage by passage. Needs no torch."""

from dataclasses import dataclass

import numpy as np

ONE_SIDED = ("query", "key")
SIDES = (*ONE_SIDED, "both")
PLACES = ("same", "before", "first", "others")
"""Where a head brought its part from, as seen from the token that it wrote it to."""
METHODS = ("mean", "zero")
"""What takes the place of a head that is taken out: its mean over the passage, or nothing."""


@dataclass(frozen=True)
class Piece:
    """Edges of one passage.

    Attributes
    ----------
    passage : int
        Its number in the text, or that of the random sequence.
    ids : int64 (T,)
        Its tokens, special ones included.
    queries, keys : int64 (e,)
        The edges, by places in the passage.
    others : Piece or None
        What the edges are compared with: of the same passage, or of another of equal length.
    """

    passage: int
    ids: np.ndarray
    queries: np.ndarray
    keys: np.ndarray
    others: "Piece | None" = None


@dataclass(frozen=True)
class Subject:
    """Edges of one head.

    Attributes
    ----------
    words : str
        What they are, for a sentence: ``the edge from 7 to 3 in passage 0``.
    pieces : tuple of Piece
        The passages that have any.
    notes : tuple of str
        Sentences on what was left out.
    """

    layer: int
    head: int
    words: str
    pieces: tuple[Piece, ...]
    notes: tuple[str, ...] = ()

    @property
    def edges(self) -> int:
        """How many there are."""
        return sum(len(piece.queries) for piece in self.pieces)
