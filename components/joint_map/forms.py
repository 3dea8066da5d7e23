"""The records of the stores of maps, fitted and measured."""

from pydantic import model_validator

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
)
from components.forms.maps import Options
from components.forms.opened import Head


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
