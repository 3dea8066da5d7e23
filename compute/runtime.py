"""How the heavy libraries run on this machine: threads, and UMAP's machine code kept on disk.

UMAP and its neighbour search are compiled by Numba in every process that uses them: 17 s, of which
1.3 s remain when the machine code is read from ``<cache>/numba``. The web process may import this
module; the libraries are imported by the functions.
"""

import contextlib
import importlib
import importlib.metadata
import importlib.util
import os
import platform
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

from compute import store


def use_all_cores() -> None:
    """Let torch use all cores; jobs start with one thread."""
    import torch

    torch.set_num_threads(cores())


def settle_numba() -> None:
    """Choose where Numba keeps its code, and threads that survive a fork; before its import."""
    # GNU OpenMP, Numba's first choice of threads, kills a process that was forked after its use.
    os.environ.setdefault("NUMBA_THREADING_LAYER", "workqueue")
    os.environ.setdefault("NUMBA_CACHE_DIR", str(_code_folder()))


def load_umap() -> ModuleType:
    """Import and return ``umap``, its machine code kept on disk; the only way to import it.

    Notes
    -----
    Most of UMAP's functions do not ask Numba to keep their code, and Numba has no switch for it.
    So the decorator gets ``cache=True`` as its default while UMAP is imported. Should that fail
    with another version of either, UMAP is imported as it is, and is slow to begin.
    """
    if "umap" in sys.modules:
        return sys.modules["umap"]
    settle_numba()
    numba = importlib.import_module("numba")
    try:
        with _code_on_disk(numba):
            return importlib.import_module("umap")
    except Exception as error:
        warnings.warn(f"UMAP's code can't be kept on disk: {error!r}", stacklevel=2)
        for name in [n for n in sys.modules if n.partition(".")[0] in ("umap", "pynndescent")]:
            del sys.modules[name]
        return importlib.import_module("umap")


def use_umap() -> None:
    """Import UMAP and use it once as the app does, so that its machine code is there."""
    import numpy as np

    from compute.cloud import Cloud
    from compute.umap_map import fit_umap

    q, k = np.random.default_rng(0).normal(size=(2, 50, 8)).astype(np.float32)
    everything = np.ones((50, 50), bool)
    load_umap()
    fit_umap(Cloud(q, k, np.array([0, 50]), np.zeros(50, bool), everything))


def compile_umap() -> None:
    """Have UMAP's machine code on disk, and note that it is there.

    Of processes that start at the same time one compiles; the others wait for it.
    """
    from filelock import FileLock

    with FileLock(f"{_mark()}.lock"):
        if not umap_is_compiled():
            use_umap()
            _mark().touch()


def after_start() -> None:
    """Do aside what a server does once: clear what killed ones left, and compile UMAP."""
    store.sweep()
    compile_umap()


def umap_is_compiled() -> bool:
    """Tell whether UMAP's machine code is on disk, for the installed versions."""
    return _mark().exists()


def _mark() -> Path:
    """Return the file that stands for complete code of these versions at this place."""
    place = importlib.util.find_spec("umap").origin
    versions = [importlib.metadata.version(n) for n in ("umap-learn", "pynndescent", "numba")]
    name = store.key(place, os.stat(place).st_mtime, platform.python_version(), *versions)
    return _code_folder() / f"complete-{name}"


def _code_folder() -> Path:
    folder = Path(os.environ.get("NUMBA_CACHE_DIR") or store.root() / "numba")
    with contextlib.suppress(OSError):  # where nothing can be kept, it is compiled each time
        folder.mkdir(exist_ok=True, parents=True)
    return folder


@contextlib.contextmanager
def _code_on_disk(numba: ModuleType) -> Iterator[None]:
    njit = numba.njit

    def njit_kept(*args: object, **options: object) -> Callable:
        return njit(*args, **{"cache": True, **options})

    numba.njit = njit_kept
    try:
        yield
    finally:
        numba.njit = njit


def cores() -> int:
    """Return how many processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
