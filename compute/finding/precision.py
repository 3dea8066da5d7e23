"""In which precision a model's weights are loaded: as asked for, else single where it fits.

Vectors in another precision are other vectors: the precision is part of a model's identity. Light:
no torch here.
"""

import contextlib
import json
from dataclasses import replace
from pathlib import Path

import psutil

from compute.machine import computing
from compute.model_files import folders
from compute.model_files.sources import Source

SINGLE = "float32"
ROOM = 1.15
"""Activations take memory besides the weights."""


def settled(source: Source) -> Source:
    """Return a source with its precision; what was settled before stays."""
    if source.base is not None:
        base = settled(source.base)
        source, dtype = replace(source, base=base), base.dtype
    else:
        dtype = _of(source)
    if dtype == source.dtype:
        return source
    return replace(source, dtype=dtype, identity=f"{source.identity}:{dtype}")


def _of(source: Source) -> str:
    asked = computing.wanted().dtype
    if asked != "auto":
        return asked
    stored = _stored(source.folder)
    if stored == SINGLE or _fits(source.folder, stored):
        return SINGLE
    return stored


def _fits(folder: Path, stored: str) -> bool:
    """Tell whether weights of single precision fit into what memory the machine has."""
    size = 0
    with contextlib.suppress(OSError):
        names = folders.weights(folders.file_names(folder))
        size = sum((folder / name).stat().st_size for name in names)
    single = size / computing.BYTES[stored] * computing.BYTES[SINGLE]
    return ROOM * single <= psutil.virtual_memory().total


def _stored(folder: Path) -> str:
    """Return the precision that a config.json tells; single where it tells none."""
    try:
        settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        told = settings.get("dtype", settings.get("torch_dtype"))
    except (OSError, ValueError, RecursionError, AttributeError):
        return SINGLE
    return told if isinstance(told, str) and told in computing.BYTES else SINGLE
