"""UMAP, and where Numba keeps its machine code.

UMAP and its neighbour search are compiled by Numba in every process that uses them: 17 s, of which
1.3 s remain when the machine code is read from ``<cache>/numba``. The web process may import this
module; the libraries are imported by the functions.
"""

import contextlib
import importlib
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

from compute import store


def settle_numba() -> None:
    """Choose where Numba keeps its code, and threads that survive a fork; before its import."""
    # GNU OpenMP, Numba's first choice of threads, kills a process that was forked after its use.
    os.environ.setdefault("NUMBA_THREADING_LAYER", "workqueue")
    os.environ.setdefault("NUMBA_CACHE_DIR", str(code_folder()))


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


def code_folder() -> Path:
    """Return the folder of the machine code."""
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
