"""How often an item is tried, and what is said of one that fails each time."""

import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from compute.errors import HeadscopeError, first_line
from compute.machine import memory

Item = TypeVar("Item")
Result = TypeVar("Result")

TIMES = 3
KILLED = "its worker's process was ended by the system (often: out of memory)"


@dataclass(frozen=True)
class Failed:
    """What became of an item that failed each time.

    Attributes
    ----------
    why : str
        A sentence.
    times : int
        So often was it tried.
    """

    why: str
    times: int


@dataclass(frozen=True)
class Done(Generic[Result]):
    """What a function made of an item."""

    result: Result


@dataclass(frozen=True)
class Raised:
    """That a function raised; `final` if that ends all the work (a `HeadscopeError`)."""

    why: str
    final: bool = False


def attempt(work: Callable[[Item], Result], item: Item) -> Done[Result] | Raised:
    """Try an item once; what goes wrong is said in words, which any process can read.

    The traceback of an unexpected error is printed.
    """
    try:
        return Done(work(item))
    except HeadscopeError as error:
        return Raised(str(error), final=True)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a tokenizer that panics raises what is no Exception
        traceback.print_exception(error)
        if memory.lacked(error):
            return Raised(f"there was not enough memory ({first_line(error)})")
        return Raised(f"{type(error).__name__}: {first_line(error)}")


@dataclass
class Tries:
    """Counts how often items failed."""

    _failed: Counter[int] = field(default_factory=Counter)

    def failed(self, number: int, why: str) -> Failed | None:
        """Count one more; return what to say if it was the last, None to try once more."""
        self._failed[number] += 1
        if self._failed[number] < TIMES:
            return None
        times = self._failed.pop(number)
        return Failed(f"It failed {times} times, the last time so: {why}.", times)
