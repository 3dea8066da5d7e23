"""So many compute at the same time; the others wait their turn, in the order in which they came.

What is done aside takes no turn from anybody: one at a time begins when all turns are free.
"""

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterator


class Turns:
    """Turns of threads, each known by an event of its own that wakes it.

    Parameters
    ----------
    at_once : int
        So many have their turn at the same time.
    """

    def __init__(self, at_once: int):
        self._free = self._all = at_once
        self._queue: deque[threading.Event] = deque()
        self._aside: deque[threading.Event] = deque()
        self._busy = False  # whether something is done aside
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def turn(self, me: threading.Event, queued: Callable[[], None]) -> Iterator[bool]:
        """Wait for a turn, and have it for a block.

        Parameters
        ----------
        me : Event
            Not set.
        queued : callable
            Called once if there is no turn to be had at once.

        Yields
        ------
        bool
            False if this thread was let go (see `leave`) before its turn came.
        """
        with self._lock:
            mine = self._free > 0
            if mine:
                self._free -= 1
            else:
                self._queue.append(me)
        mine = mine or self._wait(me, self._queue, queued)
        try:
            yield mine
        finally:
            with self._lock:
                if mine:
                    self._pass_on()
                else:
                    self._queue.remove(me)

    @contextlib.contextmanager
    def aside(self, me: threading.Event, queued: Callable[[], None]) -> Iterator[bool]:
        """Wait until nobody has a turn or wants one, and keep nobody from theirs."""
        with self._lock:
            mine = self._free == self._all and not self._busy
            if mine:
                self._busy = True
            else:
                self._aside.append(me)
        mine = mine or self._wait(me, self._aside, queued)
        try:
            yield mine
        finally:
            with self._lock:
                if mine:
                    self._busy = False
                    self._begin_aside()
                else:
                    self._aside.remove(me)

    def _wait(
        self, me: threading.Event, queue: deque[threading.Event], queued: Callable[[], None]
    ) -> bool:
        """Wait in a queue; tell whether this thread's turn came."""
        queued()
        me.wait()
        with self._lock:
            return me not in queue

    def _pass_on(self) -> None:
        if not _wake_the_first(self._queue):
            self._free += 1
            self._begin_aside()

    def _begin_aside(self) -> None:
        if self._free == self._all and not self._busy:
            self._busy = _wake_the_first(self._aside)

    def leave(self, me: threading.Event) -> None:
        """Let a thread go that waits for its turn; one that has it keeps it."""
        with self._lock:
            me.set()


def _wake_the_first(queue: deque[threading.Event]) -> bool:
    """Give a turn to the first that was not let go; tell whether there was one."""
    for other in queue:
        if not other.is_set():
            queue.remove(other)
            other.set()
            return True
    return False
