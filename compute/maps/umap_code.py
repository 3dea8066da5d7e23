"""UMAP's machine code, compiled before it is wanted. The web process may import this module."""

import importlib.metadata
import importlib.util
import os
import platform
from pathlib import Path

import numpy as np

from compute import store
from compute.capture import sight
from compute.maps.cloud import Cloud
from compute.maps.umap_library import code_folder, load_umap
from compute.maps.umap_map import fit_umap


def use_umap() -> None:
    """Import UMAP and use it once as the app does, so that its machine code is there."""
    q, k = np.random.default_rng(0).normal(size=(2, 50, 8)).astype(np.float32)
    everything = sight.full(50, 50)
    load_umap()
    fit_umap(Cloud(q, k, np.array([0, 50]), np.zeros(50, bool), everything))


def prepare_umap() -> None:
    """Compile UMAP unless that was done before, and load it."""
    compile_umap()
    use_umap()


def compile_umap() -> None:
    """Have UMAP's machine code on disk, and note that it is there.

    Of processes that start at the same time one compiles; the others wait for it.
    """
    from filelock import FileLock

    with FileLock(f"{_mark()}.lock"):
        if not umap_is_compiled():
            use_umap()
            _mark().touch()


def umap_is_compiled() -> bool:
    """Tell whether UMAP's machine code is on disk, for the installed versions."""
    return _mark().exists()


def _mark() -> Path:
    """Return the file that stands for complete code of these versions at this place."""
    place = importlib.util.find_spec("umap").origin
    versions = [importlib.metadata.version(n) for n in ("umap-learn", "pynndescent", "numba")]
    name = store.key(place, os.stat(place).st_mtime, platform.python_version(), *versions)
    return code_folder() / f"complete-{name}"
