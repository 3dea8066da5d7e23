"""What the edges of a set are compared with: as many edges over the same distances, elsewhere."""

from dataclasses import replace

import numpy as np

from compute.why.subject import Piece


def with_others(
    piece: Piece, allowed: np.ndarray, taken: np.ndarray, rng: np.random.Generator
) -> Piece:
    """Return edges with others of the same passage, of the same offsets, that are none of the set.

    Parameters
    ----------
    allowed : bool (T, T)
        Which pairs may be chosen: ordinary tokens, visible.
    taken : bool (T, T)
        All pairs of the set, those that were not looked at too.

    Returns
    -------
    Piece
        Its ``others`` have one edge for each that there is one for; None where half of them or
        more have none, as where a rule takes every pair of its offset.
    """
    free = allowed & ~taken
    offsets = piece.keys - piece.queries
    queries, keys = [], []
    for offset in np.unique(offsets):
        wanted = int((offsets == offset).sum())
        places = np.flatnonzero(np.diagonal(free, offset)) + max(0, -offset)
        if len(places):
            some = rng.choice(places, wanted, replace=wanted > len(places))
            queries.append(some)
            keys.append(some + offset)
    if not queries or 2 * sum(map(len, queries)) <= len(offsets):
        return piece
    joined = (np.concatenate(side).astype(np.int64) for side in (queries, keys))
    return replace(piece, others=Piece(piece.passage, piece.ids, *joined))
