"""The memory that work takes at most, step by step, in a process of its own."""

import contextlib
import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any

import psutil

STEP = 0.02
"""Seconds between two looks."""
PATIENCE = 10.0
"""Seconds in which a process that is done may end by itself."""
Say = Callable[[str], None]


@dataclass(frozen=True)
class Peak:
    """The most that a step took: of each number its largest, whenever that was.

    Attributes
    ----------
    seconds : float
        How long the step took.
    resident : int
        Bytes in memory.
    own : int
        Of these, bytes that are nowhere else.
    mapped : int
        Of these, bytes of files, which the system can take back.
    """

    seconds: float = 0.0
    resident: int = 0
    own: int = 0
    mapped: int = 0

    def with_(self, process: psutil.Process) -> "Peak":
        """Return the larger of what was seen and what is there now."""
        now = process.memory_info()
        shared = getattr(now, "shared", 0)
        seen = (self.resident, now.rss), (self.own, now.rss - shared), (self.mapped, shared)
        return Peak(self.seconds, *map(max, seen))


def of(way: Callable[..., Any], *args: Any) -> tuple[Any, dict[str, Peak]]:
    """Call a function in a fresh process.

    Parameters
    ----------
    way : callable
        ``way(say, *args)``, of a module: calls ``say(name)`` as each of its steps begins.

    Returns
    -------
    found : Any
        What it returns.
    peaks : dict of str to Peak
        By step.

    Raises
    ------
    RuntimeError
        If it fails, or its process is ended.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_call, args=(there, way, args))
    process.start()
    there.close()
    try:
        return _heard(here, psutil.Process(process.pid))
    finally:
        process.join(PATIENCE)
        process.kill()
        process.join()


def _heard(pipe: Connection, process: psutil.Process) -> tuple[Any, dict[str, Peak]]:
    name, began, peaks = "", time.monotonic(), {}
    while True:
        heard = pipe.poll(STEP)
        if name:
            with contextlib.suppress(psutil.Error):
                peaks[name] = replace(peaks[name].with_(process), seconds=time.monotonic() - began)
        if not heard:
            continue
        try:
            kind, value = pipe.recv()
            pipe.send(None)
        except (EOFError, OSError):
            raise RuntimeError(f"The process ended in the step “{name}”.") from None
        if kind == "done":
            return value, peaks
        if kind == "failed":
            raise RuntimeError(f"The step “{name}” failed: {value}")
        name, began, peaks[value] = value, time.monotonic(), Peak()


def _call(pipe: Connection, way: Callable[..., Any], args: tuple) -> None:
    def tell(*what: Any) -> None:
        pipe.send(what)
        pipe.recv()  # it has looked: what is held now belongs to the step that ends here

    try:
        tell("done", way(lambda name: tell("step", name), *args))
    except Exception as error:
        tell("failed", f"{type(error).__name__}: {error}")
        raise
