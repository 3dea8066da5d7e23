"""What a batch shows of each layer's attention, as it is made; the attention itself is not kept.

On the model's device a few sums of each block are taken, and only these are brought to the
processor. With an attention of 12 heads over 256 tokens that costs about half of making it.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from compute.corpus.asked import Asked, Batch
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
        The largest attention of each passage to another token than the query itself, and its query.
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
        # Of the layer that is seen: what keys get by the class of queries, and from ordinary ones;
        # sums along diagonals.
        self._received = np.zeros((count, heads, classes + 1, length), np.float32)
        self._offsets = np.zeros((count, heads, 2 * length + 1), np.float32)

    def block(
        self,
        layer: int,
        passages: slice,
        heads: slice,
        attention: Tensor,
        asked: Asked,
        whole: bool,
    ) -> None:
        """Take what is wanted of a layer's attention in some passages and heads.

        Parameters
        ----------
        attention : float32 (b, h, T, T)
            Written into: of ordinary tokens alone remains.
        whole : bool
            Whether each row sums to 1: no head has a sink of its own.
        """
        if self._given is None or self._given.where != attention.device:
            self._given = _given(self._batch, self._count, attention.device)
        given, at = self._given.some(passages), (passages, layer, heads)
        self.entropy[at] = _entropy(attention, whole)
        self._received[passages, heads] = (given.rows[:, None] @ attention).cpu().numpy()
        attention *= given.pairs[:, None]
        own, others = _largest(attention)
        self.largest[at] = np.maximum(own, others)
        self.peak[at], self.place[at] = others.max(2), others.argmax(2)
        self._offsets[passages, heads] = given.by_offset(attention).cpu().numpy()
        for row, of_passage in zip(range(len(self.peak))[passages], attention, strict=True):
            flat = of_passage.reshape(len(of_passage), -1)
            for name, pairs in (("duplicate", asked.same[row]), ("induction", asked.after[row])):
                if len(pairs):
                    places = torch.from_numpy(pairs).to(flat.device)
                    found = flat.index_select(1, places).sum(1).cpu().numpy()
                    self.sums[name][0, row, layer, heads] = found

    def close(self, layer: int, asked: Asked) -> None:
        """Add up what all blocks of a layer showed."""
        batch = self._batch
        ordinary, largest = batch.ordinary[:, None], self.largest[:, layer]
        entropy = self.entropy[:, layer]
        self.gives[:, :, layer] = np.moveaxis(largest, 1, 2)
        self._add_received(layer)
        self._add_distances(layer)
        several = ordinary & (asked.visible > 1)[:, None]
        most = np.log(np.maximum(asked.visible, 2)).astype(np.float32)[:, None]
        for name, of_queries, which in (
            ("entropy", entropy, ordinary),
            ("relative_entropy", entropy / most, several),
            ("largest", largest, ordinary),
        ):
            self.sums[name][0, :, layer] = np.where(which, of_queries, 0).sum(2, np.float64)

    def _add_received(self, layer: int) -> None:
        """Take all that depends on what keys get, by the class of queries."""
        batch, received = self._batch, self._received
        by_class = received[:, :, :-1] @ batch.one_hot(self._count)[:, None]
        self.classes[layer] = mass.of(by_class.sum(0, dtype=np.float64))
        gets = received[:, :, -1]
        self.gets[:, :, layer] = np.moveaxis(gets * batch.ordinary[:, None], 1, 2)
        of_special = gets * batch.special[:, None]
        self.sums["special"][0, :, layer] = of_special.sum(2, dtype=np.float64)
        if batch.causal:
            self.sums["first"][0, :, layer] = gets[..., 0]

    def _add_distances(self, layer: int) -> None:
        """Take all that depends on how far away a key is."""
        length = self._batch.ids.shape[1]
        sums = self._offsets.astype(np.float64)
        self.sums["previous"][0, :, layer] = sums[..., length - 1]
        self.sums["self"][0, :, layer] = sums[..., length]
        away = sums[..., length:].copy()
        away[..., 1:] += sums[..., length - 1 :: -1][..., :length]
        steps = np.arange(length + 1, dtype=np.float64)
        parts = away @ steps**2, away @ steps, away.sum(-1)
        for name in ("distance", "spread"):
            for number, part in enumerate(parts[-SUMS[name] :]):
                self.sums[name][number, :, layer] = part
        self.distance[layer] = mass.of(away.sum(0) @ bins.distances(length + 1))


@dataclass(frozen=True)
class _Given:
    """What a batch's blocks are multiplied with, on the model's device.

    Attributes
    ----------
    rows : float32 (B, C + 1, T)
        The class of each token, and whether it is ordinary.
    pairs : float32 (B, T, T)
        1 where both tokens are ordinary.
    wide : list of Tensor
        What `by_offset` writes into, once it was made.
    """

    where: torch.device
    rows: Tensor
    pairs: Tensor
    wide: list[Tensor]

    def some(self, passages: slice) -> "_Given":
        """Return that of some passages."""
        return _Given(self.where, self.rows[passages], self.pairs[passages], self.wide)

    def by_offset(self, attention: Tensor) -> Tensor:
        """Return the sums along all diagonals, (b, H, 2T + 1): of key minus query −T … T.

        Written into rows of 2T numbers with nothing in the first half, a diagonal lies 2T + 1
        numbers apart, and what would be beyond its ends is nothing.
        """
        b, heads, length, _ = attention.shape
        shape = b, heads, length + 2, 2 * length
        if not self.wide or self.wide[0].shape != shape:
            self.wide[:] = [attention.new_zeros(shape)]
        wide = self.wide[0]
        wide[:, :, :length, length:] = attention
        strides = *wide.stride()[:2], 2 * length + 1, 1
        return wide.as_strided((b, heads, length, 2 * length + 1), strides).sum(2)


def _given(batch: Batch, classes: int, where: torch.device) -> _Given:
    own = batch.ordinary.astype(np.float32)
    rows = np.concatenate([batch.one_hot(classes), own[..., None]], axis=2).transpose(0, 2, 1)
    ordinary = torch.from_numpy(own).to(where)
    pairs = ordinary[:, :, None] * ordinary[:, None, :]
    rows = torch.from_numpy(np.ascontiguousarray(rows)).to(where)
    return _Given(where, rows, pairs, [])


def _largest(attention: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Return what each query gives to itself, and the most it gives to another, (b, h, T) each.

    The first tokens of a causal model have hardly another choice than themselves, and would be the
    strongest of many heads.
    """
    diagonal = attention.diagonal(dim1=2, dim2=3)
    own = diagonal.clone()
    diagonal.zero_()
    others = attention.amax(3).cpu().numpy()
    diagonal.copy_(own)
    return own.cpu().numpy(), others


def _entropy(attention: Tensor, whole: bool) -> np.ndarray:
    """Return the entropy of each query's attention in nats, (b, h, T); see `pairs.Seen`."""
    tiny = torch.finfo(torch.float32).tiny
    logs = attention.clamp(min=tiny)
    if logs.device.type == "cpu":  # NumPy's logarithm takes half as long as torch's
        np.log(logs.numpy(), out=logs.numpy())
    else:
        logs.log_()
    found = -torch.linalg.vecdot(attention, logs)
    if not whole:  # the entropy of what is left beside the sink
        left = attention.sum(3).clamp_(min=tiny)
        found = left.log() + found / left
    return found.cpu().numpy()
