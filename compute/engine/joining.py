"""A crew of the workers that an existing Dask scheduler has."""

import asyncio
import contextlib
import importlib.util
import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from compute.engine import at_work, shared
from compute.engine.on_dask import LOST, OnDask, addresses, in_words
from compute.engine.shared import Sign
from compute.errors import HeadscopeError, first_line
from compute.version import code_version

if TYPE_CHECKING:
    from distributed import Client

ANSWER = 10.0
"""Seconds within which a scheduler answers."""
FIRST = 30.0
"""Seconds within which there is a worker."""
_LOOK = 0.2


@contextlib.contextmanager
def crew(scheduler: str, workers: int | None, threads: int) -> Iterator[OnDask]:
    """Give the workers of a scheduler; see `crew.hire`.

    Raises
    ------
    HeadscopeError
        If it can't be reached, or none of its workers can be used.
    """
    with shared.sign() as sign, connected(scheduler) as client:
        roster = Roster(client, sign, workers)
        words = f"{in_words(len(roster.first()))} of the Dask scheduler {scheduler}."
        yield OnDask(words, client, at_work.settings(threads), roster.present)


@contextlib.contextmanager
def connected(scheduler: str) -> Iterator["Client"]:
    """Give a connection to a scheduler; certificates of TLS are those of Dask's configuration.

    Raises
    ------
    HeadscopeError
        If it can't be reached, or Dask is not installed.
    """
    if importlib.util.find_spec("distributed") is None:
        raise HeadscopeError(
            f"Dask is not installed, so the scheduler {scheduler} can't be asked. Install it: "
            "pip install -r requirements-cluster.txt"
        )
    from distributed import Client

    # What it would print of a scheduler that is lost is said in a sentence to who asked.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    try:
        with ThreadPoolExecutor(1) as aside:  # this thread may have a loop of its own
            aside.submit(lambda: asyncio.run(_greet(scheduler))).result()
        client = Client(scheduler, timeout=ANSWER, set_as_default=False)
    except (OSError, ValueError, TypeError, ImportError, RuntimeError) as error:
        raise HeadscopeError(
            f"The Dask scheduler {scheduler} can't be reached ({first_line(error)}). Is it "
            "running, and does its address read like tcp://host:8786?"
        ) from error
    try:
        _check_code(client, scheduler)
        yield client
    finally:
        with contextlib.suppress(TimeoutError):
            client.close(timeout=2)


async def _greet(scheduler: str) -> None:
    """Connect once: a client that can't is hard to be rid of, and says so when the program ends."""
    from distributed import Security
    from distributed.comm import connect

    arguments = Security().get_connection_args("client")
    comm = await connect(scheduler, timeout=ANSWER, **arguments)
    comm.abort()


def _check_code(client: "Client", scheduler: str) -> None:
    """See that the scheduler finds the code that it is to pass on: Dask has it read it."""
    try:
        client.run_on_scheduler(code_version)
    except Exception as error:
        raise HeadscopeError(
            f"The Dask scheduler {scheduler} can't read what it is to pass on "
            f"({first_line(error)}). {shared.START}"
        ) from error


class Roster:
    """The workers of a scheduler that can do the work; newcomers are looked at once.

    Parameters
    ----------
    client : distributed.Client
    sign : Sign
        What they must see.
    most : int, optional
        At most so many are used.
    """

    def __init__(self, client: "Client", sign: Sign, most: int | None = None):
        self._client, self._sign, self._most = client, sign, most
        self._troubles: dict[str, str] = {}  # by address; "" of those that can do the work

    def first(self) -> set[str]:
        """Wait for the first worker; `HeadscopeError` if there is none, or none can be used."""
        end = time.monotonic() + FIRST
        while not (present := self.present()):
            self.check()
            if time.monotonic() > end:
                raise HeadscopeError(
                    "The Dask scheduler has no worker yet. Start some, and try again."
                )
            time.sleep(_LOOK)
        return present

    def check(self) -> None:
        """Raise `HeadscopeError` if one of the workers can't do the work."""
        for trouble in self._troubles.values():
            if trouble:
                raise HeadscopeError(trouble)

    def present(self) -> set[str]:
        """Return the addresses of those that can do the work now.

        Raises
        ------
        HeadscopeError
            If the scheduler is gone.
        """
        there = addresses(self._client)
        newcomers = sorted(there - {*self._troubles})
        if newcomers:
            self._look_at(newcomers)
        self._troubles = {each: self._troubles[each] for each in there if each in self._troubles}
        fit = sorted(each for each, trouble in self._troubles.items() if not trouble)
        return {*fit[: self._most]}

    def _look_at(self, newcomers: list[str]) -> None:
        try:
            answers = self._client.run(
                shared.look, self._sign, workers=newcomers, on_error="return"
            )
        except (OSError, ValueError, RuntimeError) as error:
            raise HeadscopeError(LOST) from error
        for worker, answer in answers.items():
            if not isinstance(answer, OSError):  # else it did not answer: it is asked once more
                self._troubles[worker] = _sentence(worker, self._trouble(answer))

    def _trouble(self, answer: shared.Seen | Exception) -> str:
        if isinstance(answer, shared.Seen):
            return shared.trouble(answer, self._sign)
        return f"can't run Headscope ({first_line(answer)}). {shared.START}"


def _sentence(worker: str, trouble: str) -> str:
    return f"The Dask worker {worker} {trouble}" if trouble else ""
