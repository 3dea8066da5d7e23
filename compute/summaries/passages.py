"""Passages that a summary keeps whole, to be looked at: a random sample, and each head's strongest.

A passage is known by a hash of its text and its place, so that which ones are chosen depends on the
corpus alone.
Of the attention in it at most eight keys of each query are kept, and none below .005 (as HeadVis
does).
"""

import hashlib
from dataclasses import dataclass

import numpy as np

KEYS = 8
"""Keys of a query that are kept, at most."""
LEAST = 0.005
"""Attention that is kept, at least."""
SAMPLE = 2**14
"""Tokens of the random sample, at most."""
STRONGEST = 5
"""Passages of each head in which its largest attention to another token is largest."""
_WHOLE = 65535


@dataclass(frozen=True)
class Passage:
    """A passage as it was read."""

    hash: int
    text: str
    part: str
    ids: tuple[int, ...]


@dataclass(frozen=True)
class Kept:
    """A passage of the sample, with the attention of all heads.

    Attributes
    ----------
    peak : float32 (layers, heads)
        Its largest attention of an ordinary token to another.
    place : uint16 (layers, heads)
        The query that has it.
    keys, weights : uint16 (layers, heads, t, KEYS)
        See `pack`.
    """

    passage: Passage
    peak: np.ndarray
    place: np.ndarray
    keys: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True)
class Sample:
    """The passages with the smallest hashes below a limit, as long as they have `SAMPLE` tokens.

    Attributes
    ----------
    limit : int
        Hashes that were looked at are smaller than this: of two summaries the smaller limit counts.
    """

    limit: int
    kept: tuple[Kept, ...] = ()

    def plus(self, other: "Sample") -> "Sample":
        """Return the sample of both; a passage that occurs twice is in it once."""
        limit = min(self.limit, other.limit)
        every = {each.passage.hash: each for each in (*self.kept, *other.kept)}
        chosen = within({number: len(each.passage.ids) for number, each in every.items()})
        return Sample(limit, tuple(every[number] for number in chosen if number < limit))


def within(lengths: dict[int, int]) -> list[int]:
    """Return the smallest hashes whose passages have at most `SAMPLE` tokens together.

    Who is among these in a whole is so in every part of it: so samples can be added in any order.

    Parameters
    ----------
    lengths : dict of int to int
        Tokens of passages, by their hashes.
    """
    found, total = [], 0
    for number in sorted(lengths):
        total += lengths[number]
        if total > SAMPLE:
            break
        found.append(number)
    return found


@dataclass(frozen=True)
class Strongest:
    """The passages of each head in which its largest attention is largest: K of them.

    Attributes
    ----------
    hash : uint64 (layers, heads, K)
        By falling peak, then by rising hash.
    peak : float32 (layers, heads, K)
        −1 where there is no passage.
    place : uint16 (layers, heads, K)
    keys, weights : uint16 (layers, heads, K, t, KEYS)
        t is the longest of all passages.
    passages : dict of int to Passage
        By their hashes.
    """

    hash: np.ndarray
    peak: np.ndarray
    place: np.ndarray
    keys: np.ndarray
    weights: np.ndarray
    passages: dict[int, Passage]

    def plus(self, other: "Strongest") -> "Strongest":
        """Return the strongest of both; a passage that is in both is among them once."""
        both = [
            np.concatenate([getattr(side, name) for side in (self, other)], axis=2)
            for name in _ARRAYS
        ]
        hashes, peaks = both[:2]
        order = np.lexsort((hashes, -peaks))
        again = np.zeros(order.shape, bool)
        sorted_hashes = np.take_along_axis(hashes, order, -1)
        again[..., 1:] = sorted_hashes[..., 1:] == sorted_hashes[..., :-1]
        last = np.argsort(again, axis=-1, kind="stable")[..., :STRONGEST]
        again = np.take_along_axis(again, last, -1)
        order = np.take_along_axis(order, last, -1)
        found = dict(zip(_ARRAYS, (_taken(array, order) for array in both), strict=True))
        for name, nothing in (("hash", _NO_HASH), ("peak", -1), ("place", 0)):
            found[name][again] = nothing
        for name in ("keys", "weights"):
            found[name][again] = 0
        named = set(found["hash"][found["peak"] >= 0].tolist())
        passages = self.passages | other.passages
        return Strongest(**found, passages={number: passages[number] for number in sorted(named)})


_ARRAYS = "hash", "peak", "place", "keys", "weights"
_NO_HASH = np.uint64(2**64 - 1)


def _taken(array: np.ndarray, order: np.ndarray) -> np.ndarray:
    more = array.ndim - order.ndim
    return np.take_along_axis(array, order.reshape(*order.shape, *[1] * more), axis=2)


def none(layers: int, heads: int, length: int) -> Strongest:
    """Return what there is before the first passage."""
    shape = layers, heads, STRONGEST
    cells = np.zeros((*shape, length, KEYS), np.uint16)
    last = np.full(shape, _NO_HASH, np.uint64)
    peak = np.full(shape, -1, np.float32)
    return Strongest(last, peak, np.zeros(shape, np.uint16), cells, cells.copy(), {})


def hashed(text: str, where: str) -> int:
    """Return the hash of a passage, of 63 bits: as if drawn at random, and always the same.

    Parameters
    ----------
    where : str
        Which passage of which shard it is: the same text may occur again.
    """
    digest = hashlib.blake2b(f"{where}\n{text}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> 1


def pack(weights: np.ndarray) -> np.ndarray:
    """Return attention from 0 to 1 in steps of 1/65535, uint16."""
    return np.rint(np.asarray(weights, np.float64) * _WHOLE).astype(np.uint16)


def unpack(packed: np.ndarray) -> np.ndarray:
    """Return packed attention as float32."""
    return (np.asarray(packed, np.float64) / _WHOLE).astype(np.float32)
