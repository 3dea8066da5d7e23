"""The stores of maps, of scores on the text, and of what is known of all heads' maps."""

from typing import Annotated

from pydantic import Field

from components.forms.fields import (
    Key,
    Method,
    Record,
    Words,
    few,
    one_of,
)
from components.forms.results import DoneOfText, OfText
from compute.scores.pattern_rules import RULES
from compute.scores.patterns import PAINTED


class Laid(DoneOfText):
    """Maps of all heads."""

    method: Method


class AllAsked(OfText):
    """Maps of all heads to be laid out."""

    method: Method


class AllFrame(Record):
    """How far all heads are refined: a name, and tenths."""

    frame: Annotated[str, Field(pattern=r"^[0-9a-f]{24} [0-9]{1,3}$")]


class Found(DoneOfText):
    """Heads ranked by a pattern."""

    name: Key
    rule: one_of([PAINTED, *RULES])


class Classed(DoneOfText):
    """Attention between classes of tokens."""

    name: Key
    notes: few(Words, 100)
