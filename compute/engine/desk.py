"""A lasting connection to a scheduler, for a server whose computations run there.

It is renewed by the next that gives work when it was lost.
"""

import contextlib
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from compute.engine import shared
from compute.engine.joining import Roster, connected
from compute.engine.on_dask import LOST_WORK, in_words
from compute.engine.tries import KILLED
from compute.errors import HeadscopeError

if TYPE_CHECKING:
    from distributed import Client, Future

FETCH = 60
"""Seconds within which a result comes over the network."""


class _Open(NamedTuple):
    client: "Client"
    roster: Roster
    doors: contextlib.ExitStack


class Desk:
    """Gives work to the workers of a scheduler, and asks them; any thread may.

    Parameters
    ----------
    scheduler : str
        ``tcp://host:8786``, or ``tls://``.
    """

    def __init__(self, scheduler: str):
        self.scheduler = scheduler
        self._open: _Open | None = None
        self._lock = threading.Lock()
        self._hearers: dict[str, Callable[[dict], None]] = {}

    def open(self) -> str:
        """Connect; return a sentence on who computes from now on.

        Raises
        ------
        HeadscopeError
            If the scheduler can't be reached, or has workers of which none can be used.
        """
        roster = self._connected().roster
        present = roster.present()
        if present:
            many = in_words(len(present))
            return f"Computations run on {many} of the Dask scheduler {self.scheduler}."
        roster.check()
        return f"The Dask scheduler {self.scheduler} has no worker yet: computations wait for one."

    def hear(self, topic: str, hearer: Callable[[dict], None]) -> None:
        """Have a quick function told what workers announce (`at_work.announce`)."""
        with self._lock:
            self._hearers[topic] = hearer
            if self._open:
                _subscribe(self._open.client, topic, hearer)

    def present(self) -> set[str]:
        """Return the addresses of the workers that can do the work now; see `Roster.present`."""
        roster = self._connected().roster
        present = roster.present()
        if not present:
            roster.check()
        return present

    def give(
        self, work: Callable, *arguments: object, workers: Iterable[str], urgent: bool
    ) -> "Future":
        """Give some workers work, which goes on until the result is fetched or is cancelled.

        Parameters
        ----------
        work : callable
            Of the level of a module; so are all of the arguments' classes.
        urgent : bool
            Before what else waits there; else after.
        """
        return self._connected().client.submit(
            work, *arguments, workers=[*workers], priority=10 if urgent else -10, pure=False
        )

    def ask(self, workers: Iterable[str], work: Callable, *arguments: object) -> dict[str, object]:
        """Run something quick in some workers at once, whatever they do, and return their answers.

        A worker that is gone, or a connection that is lost, gives none.
        """
        open_ = self._open
        if open_ is None or open_.client.status != "running":
            return {}
        with contextlib.suppress(OSError, ValueError, RuntimeError, HeadscopeError):
            there = [*{*workers} & open_.roster.present()]
            if there:
                return open_.client.run(work, *arguments, workers=there, on_error="ignore")
        return {}

    def close(self) -> None:
        """Leave."""
        with self._lock:
            if self._open:
                self._open.doors.close()
                self._open = None

    def _connected(self) -> _Open:
        with self._lock:
            if self._open and self._open.client.status == "running":
                return self._open
            if self._open:
                self._open.doors.close()
                self._open = None
            with contextlib.ExitStack() as doors:
                sign = doors.enter_context(shared.sign())
                client = doors.enter_context(connected(self.scheduler))
                for topic, hearer in self._hearers.items():
                    _subscribe(client, topic, hearer)
                self._open = _Open(client, Roster(client, sign), doors.pop_all())
            return self._open


def _subscribe(client: "Client", topic: str, hearer: Callable[[dict], None]) -> None:
    client.subscribe_topic(topic, lambda event: hearer(event[1]))  # after the time


def fetch(given: "Future", killed: str = KILLED) -> object:
    """Return the result of what was given and has ended.

    Raises
    ------
    HeadscopeError
        If there is none: `killed` where its workers died, else that the connection was lost.
    """
    from distributed import KilledWorker

    try:
        return given.result(timeout=FETCH)
    except KilledWorker as error:
        raise HeadscopeError(killed) from error
    except Exception as error:
        if given.cancelled() or given.status == "lost" or isinstance(error, OSError):
            raise HeadscopeError(LOST_WORK) from error
        raise


def stop(given: "Future") -> None:
    """Tell the scheduler that nobody wants it any more; what runs already goes on."""
    with contextlib.suppress(Exception):  # it may be gone
        given.cancel(force=True)
