"""From a choice to shards in the order of a hash, without reading what is in the files.

A terabyte has millions of places to cut it, of which a run of a million tokens needs some: only the
first in the order are made, some four times what is wanted. Small files are read several at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise

import numpy as np

from compute.corpora import files, formats, probe
from compute.corpora.chosen import Chosen, File, Plan, Shard, Span
from compute.errors import HeadscopeError
from compute.store import size_told

SMALLEST, LARGEST = 64 * 2**10, 4 * 2**20
"""Bytes of text in a shard."""
SHARDS = 32
"""What is asked for is cut into so many, if their size allows."""
TOKEN = 4
"""Bytes of a token, about."""
SPARE = 4
"""So many times the tokens asked for are planned, since documents may be broken or short."""

_FEWEST = 1024  # spans that are planned at least
_MEASURED = 1000  # files whose share of text is read
_REACH = (64 * 2**20, 2 * 2**30)  # of a compressed file: bytes that are read at least, at most
_TIMES = 2  # bytes of a compressed file for one that is wanted
_DAMAGED, _NO_FIELD = "damaged", "without the field of the text"
_AT_ONCE = 2**20  # places that are hashed at once


@dataclass(frozen=True)
class _Cuts:
    """How files are cut: arrays (files,) of bytes, and the bytes of text in each byte."""

    step: np.ndarray
    stop: np.ndarray
    share: np.ndarray

    @property
    def count(self) -> np.ndarray:
        """How many spans each file has."""
        return -(-self.stop // self.step)


def plan(chosen: Chosen, tokens: int | None = None, seed: int = 0) -> Plan:
    """Cut a corpus into shards.

    Parameters
    ----------
    tokens : int, optional
        How many are wanted; all by default. The size of a shard follows from it: a thirty-second of
        what is asked for, from 64 KiB to 4 MiB of text.
    seed : int
        Of the order.

    Returns
    -------
    Plan
        In the same order for the same files, wherever they lie.

    Raises
    ------
    HeadscopeError
        If there is nothing to read, or a field that was named is nowhere.
    """
    found = files.find(chosen)
    probe.check(found.files, chosen)
    share, left = _shares(found.files, chosen.field)
    for why, name in left:
        found.leave(why, name)
    whole = np.array([file.size for file in found.files], np.int64)
    total = int((whole * share).sum())
    if not total:
        notes = " ".join(found.notes())
        raise HeadscopeError(f"There is no text in it. {notes} Choose files with text.")
    wanted = tokens * TOKEN if tokens else total
    size = min(max(wanted // SHARDS, SMALLEST), LARGEST)
    cuts, short = _cuts(found.files, share, size, wanted)
    which, starts = _first(found.files, cuts, wanted if tokens else None, seed)
    shards = _shards(found.files, cuts, which, starts, size, chosen)
    notes = (*found.notes(), *_of_short(short))
    title = chosen.title or files.title(chosen.paths)
    return Plan(title, shards, total, notes)


def _shares(found: Sequence[File], field: str) -> tuple[np.ndarray, list[tuple[str, str]]]:
    """Return each file's bytes of text in a byte, and why which are without any.

    Of many Parquet files some are measured, and the others take their mean.
    """
    share = np.ones(len(found))
    told = [number for number, file in enumerate(found) if file.kind == "parquet"]
    measured = told[:: -(-len(told) // _MEASURED) or 1]
    left: list[tuple[str, str]] = []
    for number, file in enumerate(found):
        if file.kind != "parquet":
            share[number] = formats.named(file.kind).share(file, field)
    for number in measured:
        try:
            share[number] = formats.named("parquet").share(found[number], field)
        except Exception:  # Arrow raises many; what it is, is told when it is read
            left.append((_DAMAGED, found[number].name))
            share[number] = 0.0
            continue
        if not share[number]:
            left.append((_NO_FIELD, found[number].name))
    if sound := [share[number] for number in measured if share[number]]:
        share[sorted({*told} - {*measured})] = np.mean(sound)
    return share, left


def _cuts(
    found: Sequence[File], share: np.ndarray, size: int, wanted: int
) -> tuple[_Cuts, list[tuple[str, int]]]:
    """Return where files are cut into spans of about `size` bytes of text."""
    kinds = [formats.named(file.kind) for file in found]
    block = np.array([kind.block for kind in kinds], np.int64)
    stop = np.array([file.size for file in found], np.int64)
    reach = min(max(_TIMES * wanted, _REACH[0]), _REACH[1])
    entered = np.array([kind.enterable for kind in kinds])
    short = np.flatnonzero(~entered & (stop > reach))
    stop[short] = reach
    stop[share == 0] = 0
    step = (size / np.maximum(share, 1e-9)).clip(1, 2**60).astype(np.int64)
    step = np.maximum(step // block, 1) * block
    return _Cuts(step, stop, share), [(found[number].name, reach) for number in short]


def _of_short(short: list[tuple[str, int]]) -> list[str]:
    if not short:
        return []
    name, reach = short[0]
    more = f" and {len(short) - 1:,} more" if len(short) > 1 else ""
    return [
        f"Only the first {size_told(reach)} are read of {name}{more}: a compressed file can't be "
        "entered in its middle. Unpack it to have all of it."
    ]


def _first(
    found: Sequence[File], cuts: _Cuts, wanted: int | None, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return file and begin of the first spans in the order of their hashes, int64 (spans,)."""
    ends = np.cumsum(cuts.count)
    total = int(ends[-1])
    most = total
    if wanted is not None:
        mean = float((cuts.stop * cuts.share).sum()) / total
        most = min(total, max(_FEWEST, int(SPARE * wanted / mean) + 1))
    names = _hashed_names(found, seed)
    best = np.zeros((3, 0), np.uint64)
    for first in range(0, total, _AT_ONCE):
        number = np.arange(first, min(first + _AT_ONCE, total))
        which = np.searchsorted(ends, number, side="right")
        start = (number - (ends - cuts.count)[which]) * cuts.step[which]
        hashed = _mixed(names[which] + start.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))
        best = np.concatenate([best, [hashed, which.astype(np.uint64), start.astype(np.uint64)]], 1)
        if best.shape[1] > most:
            best = best[:, np.argpartition(best[0], most - 1)[:most]]
    best = best[:, np.lexsort(best[::-1])]
    return best[1].astype(np.int64), best[2].astype(np.int64)


def _hashed_names(found: Sequence[File], seed: int) -> np.ndarray:
    digests = [blake2b(f"{seed} {file.name}".encode(), digest_size=8).digest() for file in found]
    return np.frombuffer(b"".join(digests), "<u8").astype(np.uint64)


def _mixed(numbers: np.ndarray) -> np.ndarray:
    """Return a hash of uint64 numbers (the finalizer of splitmix64, Steele et al. 2014)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


def _shards(
    found: Sequence[File],
    cuts: _Cuts,
    which: np.ndarray,
    starts: np.ndarray,
    size: int,
    chosen: Chosen,
) -> tuple[Shard, ...]:
    """Put spans together, in their order, into shards of at most `size` bytes of text."""
    stops = np.minimum(starts + cuts.step[which], cuts.stop[which])
    texts = (stops - starts) * cuts.share[which]
    bounds, taken = [0], 0.0
    for number, text in enumerate(texts.tolist()):
        if taken and taken + text > size * 1.001:  # a byte of text is a guess in packed files
            bounds.append(number)
            taken = 0.0
        taken += text
    bounds.append(len(which))
    spans = [
        Span(found[file], start, stop)
        for file, start, stop in zip(which.tolist(), starts.tolist(), stops.tolist(), strict=True)
    ]
    return tuple(
        Shard(number, tuple(spans[first:last]), chosen.field, chosen.by_field)
        for number, (first, last) in enumerate(pairwise(bounds))
    )
