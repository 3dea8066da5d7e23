"""What the view asks its jobs for, and what those have made."""

from pydantic import model_validator

from components.forms.fields import Index, Key, Needs, Place, Record, few, line
from components.forms.opened import Head
from compute import limits, runs
from compute.errors import HeadscopeError
from compute.properties.asking import FILE

LASSO = "selected"
"""The property of the lassoed points, which have no name."""
SAID = line(limits.PROPERTY + len("regex:"))


class Property(Record):
    """A property of the tokens of a run; of lassoed points, which these are."""

    run: Key
    said: SAID
    queries: few(Index, limits.POINTS)
    keys: few(Index, limits.POINTS)

    @model_validator(mode="after")
    def of_the_text(self) -> "Property":
        """Refuse tokens that the run doesn't have, and files of this machine."""
        if self.said.partition(":")[0] == FILE:
            raise HeadscopeError("Files of labels are for the command line: --property file:….")
        count = len(runs.load(self.run).tokens)
        if max([*self.queries, *self.keys], default=-1) >= count:
            raise HeadscopeError("The selected points are not of this text. Select them again.")
        return self


class Asked(Property, Head):
    """A head, and a property that it may use."""


class Every(Record):
    """What was found of all heads; `of` tells of which pairs the property holds."""

    run: Key
    said: SAID
    of: Key
    name: Key
    needs: Needs


class Found(Every):
    """What was found of a head."""

    layer: Place
    head: Place
