"""The records of the stores of maps, fitted and measured."""

from typing import Annotated

from pydantic import Field, model_validator

from components.forms.fields import (
    Dims,
    Frame,
    Index,
    Key,
    Method,
    Needs,
    Record,
    Typed,
    Words,
    few,
    one_of,
    whole,
)
from components.forms.opened import Head
from components.parts.pictures import SCALED, STEPS
from compute import limits

Steps = whole(limits.STEPS)
Scale = one_of(["norm"]) | Annotated[float, Field(strict=True, ge=0.01, le=100)]


class Options(Record):
    """A method's own settings, as `parts.pictures.picture` makes them."""

    steps: Steps | None = None
    n_epochs: Steps | None = None
    iterations: Steps | None = None
    scale: Scale | None = None
    rotation: one_of(["before"]) | None = None

    def fit(self, method: str) -> None:
        """Raise `ValueError` for a setting that the method doesn't have."""
        possible = {STEPS.get(method)}
        if method in SCALED:
            possible.add("scale")
        if not method.startswith("attention"):
            possible.add("rotation")
        if self.model_fields_set - possible or None in self.model_dump(exclude_unset=True).values():
            raise ValueError("a setting of another method")


class Wanted(Head):
    """A head's map to be fitted."""

    method: Method
    dims: Dims
    options: Options

    @model_validator(mode="after")
    def possible(self) -> "Wanted":
        """Take a method's own settings alone."""
        self.options.fit(self.method)
        return self


class Fitted(Record):
    """A map that a job has fitted."""

    name: Key
    needs: Needs


class Step(Record):
    """A map on its way."""

    name: Key
    step: Index
    frame: Frame

    @model_validator(mode="after")
    def of_this(self) -> "Step":
        """Take no other map's frame."""
        if not self.frame.startswith(f"{self.name}-"):
            raise ValueError("the frame of another map")
        return self


class HeldOut(Record):
    """The trust of passages held out, and the map that it is of, as the controls name it."""

    shown: few(Typed, 8)
    said: Words
    needs: Needs
