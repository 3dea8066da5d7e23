"""Which GPUs of CUDA a process may use, without torch: one worker is started for each."""

import importlib.util
import os
import re
import subprocess
from pathlib import Path

from compute.machine import computing

VARIABLE = "CUDA_VISIBLE_DEVICES"
_DRIVER = Path("/proc/driver/nvidia/gpus")
_PATIENCE = 20
"""Seconds: a driver that wakes its GPUs takes some."""


def names() -> list[str]:
    """Return what each GPU is called in ``CUDA_VISIBLE_DEVICES``; none where models use none."""
    if computing.wanted().device not in ("auto", "cuda") or not _torch_uses_them():
        return []
    said = os.environ.get(VARIABLE)
    if said is not None:
        return _until_the_first_that_is_none([name.strip() for name in said.split(",")])
    return [str(number) for number in range(_count())]


def _torch_uses_them() -> bool:
    """Tell whether the torch that is installed was built for CUDA: its version file says so."""
    found = importlib.util.find_spec("torch")
    if found is None or found.origin is None:
        return False
    said = (Path(found.origin).parent / "version.py").read_text(encoding="utf-8")
    return bool(re.search(r"^cuda\b.*= *['\"]", said, re.M))


def _until_the_first_that_is_none(said: list[str]) -> list[str]:
    """Read the variable as CUDA does: what stands behind a name that is none is hidden."""
    for number, name in enumerate(said):
        if not name or name.startswith("-"):
            return said[:number]
    return said


def _count() -> int:
    """Return how many the driver lists: each on a line of its own, its parts indented."""
    try:
        listed = subprocess.run(
            ["nvidia-smi", "-L"], capture_output=True, text=True, timeout=_PATIENCE, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return len([*_DRIVER.glob("*")])
    return sum(line.startswith("GPU ") for line in listed.splitlines())
