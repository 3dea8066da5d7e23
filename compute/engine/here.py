"""A crew of one: this process."""

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from compute.engine.tries import Done, Failed, Tries, attempt
from compute.errors import HeadscopeError

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Here:
    """What this process does itself; see `crew.Crew`."""

    words: str
    workers: int = 1

    def each(
        self, work: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[tuple[int, Result | Failed]]:
        """Yield what became of each item; see `crew.Crew.each`."""
        tries = Tries()
        for number, item in enumerate(items):
            outcome = None
            while outcome is None:
                tried = attempt(work, item)
                if isinstance(tried, Done):
                    break
                if tried.final:
                    raise HeadscopeError(tried.why)
                outcome = tries.failed(number, tried.why)
            yield number, tried.result if outcome is None else outcome


@contextlib.contextmanager
def crew(words: str, threads: int) -> Iterator[Here]:
    """Give a crew that says of itself what it is told, and computes with so many threads.

    As a worker does: the last bits of results depend on how many there are.
    """
    from threadpoolctl import threadpool_limits

    torch = sys.modules.get("torch")
    before = torch.get_num_threads() if torch else 0
    try:
        with threadpool_limits(threads):
            if torch:
                torch.set_num_threads(threads)
            yield Here(words)
    finally:
        if torch:
            torch.set_num_threads(before)
