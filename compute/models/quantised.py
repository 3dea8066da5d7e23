"""Weights that are stored with fewer bits: which of them can be opened here, and what it takes.

Some are made numbers again at load, which is exact and needs no more than transformers; others need
a library that computes with them as they are, and some a GPU.
"""

import importlib.util
import re
from dataclasses import dataclass
from typing import Any

import torch
from transformers import PretrainedConfig

from compute.errors import HeadscopeError
from compute.model_files import kinds

_PATTERN = re.compile(r"[^(){}\[\]*+?]*([*+?][^(){}\[\]*+?]*){0,2}")
"""Names of layers, and expressions for them that are soon matched: repeated at most twice."""
_ALTERNATIVES = re.compile(r"\(\w+(\|\w+)*\)(?![*+?{])")


@dataclass(frozen=True)
class Kind:
    """A way to store weights.

    Attributes
    ----------
    title : str
        What people call it.
    libraries : tuple of str
        What must be installed besides transformers.
    gpu : bool
        Whether it takes a GPU.
    dense : bool
        Whether the weights are made numbers of 32 bits at load, exactly.
    packed : int
        So many numbers may lie in one that is stored.
    """

    title: str
    libraries: tuple[str, ...] = ()
    gpu: bool = False
    dense: bool = False
    packed: int = 1


KINDS = {
    "fp8": Kind("FP8", ("accelerate",), dense=True),
    "mxfp8": Kind("MXFP8", ("accelerate",), dense=True),
    "mxfp4": Kind("MXFP4", ("accelerate",), dense=True, packed=2),
    "compressed-tensors": Kind("compressed-tensors", ("compressed_tensors",), dense=True, packed=8),
    "bitsandbytes": Kind("bitsandbytes", ("accelerate", "bitsandbytes"), packed=2),
    "gptq": Kind("GPTQ", ("optimum", "gptqmodel"), gpu=True, packed=8),
    "awq": Kind("AWQ", ("accelerate", "gptqmodel"), gpu=True, packed=8),
}


def settle(config: PretrainedConfig, name: str) -> Kind | None:
    """Make the settings of stored weights ready for transformers, if they can be opened here.

    Parameters
    ----------
    config : PretrainedConfig
        The model's settings, which are changed: kinds that are dense will be made numbers.
    name : str
        What the person calls the model.

    Returns
    -------
    Kind or None
        None for weights that are plain numbers.

    Raises
    ------
    HeadscopeError
        If the kind is not known, or a library or a GPU is missing.
    """
    found = [getattr(part, "quantization_config", None) for part in kinds.parts(config)]
    found = [each for each in found if each]
    if not found:
        return None
    method = _method(found[0])
    if method not in KINDS or len(found) > 1 or not _is_plain(found[0]):
        raise HeadscopeError(
            f"The weights of {name} are stored quantised ({str(method)[:40]}), in a way that "
            "Headscope can't read. Choose the version in full precision, or a GGUF file."
        )
    kind = KINDS[method]
    missing = [each for each in kind.libraries if importlib.util.find_spec(each) is None]
    gpu = kind.gpu and not torch.cuda.is_available()
    if missing or gpu:
        lacking = " and ".join(["a GPU"] * gpu + [f"the library {each}" for each in missing])
        install = f" (pip install {' '.join(missing).replace('_', '-')})" if missing else ""
        raise HeadscopeError(
            f"The weights of {name} are stored quantised with {kind.title}. To open them takes "
            f"{lacking}{install}; or choose the version in full precision, or a GGUF file."
        )
    if kind.dense:
        found[0]["dequantize"] = True
    return kind


def _method(settings: Any) -> str:
    if not isinstance(settings, dict):
        return "unknown"
    if settings.get("load_in_4bit") or settings.get("load_in_8bit"):
        return "bitsandbytes"
    return str(settings.get("quant_method", "unknown"))


def _is_plain(settings: Any) -> bool:
    """Tell whether no expression in the settings could take for ever to be matched."""
    waiting = [settings]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str):
            short = _ALTERNATIVES.sub("", value)
            if len(value) > 300 or not _PATTERN.fullmatch(short):
                return False
    return True
