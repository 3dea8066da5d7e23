"""What the stage asks its job for, and what that has made."""

from pydantic import model_validator

from components.forms.fields import Flag, Index, Key, Needs, Place, Record, few, one_of, text, whole
from components.forms.opened import Head
from compute import limits, runs
from compute.errors import HeadscopeError
from compute.scores.pattern_rules import rules_of
from compute.why import questions
from compute.why.subject import METHODS

INDUCTION = "induction"
KINDS = (questions.EDGE, questions.STRONGEST, questions.RULE, questions.PICKED, INDUCTION)
RULES = tuple(rules_of(square=True))
SOURCE = text(40) | None
"""A side and a head: ``key L0H0``."""

__all__ = ["KINDS", "METHODS", "RULES", "SOURCE", "Asked", "Done", "Seen"]


class Asked(Head):
    """Edges of a head to be explained."""

    kind: one_of(KINDS)
    edge: tuple[Index, Index, Index] | None
    queries: few(Index, limits.POINTS)
    keys: few(Index, limits.POINTS)
    rule: one_of(RULES)
    offset: whole(limits.OFFSET)
    method: one_of(METHODS)
    every: Flag

    @model_validator(mode="after")
    def of_the_text(self) -> "Asked":
        """Refuse tokens that the run doesn't have."""
        count = len(runs.load(self.run).tokens)
        if max([*self.queries, *self.keys], default=-1) >= count:
            raise HeadscopeError("The selected points are not of this text. Select them again.")
        return self


class Seen(Record):
    """What is known so far of a head's edges."""

    run: Key
    layer: Place
    head: Place
    name: Key


class Done(Seen):
    """Edges of a head, explained."""

    needs: Needs
