"""One forward pass of which every layer's attention is seen, and which heads can be taken out of.

Two ways lead to the same `Call`: transformers' attention interface, where a family uses it, and
else the products and softmaxes that its code computes. Which one is a property of the class.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel
from transformers.modeling_outputs import ModelOutput

from compute.capture import interface, products
from compute.capture.calls import Call

OnCall = Callable[[Call], None]
Ablate = Callable[[int, Tensor], Tensor]
Shown = Callable[[Call, slice, slice, Tensor], None]


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
        Any net whose attention is a softmax of q·k and what is added.
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
    with torch.inference_mode(), watched(net, on_call, ablate):
        return net(**moved(net, inputs))


def run_shown(net: PreTrainedModel, inputs: Mapping[str, Any], shown: Shown) -> ModelOutput:
    """Run a net under inference mode and see the attention of whole passages, as it is made.

    Parameters
    ----------
    shown : callable
        ``shown(call, passages, heads, attention)``: see `Call.shown`. Nothing is computed twice
        where a family lets one set its attention function.
    """

    def show(call: Call) -> Tensor:
        return call.shown(lambda *block: shown(call, *block))

    if not net._can_set_attn_implementation():
        return run(net, inputs, on_call=show)
    with torch.inference_mode(), interface.watched(net, lambda call: None, None, show):
        return net(**moved(net, inputs))


def moved(net: PreTrainedModel, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a pass on the device of a net.

    Where parts of it are on several, or on the disk, accelerate takes them further.
    """
    where = "cpu" if net.device.type == "meta" else net.device
    return {k: v.to(where) if isinstance(v, Tensor) else v for k, v in inputs.items()}


def watched(
    net: PreTrainedModel, on_call: OnCall, ablate: Ablate | None
) -> AbstractContextManager[None]:
    """Return a context in which the attention of a net's passes is seen; see `run`."""
    way = interface if net._can_set_attn_implementation() else products
    return way.watched(net, on_call, ablate)
