"""What every layout starts from and gives back: the queries and keys of one head, and places."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from compute.capture.bias import Bias
from compute.capture.sight import Sight
from compute.errors import HeadscopeError
from compute.progress import Progress
from compute.runs import Run, unrotated
from compute.runs.run import pair_starts
from compute.texts.tokens import Tokens

CELLS = 2**22
"""Pairs of tokens of one passage that are held at once."""


@dataclass(frozen=True)
class Side:
    """The tokens whose queries, or whose keys, a cloud has.

    Attributes
    ----------
    starts : int (passages + 1,)
        Passage p is ``starts[p]:starts[p + 1]``.
    sink : bool (n,)
        Special tokens; in causal models also each first token.
    """

    starts: np.ndarray
    sink: np.ndarray

    @cached_property
    def core(self) -> np.ndarray:
        """Tokens that are no sinks, int (m,); all of them if there are only sinks."""
        rows = np.flatnonzero(~self.sink)
        return rows if len(rows) else np.arange(len(self.sink))

    @cached_property
    def place(self) -> np.ndarray:
        """Place of each token in its passage, int (n,)."""
        return np.arange(len(self.sink)) - np.repeat(self.starts[:-1], np.diff(self.starts))

    def span(self, passage: int) -> np.ndarray:
        """Return the tokens of a passage, int (m,)."""
        return np.arange(self.starts[passage], self.starts[passage + 1])

    def some(self, passages: np.ndarray) -> tuple["Side", np.ndarray]:
        """Return some passages as a side of its own, and which tokens they are."""
        spans = [self.span(p) for p in passages]
        rows = np.concatenate(spans)
        starts = np.concatenate([[0], np.cumsum([len(span) for span in spans])])
        return Side(starts, self.sink[rows]), rows


@dataclass(frozen=True)
class Cloud:
    """The queries and keys of one head over a text.

    Attributes
    ----------
    q : float32 (n, d)
        Scaled so that the logit is exactly ``q @ k.T`` (before `softcap` and `bias`, if any).
    k : float32 (s, d)
        Of as many tokens, but in cross-attention.
    starts, sink
        Of the queries; see `Side`.
    sight : Sight
        Which key a query may see, for the longest passage; shorter ones use the corner.
    softcap : float or None
        logit = softcap * tanh(logit / softcap).
    bias : Bias or None
        Of this head alone: added to the logits inside a passage, by place.
    added : float32 (pairs,) or None
        Added to the logits of each pair of each passage, one passage after the other.
    extra : float or None
        Logit of a head's own sink, which joins the softmax and gives no value.
    before : two of float32 (n, d), or None
        Queries and keys before rotary position encoding, where they were extracted.
    source : Side or None
        Of the keys, where they are of other tokens than the queries (cross-attention).
    tokens : Tokens or None
        Whose queries these are, for maps by a property of theirs.
    """

    q: np.ndarray
    k: np.ndarray
    starts: np.ndarray
    sink: np.ndarray
    sight: Sight
    softcap: float | None = None
    bias: Bias | None = None
    added: np.ndarray | None = None
    extra: float | None = None
    before: tuple[np.ndarray, np.ndarray] | None = None
    source: Side | None = None
    tokens: Tokens | None = None

    def __len__(self) -> int:
        return len(self.q)

    @cached_property
    def queries(self) -> Side:
        """The tokens whose queries these are."""
        return Side(self.starts, self.sink)

    @property
    def keys(self) -> Side:
        """The tokens whose keys these are."""
        return self.queries if self.source is None else self.source

    @property
    def square(self) -> bool:
        """Whether queries and keys are of the same tokens."""
        return self.source is None

    @property
    def core(self) -> np.ndarray:
        """Queries that are no sinks, int (m,); all of them if there are only sinks."""
        return self.queries.core

    @property
    def key_core(self) -> np.ndarray:
        """Keys that are no sinks, int (c,); all of them if there are only sinks."""
        return self.keys.core

    def logits(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Return the logits inside passages, before the mask, float32 (..., m, c).

        Parameters
        ----------
        rows : int (..., m)
            Queries; those of the last axis are of one passage.
        columns : int (..., c)
            Keys of the same passage.
        """
        products = self.q[rows] @ np.swapaxes(self.k[columns], -1, -2)
        return self.with_added(self.capped(products), rows[..., :, None], columns[..., None, :])

    def with_added(self, logits: np.ndarray, queries: np.ndarray, keys: np.ndarray) -> np.ndarray:
        """Return logits and what the model adds to them, for tokens (broadcast) of one passage."""
        if self.bias is not None:
            logits = logits + self.bias.at(self.queries.place[queries], self.keys.place[keys], 0)
        if self.added is not None:
            logits = logits + self.added[self._pair(queries, keys)]
        return logits

    def seen(self, queries: np.ndarray, keys: np.ndarray) -> np.ndarray:
        """Return whether queries may see keys of their passage, for tokens, broadcast."""
        return self.sight.at(self.queries.place[queries], self.keys.place[keys])

    def attention_in_blocks(self, passage: int) -> Iterator[tuple[slice, np.ndarray]]:
        """Yield the rows of a passage's attention, at most some `CELLS` numbers at a time."""
        m, c = (len(side.span(passage)) for side in (self.queries, self.keys))
        step = max(1, CELLS // max(c, 1))
        for start in range(0, m, step):
            rows = slice(start, min(start + step, m))
            yield rows, self.attention(passage, rows)

    def _pair(self, queries: np.ndarray, keys: np.ndarray) -> np.ndarray:
        """Return where in `added` pairs of tokens are."""
        sizes = np.diff(self.keys.starts)
        passage = np.searchsorted(self.starts, queries, "right") - 1
        first = pair_starts(self.starts, self.keys.starts)[passage]
        return first + self.queries.place[queries] * sizes[passage] + self.keys.place[keys]

    def capped(self, products: np.ndarray) -> np.ndarray:
        """Return products within the model's cap, if it has one."""
        if not self.softcap:
            return products
        return np.float32(self.softcap) * np.tanh(products / np.float32(self.softcap))

    def attention(self, passage: int, some: slice | None = None) -> np.ndarray:
        """Return the attention (m, c) float32 of a passage; rows sum to 1, or less with `extra`.

        Of a long passage some rows can be had alone.
        """
        rows, columns = self.queries.span(passage), self.keys.span(passage)
        some = some or slice(0, len(rows))
        rows, seen = rows[some], self.sight.cells(len(columns), some)
        logits = np.where(seen, self.logits(rows, columns), -np.inf)
        floor = -np.inf if self.extra is None else self.extra
        top = np.maximum(logits.max(1, keepdims=True), floor)
        weights = np.exp(logits - top)
        rest = 0.0 if self.extra is None else np.exp(self.extra - top)
        return (weights / (weights.sum(1, keepdims=True) + rest)).astype(np.float32)


@dataclass(frozen=True)
class Layout:
    """Places of all queries and keys.

    Attributes
    ----------
    q : float32 (n, dims)
    k : float32 (s, dims)
    size : float32 (s,) or None
        Logarithm of each key's popularity b. Where it is given, nearness is read as
        ``log(1 + distance**2) - b``: a big dot is near to everything.
    info : dict
        JSON-able facts about the fit.
    """

    q: np.ndarray
    k: np.ndarray
    size: np.ndarray | None = None
    info: dict = field(default_factory=dict)


class Counts:
    """A text file for libraries that tell how far they are only in what they print.

    Parameters
    ----------
    pattern : str
        A regular expression; what its group finds at the beginning of a line is the count.
    """

    def __init__(self, pattern: str, progress: Progress, total: int):
        self.pattern, self.progress, self.total = pattern, progress, total

    def write(self, text: str) -> None:
        """Pass on the count, if there is one."""
        if found := re.match(self.pattern, text):
            self.progress(min(int(found[1]), self.total), self.total)

    def flush(self) -> None:
        """Nothing is held back."""


def part(whole: Cloud, passages: np.ndarray) -> tuple[Cloud, np.ndarray]:
    """Return some passages of a cloud as a cloud of their own, and which tokens they are.

    Parameters
    ----------
    passages : int (p,)

    Returns
    -------
    part : Cloud
    rows : int (m,)
        Its queries in `whole`.
    """
    side, rows = whole.queries.some(passages)
    source, columns = (None, rows) if whole.square else whole.source.some(passages)
    some = replace(
        whole,
        q=whole.q[rows],
        k=whole.k[columns],
        sink=side.sink,
        starts=side.starts,
        source=source,
        tokens=whole.tokens and whole.tokens.some(rows),
    )
    if whole.before is not None:
        q, k = whole.before
        some = replace(some, before=(q[rows], k[columns]))
    if whole.added is not None:
        pairs = pair_starts(whole.starts, whole.keys.starts)
        kept = [whole.added[pairs[p] : pairs[p + 1]] for p in passages]
        some = replace(some, added=np.concatenate(kept))
    return some, rows


def _of_head(bias: Bias | None, head: int) -> Bias | None:
    return bias and replace(bias, values=bias.values[head : head + 1])


Frame = Callable[[int, Layout], None]


def cloud(run: Run, layer: int, head: int) -> Cloud:
    """Return the queries and keys of one head.

    Raises
    ------
    HeadscopeError
        If the model has no such head, or its vectors are not finite numbers.
    """
    q, k = (np.ascontiguousarray(v, dtype=np.float32) for v in run.head(layer, head))
    if not (np.isfinite(q).all() and np.isfinite(k).all()):
        raise HeadscopeError(
            f"Head L{layer}H{head} of {run.model.name} gives values that are not numbers (NaN or "
            "infinite), so there is nothing to draw. The model's weights may be damaged."
        )
    return Cloud(
        q=q,
        k=k,
        starts=np.asarray(run.tokens.starts),
        sink=np.asarray(run.tokens.sinks(run.model.causal)),
        sight=run.sight(layer),
        softcap=run.softcap,
        bias=_of_head(run.bias(layer), head),
        added=None if run.added is None else np.asarray(run.added[layer, head]),
        extra=None if run.sinks is None else float(run.sinks[layer, head]),
        before=unrotated.head(run, layer, head),
        source=None if run.square else Side(run.keys.starts, run.keys.special),
        tokens=run.tokens,
    )
