"""What the stage "Corpus" asks for, and what its jobs have made."""

from typing import Annotated

from pydantic import Field, StringConstraints

from components.forms.fields import Flag, Key, Needs, Record, Spec, line, one_of, text, whole
from components.forms.opened import Head
from components.forms.results import OfText
from compute import limits
from compute.limits import Range

TOKENS = (10_000, 50_000, 200_000, 1_000_000, 3_000_000, 10_000_000)
"""How much of a corpus can be read, in tokens."""
USUAL = 200_000
BY = ("file", "folder", "field", "none")
"""What slices are made by."""

Corpus = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z]{1,20}(-[0-9a-f]{24})?$")]
"""What names a corpus."""
Slice = line(200)
"""A slice of a corpus, by its name; empty for all of it."""


class Asked(Record):
    """Heads of a run's model, to be measured over a corpus."""

    run: Key
    corpus: Corpus
    field: line(limits.FIELD)
    by: one_of(BY)
    slices: line(limits.FIELD)
    tokens: Annotated[int, Field(strict=True, ge=TOKENS[0], le=TOKENS[-1])]
    loss: Flag
    rules: text(limits.RULES)


class Offered(OfText):
    """A run whose model's findings are offered; `new` are those that a job has just made."""

    new: Key | None


class SampleAsked(Record):
    """Findings whose sample of passages is to be opened as a text."""

    name: Key


class Sample(SampleAsked):
    """That sample, kept as a text of the person's own."""

    text: Spec
    needs: Needs


class At(Head):
    """A head of a run, and the findings in which it is looked at."""

    name: Key


class Sequence(At):
    """One example of a head, by its place among all."""

    number: whole(Range(0, 10_000))
