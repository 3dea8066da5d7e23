"""The directions of queries and keys in which pairs with a property differ from those without.

C+ is the mean of q kᵀ over pairs with the property, C− over their controls; the singular vectors
of C+ − C− are the directions, those of the queries to the left, those of the keys to the right.
Source: Lee, Belinkov, Viégas and Wattenberg 2026, arXiv 2602.04752.
"""

from dataclasses import dataclass

import numpy as np

from compute.contrasts.marks import Marks
from compute.contrasts.pairs import Pairs
from compute.contrasts.units import Units

SHARE = 0.95
"""Of the squared singular values: so many directions have it as the rank counts."""


@dataclass(frozen=True)
class Centre:
    """What is taken from all queries and keys (d,) before their products.

    Keys are centred always, since what all keys have in common changes no attention. Queries are
    where the property is one of pairs; where it is the key's alone, their mean is what finds it.
    """

    q: np.ndarray
    k: np.ndarray


@dataclass(frozen=True)
class Contrast:
    """The singular value decomposition of C+ − C−.

    Attributes
    ----------
    u, v : float32 (d, d)
        Directions of queries and of keys, in columns, the strongest first.
    s : float64 (d,)
    """

    u: np.ndarray
    v: np.ndarray
    s: np.ndarray

    @property
    def rank(self) -> int:
        """How many directions hold `SHARE` of the squared singular values; at least 1."""
        held = np.cumsum(self.s**2) / max((self.s**2).sum(), 1e-30)
        return min(int((held < SHARE).sum()) + 1, len(self.s))


def centre(marks: Marks, units: Units, q: np.ndarray, k: np.ndarray) -> Centre:
    """Return the means over the fitted half of a text; q and k (n, d) of a head."""
    fitted = np.concatenate(
        [np.arange(units.start[u], units.stop[u]) for u in np.flatnonzero(units.half == 0)]
    )
    asking, asked = fitted[marks.queries[fitted]], fitted[marks.keys[fitted]]
    mean = q[asking].mean(0) if marks.pairwise and len(asking) else np.zeros(q.shape[1], q.dtype)
    return Centre(mean, k[asked].mean(0) if len(asked) else np.zeros(k.shape[1], k.dtype))


def difference(q: np.ndarray, k: np.ndarray, pairs: Pairs) -> np.ndarray:
    """Return C+ − C− (d, d) of centred queries and keys (n, d)."""
    plus = q[pairs.i].T @ k[pairs.j] / max(len(pairs), 1)
    weight = (pairs.weight / max(len(pairs), 1)).astype(np.float32)
    return plus - (q[pairs.other_i] * weight[:, None]).T @ k[pairs.other_j]


def contrast(q: np.ndarray, k: np.ndarray, pairs: Pairs) -> Contrast:
    """Return the directions of centred queries and keys (n, d)."""
    u, s, vt = np.linalg.svd(difference(q, k, pairs).astype(np.float64))
    return Contrast(u.astype(np.float32), vt.T.astype(np.float32), s)
