"""The summary of a stretch of text: all that is kept of it about the heads of one model."""

from collections.abc import Collection
from dataclasses import dataclass, fields

import numpy as np

from compute.errors import HeadscopeError
from compute.summaries import mass
from compute.summaries.moments import Moments
from compute.summaries.passages import Sample, Strongest
from compute.summaries.token_table import TokenTable

BROKEN = 20
"""Broken lines that are named; all are counted."""
LARGEST_LOSS = 16
"""Nats of a token, on average: guessing among nine million tokens."""
SLICES = 100
"""Slices at most: of each all scores of all heads are kept, with what their intervals take."""


@dataclass(frozen=True)
class Kind:
    """What two summaries must have in common to be added.

    Attributes
    ----------
    identity, model : str
        Of `ModelInfo`: its identity, and its name.
    precision : str
        Device, precision and threads: what the last bits of attention depend on.
    length : int
        The longest passage, in tokens.
    scores, classes : tuple of str
    causal, loss : bool
    """

    identity: str
    model: str
    precision: str
    layers: int
    heads: int
    length: int
    scores: tuple[str, ...]
    classes: tuple[str, ...]
    rules: str
    causal: bool
    loss: bool


@dataclass(frozen=True)
class Slice:
    """The scores on the documents of one slice.

    Attributes
    ----------
    n : int64 (scores, layers)
        Tokens that count.
    moments : dict of str to Moments
        By the names of scores.
    """

    documents: int
    passages: int
    tokens: int
    n: np.ndarray
    moments: dict[str, Moments]

    def plus(self, other: "Slice") -> "Slice":
        """Return the slice of both."""
        both = {name: found.plus(other.moments[name]) for name, found in self.moments.items()}
        return Slice(
            self.documents + other.documents,
            self.passages + other.passages,
            self.tokens + other.tokens,
            self.n + other.n,
            both,
        )


@dataclass(frozen=True)
class Counts:
    """Histograms and matrices of all heads: whole numbers that are added.

    Attributes
    ----------
    largest, entropy : int64 (layers, heads, bins)
        Ordinary queries by their largest attention to an ordinary key, and by their entropy.
    distance, position : int64 (layers, heads, bins)
        Attention between ordinary tokens by distance, and by the position of the key; see `mass`.
    peaks : int64 (layers, heads, bins)
        Passages by their largest attention to another token than the query itself.
    classes : int64 (layers, heads, C, C)
        Attention from tokens of one class to those of another; see `mass`.
    chance : int64 (layers, C, C)
        What uniform attention would give; see `mass`.
    of_class : int64 (layers, C)
        Queries of each class.
    loss : int64 (layers, heads, bins)
        Loss of predicting the next token, in nats, by the query's largest attention; see `mass`.
        Nothing where it was not asked for.
    predicted : int64 (layers, heads, bins)
        Queries that had a next token.
    """

    largest: np.ndarray
    entropy: np.ndarray
    distance: np.ndarray
    position: np.ndarray
    peaks: np.ndarray
    classes: np.ndarray
    chance: np.ndarray
    of_class: np.ndarray
    loss: np.ndarray
    predicted: np.ndarray

    def plus(self, other: "Counts") -> "Counts":
        """Return the counts of both."""
        return Counts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Counts)))


@dataclass(frozen=True)
class Summary:
    """What is kept of a stretch of text.

    Attributes
    ----------
    shards : tuple of str
        Digests of the stretches that are in it, ascending.
    slices : dict of str to Slice
        By their names, ascending; "" for documents that are in none.
    broken : int
        Lines that could not be read.
    named : tuple of (str, str)
        Where some of them are, and what is wrong, ascending.
    """

    kind: Kind
    shards: tuple[str, ...]
    slices: dict[str, Slice]
    counts: Counts
    tokens: TokenTable
    sample: Sample
    strongest: Strongest
    broken: int = 0
    named: tuple[tuple[str, str], ...] = ()

    @property
    def read(self) -> int:
        """Tokens that were read."""
        return sum(part.tokens for part in self.slices.values())

    def plus(self, other: "Summary") -> "Summary":
        """Return the summary of both stretches, the same in any order to the last bit.

        Raises
        ------
        HeadscopeError
            If they can't be added.
        """
        check(self.kind, other.kind)
        slices = dict(self.slices)
        for name, part in other.slices.items():
            slices[name] = slices[name].plus(part) if name in slices else part
        check_slices(slices)
        _check_room(self.kind, self.read + other.read)
        return Summary(
            self.kind,
            tuple(sorted(self.shards + other.shards)),
            dict(sorted(slices.items())),
            self.counts.plus(other.counts),
            self.tokens.plus(other.tokens),
            self.sample.plus(other.sample),
            self.strongest.plus(other.strongest),
            self.broken + other.broken,
            tuple(sorted(self.named + other.named)[:BROKEN]),
        )


def check(one: Kind, other: Kind) -> None:
    """Refuse to add summaries that say different things.

    Raises
    ------
    HeadscopeError
    """
    for field in fields(Kind):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if mine != theirs and field.name != "model":
            raise HeadscopeError(
                f"These can't be added, for they were measured in different ways: {field.name} is "
                f"“{_short(mine)}” in one and “{_short(theirs)}” in the other."
            )


def _short(value: object) -> str:
    return f"{value}"[:80]


def check_slices(slices: Collection[str]) -> None:
    """Refuse more slices than can be kept.

    Raises
    ------
    HeadscopeError
    """
    if len(slices) > SLICES:
        named = ", ".join(f"“{name}”" for name in sorted(slices)[:3])
        raise HeadscopeError(
            f"This corpus has more than {SLICES} slices, such as {named}. Choose slices by "
            "something that has fewer values, or none."
        )


def _check_room(kind: Kind, tokens: int) -> None:
    """Refuse what would not fit into whole numbers: a token's attention is at most 1."""
    most = (mass.MOST // LARGEST_LOSS if kind.loss else mass.MOST) - 1
    if tokens > most:
        raise HeadscopeError(
            f"Sums over more than {most:,} tokens are not kept. Measure fewer, or a part at a time."
        )


def check_apart(one: Summary, other: Summary) -> None:
    """Refuse to add summaries of which some stretches of text are in both.

    Raises
    ------
    HeadscopeError
        They would count twice.
    """
    if again := set(one.shards) & set(other.shards):
        raise HeadscopeError(
            f"{len(again):,} stretches of text are in more than one of these results, and would "
            "count twice. Merge results of different data."
        )
