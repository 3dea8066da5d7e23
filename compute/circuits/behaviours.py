"""Behaviours: sets of edges that heads look along, whichever heads these are. Needs no torch."""

from dataclasses import asdict, dataclass

from compute import store
from compute.errors import HeadscopeError
from compute.models.model import Model
from compute.runs import Run
from compute.why import edge_sets, induction_edges, questions
from compute.why.subject import METHODS, Piece, Subject

VERSION = 1
INDUCTION, RULE, PICKED = KINDS = ("induction", questions.RULE, questions.PICKED)
SEQUENCES = 12
"""Of random repeated tokens."""


@dataclass(frozen=True)
class Behaviour:
    """Edges, passage by passage.

    Attributes
    ----------
    words : str
        What they are, for a sentence.
    pieces : tuple of Piece
    notes : tuple of str
        Sentences on what was left out.
    """

    words: str
    pieces: tuple[Piece, ...]
    notes: tuple[str, ...] = ()

    def of(self, layer: int, head: int) -> Subject:
        """Return the edges as those of one head."""
        return Subject(layer, head, self.words, self.pieces, self.notes)


@dataclass(frozen=True)
class Asked:
    """Which edges are meant; JSON-able with `dataclasses.asdict`.

    Attributes
    ----------
    kind : str
        One of `KINDS`: of random repeated tokens, of a rule, or edges that were named.
    rule : str
        Of ``rule``: a key of `pattern_rules.RULES`.
    offset : int
        Of the rule ``offset``.
    passage : int or None
        Of ``rule``: only this passage.
    edges : tuple of (passage, query, key)
        Of ``picked``.
    seed : int
        Of ``induction``.
    method : str
        What takes the place of a head that is taken out: one of `subject.METHODS`.
    """

    kind: str = INDUCTION
    rule: str = ""
    offset: int = -1
    passage: int | None = None
    edges: tuple[tuple[int, int, int], ...] = ()
    seed: int = 0
    method: str = "mean"


def key(what: str, of: str, asked: Asked, *more: object) -> str:
    """Return the name in the store of what is measured; `of` is a run's key, or an identity."""
    return store.key(what, VERSION, of, asdict(asked), *more)


def check(asked: Asked) -> None:
    """Raise `HeadscopeError` if there is no such kind or ablation."""
    if asked.kind not in KINDS:
        raise HeadscopeError(f"There are no edges “{asked.kind}”: choose {', '.join(KINDS)}.")
    if asked.method not in METHODS:
        raise HeadscopeError(f"There is no ablation “{asked.method}”: choose mean or zero.")


def of_induction(model: Model, asked: Asked) -> Behaviour:
    """Return the edges of induction in random repeated tokens; see `induction_edges.everywhere`."""
    return Behaviour(*induction_edges.everywhere(model, asked.seed, SEQUENCES))


def of_text(run: Run, asked: Asked, layer: int | None = None) -> Behaviour:
    """Return edges of a text.

    Parameters
    ----------
    layer : int or None
        The layer whose queries must see them; None for the one that sees most.

    Raises
    ------
    HeadscopeError
        For what `edge_sets` refuses, or a model that `questions.check` refuses.
    """
    questions.check(run.model)
    if asked.kind == RULE:
        found = edge_sets.of_rule(run, asked.rule, asked.offset, asked.passage)
    else:
        found = edge_sets.picked(run, asked.edges)
    chosen = edge_sets.chosen(run, _widest(run) if layer is None else layer, 0, found)
    return Behaviour(chosen.words, chosen.pieces, chosen.notes)


def _widest(run: Run) -> int:
    """Return the layer whose queries see most keys, of such the last."""

    def seen(layer: int) -> tuple[int, int]:
        sight = run.sight(layer)
        if sight.table is not None:
            return int(sight.table.sum()), layer
        return int((sight.last - sight.first).sum()), layer

    return max(range(run.model.layers), key=seen)
