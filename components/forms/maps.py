"""The record of a map's settings."""

from typing import Annotated

from pydantic import Field, create_model

from components.forms.fields import Record, line, one_of, whole
from compute import limits
from compute.maps import projection

Steps = whole(limits.STEPS)
Scale = one_of(["norm"]) | Annotated[float, Field(strict=True, ge=0.01, le=100)]


class Settings(Record):
    """What several methods have; see `Options`."""

    scale: Scale | None = None
    rotation: one_of(["before"]) | None = None
    property: line(limits.PROPERTY) | None = None

    def fit(self, method: str) -> None:
        """Raise `ValueError` for a setting that the method doesn't have."""
        known = projection.METHODS[method]
        possible = {known.steps}
        if known.takes_scale:
            possible.add("scale")
        if known.takes_property:
            possible.add("property")
        if not known.sees_attention:
            possible.add("rotation")
        if self.model_fields_set - possible or None in self.model_dump(exclude_unset=True).values():
            raise ValueError("a setting of another method")


Options = create_model(
    "Options",
    __base__=Settings,
    __doc__="A method's own settings, as `shown.pictures.picture` makes them.",
    **{m.steps: (Steps | None, None) for m in projection.METHODS.values() if m.steps},
)
