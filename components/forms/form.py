"""What a value that a callback takes must look like, and what is said of one that doesn't."""

from dataclasses import dataclass
from functools import cached_property

from pydantic import TypeAdapter, ValidationError

from compute.errors import HeadscopeError

STRANGE = (
    "The page sent something that Headscope can't use ({}). Reload the page, then try it again."
)


@dataclass(frozen=True)
class Form:
    """The form of one value.

    Attributes
    ----------
    kind : type
        What pydantic holds the value against; see `components.forms.fields`.
    said : str
        The sentence for a value that doesn't fit, where a person may have typed it; may be left
        out where only the page itself writes the value.
    """

    kind: object
    said: str = ""

    @cached_property
    def _adapter(self) -> TypeAdapter:
        return TypeAdapter(self.kind)

    def check(self, value: object, place: str) -> None:
        """Raise `HeadscopeError` with one sentence if a value, as JSON gave it, doesn't fit.

        `place`, such as ``run.data``, is what the value is called where nothing better is known.
        """
        try:
            self._adapter.validate_python(value)
        except ValidationError as error:
            raise HeadscopeError(self.said or STRANGE.format(place)) from error
