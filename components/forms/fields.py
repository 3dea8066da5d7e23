"""The small forms that the larger ones are made of: names, numbers, texts, choices.

Containers are taken as JSON gives them; at their ends nothing is converted, so that a number is no
text and ``true`` is no number.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from compute import limits
from compute.limits import Range
from compute.maps import patch_points, projection


class Record(BaseModel):
    """A store's content: these fields and no others."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


def text(most: int) -> Any:
    """Return the form of a text of so many characters."""
    return Annotated[str, StringConstraints(strict=True, max_length=most)]


def line(most: int) -> Any:
    """Return the form of a text of one line, without control characters."""
    return Annotated[
        str, StringConstraints(strict=True, max_length=most, pattern=r"^[^\x00-\x1f\x7f]*$")
    ]


def whole(limit: Range) -> Any:
    """Return the form of a whole number within limits."""
    return Annotated[int, Field(strict=True, ge=limit.low, le=limit.high)]


def one_of(names: Iterable[str]) -> Any:
    """Return the form of a choice among names."""
    return Literal[tuple(names)]


def few(kind: Any, most: int) -> Any:
    """Return the form of a list of at most so many."""
    return Annotated[list[kind], Field(max_length=most)]


Flag = Annotated[bool, Field(strict=True)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-1e12, le=1e12)]
Clicks = whole(Range(0, 2**53)) | None
Index = whole(Range(0, 2**31 - 1))
Place = whole(limits.LAYER)
"""A layer's or a head's number."""

Key = Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9a-f]{24}$")]
"""The name of an entry of the store, as `compute.store.key` makes it."""
Frame = Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9a-f]{24}-[0-9]{1,9}$")]
"""The name of a layout on its way: that of the last, and a step."""
Kind = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z-]{1,40}$")]
Needs = few(tuple[Kind, Key], 200)

Spec = line(limits.MODEL)
"""What names a model or a text; whether there is one is for `catalog` and `texts` to say."""
Words = text(20_000)
"""A title or a note that was made here."""
Typed = text(300) | Number | None
"""A field for a number as a page may hold it: restored from an address it is still a text."""

Theme = Literal["light", "dark"]
Method = one_of(projection.METHODS)
Colouring = one_of(patch_points.EVERY)
Dims = Annotated[int, Field(strict=True, ge=2, le=3)]
