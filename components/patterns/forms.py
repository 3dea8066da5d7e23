"""The records of the stores of patterns and classes."""

from components.forms.fields import Key, Words, few, one_of
from components.forms.results import DoneOfText
from compute.scores.pattern_rules import RULES
from compute.scores.patterns import PAINTED


class Found(DoneOfText):
    """Heads ranked by a pattern."""

    name: Key
    rule: one_of([PAINTED, *RULES])


class Classed(DoneOfText):
    """Attention between classes of tokens."""

    name: Key
    notes: few(Words, 100)
