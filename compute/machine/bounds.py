"""How much of a text is read at once: bytes of its vectors, and tokens of a passage.

Said once, when Headscope is started, and kept in the environment, as in `computing`. Needs no
torch.
"""

import os

BUDGET = 2 * 2**30
"""Bytes of the vectors of one text, unless something else is said."""
LONGEST = 1024
"""Tokens of a passage: a larger attention matrix can't be read at one glance."""
_BUDGET, _LONGEST = "HEADSCOPE_BUDGET", "HEADSCOPE_LONGEST"


def choose(budget: float | None = None, longest: int | None = None) -> None:
    """Settle it for this process and those that are started from it; None leaves it as it is.

    Parameters
    ----------
    budget : float, optional
        GiB of the vectors of one text.
    longest : int, optional
        Tokens of a passage; what is longer is split.
    """
    if budget is not None:
        os.environ[_BUDGET] = str(int(min(budget, 2**30) * 2**30))
    if longest is not None:
        os.environ[_LONGEST] = str(longest)


def budget() -> int:
    """Return how many bytes the vectors of one text may have."""
    return _number(_BUDGET, BUDGET)


def longest() -> int:
    """Return how many tokens a passage may have."""
    return _number(_LONGEST, LONGEST)


def _number(name: str, usual: int) -> int:
    """Return what was said, or the usual where that is nothing or nothing known."""
    said = os.environ.get(name, "")
    return int(said) if said.isdecimal() and int(said) else usual
