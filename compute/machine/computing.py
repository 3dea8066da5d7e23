"""On which device models compute, and in which precision: said once, when Headscope is started.

The choice is kept in the environment, so that all processes that are started from here know it.
Needs no torch.
"""

import os
from dataclasses import dataclass

from compute.errors import HeadscopeError

DEVICES = "auto", "cpu", "cuda", "mps"
DTYPES = "auto", "float32", "bfloat16", "float16"
BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
"""Of one number."""
_DEVICE, _DTYPE = "HEADSCOPE_DEVICE", "HEADSCOPE_DTYPE"


@dataclass(frozen=True)
class Computing:
    """What was asked for.

    Attributes
    ----------
    device : str
        One of `DEVICES`; ``auto`` is a GPU of CUDA where there is one, else the processor.
    dtype : str
        One of `DTYPES`; ``auto`` is single precision where that fits into the machine's memory,
        else the precision in which the weights are stored.
    """

    device: str = "auto"
    dtype: str = "auto"


def choose(device: str = "auto", dtype: str = "auto") -> None:
    """Settle it for this process and those that are started from it; ``auto`` leaves it as it is.

    Raises
    ------
    HeadscopeError
        If there is no such device or precision.
    """
    for what, said, known, name in (
        ("device", device, DEVICES, _DEVICE),
        ("precision", dtype, DTYPES, _DTYPE),
    ):
        if said not in known:
            raise HeadscopeError(f"There is no {what} “{said[:40]}”: choose {', '.join(known)}.")
        if said != "auto":
            os.environ[name] = said


def wanted() -> Computing:
    """Return what was asked for; ``auto`` where that is nothing or nothing known."""
    device, dtype = os.environ.get(_DEVICE, ""), os.environ.get(_DTYPE, "")
    return Computing(device if device in DEVICES else "auto", dtype if dtype in DTYPES else "auto")
