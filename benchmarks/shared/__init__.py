"""What benchmarks share: vectors of a text, the machine in words, the browser, the running app.

Whoever imports this first can import the app and the helpers of the tests.
"""

import os
import platform
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import servers  # noqa: E402
from servers import BROWSER, Server, until  # noqa: E402

__all__ = ["BROWSER", "ROOT", "Server", "extract", "machine", "seconds", "servers", "until"]


def extract(spec: str, text: str | object) -> str:
    """Return the key of the run of a text (or of the built-in one of a name) in a model."""
    from compute import runs, texts
    from compute.finding import catalog
    from compute.models import loading
    from compute.progress import unseen
    from compute.runs import vectors

    text = texts.load(text) if isinstance(text, str) else text
    source = catalog.find(spec)
    key = runs.key_of(source, text)
    if not runs.RUNS.has(key):
        vectors.extract(loading.load(source), text, key, unseen)
    return key


def seconds(way: Callable[[], object]) -> float:
    """Return how long a call takes."""
    start = time.perf_counter()
    way()
    return time.perf_counter() - start


def machine() -> str:
    """Return processor, cores that may be used, Python, and how busy it is."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        name = re.search(r"model name\s*: (.*)", text)[1]
    except (OSError, TypeError):
        name = platform.processor() or platform.machine()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = os.getloadavg()[0]
    return f"{name}, {cores} cores, Python {platform.python_version()}, load {load:.1f}"
