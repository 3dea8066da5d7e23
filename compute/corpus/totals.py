"""Adds up what batches show: document by document first, for intervals, then into whole numbers."""

from dataclasses import dataclass

import numpy as np

from compute.corpus.asked import Asked, Batch
from compute.corpus.seen import SUMS, Seen
from compute.errors import HeadscopeError
from compute.summaries import bins, mass, moments, token_table
from compute.summaries.summary import Counts, Kind, Slice, check_slices
from compute.summaries.token_table import TokenTable

TOKENS = 2**13
"""Tokens after which those of one type are added up."""


@dataclass
class _Document:
    """Sums over the passages of a document that were read so far."""

    part: str
    sums: dict[str, np.ndarray]
    counts: dict[str, np.ndarray]
    passages: int = 0
    tokens: int = 0


class Totals:
    """Takes batches; documents must be whole between two calls of `close`."""

    def __init__(self, kind: Kind):
        self._kind = kind
        self._open: dict[int, _Document] = {}
        self._slices: dict[str, Slice] = {}
        self._counts = _nothing(kind)
        self._tokens: TokenTable | None = None
        self._ids: list[np.ndarray] = []
        self._gives: list[np.ndarray] = []
        self._gets: list[np.ndarray] = []

    def add(
        self,
        batch: Batch,
        seen: Seen,
        asked: list[Asked],
        documents: list[int],
        parts: list[str],
        nats: np.ndarray | None,
    ) -> None:
        """Take what was seen of a batch.

        Parameters
        ----------
        asked : list of Asked
            Of each layer.
        documents, parts : list
            Of each passage: the number of its document, and its slice.
        nats : float64 (B, T), optional
            Losses; NaN where nothing is predicted.

        Raises
        ------
        HeadscopeError
            If some attention is no number.
        """
        _check(seen, self._kind)
        counts = {name: np.stack([a.counts[name] for a in asked], 1) for name in self._kind.scores}
        for row, (number, part) in enumerate(zip(documents, parts, strict=True)):
            own = self._open.setdefault(number, _blank(self._kind, part))
            own.passages += 1
            own.tokens += int(batch.lengths[row])
            for name in self._kind.scores:
                own.sums[name] += seen.sums[name][:, row]
                own.counts[name] += counts[name][row]
        self._count(batch, seen, asked, nats)
        places = np.nonzero(batch.ordinary)
        self._ids.append(batch.ids[places])
        self._gives.append(seen.gives[places])
        self._gets.append(seen.gets[places])
        if sum(map(len, self._ids)) >= TOKENS:
            self._close_tokens()

    def close(self) -> None:
        """Add up the documents that were read.

        Raises
        ------
        HeadscopeError
            If there are too many slices.
        """
        rows = list(self._open.values())
        parts = {row.part for row in rows}
        check_slices(parts | self._slices.keys())
        for part in sorted(parts):
            found = _slice(self._kind, [row for row in rows if row.part == part])
            known = self._slices.get(part)
            self._slices[part] = found if known is None else known.plus(found)
        self._open = {}
        self._close_tokens()

    def _close_tokens(self) -> None:
        if self._ids:
            parts = (np.concatenate(some) for some in (self._ids, self._gives, self._gets))
            found = token_table.of(*parts)
            self._tokens = found if self._tokens is None else self._tokens.plus(found)
        self._ids, self._gives, self._gets = [], [], []

    def result(self) -> tuple[dict[str, Slice], Counts, TokenTable]:
        """Return slices, counts and tokens of all that was read."""
        return dict(sorted(self._slices.items())), self._counts, self._tokens

    def _count(self, batch: Batch, seen: Seen, asked: list[Asked], nats: np.ndarray | None) -> None:
        kind, ordinary = self._kind, batch.ordinary
        found = _nothing(kind)
        found.distance[:] = seen.distance
        found.classes[:] = seen.classes
        flat = kind.layers * kind.heads
        by_position = seen.gets.sum(0, dtype=np.float64).reshape(-1, flat).T
        found.position[:] = mass.of(by_position @ bins.distances(batch.ids.shape[1])).reshape(
            found.position.shape
        )
        peaks = np.moveaxis(seen.peak, 0, 2).reshape(flat, -1)
        found.peaks[:] = bins.counted(bins.shares(peaks, bins.PEAKS), bins.PEAKS).reshape(
            found.peaks.shape
        )
        for name, of_queries, which in (
            ("largest", seen.largest, lambda some: bins.shares(some, bins.LARGEST)),
            ("entropy", seen.entropy, bins.entropies),
        ):
            every = np.moveaxis(of_queries, 0, 2)[:, :, ordinary].reshape(flat, -1)
            array = getattr(found, name)
            array[:] = bins.counted(which(every), array.shape[2]).reshape(array.shape)
        for layer, each in enumerate(asked):
            found.chance[layer] = mass.of(each.chance)
            found.of_class[layer] = each.of_class
        if nats is not None:
            _count_losses(found, seen, nats)
        self._counts = self._counts.plus(found)


def _check(seen: Seen, kind: Kind) -> None:
    sums = seen.sums["entropy"][0].sum(0)
    if np.isfinite(sums).all():
        return
    layer, head = np.argwhere(~np.isfinite(sums))[0].tolist()
    raise HeadscopeError(
        f"The attention of {kind.model} is no number in L{layer}H{head}, in some passages. Weights "
        "or half precision are to blame: choose --dtype float32, or look at the files of the model."
    )


def _count_losses(found: Counts, seen: Seen, nats: np.ndarray) -> None:
    told = np.isfinite(nats)
    flat = found.loss.shape[0] * found.loss.shape[1]
    every = np.moveaxis(seen.largest, 0, 2)[:, :, told].reshape(flat, -1)
    which = bins.shares(every, bins.LARGEST)
    found.predicted[:] = bins.counted(which, bins.LARGEST).reshape(found.predicted.shape)
    sums = np.stack([np.bincount(row, nats[told], bins.LARGEST) for row in which])
    found.loss[:] = mass.of(sums).reshape(found.loss.shape)


def _nothing(kind: Kind) -> Counts:
    def zeros(*more: int) -> np.ndarray:
        return np.zeros((kind.layers, kind.heads, *more), np.int64)

    count = len(kind.classes)
    return Counts(
        largest=zeros(bins.LARGEST),
        entropy=zeros(bins.ENTROPY),
        distance=zeros(len(bins.DISTANCES)),
        position=zeros(len(bins.DISTANCES)),
        peaks=zeros(bins.PEAKS),
        classes=zeros(count, count),
        chance=np.zeros((kind.layers, count, count), np.int64),
        of_class=np.zeros((kind.layers, count), np.int64),
        loss=zeros(bins.LARGEST),
        predicted=zeros(bins.LARGEST),
    )


def _blank(kind: Kind, part: str) -> _Document:
    shape = kind.layers, kind.heads
    sums = {name: np.zeros((SUMS[name], *shape)) for name in kind.scores}
    counts = {name: np.zeros(kind.layers, np.int64) for name in kind.scores}
    return _Document(part, sums, counts)


def _slice(kind: Kind, rows: list[_Document]) -> Slice:
    """Return the sums over some documents of one slice."""
    found, n = {}, []
    for name in kind.scores:
        sums = np.stack([row.sums[name] for row in rows], 1)
        counts = np.stack([row.counts[name] for row in rows])
        parts = list(sums)
        if len(parts) == 1:
            parts.append(np.repeat(counts[:, :, None], kind.heads, 2).astype(np.float64))
        found[name] = moments.of(parts)
        n.append(counts.sum(0))
    passages, tokens = (sum(getattr(row, name) for row in rows) for name in ("passages", "tokens"))
    return Slice(len(rows), passages, tokens, np.stack(n), found)
