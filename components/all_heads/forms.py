"""The records of the stores of all heads' maps."""

from typing import Annotated

from pydantic import Field

from components.forms.fields import Method, Record
from components.forms.results import DoneOfText, OfText


class Laid(DoneOfText):
    """Maps of all heads."""

    method: Method


class Asked(OfText):
    """Maps of all heads to be laid out."""

    method: Method


class Frame(Record):
    """How far all heads are refined: a name, and tenths."""

    frame: Annotated[str, Field(pattern=r"^[0-9a-f]{24} [0-9]{1,3}$")]
