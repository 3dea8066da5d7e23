"""What crews do in tests: functions that workers and schedulers can import."""

import os
import signal
import sys
from pathlib import Path

from compute.errors import HeadscopeError


def square(number: int) -> int:
    return number * number


def fussy(number: int) -> int:
    """Fail for 2, each time."""
    if number == 2:
        raise ValueError("two is not to my liking.")
    return number


def refused(number: int) -> int:
    raise HeadscopeError("There is no corpus. Name one.")


def noted(folder: Path, number: int) -> int:
    """Write a line for each try."""
    with (folder / str(number)).open("a") as file:
        file.write(f"{os.getpid()}\n")
    return number


def tries(folder: Path) -> dict[int, int]:
    """Return how often each item was tried that noted it."""
    return {int(path.name): len(path.read_text().splitlines()) for path in folder.iterdir()}


def deadly(folder: Path, last: int, number: int) -> int:
    """Kill the worker that does item 1, so often."""
    noted(folder, number)
    if number == 1 and tries(folder)[1] <= last:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def endless(folder: Path, number: int) -> int:
    """Return for 0 at once, else compute for ever."""
    noted(folder, number)
    while number:
        pass
    return number


def surroundings(number: int) -> dict[str, str | bool]:
    """Say what the worker was told, and whether torch was imported before it could be."""
    return {**os.environ, "torch": "torch" in sys.modules}
