"""Follows what a head writes along the residual stream to the states that the prediction reads."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from transformers import PreTrainedModel
from transformers.modeling_outputs import ModelOutput

from compute.capture import passes
from compute.capture.calls import Call
from compute.errors import HeadscopeError
from compute.models.model import Model
from compute.writes import refusals
from compute.writes.held import Held

Stack = tuple[tuple[torch.nn.Module, type[ModelOutput]], ...]


@dataclass(frozen=True)
class Followed:
    """One pass, in which one layer's heads were followed.

    T tokens, H heads, E values per head, S states per token.

    Attributes
    ----------
    stack : tuple of (Module, type)
        The modules that returned the final states, and of what kind what they returned is: the
        layers as a whole, and in some families a part of them that is called by itself (OPT).
    end : (1, T, S)
        Its final states, which know how they depend on `heads`.
    heads : (1, T, H, E)
        The layer's heads' outputs before the output projection.
    call : Call
        The layer's attention.
    held : Held
    """

    stack: Stack
    end: Tensor
    heads: Tensor
    call: Call
    held: Held

    @property
    def final(self) -> Tensor:
        """The final states (T, S)."""
        return self.end[0].detach()

    def reached(self, head: int) -> Tensor:
        """Return what of the final states a head wrote, (T, S)."""
        alone = torch.zeros_like(self.heads)
        alone[:, :, head] = self.heads.detach()[:, :, head]
        return carried(self.end, self.heads, alone)[0]

    def pulled(self, gradients: Tensor, place: int, head: int) -> Tensor:
        """Return gradients of a final state (n, S) as ones of a head's output there, (n, E)."""
        found = []
        for gradient in gradients:
            at_end = torch.zeros_like(self.end)
            at_end[0, place] = gradient
            (back,) = torch.autograd.grad(self.end, self.heads, at_end, retain_graph=True)
            found.append(back[0, place, head])
        return torch.stack(found)

    def sources(self, place: int, head: int) -> tuple[Tensor, Tensor]:
        """Return a head's attention (T,) at a token, and the values (T, E) that it took."""
        call = self.call
        own = replace(
            call,
            query=call.query[:, head : head + 1],
            key=_of_head(call.key, head, call.query.shape[1]),
            value=_of_head(call.value, head, call.query.shape[1]),
            mask=_part(call.mask, head),
            bias=_part(call.bias, head),
            sinks=None if call.sinks is None else call.sinks[head : head + 1],
            weights=None,
        )
        return own.attention()[0, 0, place], own.value[0, 0].float()


def carried(end: Tensor, start: Tensor, change: Tensor) -> Tensor:
    """Return what a change of `start` makes of `end`, which is linear in it."""
    probe = torch.zeros_like(end, requires_grad=True)
    (back,) = torch.autograd.grad(end, start, probe, create_graph=True)
    return torch.autograd.grad(back, probe, change)[0]


def follow(
    model: Model,
    ids: Tensor,
    layer: int,
    *,
    place: int | None = None,
    whole: bool = False,
    without: tuple[int, Held] | None = None,
) -> Followed:
    """Run the layers of a model over a passage, and follow one layer's heads.

    Parameters
    ----------
    model : Model
        That predicts tokens.
    ids : int64 (1, T)
    place : int, optional
        Keep what is held at this token.
    whole : bool
        Keep what is held at all tokens; see `held.Held`.
    without : (int, Held), optional
        A head that gives nothing at `place`, while all else there is as it was in this earlier
        pass.

    Raises
    ------
    HeadscopeError
        If the model predicts no tokens, or another layer stands between heads and prediction.
    RuntimeError
        If its code can't be followed; see `refusing`.
    """
    base, seen, leaves = _stack(model), [], []
    known = None if without is None else iter(without[1].rows)
    whole = whole if without is None else without[1].whole
    held = Held(ids.shape[1], place, whole, known)

    def on_call(call: Call) -> None:
        if call.layer == layer:
            seen.append(call)

    def begin(at: int, output: Tensor) -> Tensor:
        if at != layer:
            return output
        leaf = output.detach().clone()
        if without is not None:
            leaf[0, place, without[0]] = 0
        leaves.append(leaf.requires_grad_())
        return leaf.clone()

    with (
        _constant(base),
        _returned(base) as gave,
        torch.enable_grad(),
        passes.watched(base, on_call, begin),
        held,
    ):
        end = base(**passes.moved(base, {"input_ids": ids}))[0]
    if held.projection is None or not end.requires_grad:
        raise no_way(model, "another layer stands between what they write and the prediction")
    stack = tuple((module, type(output)) for module, output in gave if output[0] is end)
    return Followed(stack, end, leaves[0], seen[0], held)


@contextlib.contextmanager
def refusing(model: Model) -> Iterator[None]:
    """Say of what torch can't do with a model's code that the model can't be followed."""
    try:
        yield
    except torch.OutOfMemoryError:
        raise
    except RuntimeError as error:
        raise no_way(model, "its code can't be followed with its norms held") from error


def no_way(model: Model, why: str) -> HeadscopeError:
    """Return the refusal of a model, with its reason."""
    return HeadscopeError(
        f"What heads of {model.info.name} ({model.info.family}) write can't be measured: {why}."
    )


def _stack(model: Model) -> PreTrainedModel:
    """Return the layers of a model without what predicts tokens of their states."""
    info, net = model.info, model.net
    refusals.check(info)
    if any(parameter.is_meta for parameter in net.parameters()):
        raise no_way(model, "its weights do not fit into memory")
    if net.base_model is net:
        raise no_way(model, "its layers are not apart from what predicts tokens")
    return net.base_model


@contextlib.contextmanager
def _constant(net: PreTrainedModel) -> Iterator[None]:
    """Take a net's weights for constants: gradients are of heads alone."""
    changed = [p for p in net.parameters() if p.requires_grad]
    for parameter in changed:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in changed:
            parameter.requires_grad_(True)


@contextlib.contextmanager
def _returned(net: PreTrainedModel) -> Iterator[list[tuple[torch.nn.Module, ModelOutput]]]:
    """Collect what modules of a net return that is not a plain tensor."""
    gave: list[tuple[torch.nn.Module, ModelOutput]] = []

    def after(module: torch.nn.Module, _: tuple, output: object) -> None:
        if isinstance(output, ModelOutput):
            gave.append((module, output))

    handles = [module.register_forward_hook(after) for module in net.modules()]
    try:
        yield gave
    finally:
        for handle in handles:
            handle.remove()


def _of_head(tensor: Tensor, head: int, heads: int) -> Tensor:
    """Return keys or values of one query head, (B, 1, S, D)."""
    own = head // (heads // tensor.shape[1])
    return tensor[:, own : own + 1]


def _part(added: Tensor | None, head: int) -> Tensor | None:
    """Return what is added to the logits of one head."""
    if added is None or added.ndim < 4 or added.shape[1] == 1:
        return added
    return added[:, head : head + 1]
