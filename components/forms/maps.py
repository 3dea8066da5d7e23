"""The stores of maps, of scores on the text, and of what is known of all heads' maps."""

from typing import Annotated

from pydantic import Field, create_model, model_validator

from components.forms.fields import (
    Dims,
    Flag,
    Frame,
    Index,
    Key,
    Method,
    Needs,
    Record,
    Spec,
    Theme,
    Words,
    few,
    one_of,
    whole,
)
from components.forms.opened import Head
from components.scale.stage import WHICH
from compute import limits
from compute.maps.projection import METHODS
from compute.scores.pattern_rules import RULES
from compute.scores.patterns import PAINTED

Steps = whole(limits.STEPS)
Scale = one_of(["norm"]) | Annotated[float, Field(strict=True, ge=0.01, le=100)]


class _Options(Record):
    """What methods have in common."""

    scale: Scale | None = None
    rotation: one_of(["before"]) | None = None

    def fit(self, method: str) -> None:
        """Raise `ValueError` for a setting that the method doesn't have."""
        known = METHODS[method]
        possible = {known.steps}
        if known.takes_scale:
            possible.add("scale")
        if not known.sees_attention:
            possible.add("rotation")
        if self.model_fields_set - possible or None in self.model_dump(exclude_unset=True).values():
            raise ValueError("a setting of another method")


Options = create_model(
    "Options",
    __base__=_Options,
    __doc__="A method's own settings, as `parts.pictures.picture` makes them.",
    **{method.steps: (Steps | None, None) for method in METHODS.values() if method.steps},
)


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


class TrustAsked(Record):
    """Maps of all heads to be measured; their settings as pairs."""

    run: Key
    method: Method
    dims: Dims
    options: few(tuple[str, str | int | float], 5)

    @model_validator(mode="after")
    def possible(self) -> "TrustAsked":
        """Take a method's own settings alone."""
        Options(**dict(self.options)).fit(self.method)
        return self


class Trusts(TrustAsked):
    """Maps of all heads, measured."""

    needs: Needs


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


class OfText(Record):
    """A run, by its key."""

    run: Key


class DoneOfText(OfText):
    """Something that a job has measured of a run."""

    needs: Needs


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


ScaleMethod = one_of(name for name, method in METHODS.items() if method.over_scales)


class MapsAsked(Head):
    """Maps of a head at each scale c."""

    method: ScaleMethod


class Maps(MapsAsked):
    """Such maps, measured."""

    needs: Needs


class MethodsAsked(Head):
    """A head's maps by all methods."""

    tsne: Flag


class Methods(MethodsAsked):
    """Such maps, measured."""

    needs: Needs


class View(MapsAsked):
    """What the stage of the scale shows."""

    which: one_of(value for value, _ in WHICH)
    theme: Theme


class DoneOfModel(Record):
    """Something that a job has measured of a model."""

    spec: Spec
    name: Key
    needs: Needs
