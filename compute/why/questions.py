"""What is asked of a head: an edge, the edges of a rule, of a selection, or its own strongest."""

from dataclasses import asdict, dataclass

import numpy as np

from compute import store
from compute.errors import HeadscopeError
from compute.models.model import ModelInfo
from compute.runs import Run
from compute.why import edge_sets
from compute.why.subject import METHODS, Piece, Subject

VERSION = 1
EDGE, RULE, PICKED, STRONGEST = KINDS = ("edge", "rule", "picked", "strongest")


@dataclass(frozen=True)
class Question:
    """What is asked; JSON-able with `dataclasses.asdict`.

    Attributes
    ----------
    layer, head : int
        The head whose edges are explained.
    kind : str
        One of `KINDS`.
    edges : tuple of (passage, query, key)
        Of ``edge`` (one) and ``picked``: numbers from 0, places in the passage from 0, special
        tokens counted.
    rule : str
        Of ``rule``: a key of `pattern_rules.RULES`.
    offset : int
        Of the rule ``offset``.
    passage : int or None
        Of ``rule`` and ``strongest``: only this passage.
    method : str
        One of `subject.METHODS`.
    every : bool
        Whether every earlier head is taken out, not only those that are proposed.
    """

    layer: int
    head: int
    kind: str = EDGE
    edges: tuple[tuple[int, int, int], ...] = ()
    rule: str = ""
    offset: int = -1
    passage: int | None = None
    method: str = "mean"
    every: bool = False


def key(run_key: str, question: Question) -> str:
    """Return the name among `results.EXPLAINED` of the answer."""
    return store.key("why", VERSION, run_key, asdict(question))


def check(info: ModelInfo) -> None:
    """Raise `HeadscopeError` if attention of this model can't be explained."""
    refused = {
        "imported": "has vectors alone, without a model that could be run",
        "picture": "reads pictures, and what patches are made of is not looked at yet",
        "pairs": "has an encoder and a decoder, and only models of one stack are looked at so far",
    }.get(info.task)
    if info.adds:
        refused = "adds to q·k what depends on the tokens, which belongs to neither side"
    if info.off:
        refused = "is open with heads switched off. Explain its heads with all of them on"
    if refused:
        raise HeadscopeError(
            f"Why a head looks there can't be said here: {info.name} {refused}. "
            + ("" if info.off else "Choose a masked or a causal model of text.")
        )


def check_method(name: str) -> None:
    """Raise `HeadscopeError` if heads can't be taken out in this way."""
    if name not in METHODS:
        raise HeadscopeError(f"There is no ablation “{name}”: choose mean or zero.")


def ask(run: Run, question: Question) -> Subject:
    """Return what a question about a text asks to be explained.

    Raises
    ------
    HeadscopeError
        If the model is refused (`check`), the text has no such head, passage, token or edge, or
        the passage is longer than `LONGEST`.
    """
    check(run.model)
    run.check(question.layer, question.head)
    check_method(question.method)
    if question.kind == EDGE:
        return _edge(run, question)
    if question.kind == STRONGEST:
        found = edge_sets.strongest(run, question.layer, question.head, question.passage)
    elif question.kind == RULE:
        found = edge_sets.of_rule(run, question.rule, question.offset, question.passage)
    else:
        found = edge_sets.picked(run, question.edges)
    return edge_sets.chosen(run, question.layer, question.head, found)


def _edge(run: Run, question: Question) -> Subject:
    ((passage, query, to),) = question.edges
    edge_sets.check_places(run, question.edges)
    ids, strings = (of[run.span(passage)] for of in (run.tokens.ids, run.tokens.strings))
    if len(ids) > edge_sets.LONGEST:
        raise edge_sets.too_long(len(ids))
    one = Piece(passage, ids.astype(np.int64), *(np.array([x], np.int64) for x in (query, to)))
    words = f"“{strings[query]}” ({query}) to “{strings[to]}” ({to})"
    return Subject(question.layer, question.head, words, (one,))
