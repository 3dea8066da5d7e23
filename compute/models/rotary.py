"""Where a model's code rotates queries and keys by position (rotary position encoding)."""

import sys
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedModel

FUNCTION = "apply_rotary_pos_emb"  # in the code of every family that rotates


def rotations(net: "PreTrainedModel") -> dict[ModuleType, Callable]:
    """Return the rotation function of every Python module that a net's parts come from."""
    modules = {sys.modules[type(part).__module__] for part in net.modules()}
    return {module: getattr(module, FUNCTION) for module in modules if hasattr(module, FUNCTION)}
