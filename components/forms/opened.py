"""The stores of what is open: the run, what is asked for, what is selected.

A run is known by its key; all else that the page says of it is held against the store.
"""

from dataclasses import asdict
from typing import Annotated

from pydantic import Field, model_validator

from components.forms.fields import (
    Flag,
    Index,
    Key,
    Needs,
    Place,
    Record,
    Spec,
    Words,
    few,
    line,
    one_of,
    whole,
)
from compute import limits, runs
from compute.errors import HeadscopeError
from compute.limits import Range
from compute.models.model import PARTS

OTHER = "This page doesn't fit what is stored of its text. Reload the page."

TOO_LONG = (
    "What names a model or a text can have at most "
    f"{limits.MODEL:,} characters, all on one line. Check the spelling."
)

Off = line(limits.HEADS * 4)
Ablation = Annotated[str, Field(strict=True, max_length=10)]
Layers = line(limits.LAYERS)
"""Which layers are stored, as `chosen_layers` reads them."""
Which = one_of(("", *PARTS))
"""A part of an encoder–decoder; empty for its encoder, and for models of one stack."""


class Run(Record):
    """What the page knows of an open run; see `jobs.opening.describe`."""

    key: Key
    spec: Spec
    text: Spec
    title: Words
    notes: few(Words, 100)
    tokens: Index
    keys: Index
    passages: Index
    model: dict[str, str | int | bool | None]
    values: Flag = True
    off: Off = ""
    method: Ablation = ""
    part: Which = ""
    held: few(Place, limits.LAYER.high + 1) | None = None
    layers: Layers | None = None

    @model_validator(mode="after")
    def as_stored(self) -> "Run":
        """Take nothing for true that the store doesn't say."""
        run = runs.load(self.key)
        counts = self.tokens, self.keys, self.passages
        said = self.title, self.notes, *counts, self.values, self.held, self.model
        count = len(run.tokens), len(run.keys), len(run.tokens.starts) - 1
        true = run.title, [*run.notes], *count, run.v_norm is not None
        held = None if run.held is None else [*run.held]
        if said != (*true, held, asdict(run.model)):
            raise HeadscopeError(OTHER)
        return self


class Head(Record):
    """A head of a run that is known by its key."""

    run: Key
    layer: Place
    head: Place

    @model_validator(mode="after")
    def there(self) -> "Head":
        """Refuse a head that the run's model doesn't have."""
        runs.load(self.run).check(self.layer, self.head)
        return self


class Column(Record):
    """A run and the head of it that is shown."""

    run: Run
    layer: Place
    head: Place

    @model_validator(mode="after")
    def there(self) -> "Column":
        """Refuse a head that the run's model doesn't have."""
        runs.load(self.run.key).check(self.layer, self.head)
        return self


class Over(Column):
    """Column A, where B's map is laid over it; `anyway`, though they have nothing in common."""

    fitted: Key | None = None
    anyway: Flag = False


class Request(Record):
    """A model and a text to open; linked if nobody but an address has named the model."""

    model: Spec
    text: Spec
    linked: Flag = False
    part: Which = ""
    layers: Layers | None = None


class Linked(Record):
    """The models that an address names, and the one of them that the page is to open."""

    names: few(Spec, 20)
    first: Spec | None


class Asked(Request):
    """What column B asks for."""

    off: Off
    method: Ablation


class Pair(Record):
    """The runs of both columns."""

    a: Key
    b: Key


class Selection(Record):
    """A token in a role, perhaps with its partner; without one, the passage it is near.

    Of a long passage, `window` may say which part is shown: its first query and its first key.
    """

    role: Annotated[str, Field(pattern="^(query|key)$")]
    token: Index | None
    other: Index | None = None
    near: Index | None = None
    run: Key | None = None
    window: tuple[Index, Index] | None = None

    @model_validator(mode="after")
    def somewhere(self) -> "Selection":
        """Without a token there is a passage."""
        if self.token is None and self.near is None:
            raise ValueError("neither a token nor a passage")
        return self


class Chosen(Record):
    """The selection, for the difference of two heads."""

    selection: Selection | None


Pixels = whole(Range(0, 100_000))
Size = tuple[Pixels, Pixels]
"""Width and height of a plot."""


class Beside(Record):
    """Both columns and what is selected in each, where their colours are on one scale."""

    columns: tuple[Column, Column]
    selections: tuple[Selection | None, Selection | None]


class Lassoed(Record):
    """Selected points, and the heads to describe them in."""

    run: Key
    queries: few(Index, limits.POINTS)
    keys: few(Index, limits.POINTS)
    columns: Annotated[list[tuple[Key, Place, Place]], Field(min_length=1, max_length=2)]

    @model_validator(mode="after")
    def there(self) -> "Lassoed":
        """Refuse tokens that the run doesn't have, heads that the models don't."""
        run = runs.load(self.run)
        sides = (self.queries, run.tokens), (self.keys, run.keys)
        if any(max(chosen, default=-1) >= len(tokens) for chosen, tokens in sides):
            raise HeadscopeError("The selected points are not of this text. Select them again.")
        for key, *at in self.columns:
            runs.load(key).check(*at)
        return self


class Sentence(Record):
    """A sentence to add to the map."""

    sentence: Annotated[str, Field(strict=True, max_length=limits.SENTENCE)]
    model: Spec
    part: Which = ""


class Ghost(Record):
    """A sentence that was added: its run, and the model that it is of."""

    key: Key
    identity: Spec
    needs: Needs
