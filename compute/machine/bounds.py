"""How much of a text is read and kept: bytes of its vectors, tokens of a passage, and which layers.

Said once, when Headscope is started, and kept in the environment, as in `computing`. Needs no
torch.
"""

import math
import os

from compute.errors import HeadscopeError
from compute.machine import chosen_layers

BUDGET = 2 * 2**30
"""Bytes of the vectors of one text, unless something else is said."""
LONGEST = 1024
"""Tokens of a passage: a larger attention matrix can't be read at one glance."""
_BUDGET, _LONGEST, _LAYERS = "HEADSCOPE_BUDGET", "HEADSCOPE_LONGEST", "HEADSCOPE_LAYERS"


def choose(
    budget: float | None = None, longest: int | None = None, layers: str | None = None
) -> None:
    """Settle it for this process and those that are started from it; None leaves it as it is.

    Parameters
    ----------
    budget : float, optional
        GiB of the vectors of one text.
    longest : int, optional
        Tokens of a passage; what is longer is split.
    layers : str, optional
        Which layers' vectors are stored, as `chosen_layers` reads them; all if none is named.

    Raises
    ------
    HeadscopeError
        If `budget` is no number, or `layers` names none.
    """
    if budget is not None:
        if math.isnan(budget):
            raise HeadscopeError("--budget is a number of GiB, such as 8.")
        os.environ[_BUDGET] = str(int(min(budget, 2**30) * 2**30))
    if longest is not None:
        os.environ[_LONGEST] = str(longest)
    if layers is not None:
        os.environ[_LAYERS] = chosen_layers.words(chosen_layers.numbers(layers))


def budget() -> int:
    """Return how many bytes the vectors of one text may have."""
    return _number(_BUDGET, BUDGET)


def longest() -> int:
    """Return how many tokens a passage may have."""
    return _number(_LONGEST, LONGEST)


def layers() -> str:
    """Return which layers are stored, as `chosen_layers` says them; all where it is empty."""
    try:
        return chosen_layers.words(chosen_layers.numbers(os.environ.get(_LAYERS, "")))
    except HeadscopeError:  # by hand, and wrong
        return ""


def _number(name: str, usual: int) -> int:
    """Return what was said, or the usual where that is nothing or nothing known."""
    said = os.environ.get(name, "")
    return int(said) if said.isdecimal() and int(said) else usual
