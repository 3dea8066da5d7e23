"""What tokens a head looks at, and which tokens look: sums for each type of token."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from compute.summaries import mass


@dataclass(frozen=True)
class TokenTable:
    """Sums for V types of tokens; special tokens and sinks are none of them.

    Attributes
    ----------
    types : int32 (V,)
        Ids of the vocabulary, ascending.
    count : int64 (V,)
        How often each occurs.
    gives, gets : int64 (layers, heads, V)
        The largest attention that its queries give to an ordinary key, and what its keys get from
        ordinary queries; see `mass`.
    """

    types: np.ndarray
    count: np.ndarray
    gives: np.ndarray
    gets: np.ndarray

    def plus(self, other: "TokenTable") -> "TokenTable":
        """Return the table of both."""
        types = np.union1d(self.types, other.types)
        count = np.zeros(len(types), np.int64)
        shape = *self.gives.shape[:2], len(types)
        gives, gets = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        for each in (self, other):
            places = np.searchsorted(types, each.types)
            count[places] += each.count
            gives[..., places] += each.gives
            gets[..., places] += each.gets
        return TokenTable(types, count, gives, gets)


def of(ids: np.ndarray, gives: np.ndarray, gets: np.ndarray) -> TokenTable:
    """Return the table of some ordinary tokens.

    Parameters
    ----------
    ids : int (n,)
    gives, gets : float (n, layers, heads)
    """
    types, places = np.unique(ids, return_inverse=True)
    layers, heads = gives.shape[1:]
    cells = np.ones(len(ids)), (places, np.arange(len(ids)))
    by_type = sparse.csr_array(cells, shape=(len(types), len(ids)))

    def summed(values: np.ndarray) -> np.ndarray:
        flat = by_type @ values.reshape(len(ids), layers * heads).astype(np.float64)
        return mass.of(np.moveaxis(flat.reshape(-1, layers, heads), 0, 2))

    count = np.bincount(places, minlength=len(types)).astype(np.int64)
    return TokenTable(types.astype(np.int32), count, summed(gives), summed(gets))
