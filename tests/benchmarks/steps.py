"""Work for a process of its own, which imports this and little else."""

import os
from collections.abc import Callable

import numpy as np


def take(say: Callable[[str], None], size: int) -> int:
    """Take so many bytes in the second step, and give most of them back in the third."""
    say("nothing")
    say("much")
    held = np.ones(size, np.uint8)
    say("less")
    held = held[: size // 4].copy()
    say("the end")
    return len(held)


def fail(say: Callable[[str], None]) -> None:
    """Fail in a step."""
    say("the only one")
    raise ValueError("not so")


def end(say: Callable[[str], None]) -> None:
    """End without a word."""
    say("the last one")
    os._exit(3)
