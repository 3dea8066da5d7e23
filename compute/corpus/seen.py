"""What a batch shows of each layer's attention, as it is made; the attention itself is not kept.

On the model's device a few sums of each block are taken, and only these are brought to the
processor. With an attention of 12 heads over 256 tokens that costs about half of making it.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from compute.corpus.asked import Asked, Batch
from compute.corpus.strongest_keys import strongest_keys
from compute.summaries import bins, mass

SUMS = {
    "previous": 1,
    "duplicate": 1,
    "induction": 1,
    "self": 1,
    "entropy": 1,
    "relative_entropy": 1,
    "special": 1,
    "first": 1,
    "distance": 2,
    "spread": 3,
    "largest": 1,
}
"""How many sums of attention each score is made of, as its `HeadScore` takes them."""


class Seen:
    """What is seen of a batch, layer by layer.

    Parameters
    ----------
    classes : int
        How many classes of tokens there are.

    Attributes
    ----------
    sums : dict of str to float64 (k, B, layers, heads)
        The sums of each score; see `SUMS`.
    gives, gets : float32 (B, T, layers, heads)
        The largest attention that ordinary queries give to an ordinary key; what these get.
    largest, entropy : float32 (B, layers, heads, T)
        Of each query: its largest attention to an ordinary key; its entropy.
    distance : int64 (layers, heads, bins)
        Attention between ordinary tokens by distance; see `mass`.
    classes : int64 (layers, heads, C, C)
    peak, place : float32, uint16 (B, layers, heads)
        The largest attention of each passage, and its query.
    """

    def __init__(self, batch: Batch, layers: int, heads: int, classes: int):
        count, length = batch.ids.shape
        shape = count, layers, heads
        self._batch, self._count = batch, classes
        self.sums = {name: np.zeros((parts, *shape)) for name, parts in SUMS.items()}
        self.gives = np.zeros((count, length, layers, heads), np.float32)
        self.gets = np.zeros((count, length, layers, heads), np.float32)
        self.largest = np.zeros((*shape, length), np.float32)
        self.entropy = np.zeros((*shape, length), np.float32)
        self.distance = np.zeros((layers, heads, len(bins.DISTANCES)), np.int64)
        self.classes = np.zeros((layers, heads, classes, classes), np.int64)
        self.peak = np.zeros(shape, np.float32)
        self.place = np.zeros(shape, np.uint16)
        self._given: _Given | None = None

    def block(self, layer: int, passages: slice, attention: Tensor, asked: Asked) -> None:
        """Take what is wanted of a layer's attention in some passages.

        Parameters
        ----------
        attention : float32 (b, H, T, T)
            Written into: of ordinary tokens alone remains.
        """
        if self._given is None or self._given.where != attention.device:
            self._given = _given(self._batch, self._count, attention.device)
        given = self._given.some(passages)
        rows = range(*passages.indices(len(self._batch.ids)))
        ordinary = self._batch.ordinary[passages][:, None]
        entropy = _entropy(attention).cpu().numpy()
        by_class = attention @ given.columns[:, None]  # (b, H, T, C + 1)
        of_special = by_class[..., -1].cpu().numpy()
        first = attention[..., 0].clone().cpu().numpy()  # what it is seen in is written into
        matrix = given.columns[:, None, :, :-1].transpose(2, 3) @ by_class[..., :-1]
        self.classes[layer] += mass.of(_summed(matrix))
        attention *= given.pairs[:, None]
        largest = attention.amax(3).cpu().numpy()
        self._repeats(layer, rows, attention, asked)
        self._distances(layer, passages, _by_offset(attention).cpu().numpy())
        self.gives[passages, :, layer] = np.moveaxis(largest, 1, 2)
        self.gets[passages, :, layer] = np.moveaxis(attention.sum(2).cpu().numpy(), 1, 2)
        self.largest[passages, layer], self.entropy[passages, layer] = largest, entropy
        self.peak[passages, layer] = largest.max(2)
        self.place[passages, layer] = largest.argmax(2)
        several = ordinary & (asked.visible[passages] > 1)[:, None]
        most = np.log(np.maximum(asked.visible[passages], 2)).astype(np.float32)[:, None]
        for name, of_queries, which in (
            ("entropy", entropy, ordinary),
            ("relative_entropy", entropy / most, several),
            ("special", of_special, ordinary),
            ("largest", largest, ordinary),
            ("first", first, ordinary & self._batch.causal),
        ):
            self.sums[name][0, passages, layer] = np.where(which, of_queries, 0).sum(2, np.float64)

    def keys_of(self, attention: Tensor, length: int) -> tuple[np.ndarray, np.ndarray]:
        """Return keys and weights (H, t, KEYS) of a passage, given its attention (H, T, T)."""
        return strongest_keys(attention[:, :length, :length])

    def _repeats(self, layer: int, rows: range, attention: Tensor, asked: Asked) -> None:
        for at, row in enumerate(rows):
            flat = attention[at].reshape(attention.shape[1], -1)
            for name, pairs in (("duplicate", asked.same[row]), ("induction", asked.after[row])):
                if len(pairs):
                    places = torch.from_numpy(pairs).to(flat.device)
                    found = flat.index_select(1, places).sum(1).cpu().numpy()
                    self.sums[name][0, row, layer] = found

    def _distances(self, layer: int, passages: slice, by_offset: np.ndarray) -> None:
        """Take all that depends on how far away a key is, of sums by offset (b, H, 2T + 1)."""
        length = self._batch.ids.shape[1]
        sums = by_offset.astype(np.float64)
        self.sums["previous"][0, passages, layer] = sums[..., length - 1]
        self.sums["self"][0, passages, layer] = sums[..., length]
        away = sums[..., length:].copy()
        away[..., 1:] += sums[..., length - 1 :: -1][..., :length]
        steps = np.arange(length + 1, dtype=np.float64)
        parts = away @ steps**2, away @ steps, away.sum(-1)
        for name in ("distance", "spread"):
            for number, part in enumerate(parts[-SUMS[name] :]):
                self.sums[name][number, passages, layer] = part
        self.distance[layer] += mass.of(away.sum(0) @ bins.distances(length + 1))


@dataclass(frozen=True)
class _Given:
    """What a batch's blocks are multiplied with, on the model's device.

    Attributes
    ----------
    columns : float32 (B, T, C + 1)
        The class of each token, and whether it is special.
    pairs : float32 (B, T, T)
        1 where both tokens are ordinary.
    """

    where: torch.device
    columns: Tensor
    pairs: Tensor

    def some(self, passages: slice) -> "_Given":
        return _Given(self.where, self.columns[passages], self.pairs[passages])


def _given(batch: Batch, classes: int, where: torch.device) -> _Given:
    special = (batch.special & batch.inside)[..., None].astype(np.float32)
    columns = np.concatenate([batch.one_hot(classes), special], axis=2)
    ordinary = torch.from_numpy(batch.ordinary.astype(np.float32)).to(where)
    pairs = ordinary[:, :, None] * ordinary[:, None, :]
    return _Given(where, torch.from_numpy(columns).to(where), pairs)


def _entropy(attention: Tensor) -> Tensor:
    """Return the entropy of each query's attention in nats, (b, H, T); see `pairs.Seen`."""
    tiny = torch.finfo(torch.float32).tiny
    logs = attention.clamp(min=tiny).log_().mul_(attention)
    left = attention.sum(3).clamp_(min=tiny)
    return left.log() - logs.sum(3) / left


def _by_offset(attention: Tensor) -> Tensor:
    """Return the sums along all diagonals, (b, H, 2T + 1): of key minus query −T … T.

    Written into rows of 2T numbers with nothing in the first half, a diagonal lies 2T + 1 numbers
    apart, and what would be beyond its ends is nothing.
    """
    b, heads, length, _ = attention.shape
    wide = attention.new_zeros((b, heads, length + 2, 2 * length))
    wide[:, :, :length, length:] = attention
    strides = *wide.stride()[:2], 2 * length + 1, 1
    return wide.as_strided((b, heads, length, 2 * length + 1), strides).sum(2)


def _summed(matrix: Tensor) -> np.ndarray:
    return matrix.cpu().numpy().sum(0, dtype=np.float64)
