"""The records of maps of all heads, measured for the grid."""

from pydantic import model_validator

from components.forms.fields import Dims, Key, Method, Needs, Record, few
from components.forms.maps import Options


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
