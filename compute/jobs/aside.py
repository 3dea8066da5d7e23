"""Work that nobody waits for: it begins when nothing else computes, and gives way to what does."""

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


def is_aside(work: Callable) -> bool:
    """Tell whether a job's function, or a `partial` that begins with it, is such work."""
    if isinstance(work, partial):
        return any(is_aside(part) for part in work.args[:1])
    return getattr(work, "aside", False)
