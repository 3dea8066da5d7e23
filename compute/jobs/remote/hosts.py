"""In a worker of Dask: a host for each server that gives jobs, and what the server asks of it."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from compute.engine import at_work, shared
from compute.jobs.remote import host
from compute.jobs.remote.host import End, Ended, Progress, Run, Setup
from compute.jobs.running import ENDED
from compute.jobs.worker import FAILED
from compute.version import page_version

SILENT = (
    "The machine that computes heard nothing of this server for a while, and ended its work. Try "
    "again."
)
OTHER_CODE = (
    "The Dask worker that was to compute this has another version of Headscope's code. Update both "
    "to the same, and restart them."
)
_ROOT = Path(__file__).parents[3]
_hosts: dict[str, "Host"] = {}
"""By server: a registry, as the server asks for its own by name."""
_lock = threading.Lock()


@dataclass(frozen=True)
class Errand:
    """A job to be run for a server.

    Attributes
    ----------
    server : str
        Its name, under which it hears where the job began.
    setup : Setup
        Of its host.
    order : Run
    """

    server: str
    setup: Setup
    order: Run


def attend(errand: Errand) -> tuple[str, str]:
    """Run a job in this server's host, and return how it ended; what a worker is given."""
    if errand.setup.code != page_version():
        return FAILED, OTHER_CODE
    found = _host(errand)
    at_work.announce(errand.server, {"worker": at_work.address(), "job": errand.order.number})
    if errand.order.aside or errand.order.spread:
        at_work.step_aside()
    return found.run(errand.order)


def ask(server: str, wanted: set[int], upto: int) -> list[Progress] | None:
    """Take a sign of a server, and return what its jobs showed since the last.

    Parameters
    ----------
    wanted : set of int
        Jobs that it waits for.
    upto : int
        It knows of jobs with numbers up to this; what is not wanted of these is ended.

    Returns
    -------
    list of Progress or None
        None if it has no host here.
    """
    found = _hosts.get(server)
    return found.ask(wanted, upto) if found else None


def leave(server: str) -> None:
    """End the host of a server, and its jobs."""
    found = _hosts.get(server)
    if found:
        found.close()


def _host(errand: Errand) -> "Host":
    with _lock:
        if errand.server not in _hosts:
            _hosts[errand.server] = Host(errand.server, errand.setup, at_work.places())
        return _hosts[errand.server]


@dataclass
class _Job:
    shown: Progress | None = None
    told: Progress | None = None
    outcome: tuple[str, str] | None = None
    ended: threading.Event = field(default_factory=threading.Event)


class Host:
    """The process that runs a server's jobs, seen from the worker's process."""

    def __init__(self, server: str, setup: Setup, at_once: int):
        self._server, self._silence = server, setup.silence
        self._jobs: dict[int, _Job] = {}
        self._lock, self._heard = threading.Lock(), time.monotonic()
        self._gone, self._why = threading.Event(), ENDED
        self._process = subprocess.Popen(
            [sys.executable, "-c", f"import {host.__name__} as host; host.main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | dict(setup.variables) | _own(setup),
        )
        self._orders = Connection(os.dup(self._process.stdin.fileno()), readable=False)
        self._news = Connection(os.dup(self._process.stdout.fileno()), writable=False)
        self._process.stdin.close()
        self._process.stdout.close()
        self._send((setup, at_once))
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._watch, daemon=True).start()

    def run(self, order: Run) -> tuple[str, str]:
        """Run a job and wait for its end."""
        job = self._jobs.setdefault(order.number, _Job())
        self._send(order)
        if self._gone.is_set():
            job.ended.set()
        job.ended.wait()
        return job.outcome or (FAILED, self._why)

    def ask(self, wanted: set[int], upto: int) -> list[Progress]:
        """See `hosts.ask`."""
        self._heard = time.monotonic()
        news = []
        for number, job in list(self._jobs.items()):
            if number <= upto and number not in wanted:
                self._send(End(number))
            elif job.shown is not job.told:
                job.told = job.shown
                news.append(job.told)
        return news

    def close(self) -> None:
        """End the process; its jobs end with it."""
        self._process.kill()

    def _send(self, what: object) -> None:
        with self._lock, contextlib.suppress(OSError):  # `_listen` hears of its end
            self._orders.send(what)

    def _listen(self) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                self._take(self._news.recv())
        with _lock:
            if _hosts.get(self._server) is self:
                del _hosts[self._server]
        self._gone.set()
        self.close()
        self._process.wait()
        for connection in (self._orders, self._news):
            connection.close()
        for job in list(self._jobs.values()):
            job.ended.set()

    def _take(self, news: Progress | Ended) -> None:
        if isinstance(news, Progress):
            job = self._jobs.get(news.number)
            if job:
                job.shown = news
            return
        job = self._jobs.pop(news.number, None)
        if job:
            job.outcome = news.kind, news.text
            job.ended.set()

    def _watch(self) -> None:
        while not self._gone.wait(min(1.0, self._silence / 4)):
            if time.monotonic() - self._heard > self._silence:
                self._why = SILENT
                self.close()


def _own(setup: Setup) -> dict[str, str]:
    """Return the variables of a host that are not as the server has them."""
    path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH", "")]))
    return {shared.VARIABLE: shared.here(setup.cache), "PYTHONPATH": path}
