"""How a causal model turns heads' outputs into logits: found by watching one pass."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers.pytorch_utils import Conv1D

from compute.capture import passes
from compute.errors import HeadscopeError
from compute.models.model import Model


@dataclass(frozen=True)
class Outlet:
    """The way from heads to logits that passes no later layer.

    Attributes
    ----------
    writing : tuple of float32 (width, heads, E)
        Per layer: what each head's output adds to the residual stream.
    norm : Norm
        The normalisation before the logits.
    reading : float32 (V, width)
        The unembedding: one row per token.
    """

    writing: tuple[Tensor, ...]
    norm: "Norm"
    reading: Tensor


@dataclass(frozen=True)
class Norm:
    """A layer or root-mean-square normalisation, made linear by holding its divisor.

    Attributes
    ----------
    module : torch.nn.Module
    centred : bool
        Whether it takes away the mean.
    gain : float32 (width,)
    """

    module: torch.nn.Module
    centred: bool
    gain: Tensor

    def divisor(self, stream: Tensor) -> Tensor:
        """Return what it divides a residual stream (..., width) by, (...)."""
        if self.centred:
            stream = stream - stream.mean(-1, keepdim=True)
        return stream.square().mean(-1).sqrt()

    def linear(self, part: Tensor) -> Tensor:
        """Return what it makes of a part of the stream, before the division."""
        if self.centred:
            part = part - part.mean(-1, keepdim=True)
        return part * self.gain


def find(model: Model, ids: Tensor) -> Outlet:
    """Watch a pass, and return the outlet.

    Parameters
    ----------
    model : Model
        Causal, with logits.
    ids : int64 (B, T)
        Any tokens.

    Raises
    ------
    HeadscopeError
        If there is no plain way: something stands between a head's output projection and the
        residual stream, or there is no normalisation before the logits.
    """
    if any(parameter.is_meta for parameter in model.net.parameters()):
        raise _no_way(model, "its weights do not fit into memory")
    watch = _Watch(model, ids)
    norm = _norm(watch, model)
    for put_out in watch.projected:
        if any(_same(put_out, given) for given in watch.normalised(type(norm.module))):
            raise _no_way(model, "it normalises what heads write before adding it")
    writing = tuple(_per_head(module, model) for module in watch.projections)
    return Outlet(writing, norm, _weight(model.net.get_output_embeddings(), model))


@contextlib.contextmanager
def streams(norm: Norm) -> Iterator[list[Tensor]]:
    """Collect what the last normalisation gets (B, T, width) in the passes of the block."""
    seen: list[Tensor] = []
    handle = norm.module.register_forward_hook(
        lambda _, given, gave: seen.append(given[0].float().cpu())
    )
    try:
        yield seen
    finally:
        handle.remove()


class _Watch:
    """What every module without parts got and gave in one pass, and which of them project heads."""

    def __init__(self, model: Model, ids: Tensor):
        self.calls: list[tuple[torch.nn.Module, Tensor, Tensor]] = []
        self.projections: list[torch.nn.Module] = []
        self.projected: list[Tensor] = []
        heads: list[Tensor] = []

        def of_heads(layer: int, output: Tensor) -> Tensor:
            heads.append(output.flatten(2).clone())
            return output

        def after(module: torch.nn.Module, given: tuple, gave: object) -> None:
            if not (given and isinstance(given[0], Tensor) and isinstance(gave, Tensor)):
                return
            self.calls.append((module, given[0], gave))
            waiting = len(heads) > len(self.projections)
            if (
                waiting
                and isinstance(module, torch.nn.Linear | Conv1D)
                and _same(given[0], heads[-1])
            ):
                self.projections.append(module)
                self.projected.append(gave)

        leaves = [m for m in model.net.modules() if not any(m.children())]
        handles = [leaf.register_forward_hook(after) for leaf in leaves]
        try:
            passes.run(model.net, {"input_ids": ids}, on_call=lambda call: None, ablate=of_heads)
        finally:
            for handle in handles:
                handle.remove()
        if len(self.projections) != model.info.layers:
            raise _no_way(model, "its heads' output projection was not found")

    def normalised(self, kind: type) -> list[Tensor]:
        """Return what modules of a kind got."""
        return [given for module, given, _ in self.calls if isinstance(module, kind)]


def _norm(watch: _Watch, model: Model) -> Norm:
    """Find the module whose output the unembedding reads, and its gain, by probing it."""
    last, inner = model.net.get_output_embeddings(), set(model.net.base_model.modules())
    read = next((given for module, given, _ in reversed(watch.calls) if module is last), None)
    makers = [
        module
        for module, given, gave in watch.calls
        if module in inner  # one of the predicting head's own follows on more than a normalisation
        and read is not None
        and _same(gave, read)
        and not _same(given, read)
        and "norm" in type(module).__name__.lower()
    ]
    if not makers:
        raise _no_way(model, "nothing normalises its residual stream before the logits")
    module, width = makers[-1], last.weight.shape[1]
    own = next(module.parameters(), last.weight)
    probe = torch.ones(width, dtype=own.dtype, device=own.device)
    probe[1::2] = -1  # mean 0 and mean square 1: the normalisation leaves it as it is
    with torch.inference_mode():
        gain = (module(probe) - module(-probe)) / 2 * probe
        moved = module(probe + 1) - module(probe)
    centred = bool(moved.abs().max() < 1e-2 * gain.abs().max())
    return Norm(module, centred, gain.float().cpu().clone())


def _per_head(module: torch.nn.Module, model: Model) -> Tensor:
    weight = _weight(module, model)
    if isinstance(module, Conv1D):
        weight = weight.T
    return weight.reshape(weight.shape[0], model.info.heads, -1)


def _weight(module: torch.nn.Module, model: Model) -> Tensor:
    return module.weight.detach().float().cpu()


def _same(one: Tensor, other: Tensor) -> bool:
    return one.shape == other.shape and torch.equal(one, other)


def _no_way(model: Model, why: str) -> HeadscopeError:
    return HeadscopeError(
        f"The copying sign of {model.info.name} ({model.info.family}) can't be measured: {why}."
    )
