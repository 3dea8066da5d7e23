"""A crew of Dask's workers.

Each worker has one item at a time, which is pinned to it: so it is known whose item it was when a
process dies, and no other pays for it (Dask counts all that were sent to a worker). What is free
is looked for anew after every item, so that workers may come and go.
"""

import queue
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from compute.engine import at_work
from compute.engine.at_work import Settings
from compute.engine.tries import KILLED, Done, Failed, Raised, Tries
from compute.errors import HeadscopeError, first_line

if TYPE_CHECKING:
    from distributed import Client, Future

Item = TypeVar("Item")
Result = TypeVar("Result")

LOOK = 0.5
"""Seconds between two looks at who is there."""
PATIENCE = 300
"""Seconds without any worker, after which nobody waits longer."""
ANSWER = 60
"""Seconds within which a scheduler says who is there."""
LOST = "The connection to the Dask scheduler was lost. Start again: it goes on where it was."
LOST_WORK = "The connection to the Dask scheduler was lost. Try again when it is back."
NOBODY = (
    "The Dask scheduler has had no worker for some minutes. Start some, and start again: it goes "
    "on where it was."
)


@dataclass(frozen=True)
class _Given:
    number: int
    item: object
    worker: str
    future: "Future"


@dataclass(frozen=True)
class OnDask:
    """Workers of a Dask scheduler; see `crew.Crew`.

    Attributes
    ----------
    client : distributed.Client
    settings : Settings
    present : callable
        Returns the addresses of the workers that may be given items now; raises `HeadscopeError`
        if the scheduler is gone.
    patience : float
        Seconds without any worker.
    """

    words: str
    client: "Client"
    settings: Settings
    present: Callable[[], set[str]]
    patience: float = PATIENCE

    @property
    def workers(self) -> int:
        """How many there are now."""
        return len(self.present())

    def each(
        self, work: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[tuple[int, Result | Failed]]:
        """Yield what became of each item; see `crew.Crew.each`."""
        return _Round(self, work, items).outcomes()

    def submit(self, work: Callable, item: object, worker: str) -> "Future":
        """Give a worker an item; a new name each time, so that Dask holds nothing against it."""
        name = f"headscope-{uuid.uuid4().hex}"
        return self.client.submit(
            at_work.do, self.settings, work, item, key=name, workers=[worker], pure=False
        )


def addresses(client: "Client") -> set[str]:
    """Return the addresses of a scheduler's workers; `HeadscopeError` if it is gone."""
    try:
        return {*client.sync(client.scheduler.ncores, workers=None, callback_timeout=ANSWER)}
    except (OSError, ValueError, RuntimeError) as error:  # a TimeoutError is an OSError
        raise HeadscopeError(LOST) from error


def in_words(count: int) -> str:
    """Return how many workers there are, in words."""
    return "1 worker" if count == 1 else f"{count} workers"


class _Round:
    """One function over many items: who has which, and what is to be done again."""

    def __init__(self, crew: OnDask, work: Callable, items: Iterable):
        self._crew, self._work = crew, work
        self._coming, self._again = enumerate(items), deque()
        self._out: dict[str, _Given] = {}
        self._ended, self._tries = queue.SimpleQueue(), Tries()
        self._idle = 0.0

    def outcomes(self) -> Iterator[tuple[int, object]]:
        try:
            while True:
                present = self._crew.present()
                yield from self._lost(present)
                self._give(present)
                if not self._out and not self._again and self._coming is None:
                    return
                self._wait_for_workers(present)
                yield from self._finished()
        finally:
            if self._out and self._crew.client.status == "running":
                self._crew.client.cancel([each.future for each in self._out.values()], force=True)

    def _give(self, present: set[str]) -> None:
        """Give each worker that has none an item."""
        for worker in sorted(present - {each.worker for each in self._out.values()}):
            following = self._following()
            if following is None:
                return
            future = self._crew.submit(self._work, following[1], worker)
            self._out[future.key] = _Given(*following, worker, future)
            future.add_done_callback(lambda ended: self._ended.put(ended.key))

    def _following(self) -> tuple[int, object] | None:
        if self._again:
            return self._again.popleft()
        following = next(self._coming, None) if self._coming is not None else None
        if following is None:
            self._coming = None
        return following

    def _lost(self, present: set[str]) -> Iterator[tuple[int, Failed]]:
        """Take back what workers had that are gone."""
        for key, given in list(self._out.items()):
            if given.worker not in present and not given.future.done():
                del self._out[key]
                given.future.cancel(force=True)
                yield from self._failed(given, KILLED)

    def _finished(self) -> Iterator[tuple[int, object]]:
        """Wait for what ends, at most until the next look."""
        try:
            given = self._out.pop(self._ended.get(timeout=LOOK), None)
        except queue.Empty:
            return
        if given is None:  # it was taken back
            return
        outcome = _outcome(given.future)
        if isinstance(outcome, Done):
            yield given.number, outcome.result
        elif outcome.final:
            raise HeadscopeError(outcome.why)
        else:
            yield from self._failed(given, outcome.why)

    def _failed(self, given: _Given, why: str) -> Iterator[tuple[int, Failed]]:
        failed = self._tries.failed(given.number, why)
        if failed:
            yield given.number, failed
        else:
            self._again.append((given.number, given.item))

    def _wait_for_workers(self, present: set[str]) -> None:
        self._idle = 0.0 if present else self._idle + LOOK
        if self._idle > self._crew.patience:
            raise HeadscopeError(NOBODY)


def _outcome(future: "Future") -> Done | Raised:
    """Return how an item ended; of a result that got lost on its way, that its worker died."""
    from distributed import KilledWorker

    try:
        return future.result(timeout=30)
    except KilledWorker:
        return Raised(KILLED)
    except TimeoutError:
        future.cancel(force=True)
        return Raised(KILLED)
    except Exception as error:  # what can't be pickled, a worker without this code, a lost client
        return Raised(f"{type(error).__name__}: {first_line(error)}")
