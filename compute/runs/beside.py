"""Work that is done in a thread of its own, in order, while the next is made."""

import contextlib
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

WAITING = 2
"""So many pieces of work wait, the one that is being done among them: what they hold is held."""
Work = Callable[[], object]
Hand = Callable[[Work], None]


def now(work: Work) -> None:
    """Do a piece of work at once."""
    work()


@contextlib.contextmanager
def beside() -> Iterator[Hand]:
    """Give a function that hands work to the thread; where enough waits, it waits for the oldest.

    Raises
    ------
    Exception
        What a piece of work raised: when another one is handed over, or at the end of the block, by
        which all work is done. If the block itself fails, work that waits is not begun.
    """
    waiting: deque[Future] = deque()

    def hand(work: Work) -> None:
        while len(waiting) >= WAITING:
            waiting.popleft().result()
        waiting.append(pool.submit(work))

    with ThreadPoolExecutor(1) as pool:
        try:
            yield hand
            for each in waiting:
                each.result()
        finally:
            pool.shutdown(cancel_futures=True)
