"""What a score may look at: the pairs of queries and keys of a block, and their attention."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from compute.pictures.grid import Grid


@dataclass(frozen=True)
class Pairs:
    """The pairs of a block: r queries of each of p passages, and all their m keys.

    Attributes
    ----------
    asks : bool (p, r)
        Which queries are ordinary tokens.
    ordinary : bool (p, r, m)
        An ordinary query and an ordinary key that it may see.
    same : bool (p, r, m)
        The key is another occurrence of the query's token, in causal models an earlier one. In
        cross-attention: the token of the source is the one that the target has there.
    special : bool (p, m)
        Which keys are special tokens.
    allowed : bool (r, m)
        What the queries may see.
    i, j : int (r, 1), (1, m)
        Positions of queries and keys.
    asking : int
        How many queries each passage has, t.
    next : bool (p, r, m), or None
        In cross-attention: the token of the source is the one that the target has next.
    grid : Grid or None
        Of pictures: which patch each token is, by its place.
    """

    asks: np.ndarray
    ordinary: np.ndarray
    same: np.ndarray
    special: np.ndarray
    allowed: np.ndarray
    i: np.ndarray
    j: np.ndarray
    causal: bool
    asking: int
    next: np.ndarray | None = None
    grid: Grid | None = None

    @property
    def asked(self) -> np.ndarray:
        """Ordinary queries with all that they may see, bool (p, r, m)."""
        return self.asks[:, :, None] & self.allowed

    @property
    def visible(self) -> np.ndarray:
        """How many keys each query may see, int (r,)."""
        return self.allowed.sum(1)


@dataclass(frozen=True)
class Seen:
    """The attention of all heads of a layer, float32 (p, heads, r, m), and its pairs."""

    attention: np.ndarray
    pairs: Pairs

    @cached_property
    def entropy(self) -> np.ndarray:
        """The entropy of every query's attention in nats, float32 (p, heads, r)."""
        # Where a head has a sink of its own, rows sum to less than 1: entropy is of what is left.
        tiny = np.finfo(np.float32).tiny
        left = np.maximum(self.attention.sum(3), tiny)
        logs = np.log(np.maximum(self.attention, tiny))
        return np.log(left) - np.einsum("phij,phij->phi", self.attention, logs) / left
