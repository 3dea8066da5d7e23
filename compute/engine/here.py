"""A crew of one: this process."""

import contextlib
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
def crew(words: str) -> Iterator[Here]:
    """Give a crew that says of itself what it is told."""
    yield Here(words)
