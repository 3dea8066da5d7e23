"""The arrays on disk that a pass fills, a batch at a time."""

import mmap
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor

from compute import store
from compute.capture.calls import Call
from compute.capture.rules import HIDDEN, taken_apart
from compute.models.model import ModelInfo
from compute.runs.beside import Hand, now
from compute.runs.halves import STORED
from compute.runs.run import pair_starts
from compute.texts.tokens import Tokens


@dataclass(frozen=True)
class Kept:
    """Arrays in the store that a pass fills; see `Run`.

    `places` says where the layers are in them that are kept.
    """

    q: np.ndarray
    k: np.ndarray
    v_norm: np.ndarray
    added: np.ndarray | None
    pairs: np.ndarray
    places: dict[int, int]

    def fill(
        self,
        call: Call,
        tokens: Tokens,
        keys: Tokens,
        passages: np.ndarray,
        hand: Hand = now,
    ) -> None:
        """Keep what a layer has, if it is to be kept, for passages of a batch, padded on the right.

        Parameters
        ----------
        tokens, keys : Tokens
            Those whose queries, and whose keys, the call has.
        passages : int (B,)
        hand : callable
            Gets the copying of queries and keys, to do it now or later; see `beside`.
        """
        if (at := self.places.get(call.layer)) is None:
            return
        norms = torch.linalg.vector_norm(call.value.float(), dim=-1, keepdim=True)
        rows, columns = (
            (side.starts[passages], _lengths(side, passages)) for side in (tokens, keys)
        )
        hand(partial(self._copy, at, (call.query, call.key, norms), (rows, columns)))
        if self.added is not None:
            self._fill_added(at, call, passages, rows[1], columns[1])

    def let_go(self) -> None:
        """Take what was written out of this process's memory: it is on the disk, or on its way."""
        for array in (self.q, self.k, self.v_norm, self.added):
            if array is not None and hasattr(mmap, "MADV_DONTNEED"):
                array._mmap.madvise(mmap.MADV_DONTNEED)

    def _copy(
        self,
        at: int,
        vectors: tuple[Tensor, Tensor, Tensor],
        sides: tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]],
    ) -> None:
        """Put queries, keys and lengths of values in place, by the starts and lengths of both."""
        (query, key, norms), (rows, columns) = vectors, sides
        place(self.q, at, query, *rows)
        place(self.k, at, key, *columns)
        place(self.v_norm[..., None], at, norms, *columns)

    def _fill_added(
        self, at: int, call: Call, passages: np.ndarray, rows: np.ndarray, columns: np.ndarray
    ) -> None:
        """Keep what a layer adds to the logits of each pair."""
        for row, passage in enumerate(passages):
            pairs = slice(int(self.pairs[passage]), int(self.pairs[passage + 1]))
            found = taken_apart(call, row, int(rows[row]), int(columns[row]))
            values = np.zeros((1, 1, 1)) if found.values is None else found.values
            seen = found.sight.cells(int(columns[row]), slice(int(rows[row])))
            cells = np.where(seen, values, HIDDEN)
            self.added[at, :, pairs] = cells.reshape(len(cells), -1)


def kept_in(
    draft: store.Draft,
    info: ModelInfo,
    tokens: Tokens,
    keys: Tokens,
    held: tuple[int, ...] | None = None,
) -> Kept:
    """Make room in the store for the vectors of a text: of the layers that are held, or of all."""
    n, s, pairs = len(tokens), len(keys), pair_starts(tokens.starts, keys.starts)
    layers = range(info.layers) if held is None else held
    q, k = (len(layers), info.heads, n), (len(layers), info.kv_heads, s)
    added = (len(layers), info.heads, int(pairs[-1]))
    return Kept(
        q=draft.create("q", (*q, info.head_dim), STORED[info.dtype]),
        k=draft.create("k", (*k, info.head_dim), STORED[info.dtype]),
        v_norm=draft.create("v_norm", k),
        added=draft.create("added", added) if info.adds else None,
        pairs=pairs,
        places={layer: at for at, layer in enumerate(layers)},
    )


def _lengths(tokens: Tokens, passages: np.ndarray) -> np.ndarray:
    return np.diff(tokens.starts)[passages]


def place(
    array: np.ndarray, layer: int, vectors: Tensor, starts: np.ndarray, lengths: np.ndarray
) -> None:
    """Put a layer's vectors of a batch where they belong.

    Parameters
    ----------
    array : (layers, heads, n, d)
        Of the precision that is kept, as it is on the disk.
    vectors : (B, h, T, e)
        Of fewer heads where keys are shared: then each is repeated. Fewer numbers than d are
        followed by zeros, which change no product.
    starts, lengths : int (B,)
        Of the passages, in the text.
    """
    group = array.shape[1] // vectors.shape[1]
    part = array[layer, ..., : vectors.shape[3]]
    if array.dtype == np.uint16:
        vectors, part = vectors.to(torch.bfloat16).view(torch.int16), part.view(np.int16)
    else:  # of layers that differ in precision, the widest is kept
        vectors = vectors.to(getattr(torch, str(array.dtype)))
    vectors = vectors.cpu()
    vectors = vectors.repeat_interleave(group, 1) if group > 1 else vectors
    there = torch.from_numpy(part)
    if len(lengths) == 1:  # without a copy between: it may be long
        start, length = int(starts[0]), int(lengths[0])
        there[:, start : start + length] = vectors[0, :, :length]
        return
    row, column = (np.arange(vectors.shape[2]) < lengths[:, None]).nonzero()
    found = vectors[torch.from_numpy(row), :, torch.from_numpy(column)]
    there.index_copy_(1, torch.from_numpy(starts[row] + column), found.transpose(0, 1))
