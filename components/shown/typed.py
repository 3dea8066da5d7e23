"""What a person gives: numbers as fields hold them (from an address they are texts), and files."""

import base64
import binascii
import math

from compute.errors import HeadscopeError
from compute.limits import LAYER, Range


def whole(value: str | float | None, name: str, limit: Range) -> int | None:
    """Return a whole number, None where the field is empty; `HeadscopeError` beyond its limits."""
    found = number(value, name)
    if found is None:
        return None
    if found != int(found) or not limit.low <= found <= limit.high:
        raise HeadscopeError(
            f"{name}: give a whole number from {limit.low:,} to {limit.high:,}, not {value}."
        )
    return int(found)


def number(value: str | float | None, name: str) -> float | None:
    """Return a number, None where the field is empty; `HeadscopeError` if it is none."""
    if value is None or value == "":
        return None
    try:
        found = float(value)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise HeadscopeError(f"{name}: “{str(value)[:40]}” is not a number. Type one, or none.")
    return found


def head(layer: str | int, head: str | int) -> tuple[int, int]:
    """Return the layer and head that the selectors hold; see `whole`."""
    return whole(layer, "Layer", LAYER) or 0, whole(head, "Head", LAYER) or 0


def file(url: str) -> bytes:
    """Return the bytes of an uploaded file, a data URL; `HeadscopeError` if it can't be read."""
    try:
        return base64.b64decode(url.partition(",")[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise HeadscopeError("This file could not be read. Choose it once again.") from error
