"""What crews do in tests: functions that workers and schedulers can import."""

import os
import signal
import sys
import time
from pathlib import Path

from compute.engine import hire
from compute.errors import HeadscopeError
from compute.jobs.aside import spread


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


@spread
def squares(_set_progress: object) -> list:
    """Have the workers of the scheduler do what a job is to do."""
    with hire(
        workers=None, threads=1, memory=0, scheduler=os.environ["HEADSCOPE_SCHEDULER"]
    ) as crew:
        return sorted(crew.each(square, range(3)))


@spread
def held(_set_progress: object, folder: str) -> int:
    """Wait for a file."""
    noted(Path(folder), 0)
    while not (Path(folder) / "go").exists():
        time.sleep(0.05)
    return 1


def one(_set_progress: object) -> int:
    return 1


def surroundings(number: int) -> dict[str, str | bool]:
    """Say what the worker was told, and whether torch was imported before it could be."""
    return {**os.environ, "torch": "torch" in sys.modules}
