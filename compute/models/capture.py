"""Query, key and value of every head while a model runs: one attention function for all families.

The function is registered with transformers (``AttentionInterface``) and gets its masks as the
eager implementation does, so that it sees query and key after all position encoding and the whole
mask. A model is switched to it for one forward pass and back.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedModel
from transformers.masking_utils import eager_mask
from transformers.modeling_outputs import ModelOutput

NAME = "headscope"


@dataclass(frozen=True)
class Call:
    """What one layer's attention is computed from.

    Shapes: B passages, H heads, KV key-value heads, T queries, S keys, D and E values per head.

    Attributes
    ----------
    layer : int
        From 0, in the order in which the model calls its layers.
    query : float32 (B, H, T, D)
        After all position encoding.
    key : float32 (B, KV, S, D)
        After all position encoding.
    value : float32 (B, KV, S, E)
    mask : float32, broadcastable to (B, H, T, S), or None
        Added to the logits: 0 where a query may look, a very large negative number elsewhere.
    scaling : float
        logit = scaling * q·k
    softcap : float or None
        Gemma 2: logit = softcap * tanh(logit / softcap), before mask and bias.
    sinks : float32 (H,) or None
        gpt-oss: one more logit per head that takes attention and has no value.
    bias : float32, broadcastable to (B, H, T, S), or None
        T5: added to the logits.
    """

    layer: int
    query: Tensor
    key: Tensor
    value: Tensor
    mask: Tensor | None
    scaling: float
    softcap: float | None
    sinks: Tensor | None
    bias: Tensor | None

    def attention(self) -> Tensor:
        """Return the attention, float32 (B, H, T, S), exactly as the model's own eager code."""
        key = _per_head(self.key, self.query)
        logits = torch.matmul(self.query, key.transpose(2, 3)) * self.scaling
        if self.softcap is not None:
            logits = torch.tanh(logits / self.softcap) * self.softcap
        if (added := self._added()) is not None:
            logits = logits + added
        if self.sinks is None:
            return torch.softmax(logits, dim=-1, dtype=torch.float32)
        sinks = self.sinks.reshape(1, -1, 1, 1).expand(*logits.shape[:3], 1)
        together = torch.cat([logits, sinks], dim=-1)
        return torch.softmax(together, dim=-1, dtype=torch.float32)[..., :-1]

    def output(self) -> Tensor:
        """Return the heads' outputs (B, H, T, E), by the fastest way that is exact."""
        value = _per_head(self.value, self.query)
        if self.softcap is not None or self.sinks is not None:
            return torch.matmul(self.attention().to(value.dtype), value)
        key = _per_head(self.key, self.query)
        return torch.nn.functional.scaled_dot_product_attention(
            self.query, key, value, attn_mask=self._added(), scale=self.scaling
        )

    def _added(self) -> Tensor | None:
        if self.mask is None or self.bias is None:
            return self.mask if self.bias is None else self.bias
        return self.mask + self.bias


OnCall = Callable[[Call], None]
Ablate = Callable[[int, Tensor], Tensor]


def run(
    net: PreTrainedModel,
    inputs: Mapping[str, Any],
    *,
    on_call: OnCall,
    ablate: Ablate | None = None,
) -> ModelOutput:
    """Run a net under inference mode and see every layer's attention.

    Parameters
    ----------
    net : PreTrainedModel
        Any net whose attention goes through transformers' attention interface.
    inputs : mapping
        Keyword arguments of its forward pass.
    on_call : callable
        Called once per layer, in order, while the pass runs. It must copy what it keeps.
    ablate : callable, optional
        ``ablate(layer, output)`` gets the heads' outputs (B, T, H, E) before the output
        projection, and returns what shall take their place.

    Returns
    -------
    ModelOutput
        What the net returns.
    """
    token = _active.set(_Recorder(on_call, ablate))
    try:
        with torch.inference_mode(), _switched(net):
            return net(**inputs)
    finally:
        _active.reset(token)


@dataclass
class _Recorder:
    on_call: OnCall
    ablate: Ablate | None
    layer: int = 0


_active: ContextVar[_Recorder | None] = ContextVar("recorder of the running pass", default=None)


@contextlib.contextmanager
def _switched(net: PreTrainedModel) -> Iterator[None]:
    """Let a net use our attention function, and give all its parts back their own."""
    parts = [m.config for m in net.modules() if isinstance(m, PreTrainedModel)]
    before = [(config, config._attn_implementation) for config in parts]
    net.set_attn_implementation(NAME)
    try:
        yield
    finally:
        for config, implementation in before:  # outer parts first: setting one sets its inner ones
            config._attn_implementation = implementation


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
    **_: Any,
) -> tuple[Tensor, None]:
    """Do what transformers asks of an attention function; the arguments' names are its own."""
    recorder = _active.get()
    call = Call(
        layer=recorder.layer if recorder else 0,
        query=query,
        key=key,
        value=value,
        mask=_additive(attention_mask, key),
        scaling=query.shape[-1] ** -0.5 if scaling is None else float(scaling),
        softcap=softcap,
        sinks=None if s_aux is None else s_aux.detach(),
        bias=position_bias,
    )
    output = call.output().transpose(1, 2)
    if recorder:
        recorder.layer += 1
        recorder.on_call(call)
        if recorder.ablate:
            output = recorder.ablate(call.layer, output)
    return output.contiguous(), None


def _additive(mask: Tensor | None, key: Tensor) -> Tensor | None:
    if mask is None:
        return None
    mask = mask[..., : key.shape[-2]]
    if mask.dtype == torch.bool:
        lowest = torch.finfo(key.dtype).min
        return torch.zeros(mask.shape, dtype=key.dtype).masked_fill(~mask, lowest)
    return mask


def _per_head(tensor: Tensor, query: Tensor) -> Tensor:
    """Repeat key-value heads (B, KV, S, D) so that every query head has its own."""
    times = query.shape[1] // tensor.shape[1]
    return tensor if times == 1 else tensor.repeat_interleave(times, dim=1)


AttentionInterface.register(NAME, _attend)
AttentionMaskInterface.register(NAME, eager_mask)
