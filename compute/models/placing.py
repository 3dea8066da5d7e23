"""Where a model's weights go: a processor, a GPU, or in parts to several and to the disk."""

from typing import Any

import torch

from compute import store
from compute.errors import HeadscopeError
from compute.finding.precision import ROOM
from compute.machine import computing, memory

OFFLOAD = "offload"
"""The folder in the cache for what transformers can't read from the model's own files again."""
KEPT_FREE = 0.8
"""Of what is free, so much is given to weights that don't fit whole."""
_LACKING = {
    "cuda": "No GPU of CUDA is there that this installation of torch can use. Start with "
    "--device cpu, or install a build of torch for your GPU.",
    "mps": "No GPU of Apple is there that this installation of torch can use. Start with "
    "--device cpu.",
}


def device() -> str:
    """Return what models compute on: ``cpu``, ``cuda`` or ``mps``.

    Raises
    ------
    HeadscopeError
        If a GPU was asked for, and there is none.
    """
    asked = computing.wanted().device
    there = {"cuda": torch.cuda.is_available, "mps": torch.backends.mps.is_available}
    if asked == "auto":
        return "cuda" if there["cuda"]() else "cpu"
    if asked in there and not there[asked]():
        raise HeadscopeError(_LACKING[asked])
    return asked


def free(on: str) -> int:
    """Return how many bytes are free on a device."""
    return torch.cuda.mem_get_info()[0] if on == "cuda" else memory.free()


def options(size: int) -> dict[str, Any]:
    """Return what transformers needs to put weights of so many bytes in their place.

    Parameters
    ----------
    size : int

    Returns
    -------
    dict
        Keyword arguments of ``from_pretrained``; empty for the processor.

    Raises
    ------
    HeadscopeError
        As `device`.
    """
    on = device()
    if ROOM * size <= free(on):
        return {} if on == "cpu" else {"device_map": {"": on}}
    room = {"cpu": int(KEPT_FREE * memory.free())}
    if on == "cuda":
        count = torch.cuda.device_count()
        room |= {i: int(KEPT_FREE * torch.cuda.mem_get_info(i)[0]) for i in range(count)}
    folder = store.root() / OFFLOAD
    return {"device_map": "auto", "max_memory": room, "offload_folder": str(folder)}
