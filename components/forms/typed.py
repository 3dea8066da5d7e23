"""The forms of what a person types, chooses or gives: numbers, texts, files."""

from typing import Annotated, Any

from pydantic import Field

from components.forms.fields import Flag, Record, Spec, Typed, Words, few, text, whole
from components.forms.form import Form
from compute import limits
from compute.limits import Range

ASK = "Give a whole number from {:,} to {:,}."
HEAD = Form(text(300) | whole(limits.LAYER))
FILE_NAME = Form(text(5_000) | None)
TYPED = Form(Typed)


class Option(Record):
    """One line of a selector."""

    value: Spec
    label: Words
    disabled: Flag = False


def number(name: str, limit: Range) -> Form:
    """Return the form of a field for a whole number, which may be empty."""
    return Form(whole(limit) | None, f"{name}: {ASK.format(*limit)}")


def longest(what: str, most: int) -> Form:
    """Return the form of a field for text, which may be empty."""
    return Form(text(most) | None, f"{what} can have at most {most:,} characters.")


def file(what: str, size: int) -> Form:
    """Return the form of an uploaded file: a data URL in base64."""
    sentence = f"{what} could not be read. Choose a file of at most {size:,} bytes, once again."
    return Form(_url(size) | None, sentence)


def files(what: str, size: int, most: int) -> Form:
    """Return the form of some uploaded files, each of so many bytes at most."""
    sentence = f"{what} could not be read. Choose at most {most:,} of {size:,} bytes, once again."
    return Form(few(_url(size), most) | None, sentence)


def _url(size: int) -> Any:
    return Annotated[
        str,
        Field(
            strict=True,
            max_length=limits.encoded(size),
            pattern=r"^data:[^,]{0,250};base64,[A-Za-z0-9+/]*={0,2}$",
        ),
    ]
