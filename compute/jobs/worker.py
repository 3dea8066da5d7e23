"""The processes of jobs: where they come from, what happens in them, and an end in every case.

News goes through a pipe to the web process as one of three words and a JSON value.
"""

import contextlib
import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path

import orjson

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

from compute import store
from compute.errors import HeadscopeError
from compute.jobs.aside import LEAST, is_aside
from compute.machine import memory

PROGRESS, DONE, FAILED, SKIPPED = "progress", "done", "failed", "skipped"
MODULES, SERVER = "HEADSCOPE_PRELOAD", "HEADSCOPE_SERVER"
"""Variables by which the template (`jobs.template`) is told what to import, and for whom."""
_TO_TELL = 64 * 2**20
"""Bytes to tell an error in, when there was not enough memory."""


def template(preload: Sequence[str]) -> BaseContext:
    """Return a way to start processes from a template, or (Windows) without one."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["compute.jobs.template"])
    os.environ[MODULES] = " ".join(preload)
    os.environ[SERVER] = str(os.getpid())
    # The template looks for these modules where this process was started, and here.
    folders = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, folders))
    return context


def run(
    fn: Callable,
    progress: bool,
    skip: type[Exception],
    args: dict | list | tuple,
    pipe: Connection,
) -> None:
    """Run a callback's function and tell how it goes; the main function of a job's process.

    Parameters
    ----------
    fn : callable
        Returns what JSON can hold (NumPy values included).
    progress : bool
        Whether `fn` takes ``set_progress`` as its first argument.
    skip : type
        The exception by which `fn` says that there is nothing to show.
    args : dict, list or tuple
        Arguments of `fn`.
    pipe : Connection
        The writing end.
    """
    _end_with_server()
    if is_aside(fn):
        _stand_back(LEAST)
    memory.limit()

    def tell(kind: str, value: object) -> None:
        pipe.send_bytes(kind.encode() + b" " + _json(value))

    def set_progress(value: object) -> None:
        tell(PROGRESS, value if isinstance(value, list | tuple) else [value])

    first = [set_progress] if progress else []
    try:
        tell(DONE, fn(*first, **args) if isinstance(args, dict) else fn(*first, *args))
    except skip:
        tell(SKIPPED, None)
    except BaseException as error:  # a tokenizer that panics raises what is no Exception
        memory.allow(_TO_TELL)
        tell(FAILED, sentence("computing", error))


def run_aside(fn: Callable[[], None]) -> None:
    """Run a function that nobody waits for, out of the way of all else."""
    _end_with_server()
    _stand_back(10)
    fn()


def _stand_back(how_far: int) -> None:
    if hasattr(os, "nice"):
        os.nice(how_far)


def nothing() -> None:
    """Do nothing; to start the template."""


def sentence(doing: str, error: BaseException) -> str:
    """Return an error as a sentence for the user; the traceback of an unexpected one is printed."""
    of_memory = memory.lacked(error)
    if isinstance(error, HeadscopeError) and not (of_memory and "memory" not in str(error)):
        return str(error)
    if store.of_the_disk(error):
        return str(store.trouble(error))
    traceback.print_exception(error)
    if of_memory:
        return memory.sentence()
    what = f"{type(error).__name__}: {error}".splitlines()[0][:300].rstrip(". :")
    return f"Something went wrong while {doing}: {what}. (Details are in the terminal.)"


def end_tree(pid: int) -> None:
    """Kill a job's process and all that it started, also when it has ended before them."""
    if hasattr(os, "killpg"):
        for kill in (os.killpg, os.kill):  # the group; the process, if it leads no group yet
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(pid, signal.SIGKILL)
        return
    import psutil

    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for each in [*process.children(recursive=True), process]:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()


def _end_with_server() -> None:
    """Make this process the head of a group that is killed when the web process is gone."""
    if hasattr(os, "setsid"):
        os.setsid()
    # The web process holds one end of a pipe, which the system closes however it dies.
    server = multiprocessing.parent_process()
    _let_the_system_end_us(server.sentinel)
    threading.Thread(target=_wait_for, args=(server,), daemon=True).start()


def _let_the_system_end_us(pipe: int) -> None:
    """Have the group killed when the other end of a pipe is closed, where the system can (Linux).

    A thread may wait long for its turn, in a library that keeps all others from running.
    """
    if fcntl and hasattr(fcntl, "F_SETSIG"):
        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETOWN, -os.getpgrp())
            fcntl.fcntl(pipe, fcntl.F_SETSIG, signal.SIGKILL)
            flags = fcntl.fcntl(pipe, fcntl.F_GETFL)
            fcntl.fcntl(pipe, fcntl.F_SETFL, flags | os.O_ASYNC)


def _wait_for(server: BaseProcess) -> None:
    server.join()
    end_tree(os.getpid())


def _json(value: object) -> bytes:
    options = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS
    return orjson.dumps(value, default=_plain, option=options)


def _plain(value: object) -> object:
    """Return Dash's ``no_update`` and strided arrays as JSON wants them."""
    for name in ("to_plotly_json", "tolist"):
        if hasattr(value, name):
            return getattr(value, name)()
    raise TypeError
