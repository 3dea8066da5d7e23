"""Background jobs: Dash's callbacks with ``background=True``, run in processes of their own.

Jobs are forked from a template process that has already imported the heavy libraries (see
`jobs.warm`); the web process never imports them. Every job has one thread here that starts it,
listens to it until it ends, and hands its outcome to all pages that wait for it. A page waits with
a ticket (see `jobs.tickets`): what Dash calls the job's id, and sends to the browser, is the
name of such a ticket. As long as there are jobs a keeper looks after them: one whose pages are all
gone is ended, and one that takes the last of the machine's memory.

What the browser asked for is known by Dash's cache key (callback, arguments, version of the code):
a second page with the same key joins the running job, and a job stops when the last page that
wanted it leaves. Only results are kept on disk, as JSON; failures are told and forgotten. What
becomes of a job is told from memory: a damaged database keeps no page waiting.

A job of a function that is marked by `jobs.aside` keeps no other from its turn.

Works with one web process of any number of threads; jobs are known to that process alone.
"""

import atexit
import json
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from functools import partial

from dash.background_callback.managers import BaseBackgroundCallbackManager
from dash.exceptions import BackgroundCallbackError, PreventUpdate
from flask import has_request_context, request

from compute import store
from compute.engine.desk import Desk
from compute.jobs import results, worker
from compute.jobs.aside import is_aside
from compute.jobs.remote.runner import Remote
from compute.jobs.running import Job, Runner, largest
from compute.jobs.tickets import Ticket, Tickets
from compute.jobs.worker import DONE, FAILED
from compute.machine import memory

CANCELLED = "Cancelled."
LOST = "The app was restarted while this was being computed. Please start it again."
TOO_MANY = "Too many computations are waiting already. Try again when some of them have ended."

MOST_JOBS = 100
LOOK = 0.25
"""Seconds between two looks of the keeper."""
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


class JobManager(BaseBackgroundCallbackManager):
    """Run Dash's background callbacks in processes forked from a warm template.

    The functions must be importable by name (module level) and return what JSON can hold;
    ``dash.ctx`` and ``dash.set_props`` are not available in them, ``set_progress`` is.

    Parameters
    ----------
    cache : Results
        Holds the results; see `jobs.results.Results`.
    cache_by : list of callables
        Their values become part of every key, e.g. `compute.version.code_version`.
    preload : sequence of str
        Modules that the template imports before the first job.
    still_valid : callable, optional
        Told a cached result; False if it must be computed again, because what it refers to is gone.
    waiting : callable, optional
        Told a sentence (see `jobs.running`); returns the progress to show, at least as many
        values as any callback has progress outputs. By default nothing is shown.
    at_once : int
        So many jobs compute at the same time; others wait their turn.
    silence : float
        Seconds: a page that gave no sign of life for so long (closed, reloaded) keeps no job alive.
    desk : Desk, optional
        Jobs run on the workers of its scheduler, which gives them their turn, instead of here.
    """

    def __init__(
        self,
        cache: results.Results,
        cache_by: list[Callable[[], object]],
        preload: Sequence[str] = (),
        still_valid: Callable[[object], bool] | None = None,
        waiting: Callable[[str], Sequence[object]] | None = None,
        at_once: int = 2,
        silence: float = 10.0,
        desk: Desk | None = None,
    ):
        super().__init__(cache_by)
        self._results, self._still_valid = cache, still_valid
        if desk:
            self._runner = Remote(desk, preload, waiting, 3 * silence)
        else:
            self._runner = Runner(preload, at_once, waiting)
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}  # the running one of each key
        self._tickets = Tickets(silence)
        self._kept = False  # whether the keeper looks after the jobs
        self._sweeping, self._swept = threading.Lock(), 0.0
        # Before multiprocessing's own exit handler, which would wait for every job to end.
        atexit.register(self.close)

    def warm_up(self, then: Callable[[], None] | None = None) -> None:
        """Start the template now, so that the first job need not wait for all of it.

        Parameters
        ----------
        then : callable, optional
            A module-level function to run once afterwards in a background process of low priority.
        """
        threading.Thread(target=self._runner.warm_up, args=(then,), daemon=True).start()

    def close(self) -> None:
        """End all jobs."""
        with self._lock:
            for job in list(self._jobs.values()):
                self._end(job, CANCELLED)
        self._runner.close()

    # What Dash calls, in the threads of the web server.

    def make_job_fn(self, fn: Callable, progress: bool, key: str | None = None) -> Callable:
        """Return what a job's process runs for a callback."""
        return partial(worker.run, fn, progress, PreventUpdate)

    def call_job_fn(self, key: str, job_fn: Callable, args: object, context: object) -> str:
        """Return a ticket for the result of a key: cached, of the running job, or of a new one."""
        name, ticket = uuid.uuid4().hex, Ticket(_page(), key, partial(job_fn, args))
        cached = self._cached(key)
        with self._lock:
            self._answer(ticket, cached)
            self._tickets.add(name, ticket)
        return name

    def get_progress(self, key: str) -> Sequence[object] | None:
        """Return the last progress of a key's job; it stays, so that every page sees it."""
        job = self._jobs.get(key)
        return job.progress if job else None

    def get_result(self, key: str, job: str | None) -> object:
        """Return what became of a ticket, once; UNDEFINED as long as its job runs.

        A page that comes back after its job was ended for its silence has it started again.
        """
        ticket = self._tickets.get(job) or self._adopt(key, job)
        cached = self._cached(key) if ticket.aside else None
        with self._lock:
            if ticket.aside:
                self._answer(ticket, cached)
            if ticket.outcome is None:
                self._tickets.asked(ticket)
                return self.UNDEFINED
            self._tickets.take(job)
        return json.loads(ticket.outcome)

    def get_updated_props(self, key: str) -> dict:
        """Return nothing: a job sets no properties but its outputs."""
        return {}

    def result_ready(self, key: str) -> bool:
        """Tell whether a key's result is on disk."""
        return self._cached(key) is not None

    def job_running(self, job: str | None) -> bool:
        """Tell whether a ticket still waits for its outcome, so that Dash goes on asking."""
        return job in self._tickets

    def terminate_job(self, job: str | None) -> None:
        """Let a page leave (it cancelled, or asks for something else): its ticket is cancelled.

        The job goes on for the pages that joined it, and is stopped when there is none.
        """
        with self._lock:
            ticket = self._tickets.get(job)
            if ticket is None or ticket.outcome is not None:
                return
            job = ticket.job
            ticket.settle(_failure(CANCELLED))
            if job and not self._tickets.wanted(job):
                self._end(job, CANCELLED)

    def terminate_unhealthy_job(self, job: str | None) -> bool:
        """Do nothing: every job has a thread here that sees it end."""
        return False

    def get_or_create_signing_secret(self, generate: Callable[[], bytes]) -> bytes:
        """Return a secret of this process; one that lasts is the server's ``secret_key``."""
        return generate()

    def seen(self, page: str) -> None:
        """Take a sign of life of a page, named by its ``endId``: its jobs go on."""
        with self._lock:
            self._tickets.seen(page)

    # Tickets and cached results.

    def _cached(self, key: str) -> str | None:
        return results.find(self._results, key, self._still_valid)

    def _answer(self, ticket: Ticket, cached: str | None) -> None:
        """Give a ticket the cached result, the running job, or a new one."""
        if cached is not None:
            ticket.settle(cached)
        elif self._tickets.crowded():
            ticket.settle(_failure(TOO_MANY))
        elif ticket.key in self._jobs:
            ticket.job = self._jobs[ticket.key]
            ticket.target = ticket.job.target
        elif ticket.target is None:
            ticket.settle(_failure(LOST))
        elif len(self._jobs) >= MOST_JOBS:
            ticket.settle(_failure(TOO_MANY))
        else:
            ticket.job = self._begin(ticket.key, ticket.target)

    def _adopt(self, key: str, name: str | None) -> Ticket:
        """Give a ticket of an earlier life of the server (the page outlived it) a new meaning."""
        cached = self._cached(key)
        with self._lock:
            ticket = Ticket(_page(), key)
            self._answer(ticket, cached)
            self._tickets.add(name, ticket)
        return ticket

    # The life of a job.

    def _begin(self, key: str, target: Callable) -> Job:
        job = Job(key, target, aside=is_aside(target))
        threading.Thread(target=self._attend, args=(job,), daemon=True).start()
        self._jobs[key] = job  # not before: there may be no more threads to be had
        if not self._kept:
            threading.Thread(target=self._keep, daemon=True).start()
            self._kept = True
        return job

    def _attend(self, job: Job) -> None:
        """Run a job and tell its tickets what became of it; one thread per job."""
        kind, text = self._runner.run(job)
        try:
            if kind == DONE:
                self._results.set(job.key, text)
            elif kind == FAILED:
                text = _failure(text)
            else:
                text = json.dumps({"_dash_no_update": "_dash_no_update"})
        finally:
            with self._lock:
                self._forget(job)
                for ticket in list(self._tickets.waiting(job)):
                    ticket.settle(text)
        self._sweep()

    def _end(self, job: Job, why: str) -> None:
        """End a job at once; from now on its key can be started anew."""
        self._forget(job)
        self._runner.end(job, why)

    def _forget(self, job: Job) -> None:
        if self._jobs.get(job.key) is job:
            del self._jobs[job.key]

    # What is done as long as there are jobs, and after each.

    def _keep(self) -> None:
        """Look after the jobs until there are none: one thread, however many they are."""
        last = time.monotonic()
        while True:
            time.sleep(LOOK)
            now = time.monotonic()
            with self._lock:
                if now - last > 10 * LOOK:  # this process was stopped, or starved
                    self._tickets.resumed()
                try:
                    self._look()
                except Exception as error:  # printed; the keeper goes on
                    worker.sentence("looking after the computations", error)
                if not self._jobs:
                    self._kept = False
                    return
            last = now

    def _look(self) -> None:
        for job in [j for j in self._jobs.values() if not self._tickets.wanted(j)]:
            self._tickets.put_aside(job)
            self._end(job, CANCELLED)
        if memory.is_short():
            self._end_the_largest()
        self._tickets.forget_pages()

    def _end_the_largest(self) -> None:
        """End the job that takes most memory, before the system ends what it likes."""
        found = largest(self._jobs.values())
        if found:
            self._end(found.job, memory.ended(found.size))

    def _sweep(self) -> None:
        """Hold the cache to its limit; of jobs that end at the same time one does it for all."""
        ended = time.monotonic()
        with self._sweeping:
            if self._swept < ended:
                self._swept = time.monotonic()
                try:
                    store.sweep()
                except OSError as error:
                    worker.sentence("clearing the cache", error)


def _page() -> str:
    """Return what the page that asks calls itself."""
    return request.args.get("endId", "") if has_request_context() else ""


def _failure(message: str) -> str:
    """Return the JSON that makes Dash call ``on_error``."""
    return json.dumps({"background_callback_error": {"msg": message, "tb": ""}})
