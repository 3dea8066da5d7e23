"""The first way of capture: one attention function for all families that let one set it.

The function is registered with transformers (``AttentionInterface``) and gets its masks as the
eager implementation does, so that it sees query and key after all position encoding and the whole
mask; that of a long passage without padding as a promise, see `promised`. A model is
switched to it for one forward pass and back.
"""

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedModel

from compute.capture import promised
from compute.capture.calls import Call
from compute.errors import HeadscopeError

NAME = "headscope"


@contextlib.contextmanager
def watched(
    net: PreTrainedModel,
    on_call: Callable[[Call], None],
    ablate: Callable[[int, Tensor], Tensor] | None,
    output: Callable[[Call], Tensor] = Call.output,
) -> Iterator[None]:
    """See the attention of a net's passes inside the block; see `passes.run`.

    Parameters
    ----------
    output : callable
        Computes the heads' outputs (B, H, T, E).
    """
    token = _active.set(_Recorder(on_call, ablate, output))
    try:
        with switched(net, NAME):
            yield
    finally:
        _active.reset(token)


@contextlib.contextmanager
def switched(net: PreTrainedModel, name: str) -> Iterator[None]:
    """Let a net use another attention function, and give all its parts back their own."""
    parts = [m.config for m in net.modules() if isinstance(m, PreTrainedModel)]
    before = [(config, config._attn_implementation) for config in parts]
    net.set_attn_implementation(name)
    try:
        yield
    finally:
        for config, implementation in before:  # outer parts first: setting one sets its inner ones
            config._attn_implementation = implementation


@dataclass
class _Recorder:
    on_call: Callable[[Call], None]
    ablate: Callable[[int, Tensor], Tensor] | None
    output: Callable[[Call], Tensor]
    layer: int = 0


_active: ContextVar[_Recorder | None] = ContextVar("recorder of the running pass", default=None)


def _attend(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    softcap: float | None = None,
    s_aux: Tensor | None = None,
    position_bias: Tensor | None = None,
    indices: Tensor | None = None,
    block_indices: Tensor | None = None,
    **_: Any,
) -> tuple[Tensor, None]:
    """Do what transformers asks of an attention function; the arguments' names are its own."""
    if block_indices is not None:
        raise HeadscopeError(
            "This model looks at blocks of tokens that it chooses, which Headscope can't follow. "
            "Choose another model."
        )
    recorder = _active.get()
    call = Call(
        layer=recorder.layer if recorder else 0,
        query=query,
        key=key,
        value=value,
        mask=_chosen(_additive(attention_mask, key), indices, key),
        scaling=query.shape[-1] ** -0.5 if scaling is None else float(scaling),
        softcap=softcap,
        sinks=None if s_aux is None else s_aux.detach(),
        bias=position_bias,
    )
    output = (recorder.output if recorder else Call.output)(call).transpose(1, 2)
    if recorder:
        recorder.layer += 1
        recorder.on_call(call)
        if recorder.ablate:
            output = recorder.ablate(call.layer, output)
    return output.contiguous(), None


def _additive(mask: Tensor | None, key: Tensor) -> Tensor | None:
    if mask is None:
        return None
    if mask.shape[-1] > key.shape[-2]:  # else it stays one object, known again in the next layer
        mask = mask[..., : key.shape[-2]]
    if mask.dtype == torch.bool:
        lowest = torch.finfo(key.dtype).min
        zeros = torch.zeros(mask.shape, dtype=key.dtype, device=mask.device)
        return zeros.masked_fill(~mask, lowest)
    return mask


def _chosen(mask: Tensor | None, indices: Tensor | None, key: Tensor) -> Tensor | None:
    """Hide all keys but those that each query has chosen, (B, T, chosen), as DeepSeek 3.2 does."""
    if indices is None:
        return mask
    hidden = torch.ones((*indices.shape[:2], key.shape[2]), dtype=torch.bool, device=key.device)
    hidden = hidden.scatter(-1, indices.long(), False)[:, None]
    lowest = torch.finfo(key.dtype).min
    if mask is None:
        mask = torch.zeros((), dtype=key.dtype, device=key.device)
    return torch.where(hidden, lowest, mask)


AttentionInterface.register(NAME, _attend)
AttentionMaskInterface.register(NAME, promised.mask)
