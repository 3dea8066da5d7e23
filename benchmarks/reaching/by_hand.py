"""A head switched off by hand: its part of what the output projection reads is set to zero."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from transformers import PreTrainedModel

_PROJECTION = re.compile(
    r".*(att|mixer|self|rel)[^.]*\.(.*\.)?"
    r"(o_proj|out_proj|c_proj|out_lin|wo|o|out|dense|linear_out|final_linear|project_out"
    r"|attn_sub_norm|sub_norm|inner_attn_ln)"
)
"""Names of modules that read the outputs of all heads of a layer, side by side."""
_OTHER = re.compile("bottleneck|linear_attn|[Mm]amba|recurrent|Delta|Lightning|TextLinearAttention")
"""Names, and classes, of parts with such modules that have no softmax."""


def projection(net: PreTrainedModel, inputs: dict, heads: int) -> torch.nn.Module | None:
    """Return the module that reads the heads' outputs of the first layer with attention.

    None if no module has such a name and width. Where several have, the first that runs after
    queries and keys were made is meant: output projections run last.
    """
    seen: list[torch.nn.Module] = []
    hooks = [
        module.register_forward_pre_hook(lambda module, _: seen.append(module))
        for name, module in net.named_modules()
        if _PROJECTION.fullmatch(name) and _fits(module, heads) and not _aside(net, name)
    ]
    try:
        with torch.inference_mode():
            net(**inputs)
    finally:
        for hook in hooks:
            hook.remove()
    return seen[0] if seen else None


@contextmanager
def silent(
    net: PreTrainedModel, module: torch.nn.Module, head: int, heads: int, per_head: int
) -> Iterator[None]:
    """Set what a module reads of one head to zero, the first time that it runs in each pass.

    Parameters
    ----------
    per_head : int
        Numbers of a query. Where the module reads more than so many of each head, what else it
        reads (ConvBERT's convolutions) follows after the heads.
    """
    each = min(_width(module) // heads, per_head)
    calls = 0

    def zero(_: torch.nn.Module, args: tuple) -> tuple | None:
        nonlocal calls
        calls += 1
        if calls > 1:
            return None
        changed = args[0].clone()
        changed[..., head * each : (head + 1) * each] = 0
        return (changed, *args[1:])

    def begin(*_: object) -> None:
        nonlocal calls
        calls = 0

    hooks = [net.register_forward_pre_hook(begin), module.register_forward_pre_hook(zero)]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _fits(module: torch.nn.Module, heads: int) -> bool:
    width = _width(module)
    return width > 0 and width % heads == 0


def _aside(net: PreTrainedModel, name: str) -> bool:
    """Tell whether a module belongs to a part without a softmax."""
    parent = type(net.get_submodule(name.rpartition(".")[0])).__name__
    return bool(_OTHER.search(f"{name} {parent}"))


def _width(module: torch.nn.Module) -> int:
    """Return how many numbers a module reads; 0 if it can't be told."""
    if isinstance(getattr(module, "in_features", None), int):
        return module.in_features
    weight = getattr(module, "weight", None)
    return weight.shape[0] if isinstance(weight, torch.Tensor) and weight.ndim <= 2 else 0
