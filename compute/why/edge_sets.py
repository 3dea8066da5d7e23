"""Sets of edges of a text, and which of their passages are explained."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from compute.attention import exact
from compute.attention.blocks import blocks, ordinary
from compute.errors import HeadscopeError
from compute.runs import Run
from compute.scores.pattern_rules import RULES, rules_of
from compute.why import nulls
from compute.why.results import ENOUGH
from compute.why.subject import Piece, Subject

PASSAGES = 12
"""That are explained of a set of edges, at most; the same ones each time."""
LONGEST = 1024
"""Tokens of a passage that is explained."""
LEAST = 0.1
"""Attention on an edge that is one of a head's strongest."""
SEED = 0


@dataclass(frozen=True)
class Found:
    """Edges of a text.

    Attributes
    ----------
    words : str
        What they are, for a sentence.
    passages : iterable of (int, bool (T, T))
        The edges of passages, whether their queries see them or not.
    """

    words: str
    passages: Iterable[tuple[int, np.ndarray]]


def of_rule(run: Run, name: str, offset: int, passage: int | None) -> Found:
    """Return the edges of a rule of `pattern_rules`; of one passage, or of all."""
    possible = rules_of(run.square)
    if name not in possible:
        raise HeadscopeError(
            f"There is no rule “{name}” for this text: choose one of {', '.join(possible)}."
        )
    rule, some = RULES[name], _some(run, passage)
    find = rule.prepare(run, offset)

    def edges() -> Iterator[tuple[int, np.ndarray]]:
        for number in some:
            parts = [find(block)[0] for block in blocks(run, passages=np.array([number]))]
            yield number, np.concatenate(parts)

    at = f" {offset:+d}".replace("-", "−") if name == "offset" else ""
    return Found(f"all edges of the rule “{rule.title}”{at}", edges())


def picked(run: Run, edges: Iterable[tuple[int, int, int]]) -> Found:
    """Return edges that were named: (passage, query, key)."""
    edges = list(edges)
    check_places(run, edges)
    found: dict[int, np.ndarray] = {}
    for passage, query, key in edges:
        span = run.span(passage)
        length = span.stop - span.start
        found.setdefault(passage, np.zeros((length, length), bool))[query, key] = True
    return Found(f"{len(edges):,} selected edges" if len(edges) > 1 else "one edge", found.items())


def between(
    run: Run, layer: int, head: int, queries: Sequence[int], keys: Sequence[int]
) -> tuple[tuple[int, int, int], ...]:
    """Return for every selected query the selected key of its passage that it looks at most.

    Parameters
    ----------
    queries, keys : sequence of int
        Tokens, numbered over the text.

    Returns
    -------
    tuple of (passage, query, key)

    Raises
    ------
    HeadscopeError
        If no query sees a selected key.
    """
    asked, offered = (np.unique(np.asarray(side, np.int64)) for side in (queries, keys))
    found = []
    for passage in np.unique(run.tokens.passage[asked]).tolist():
        span = run.span(passage)
        length = span.stop - span.start
        own = [
            side[(side >= span.start) & (side < span.stop)] - span.start
            for side in (asked, offered)
        ]
        if not len(own[1]) or length > LONGEST:
            continue
        seen = run.sight(layer).cells(length)[np.ix_(*own)]
        weights = exact.of_passage(run, layer, head, passage)[np.ix_(*own)]
        best = np.where(seen, weights, -1.0).argmax(1)
        rows = np.flatnonzero(seen.any(1))
        found += [(passage, int(own[0][r]), int(own[1][best[r]])) for r in rows]
    if not found:
        raise HeadscopeError(
            "No selected query sees a selected key of its passage in this layer. Select queries "
            "and keys that belong together."
        )
    return tuple(found)


def strongest(run: Run, layer: int, head: int, passage: int | None) -> Found:
    """Return for every ordinary token the ordinary key that it looks at most, if above `LEAST`."""
    ordinary_tokens, some = ordinary(run)[0], _some(run, passage)

    def edges() -> Iterator[tuple[int, np.ndarray]]:
        for number in some:
            own = ordinary_tokens[run.span(number)]
            if len(own) > LONGEST:
                yield number, np.zeros((len(own), 0), bool)
                continue
            weights = exact.of_passage(run, layer, head, number) * (own[:, None] & own[None, :])
            at, best = np.arange(len(own)), weights.argmax(1)
            cells = np.zeros(weights.shape, bool)
            cells[at, best] = weights[at, best] >= LEAST
            yield number, cells

    return Found("the strongest line of each token", edges())


def chosen(run: Run, layer: int, head: int, found: Found) -> Subject:
    """Return what is explained of a set: at most `PASSAGES` passages, and what they compare with.

    Raises
    ------
    HeadscopeError
        If no passage of at most `LONGEST` tokens has an edge that its query sees in this layer.
    """
    sight, own = run.sight(layer), ordinary(run)[0]
    having, long = [], 0
    for number, cells in found.passages:
        length = len(cells)
        if length > LONGEST:
            long += 1
            continue
        if (cells & sight.cells(length)).any():
            having.append((number, cells))
    if not having:
        raise _nothing(found, long)
    rng = np.random.default_rng(SEED)
    some = np.sort(rng.choice(len(having), min(PASSAGES, len(having)), replace=False))
    pieces = []
    for number, cells in (having[at] for at in some):
        seen = sight.cells(len(cells))
        ordinary_tokens = own[run.span(number)]
        queries, keys = np.nonzero(cells & seen)
        ids = run.tokens.ids[run.span(number)].astype(np.int64)
        piece = Piece(number, ids, queries, keys)
        allowed = seen & ordinary_tokens[:, None] & ordinary_tokens[None, :]
        pieces.append(nulls.with_others(piece, allowed, cells, rng))
    notes = _notes(len(pieces), len(having), long, sum(p.others is None for p in pieces))
    return Subject(layer, head, found.words, tuple(pieces), notes)


def _notes(taken: int, having: int, long: int, alone: int) -> tuple[str, ...]:
    notes = []
    if taken < having:
        notes.append(f"{taken} of {having:,} passages with such edges were looked at.")
    if long:
        notes.append(
            f"{long:,} {'passage' if long == 1 else 'passages'} of more than {LONGEST:,} tokens "
            "were left out."
        )
    if alone == taken:
        notes.append(
            "There is nothing to compare these edges with: no other pairs of tokens are as far "
            "apart."
        )
    elif taken >= ENOUGH > taken - alone:
        notes.append(
            f"Other edges as far apart are in {taken - alone} of these passages alone, too few to "
            "compare with: a star stands for the interval."
        )
    return tuple(notes)


def _nothing(found: Found, long: int) -> HeadscopeError:
    if long:
        return too_long(None)
    return HeadscopeError(
        f"There is nothing to explain for {found.words}: no token of this text has such a key in "
        "view in this layer. Choose another rule, passage or head."
    )


def too_long(length: int | None) -> HeadscopeError:
    """Return the sentence for a passage that can't be explained."""
    has = "The passages with such edges have" if length is None else f"It has {length:,} tokens:"
    more = f" more than {LONGEST:,} tokens:" if length is None else ""
    return HeadscopeError(
        f"{has}{more} too many to run the model again without one head after the other. Choose a "
        f"passage of at most {LONGEST:,} tokens, or split the text into lines."
    )


def check_places(run: Run, edges: Iterable[tuple[int, int, int]]) -> None:
    """Raise `HeadscopeError` if a text has no such passage or token."""
    last = len(run.tokens.starts) - 1
    for passage, *places in edges:
        if not 0 <= passage < last:
            raise HeadscopeError(
                f"There is no passage {passage}: this text has {last:,}, counted from 0."
            )
        span = run.span(passage)
        length = span.stop - span.start
        for place in places:
            if not 0 <= place < length:
                raise HeadscopeError(
                    f"Passage {passage} has no token {place}: its tokens are 0 to {length - 1}, "
                    "special ones counted."
                )


def _some(run: Run, passage: int | None) -> range:
    if passage is None:
        return range(len(run.tokens.starts) - 1)
    check_places(run, [(passage,)])
    return range(passage, passage + 1)
