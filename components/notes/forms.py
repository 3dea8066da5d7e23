"""What the page sends when a star or a note is changed."""

from typing import Annotated

from pydantic import Field

from components.forms import opened
from components.forms.fields import Flag
from compute import limits

LONG = f"A note can have at most {limits.NOTE:,} characters. Make it shorter."


class Change(opened.Head):
    """A head's new star, or its new note; None leaves one as it is."""

    star: Flag | None = None
    text: Annotated[str, Field(strict=True, max_length=limits.NOTE)] | None = None
