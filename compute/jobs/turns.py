"""So many compute at the same time; the others wait their turn, in the order in which they came."""

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
        self._free = at_once
        self._queue: deque[threading.Event] = deque()
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
        if not mine:
            queued()
            me.wait()
            with self._lock:
                mine = me not in self._queue
        try:
            yield mine
        finally:
            with self._lock:
                if mine:
                    self._pass_on()
                else:
                    self._queue.remove(me)

    def _pass_on(self) -> None:
        for other in self._queue:
            if not other.is_set():
                self._queue.remove(other)
                other.set()
                return
        self._free += 1

    def leave(self, me: threading.Event) -> None:
        """Let a thread go that waits for its turn; one that has it keeps it."""
        with self._lock:
            me.set()
