"""Layers in words: ``3,8-15``. Needs no torch."""

import re
from collections.abc import Iterable

from compute import limits
from compute.errors import HeadscopeError

_ONE = re.compile(r"(\d{1,4})(?:-(\d{1,4}))?")


def numbers(said: str) -> tuple[int, ...]:
    """Return which layers are named, in their order; none where nothing is.

    Raises
    ------
    HeadscopeError
        If these are no layers.
    """
    found: set[int] = set()
    for piece in said.replace(" ", "").split(",") if said.strip() else ():
        match = _ONE.fullmatch(piece)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if last < first or last > limits.LAYER.high or len(said) > limits.LAYERS:
            raise HeadscopeError(
                f"“{said[:40]}” names no layers. Write them as 8-15, or as 0,4,8-15: the first "
                "layer is 0."
            )
        found |= {*range(first, last + 1)}
    return tuple(sorted(found))


def words(layers: Iterable[int]) -> str:
    """Return layers as `numbers` reads them, each stretch as its ends."""
    ends: list[list[int]] = []
    for layer in sorted({*layers}):
        if ends and ends[-1][1] == layer - 1:
            ends[-1][1] = layer
        else:
            ends.append([layer, layer])
    return ",".join(f"{a}" if a == b else f"{a}-{b}" for a, b in ends)
