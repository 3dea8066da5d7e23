"""One job from its wait for a free core to its end, in a process forked from the template."""

import contextlib
import json
import signal
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from typing import NamedTuple

from compute import store
from compute.jobs import worker
from compute.jobs.turns import Turns
from compute.jobs.worker import FAILED, PROGRESS
from compute.machine import memory

QUEUED = "Waiting for another computation to end."
LOADING = "Loading the libraries (only after the start)."
ENDED = (
    "The computation's process was ended by the system (often: out of memory). "
    "Try again, with a shorter text or a smaller model."
)


@dataclass(eq=False)
class Job:
    """One computation.

    Attributes
    ----------
    key : str
        What was asked for.
    target : callable
        Run in the job's process with the writing end of a pipe; see `jobs.worker.run`.
    pid : int or None
        The process, while it runs.
    aside : bool
        Nobody waits for it; see `jobs.aside`.
    free : bool
        It takes no turn.
    progress : sequence or None
        The last that it told.
    why : str or None
        The sentence for its pages, if it was ended from outside.
    """

    key: str
    target: Callable
    pid: int | None = None
    aside: bool = False
    free: bool = False
    progress: Sequence[object] | None = None
    why: str | None = None
    turn: threading.Event = field(default_factory=threading.Event)


class Runner:
    """Runs jobs in processes of their own, some at once and the others in turn.

    Parameters
    ----------
    preload : sequence of str
        Modules that the template imports before the first job.
    at_once : int
        So many jobs compute at the same time.
    waiting : callable, optional
        Told a sentence (`QUEUED`, `LOADING`); returns the progress to show meanwhile.
    """

    def __init__(
        self,
        preload: Sequence[str],
        at_once: int,
        waiting: Callable[[str], Sequence[object]] | None,
    ):
        self._processes, self._waiting = worker.template(preload), waiting
        self._turns = Turns(at_once)
        self._warm = threading.Event()
        self._lock = threading.Lock()

    def run(self, job: Job) -> tuple[str, str]:
        """Run a job; return `DONE`, `FAILED` or `SKIPPED`, with the result as JSON or a sentence.

        Returns when the job's process and all that it started are gone, and its drafts with them.
        """
        ignore_interrupt()
        try:
            with self._turn(job) as mine:
                job.progress = None
                kind, text = self._run(job) if mine and not job.why else (FAILED, "")
        except Exception as error:
            kind, text = FAILED, worker.sentence("starting the computation", error)
        return kind, text if kind != FAILED else job.why or text

    def _turn(self, job: Job) -> AbstractContextManager[bool]:
        if job.free:
            return contextlib.nullcontext(True)
        turn = self._turns.aside if job.aside else self._turns.turn
        return turn(job.turn, lambda: self._show_waiting(job, QUEUED))

    def end(self, job: Job, why: str) -> None:
        """End a job at once, whether it runs or waits for its turn."""
        with self._lock:
            job.why = why
            if job.pid is not None:
                worker.end_tree(job.pid)
        self._turns.leave(job.turn)

    def close(self) -> None:
        """Do nothing: what runs here ends with this process."""

    def warm_up(self, then: Callable[[], None] | None) -> None:
        """Start the template; then run a function in a background process of low priority."""
        ignore_interrupt()
        process = self._processes.Process(target=worker.nothing, daemon=True)
        try:
            process.start()
        except (OSError, EOFError):  # the template was ended meanwhile: the server ends, or a job
            return  # that needs it will say so
        self._warm.set()
        process.join()
        if then:
            self._processes.Process(target=worker.run_aside, args=(then,), daemon=True).start()

    def _run(self, job: Job) -> tuple[str, str]:
        if not self._warm.is_set():
            self._show_waiting(job, LOADING)
        reader, writer = self._processes.Pipe(duplex=False)
        process = self._processes.Process(target=job.target, args=(writer,))
        with reader:
            with writer:  # the job has its own copy
                process.start()  # returns only when the template is warm
            self._warm.set()
            job.progress = None
            with self._lock:
                job.pid = process.pid
                if job.why:
                    worker.end_tree(job.pid)
            try:
                return _listen(job, reader, process.sentinel)
            finally:
                process.join(timeout=1)
                with self._lock:  # ends what lingers: its threads, processes that it left behind
                    worker.end_tree(process.pid)
                    job.pid = None
                process.join()  # not closed: at exit multiprocessing may be joining it as well
                with contextlib.suppress(OSError):
                    store.clear_drafts()

    def _show_waiting(self, job: Job, why: str) -> None:
        job.progress = self._waiting(why) if self._waiting else None


class Largest(NamedTuple):
    """The job that takes most memory, and how many bytes."""

    job: Job
    size: int


def largest(jobs: Iterable[Job]) -> Largest | None:
    """Return the job whose end would be worth most memory; None if none is worth it."""
    sizes = [Largest(job, memory.of_tree(job.pid)) for job in jobs if job.pid]
    found = max(sizes, key=lambda each: each.size, default=None)
    return found if found and found.size > memory.WORTH_ENDING else None


def _listen(job: Job, reader: Connection, end: int) -> tuple[str, str]:
    """Follow a job's messages; return how it ended, and its result as JSON or what failed."""
    while reader in wait([reader, end]):
        try:
            kind, _, text = reader.recv_bytes().decode().partition(" ")
        except EOFError:
            break
        if kind != PROGRESS:
            return kind, json.loads(text) if kind == FAILED else text
        job.progress = json.loads(text)
    return FAILED, ENDED


def ignore_interrupt() -> None:
    """Keep Ctrl-C from this thread and the processes it starts: they end with the web process."""
    if hasattr(signal, "pthread_sigmask"):
        resource_tracker.ensure_running()  # its start, else part of theirs, would let it in again
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
