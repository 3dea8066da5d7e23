"""Dask on this machine: a scheduler in this process, and a process for each worker.

Who can talk to a scheduler of Dask can have it run anything, and so could any user of this machine
who finds its port. So it listens on 127.0.0.1 alone, and takes only who has the key (TLS both
ways): that is made for each cluster, and is never on the disk. It shows no dashboard.

The workers end with this process, however it ends.
"""

import contextlib
import logging
import os
import signal
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from compute import store
from compute.engine import at_work, gpus
from compute.engine.at_work import Settings
from compute.engine.on_dask import OnDask, addresses, in_words
from compute.errors import HeadscopeError, first_line
from compute.machine import memory as free_memory
from compute.machine import pool

if TYPE_CHECKING:
    from distributed import Client, Security, SpecCluster

HOST = "127.0.0.1"
NO_PORT = f"{HOST}:0"
_CONFIG = {
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.use-file-locking": False,  # of a folder that is its own
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.interval": "5s",
}


@contextlib.contextmanager
def crew(workers: int | None, threads: int, memory: int) -> Iterator[OnDask]:
    """Give workers of this machine; see `crew.hire`.

    Raises
    ------
    HeadscopeError
        If they can't be started.
    """
    cards = gpus.names()[:workers]
    count = len(cards) or workers or fitting(threads, memory)
    settings = at_work.settings(threads, free_memory.budget_of(count))
    with store.scratch() as folder, _started(count, cards, settings, str(folder)) as client:
        yield OnDask(_words(count, threads, cards), client, settings, partial(addresses, client))


def fitting(threads: int, memory: int) -> int:
    """Return how many workers cores and memory allow, at least one.

    Parameters
    ----------
    threads : int
        Of each.
    memory : int
        Bytes of each.
    """
    of_cores = pool.cores() // max(1, threads)
    of_memory = (free_memory.free() - free_memory.reserve()) // max(1, memory)
    return max(1, min(of_cores, of_memory))


def _words(count: int, threads: int, cards: list[str]) -> str:
    each = "" if count == 1 else " each"
    if cards:
        return f"{in_words(count)},{each} with a GPU of its own."
    return f"{in_words(count)} of {'one thread' if threads == 1 else f'{threads} threads'}{each}."


@contextlib.contextmanager
def _started(count: int, cards: list[str], settings: Settings, folder: str) -> Iterator["Client"]:
    import dask
    from distributed import Client, Security, SpecCluster

    with dask.config.set(_CONFIG), contextlib.ExitStack() as stack:
        try:
            security = Security.temporary()
            cluster = SpecCluster(
                scheduler=_scheduler(security),
                workers={n: _worker(n, security, cards, settings, folder) for n in range(count)},
                security=security,
                silence_logs=logging.CRITICAL,
                name=f"headscope-{os.getpid()}",
            )
            stack.callback(_close, cluster)
            client = stack.enter_context(Client(cluster, security=security, set_as_default=False))
        except (OSError, RuntimeError, TimeoutError, ImportError) as error:
            raise HeadscopeError(
                f"The workers could not be started ({first_line(error)}). Try again with fewer of "
                "them, or with none: then this process does all the work."
            ) from error
        yield client


def _scheduler(security: "Security") -> dict:
    from distributed import Scheduler

    options = {"host": HOST, "protocol": "tls://", "security": security}
    return {"cls": Scheduler, "options": options | _no_dashboard()}


def _worker(
    number: int, security: "Security", cards: list[str], settings: Settings, folder: str
) -> dict:
    from distributed import Nanny

    card = {gpus.VARIABLE: cards[number]} if cards else {}
    options = {
        "host": HOST,
        "protocol": "tls://",
        "security": security,
        "nthreads": 1,
        "memory_limit": None,  # `at_work` has its own, and nothing is ever spilled
        "local_directory": folder,
        "env": at_work.variables(settings) | card,
        "silence_logs": logging.CRITICAL,
    }
    return {"cls": Nanny, "options": options | _no_dashboard()}


def _no_dashboard() -> dict:
    """Return options for a server of HTTP with no pages; Dask always starts one."""
    return {"dashboard": False, "dashboard_address": NO_PORT}


def _close(cluster: "SpecCluster") -> None:
    """End all workers at once: asked politely, one that computes would go on for seconds."""
    for nanny in cluster.workers.values():
        nanny.auto_restart = False
        if nanny.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(nanny.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    cluster.close()
