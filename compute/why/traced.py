"""One pass up to a layer of which every part that wrote into it can be asked for its gradient.

Three ways to let the gradient through, all without naming a family:

``direct``
    Normalisations are held, and every head, MLP and embedding is cut off from what made it: what
    each of them writes straight into the layer. The parts add up to the logit.
``everything``
    The model as it is: what an infinitesimal change of a head's output would do by all paths.
``partly``
    The same where every head goes `SHARE` of the way to its mean over the passage. There attention
    is less saturated: a gradient at the whole model often says that nothing matters.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from compute.capture import passes
from compute.capture.calls import Call
from compute.models.model import Model
from compute.why import held

DIRECT, EVERYTHING, PARTLY = WAYS = ("direct", "everything", "partly")
SHARE = 0.75
"""Of the way to their means that heads go in `PARTLY`."""

_CURVED = {
    *("relu", "relu_", "relu6", "gelu", "silu", "tanh", "sigmoid", "erf", "softplus", "mish"),
    *("hardswish", "leaky_relu", "elu", "celu", "selu", "quick_gelu"),
}
_LINEAR = {"linear", "addmm", "matmul", "__matmul__"}


@dataclass
class Trace:
    """What a pass came by; B passages of T tokens.

    Attributes
    ----------
    calls : list of Call
        The attention of every layer up to the one that is explained, which is the last.
    heads : list of (B, T, H, E)
        Outputs of the heads of every earlier layer, before the output projection.
    mlps : list of (int, (B, T, width))
        After which layer, and what stands before the MLP's last linear map.
    embeddings : list of (str, (B or 1, T, width))
        ``token``, ``position`` or ``rest``, and what the table gave.
    biases : list of Tensor
        All that is added on the way, whatever the tokens.
    """

    calls: list[Call] = field(default_factory=list)
    heads: list[Tensor] = field(default_factory=list)
    mlps: list[tuple[int, Tensor]] = field(default_factory=list)
    embeddings: list[tuple[str, Tensor]] = field(default_factory=list)
    biases: list[Tensor] = field(default_factory=list)

    @property
    def target(self) -> Call:
        """The attention that is explained."""
        return self.calls[-1]


class Reached(Exception):
    """Ends a pass at the layer that is explained."""


def trace(model: Model, ids: Tensor, layer: int, way: str) -> Trace:
    """Run a pass up to a layer, and keep what its gradients are asked of.

    Parameters
    ----------
    model : Model
        Of one stack of attention, for text.
    ids : int64 (B, T)
        Passages of one length.
    way : str
        One of `WAYS`.
    """
    core, found = model.net.base_model, Trace()
    watch = _Watch(found, ids, way)

    def on_call(call: Call) -> None:
        found.calls.append(call)
        watch.width = None
        if call.layer >= layer:
            raise Reached

    def of_heads(_: int, output: Tensor) -> Tensor:
        if way == DIRECT:
            output = output.detach().requires_grad_()
        elif way == PARTLY:
            output = output + SHARE * (output.mean(1, keepdim=True) - output)
        found.heads.append(output)
        return output

    with (
        _only_biases(core, way) as found.biases,
        _hooked(core, watch),
        torch.enable_grad(),
        passes.watched(core, on_call, of_heads),
        contextlib.suppress(Reached),
        watch,  # the innermost sees a function first: capture follows what it makes
    ):
        core(**passes.moved(core, {"input_ids": ids}))
    return found


class _Watch(TorchFunctionMode):
    """Holds normalisations, and finds the linear map that follows an activation."""

    def __init__(self, found: Trace, ids: Tensor, way: str):
        super().__init__()
        self.found, self.ids, self.way = found, ids, way
        self.width: int | None = None
        self.active: Tensor | None = None  # what the activation gave

    def __torch_function__(
        self, func: Callable, types: object, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        """Call a function of torch in the way that is asked for."""
        kwargs, name = kwargs or {}, getattr(func, "__name__", "")
        if self.way == DIRECT and (made := held.norm(func, args, kwargs)) is not None:
            return made
        if name in _LINEAR and self.width is not None:
            args = self._before_linear(name, args)
        out = func(*args, **kwargs)
        if name in _CURVED and isinstance(out, Tensor):
            self.width, self.active = out.shape[-1], out
        return out

    def _before_linear(self, name: str, args: tuple) -> tuple:
        """Take what goes into the linear map after an activation for an MLP's source."""
        at = 1 if name == "addmm" else 0
        x = args[at]
        if x.shape[-1] != self.width or x.numel() != self.ids.numel() * self.width:
            return args
        if args[at + 1].ndim != 2:  # a product of two batches
            return args
        if self.way == DIRECT:
            if not _reaches(self.active, x):  # the other way into a gated MLP that is as wide
                return args
            if (gated := self._gated(x)) is not None:
                self.width = None
                return (*args[:at], gated, *args[at + 1 :])
            x = x.detach().requires_grad_()
        self.width = None
        self.found.mlps.append((len(self.found.calls) - 1, x))
        return (*args[:at], x, *args[at + 1 :])

    def _gated(self, x: Tensor) -> Tensor | None:
        """Return the heads' outputs with their gates held, if that is what x is: no MLP's."""
        heads = self.found.heads
        if len(heads) != len(self.found.calls) or not heads or heads[-1].numel() != x.numel():
            return None
        (gate,) = torch.autograd.grad(x.sum(), heads[-1], retain_graph=True, allow_unused=True)
        if gate is None:
            return None
        made = (heads[-1] * gate).reshape(x.shape)
        return made if torch.allclose(made, x, rtol=1e-3) else None

    def after_embedding(self, _: object, args: tuple, out: Tensor) -> Tensor:
        """Cut a table's output off, if it gave each token one vector."""
        batch, length = self.ids.shape
        if tuple(out.shape[:-1]) not in ((batch, length), (1, length), (length,)):
            return out
        out = out.detach().requires_grad_()  # all gradients begin here
        self.found.embeddings.append((self._kind(args, out), out))
        return out.clone()  # CTRL scales it in place

    def _kind(self, args: tuple, out: Tensor) -> str:
        asked = args[0] if args else None
        if isinstance(asked, Tensor) and torch.equal(asked.cpu(), self.ids.cpu()):
            return "token"
        rows = out.detach().reshape(-1, *out.shape[-2:])
        varies = not torch.equal(rows, rows[:, :1].expand_as(rows))
        return "position" if varies else "rest"


def _reaches(source: Tensor, x: Tensor) -> bool:
    """Tell whether a tensor went into another; yes where no gradient could say it."""
    if source is x or not (source.requires_grad and x.requires_grad):
        return True
    (found,) = torch.autograd.grad(x.sum(), source, retain_graph=True, allow_unused=True)
    return found is not None


@contextlib.contextmanager
def _hooked(core: torch.nn.Module, watch: _Watch) -> Iterator[None]:
    """Tell a watch what embeddings give."""
    handles = [
        module.register_forward_hook(watch.after_embedding)
        for module in core.modules()
        if isinstance(module, torch.nn.Embedding)
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


@contextlib.contextmanager
def _only_biases(core: torch.nn.Module, way: str) -> Iterator[list[Tensor]]:
    """Let no parameter of a net ask for a gradient but the biases, where they are parts."""
    # What accelerate keeps elsewhere is only a name here: its biases are no parts.
    here = {n: p for n, p in core.named_parameters() if not (p.is_meta or p.is_inference())}
    before = [(parameter, parameter.requires_grad) for parameter in here.values()]
    biases = [
        parameter
        for name, parameter in here.items()
        if way == DIRECT and name.rpartition(".")[2].endswith("bias") and parameter.ndim == 1
    ]
    try:
        for parameter, _ in before:
            parameter.requires_grad_(False)
        for bias in biases:
            bias.requires_grad_()
        yield biases
    finally:
        for parameter, asked in before:
            parameter.requires_grad_(asked)
