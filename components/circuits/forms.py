"""What the view asks its jobs for, and what these have made."""

from pydantic import model_validator

from components.forms.fields import Flag, Key, Needs, Place, Record, one_of, text, whole
from compute import limits, runs
from compute.circuits.behaviours import INDUCTION, RULE
from compute.scores.pattern_rules import rules_of
from compute.why.subject import METHODS

KINDS = (INDUCTION, RULE)
RULES = tuple(rules_of(square=True))
OFF = text(20) | None
"""A head that can be taken out: ``L0H0``."""
At = tuple[Place, Place]
"""Layer and head."""


class Edges(Record):
    """Which edges are looked at, in which run's model, and how heads are taken out."""

    run: Key
    kind: one_of(KINDS)
    rule: one_of(RULES)
    offset: whole(limits.OFFSET)
    method: one_of(METHODS)


class Asked(Edges):
    """A graph to be measured; of one head only, or of all that look along the edges."""

    only: At | None

    @model_validator(mode="after")
    def there(self) -> "Asked":
        """Refuse a head that the run's model doesn't have."""
        if self.only is not None:
            runs.load(self.run).check(*self.only)
        return self


class Seen(Edges):
    """What is known so far of a graph."""

    only: At | None
    name: Key
    whole: Flag


class Done(Seen):
    """A graph, measured."""

    needs: Needs


class AskedWithout(Edges):
    """A head that is to be taken out."""

    off: At

    @model_validator(mode="after")
    def there(self) -> "AskedWithout":
        """Refuse a head that the run's model doesn't have."""
        runs.load(self.run).check(*self.off)
        return self


class Without(Edges):
    """What became of all later heads without one."""

    off: At
    name: Key
    needs: Needs
