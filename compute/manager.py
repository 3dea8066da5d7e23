"""Background jobs: Dash's callbacks with ``background=True``, run in processes of their own.

Jobs are forked from a template process that has already imported the heavy libraries (see
`compute.warm`); the web process never imports them. Every job has one thread here that starts it,
listens to it until it ends, and hands its outcome to all pages that wait for it. A page waits with
a ticket: what Dash calls the job's id, and sends to the browser, is the name of such a ticket.

What the browser asked for is known by Dash's cache key (callback, arguments, version of the code):
a second page with the same key joins the running job, and a job stops when the last page that
wanted it leaves. Only results are kept on disk, as JSON; failures are told and forgotten.

Works with one web process of any number of threads; jobs are known to that process alone.
"""

import atexit
import contextlib
import json
import math
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait

import diskcache
from dash import DiskcacheManager
from dash.exceptions import BackgroundCallbackError, PreventUpdate

from compute import results, worker
from compute.worker import DONE, FAILED, PROGRESS, SKIPPED

CANCELLED = "Cancelled."
ENDED = (
    "The computation's process was ended by the system (often: out of memory). "
    "Try again, with a shorter text or a smaller model."
)
LOST = "The app was restarted while this was being computed. Please start it again."
QUEUED = "Waiting for another computation to end."
LOADING = "Loading the libraries (only after the start)."

MAX_TICKETS = 1000
_DASH_PREFIX = "An error occurred inside a background callback: "


def message_of(error: Exception) -> str:
    """Return what to tell the user about an error that reached ``Dash(on_error=...)``.

    Parameters
    ----------
    error : Exception
        From an ordinary callback, or Dash's wrapper around the failure of a job.

    Returns
    -------
    str
        Plain sentences without a traceback; `CANCELLED` for a job that the user stopped. The
        traceback of an unexpected error goes to the terminal.
    """
    if isinstance(error, BackgroundCallbackError):  # already a sentence
        return str(error).removeprefix(_DASH_PREFIX).strip()
    return worker.sentence("updating the page", error)


@dataclass(eq=False)
class _Job:
    """One computation; `pid` is its process while that runs."""

    key: str
    pid: int | None = None
    progress: Sequence[object] | None = None
    cancelled: bool = False


@dataclass(eq=False)
class _Ticket:
    """One page's wait for a job. `outcome` is JSON, None as long as there is none."""

    job: _Job | None
    outcome: str | None = None
    asked: float = field(default_factory=time.monotonic)


class WarmDiskcacheManager(DiskcacheManager):
    """Run Dash's background callbacks in processes forked from a warm template.

    The functions must be importable by name (module level) and return what JSON can hold;
    ``dash.ctx`` and ``dash.set_props`` are not available in them, ``set_progress`` is.

    Parameters
    ----------
    cache : diskcache.Cache
        Holds the results; see `compute.results.open_results`.
    cache_by : list of callables
        Their values become part of every key, e.g. `compute.version.code_version`.
    preload : sequence of str
        Modules that the template imports before the first job.
    still_valid : callable, optional
        Told a cached result; False if it must be computed again, because what it refers to is gone.
    waiting : callable, optional
        Told a sentence (`QUEUED`, `LOADING`); returns the progress to show, at least as many values
        as any callback has progress outputs. By default nothing is shown.
    at_once : int
        So many jobs compute at the same time; others wait their turn.
    silence : float
        Seconds: a page that has not asked for so long (closed, reloaded) keeps no job alive.
    """

    def __init__(
        self,
        cache: diskcache.Cache,
        cache_by: list[Callable[[], object]],
        preload: Sequence[str] = (),
        still_valid: Callable[[object], bool] | None = None,
        waiting: Callable[[str], Sequence[object]] | None = None,
        at_once: int = 2,
        silence: float = 5.0,
    ):
        super().__init__(cache, cache_by=cache_by)
        self._still_valid, self._waiting, self._silence = still_valid, waiting, silence
        self._processes = worker.template(preload)
        self._slots = threading.Semaphore(at_once)
        self._warm = threading.Event()
        self._lock = threading.Lock()
        self._jobs: dict[str, _Job] = {}  # the running one of each key
        self._tickets: dict[str, _Ticket] = {}
        # Before multiprocessing's own exit handler, which would wait for every job to end.
        atexit.register(self.close)

    def warm_up(self, then: Callable[[], None] | None = None) -> None:
        """Start the template now, so that the first job need not wait for all of it.

        Parameters
        ----------
        then : callable, optional
            A module-level function to run once afterwards in a background process of low priority.
        """
        threading.Thread(target=self._warm_up, args=(then,), daemon=True).start()

    def close(self) -> None:
        """End all jobs."""
        with self._lock:
            for job in list(self._jobs.values()):
                self._kill(job)

    # What Dash calls, in the threads of the web server.

    def make_job_fn(self, fn: Callable, progress: bool, key: str | None = None) -> Callable:
        """Return what a job's process runs for a callback."""
        return partial(worker.run, fn, progress, PreventUpdate)

    def call_job_fn(self, key: str, job_fn: Callable, args: object, context: object) -> str:
        """Return a ticket for the result of a key: cached, of the running job, or of a new one."""
        cached = results.find(self.handle, key, self._still_valid)
        name = uuid.uuid4().hex
        with self._lock:
            if cached is not None:
                self._tickets[name] = _Ticket(None, cached)
            else:
                job = self._jobs.get(key) or self._begin(key, partial(job_fn, args))
                self._tickets[name] = _Ticket(job)
            self._forget_old_tickets()
        return name

    def get_progress(self, key: str) -> Sequence[object] | None:
        """Return the last progress of a key's job; it stays, so that every page sees it."""
        job = self._jobs.get(key)
        return job.progress if job else None

    def get_result(self, key: str, job: str | None) -> object:
        """Return what became of a ticket, once; UNDEFINED as long as its job runs."""
        ticket = self._tickets.get(job) or self._adopt(key, job)
        with self._lock:
            if ticket.outcome is None:
                ticket.asked = time.monotonic()
                return self.UNDEFINED
            self._tickets.pop(job, None)
        return json.loads(ticket.outcome)

    def job_running(self, job: str | None) -> bool:
        """Tell whether a ticket still waits for its outcome, so that Dash goes on asking."""
        return job in self._tickets

    def terminate_job(self, job: str | None) -> None:
        """Let a page leave (it cancelled, or asks for something else): its ticket is cancelled.

        The job goes on for the pages that joined it, and is stopped when there is none. A page that
        was closed or reloaded can't say that it left: it is recognised by its silence.
        """
        with self._lock:
            ticket = self._tickets.get(job)
            if ticket is None or ticket.outcome is not None:
                return
            ticket.outcome = _failure(CANCELLED)
            if not self._wanted(ticket.job):
                self._kill(ticket.job)
                return
        timer = threading.Timer(self._silence, self._stop_unwanted, (ticket.job, time.monotonic()))
        timer.daemon = True
        timer.start()

    # Tickets and cached results.

    def _adopt(self, key: str, name: str | None) -> _Ticket:
        """Give a ticket of an earlier life of the server (the page outlived it) a new meaning."""
        cached = results.find(self.handle, key, self._still_valid)
        with self._lock:
            job = self._jobs.get(key)
            outcome = cached or (None if job else _failure(LOST))
            ticket = self._tickets[name] = _Ticket(job, outcome)
        return ticket

    def _forget_old_tickets(self) -> None:
        """Drop outcomes that nobody came for (closed tabs), the oldest first."""
        surplus = len(self._tickets) - MAX_TICKETS
        done = [name for name, ticket in self._tickets.items() if ticket.outcome is not None]
        for name in done[: max(0, surplus)]:
            del self._tickets[name]

    # The life of a job.

    def _begin(self, key: str, target: Callable) -> _Job:
        job = self._jobs[key] = _Job(key)
        threading.Thread(target=self._attend, args=(job, target), daemon=True).start()
        return job

    def _attend(self, job: _Job, target: Callable) -> None:
        """Run a job from its wait for a free core to the news of its outcome; one thread per job.

        Whatever happens, no ticket is left without an outcome.
        """
        _ignore_interrupt()
        try:
            with self._turn(job):
                kind, text = (FAILED, "") if job.cancelled else self._run(job, target)
        except Exception as error:
            kind, text = FAILED, worker.sentence("starting the computation", error)
        if kind == DONE:
            results.keep(self.handle, job.key, text)
        elif kind == FAILED:
            text = _failure(CANCELLED if job.cancelled else text)
        elif kind == SKIPPED:
            text = json.dumps({"_dash_no_update": "_dash_no_update"})
        with self._lock:
            if self._jobs.get(job.key) is job:
                del self._jobs[job.key]
            for ticket in self._tickets.values():
                if ticket.job is job and ticket.outcome is None:
                    ticket.outcome = text

    @contextlib.contextmanager
    def _turn(self, job: _Job) -> Iterator[None]:
        if not self._slots.acquire(blocking=False):
            self._show_waiting(job, QUEUED)
            self._slots.acquire()
        job.progress = None
        try:
            yield
        finally:
            self._slots.release()

    def _run(self, job: _Job, target: Callable) -> tuple[str, str]:
        if not self._warm.is_set():
            self._show_waiting(job, LOADING)
        reader, writer = self._processes.Pipe(duplex=False)
        process = self._processes.Process(target=target, args=(writer,))
        with reader:
            with writer:  # the job has its own copy
                process.start()  # returns only when the template is warm
            self._warm.set()
            job.progress = None
            with self._lock:
                job.pid = process.pid
                if job.cancelled:
                    self._kill(job)
            try:
                return self._listen(job, reader, process.sentinel)
            finally:
                process.join(timeout=1)
                with self._lock:  # ends what lingers: its threads, processes that it left behind
                    worker.end_tree(process.pid)
                    job.pid = None
                process.join()  # not closed: at exit multiprocessing may be joining it as well

    def _listen(self, job: _Job, reader: Connection, end: int) -> tuple[str, str]:
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

    def _show_waiting(self, job: _Job, why: str) -> None:
        job.progress = self._waiting(why) if self._waiting else None

    def _wanted(self, job: _Job, since: float = -math.inf) -> bool:
        """Tell whether a page waits for a job, and has asked since a time."""
        return any(
            ticket.job is job and ticket.outcome is None and ticket.asked > since
            for ticket in self._tickets.values()
        )

    def _stop_unwanted(self, job: _Job, since: float) -> None:
        with self._lock:
            if not self._wanted(job, since):
                self._kill(job)

    def _kill(self, job: _Job) -> None:
        """End a job at once; from now on its key can be started anew."""
        job.cancelled = True
        if self._jobs.get(job.key) is job:
            del self._jobs[job.key]
        if job.pid is not None:
            worker.end_tree(job.pid)

    def _warm_up(self, then: Callable[[], None] | None) -> None:
        _ignore_interrupt()
        process = self._processes.Process(target=worker.nothing, daemon=True)
        process.start()
        self._warm.set()
        process.join()
        if then:
            self._processes.Process(target=worker.run_aside, args=(then,), daemon=True).start()


def _ignore_interrupt() -> None:
    """Keep Ctrl-C from this thread and the processes it starts: they end with the web process."""
    if hasattr(signal, "pthread_sigmask"):
        resource_tracker.ensure_running()  # its start, else part of theirs, would let it in again
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _failure(message: str) -> str:
    """Return the JSON that makes Dash call ``on_error``."""
    return json.dumps({"background_callback_error": {"msg": message, "tb": ""}})
