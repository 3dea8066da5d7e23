"""The process that runs the jobs of one server on a worker's machine.

It is told by its standard input what to run and what to end, and tells by its standard output how
the jobs go. It ends when nobody is there to tell it anything, and so do its jobs and its template.
"""

import os
import pickle
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection

from compute.jobs.running import Job, Runner, ignore_interrupt, largest
from compute.machine import memory

LOOK = 0.1
"""Seconds between two looks at how the jobs go."""


@dataclass(frozen=True)
class Setup:
    """What a server says of itself to those who run its jobs.

    Attributes
    ----------
    preload : tuple of str
        Modules that the template imports.
    then : callable or None
        Run once, aside.
    variables : tuple of (str, str)
        Of the environment.
    silence : float
        Seconds without a sign of the server after which it is taken for gone.
    code : str
        `version.page_version` there.
    cache : str
        Its cache folder.
    """

    preload: tuple[str, ...]
    then: Callable[[], None] | None
    variables: tuple[tuple[str, str], ...]
    silence: float
    code: str
    cache: str


@dataclass(frozen=True)
class Run:
    """Run a job: `target`, pickled, which takes the writing end of a pipe; see `jobs.aside`."""

    number: int
    target: bytes
    aside: bool
    spread: bool


@dataclass(frozen=True)
class End:
    """End a job."""

    number: int


@dataclass(frozen=True)
class Progress:
    """What a job showed last, or (`waits`) the sentence why it does not yet run."""

    number: int
    shown: object
    waits: bool


@dataclass(frozen=True)
class Ended:
    """How a job ended; see `Runner.run`."""

    number: int
    kind: str
    text: str


@dataclass(frozen=True)
class _Waits:
    why: str


class Host:
    """Runs jobs as it is told.

    Parameters
    ----------
    setup : Setup
    at_once : int
        So many jobs compute at the same time.
    tell : callable
        Takes `Progress` and `Ended`.
    """

    def __init__(self, setup: Setup, at_once: int, tell: Callable[[Progress | Ended], None]):
        self._runner = Runner(setup.preload, at_once, _Waits)
        self._tell, self._jobs = tell, {}
        threading.Thread(target=self._runner.warm_up, args=(setup.then,), daemon=True).start()
        threading.Thread(target=self._look, daemon=True).start()

    def run(self, order: Run) -> None:
        """Begin a job."""
        job = self._jobs[order.number] = Job(
            str(order.number), pickle.loads(order.target), aside=order.aside, free=order.spread
        )
        threading.Thread(target=self._attend, args=(order.number, job), daemon=True).start()

    def end(self, order: End) -> None:
        """End a job, if it is still there."""
        job = self._jobs.get(order.number)
        if job:
            self._runner.end(job, "")

    def _attend(self, number: int, job: Job) -> None:
        kind, text = self._runner.run(job)
        del self._jobs[number]
        self._tell(Ended(number, kind, text))

    def _look(self) -> None:
        told: dict[int, object] = {}
        while True:
            time.sleep(LOOK)
            jobs = dict(self._jobs)
            for number, job in jobs.items():
                shown = job.progress
                if shown is not told.get(number):
                    waits = isinstance(shown, _Waits)
                    self._tell(Progress(number, shown.why if waits else shown, waits))
            told = {number: job.progress for number, job in jobs.items()}
            if memory.is_short() and (found := largest(jobs.values())):
                self._runner.end(found.job, memory.ended(found.size))


def main() -> None:
    """Do as the worker's process says, until it says no more."""
    ignore_interrupt()
    orders, news = Connection(os.dup(0)), Connection(os.dup(1))
    os.dup2(2, 1)  # what jobs print is not for the worker's process
    lock = threading.Lock()

    def tell(each: Progress | Ended) -> None:
        with lock:
            news.send(each)

    host = Host(*orders.recv(), tell)
    try:
        while True:
            order = orders.recv()
            host.run(order) if isinstance(order, Run) else host.end(order)
    except (EOFError, OSError):
        os._exit(0)  # the system tells the jobs and the template


if __name__ == "__main__":
    main()
