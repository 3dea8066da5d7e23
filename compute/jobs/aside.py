"""Work that takes nobody's turn, for one of two reasons.

What nobody waits for is done *aside*: it begins when nothing else computes, and gives way to what
does. What is *spread* gives its work to the workers of a scheduler (`engine.hire`): it would wait
for its own place among them.
"""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

Work = TypeVar("Work", bound=Callable)

LEAST = 19
"""How far its processes stand back from others (`os.nice`): they take what is left over."""


def aside(work: Work) -> Work:
    """Mark the function of a job as such work; for one at the level of its module."""
    work.aside = True
    return work


def spread(work: Work) -> Work:
    """Mark the function of a job that gives its work to a scheduler, if jobs run on one."""
    work.spread = True
    return work


def is_aside(work: Callable) -> bool:
    """Tell whether a job's function, or a `partial` that begins with it, is done aside."""
    return _is(work, "aside")


def is_spread(work: Callable) -> bool:
    """Tell whether a job's function, or a `partial` that begins with it, is spread."""
    return _is(work, "spread")


def _is(work: Callable, what: str) -> bool:
    if isinstance(work, partial):
        return any(_is(part, what) for part in work.args[:1])
    return getattr(work, what, False)
