"""How large a model's files may be: told from their sizes alone, before any of them is read.

A file can say that it is larger than the disk, and to read it would take hours.
"""

import re
from collections.abc import Mapping

import psutil

from compute.errors import HeadscopeError

MOST_BYTES = {"config.json": 5 * 2**20, "generation_config.json": 5 * 2**20}
"""Sizes of single files; the index of the weights may have 50 MiB and the rest 200 MiB each."""
INDEX_BYTES, OTHER_BYTES = 50 * 2**20, 200 * 2**20

_WEIGHTS = re.compile(r".+\.(safetensors|bin|gguf)")


def check(spec: str, files: Mapping[str, int]) -> None:
    """Refuse files that are larger than those of any model that could be loaded here.

    Parameters
    ----------
    spec : str
        The model, for the message.
    files : mapping
        Names of its files that are to be read, and their bytes.

    Raises
    ------
    HeadscopeError
        If one is, or the weights are together.
    """
    weights = 0
    for name, size in files.items():
        if _WEIGHTS.fullmatch(name):
            weights += size
            continue
        most = INDEX_BYTES if name.endswith(".index.json") else OTHER_BYTES
        most = MOST_BYTES.get(name, most)
        if size > most:
            raise HeadscopeError(
                f"The file {name} of {spec} is larger than {most / 2**20:.0f} MiB, which no model "
                "needs. Copy or download the model anew."
            )
    memory = psutil.virtual_memory().total
    if weights > 2 * memory:  # half of it remains of numbers of 64 bits, more of all others
        raise HeadscopeError(
            f"The weight files of {spec} have {weights / 2**30:,.1f} GiB, and this machine has "
            f"{memory / 2**30:,.1f} GiB of memory. Choose a smaller model."
        )
