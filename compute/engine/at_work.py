"""What a worker of Dask runs: an item, after it was settled as the caller is."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from compute import store
from compute.engine import shared
from compute.engine.tries import Done, Raised, attempt
from compute.machine import memory

Item = TypeVar("Item")
Result = TypeVar("Result")

_TOLD = "HF_HUB_OFFLINE", "HEADSCOPE_DEVICE", "HEADSCOPE_DTYPE"
"""Variables of the caller that its workers have too."""
_THREADS = "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS"


@dataclass(frozen=True)
class Settings:
    """How a worker works.

    Attributes
    ----------
    threads : int
        That compute, in one worker.
    variables : tuple of (str, str)
        Of the environment, as the caller has them.
    cache : str
        The caller's cache folder.
    budget : int
        Bytes that each may take; 0 if that is not this caller's to say.
    """

    threads: int
    variables: tuple[tuple[str, str], ...]
    cache: str
    budget: int = 0


def settings(threads: int, budget: int = 0) -> Settings:
    """Return settings with what this process was told by variables."""
    told = {name: os.environ[name] for name in _TOLD if name in os.environ}
    return Settings(threads, tuple(told.items()), str(store.root().resolve()), budget)


def variables(settings: Settings) -> dict[str, str]:
    """Return the environment of a worker; libraries read it when they are first imported."""
    return dict(settings.variables) | dict.fromkeys(_THREADS, str(settings.threads))


def do(settings: Settings, work: Callable[[Item], Result], item: Item) -> Done[Result] | Raised:
    """Try an item once, in a worker's process."""
    _settle(settings)
    os.environ[shared.VARIABLE] = shared.here(settings.cache)  # another caller may have another
    _limit_threads(settings.threads)
    return attempt(work, item)


def address() -> str:
    """Return what this worker is called; for what a worker runs."""
    from distributed import get_worker

    return get_worker().address


def places() -> int:
    """Return how many pieces of work this worker does at a time."""
    from distributed import get_worker

    return get_worker().state.nthreads


def announce(topic: str, message: dict) -> None:
    """Tell those who hear a topic of something; plain values alone."""
    from distributed import get_worker

    get_worker().log_event(topic, message)


def step_aside() -> None:
    """Take nobody's place from now on: the worker begins what else is waiting."""
    from distributed import secede

    secede()


@cache
def _settle(settings: Settings) -> None:
    os.environ.update(variables(settings))
    if settings.budget:
        memory.limit(budget=settings.budget)


def _limit_threads(threads: int) -> None:
    """Hold what is imported already to a number of threads: a cluster's worker worked before."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(threads)
    torch = sys.modules.get("torch")
    if torch and torch.get_num_threads() != threads:
        torch.set_num_threads(threads)
