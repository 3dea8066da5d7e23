"""Who does one function over many items: hired for a block, and how many they are."""

import importlib.util
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from compute.engine import here, joining, local_cluster
from compute.engine.tries import Failed

Item = TypeVar("Item")
Result = TypeVar("Result")

NO_DASK = (
    "Dask is not installed, so this process does all the work, one part after another. To use more "
    "cores or machines: pip install -r requirements-cluster.txt"
)
ALONE = "This process does all the work, one part after another."


class Crew(Protocol):
    """Does one function over many items.

    Attributes
    ----------
    words : str
        One sentence for the page and the terminal: who they are.
    workers : int
        How many there are now.
    """

    words: str
    workers: int

    def each(
        self, work: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[tuple[int, Result | Failed]]:
        """Yield the number of every item, from 0, with its outcome; as they end, in any order.

        Items are begun in order, one for each worker: closing the iterator early wastes no more
        than these. One that raises, or whose worker dies, is tried again, `tries.TIMES` in all.

        Parameters
        ----------
        work : callable
            A module-level function, or a `functools.partial` of one, of one item. Its results are
            small: they are pickled.
        items : iterable
            Read as they are begun.

        Raises
        ------
        HeadscopeError
            What `work` raised as such, at once: it holds for all items. Or that no worker is left.
        """


def hire(
    *, workers: int | None, threads: int, memory: int, scheduler: str | None
) -> AbstractContextManager[Crew]:
    """Return a crew for a block; who it is never changes a result.

    Parameters
    ----------
    workers : int or None
        At most so many; 0 is this process. None: as many as cores and memory allow, one for each
        GPU where there are any, or all that a scheduler has.
    threads : int
        Of torch, and what else computes, in each worker.
    memory : int
        Bytes that one worker needs.
    scheduler : str or None
        Address of an existing Dask scheduler, ``tcp://host:8786``; else workers on this machine.

    Raises
    ------
    HeadscopeError
        If the scheduler can't be reached, none of its workers can be used, or none can be started.
    """
    if scheduler:
        return joining.crew(scheduler, workers, threads)
    if importlib.util.find_spec("distributed") is None:
        return here.crew(NO_DASK, threads)
    return (
        here.crew(ALONE, threads) if workers == 0 else local_cluster.crew(workers, threads, memory)
    )
