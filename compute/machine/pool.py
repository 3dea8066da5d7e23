"""Work on many heads in processes of one thread each: threads inside one small fit gain nothing.

Works in a job, whose process was itself forked from the template, and on the command line.
"""

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import TypeVar

from compute.errors import HeadscopeError
from compute.machine import memory
from compute.progress import Progress, unseen

Item = TypeVar("Item")
Result = TypeVar("Result")


def each(
    fn: Callable[[Item], Result],
    items: Sequence[Item],
    progress: Progress = unseen,
) -> Iterator[tuple[Item, Result]]:
    """Yield every item with what a function makes of it, in the order in which they end.

    Parameters
    ----------
    fn : callable
        A module-level function (or a `functools.partial` of one) of one item; what goes in and
        comes out is pickled, so arrays belong in the store.
    items : sequence
        Hashable or not; as many processes work on them as there are cores.
    progress : Progress, in items

    Raises
    ------
    HeadscopeError
        If the system ended a process (often: out of memory), and whatever `fn` raises. No further
        item is begun then.
    """
    if not items:
        return
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("fork" if "fork" in methods else "spawn")
    workers = min(cores(), len(items))
    settle = partial(_settle, workers)
    with ProcessPoolExecutor(workers, mp_context=context, initializer=settle) as pool:
        waiting = {pool.submit(fn, item): item for item in items}
        try:
            for done, future in enumerate(as_completed(waiting), 1):
                result = future.result()
                progress(done, len(items))
                yield waiting[future], result
        except BrokenProcessPool as error:
            raise HeadscopeError(
                "A process of the computation was ended by the system (often: out of memory). "
                "Try again with a shorter text, or close other programs."
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


def cores() -> int:
    """Return how many processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _settle(workers: int) -> None:
    """Keep a process to one thread and its share of memory, and let it end with its parent."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(1)
    memory.limit(workers)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    multiprocessing.parent_process().join()
    os._exit(1)
