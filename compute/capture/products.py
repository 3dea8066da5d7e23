"""The second way of capture: a product of two matrices is followed to the softmax that it ends in.

For families whose code computes attention itself. While a pass runs, every product of batched
matrices is remembered and followed through scaling, adding and masking; at the softmax it reaches,
its factors are queries and keys after all position encoding, and what was added is what the same
steps make of zeros. The next product takes the softmax to the values: there the heads' outputs can
be seen and replaced. No family is named. What does not follow this course is not seen, so that
`models.probe` refuses it.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves, tree_map
from transformers import PreTrainedModel

from compute.capture.calls import Call
from compute.capture.equations import Equation, operands, parse

_PRODUCTS = {"matmul", "__matmul__", "bmm"}
_TIMES = {"mul", "mul_", "multiply", "__mul__", "__rmul__", "__imul__"}
_BY = {"div", "div_", "true_divide", "__truediv__", "__itruediv__"}
_ADDING = {
    *("add", "add_", "__add__", "__radd__", "__iadd__", "sub", "sub_", "__sub__", "__isub__"),
    *("where", "masked_fill", "masked_fill_", "max", "maximum", "clamp", "clamp_min", "clamp_"),
}
_SAME = {
    *("view", "reshape", "unflatten", "flatten", "unsqueeze", "squeeze", "contiguous", "clone"),
    *("to", "float", "half", "bfloat16", "type", "type_as", "dropout", "dropout_", "detach"),
    *("__getitem__", "expand", "expand_as", "view_as", "reshape_as"),
}
_SILENT = {"__get__", "__set__", "size", "dim", "__len__", "stride", "numel", "is_contiguous"}


@contextlib.contextmanager
def watched(
    net: PreTrainedModel,
    on_call: Callable[[Call], None],
    ablate: Callable[[int, Tensor], Tensor] | None,
) -> Iterator[None]:
    """See the attention of a net's passes inside the block; see `passes.run`."""
    follower = _Follower(on_call, ablate)
    handle = net.register_forward_pre_hook(follower.begin, with_kwargs=True)
    try:
        with follower:
            yield
    finally:
        handle.remove()


@dataclass(frozen=True)
class _Step:
    """One operation on the way to the softmax, which can be done again to something else."""

    function: Callable
    args: tuple
    kwargs: dict
    subject: int

    def of(self, x: Tensor) -> Tensor:
        """Return what the operation makes of something else."""
        args, kwargs = tree_map(
            lambda leaf: x if id(leaf) == self.subject else leaf, (self.args, self.kwargs)
        )
        return self.function(*args, **kwargs)


@dataclass(frozen=True)
class _Line:
    """A product, and what was done to it so far.

    Attributes
    ----------
    tensor : Tensor
        What it has become. Held, so that no other object gets its number.
    query, key : Tensor
        Its factors, (..., T, D) and (..., S, D).
    shape : torch.Size
        Of the product, (..., T, S).
    start : Tensor or None
        What was added before anything else (`baddbmm`).
    """

    tensor: Tensor
    query: Tensor
    key: Tensor
    shape: torch.Size
    start: Tensor | None
    scale: float
    steps: tuple[_Step, ...] = ()

    def added(self) -> Tensor | None:
        """Return what all steps make of zeros, or None if that is nothing."""
        if self.start is None and not any(s.function.__name__ in _ADDING for s in self.steps):
            return None
        x = torch.zeros(self.shape, dtype=self.tensor.dtype, device=self.tensor.device)
        if self.start is not None:
            x = x + self.start
        for step in self.steps:
            x = step.of(x)
        return x


class _Follower(TorchFunctionMode):
    """Sees every function of torch that is called inside a pass."""

    def __init__(
        self, on_call: Callable[[Call], None], ablate: Callable[[int, Tensor], Tensor] | None
    ):
        super().__init__()
        self.on_call, self.ablate = on_call, ablate
        self.layer = 0
        self.batch, self.sizes = 0, frozenset()
        self.lines: dict[int, _Line] = {}
        self.waiting: Call | None = None
        self.weights: dict[int, Tensor] = {}

    def begin(self, _: object, args: tuple, kwargs: dict) -> None:
        """Take from a pass's arguments how many passages and tokens it has, on either side."""
        first = next(x for x in tree_leaves((args, kwargs)) if isinstance(x, Tensor))
        target = kwargs.get("decoder_input_ids")
        self.batch = first.shape[0]
        self.sizes = frozenset(x.shape[1] for x in (first, target) if x is not None)

    def __torch_function__(
        self, func: Callable, types: object, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        """Call a function of torch, and look at what it did."""
        kwargs, name = kwargs or {}, getattr(func, "__name__", "")
        if name in _SILENT:
            return func(*args, **kwargs)
        if name == "scaled_dot_product_attention":
            return self._fused(func, args, kwargs)
        given = [x for x in tree_leaves((args, kwargs)) if isinstance(x, Tensor)]
        line = next((self.lines[id(x)] for x in given if id(x) in self.lines), None)
        weighted = any(id(x) in self.weights for x in given)
        out = func(*args, **kwargs)
        if not isinstance(out, Tensor):
            return out
        if weighted and self.waiting is not None:
            return self._after_softmax(name, args, out)
        if started := _product(name, args, kwargs, out):
            self.lines[id(out)] = started
        elif line is not None and name == "softmax":
            self._softmax(line, args, kwargs, out)
        elif line is not None and (changed := _changed(line, func, args, kwargs, out)):
            self.lines[id(out)] = changed
        return out

    def _softmax(self, line: _Line, args: tuple, kwargs: dict, weights: Tensor) -> None:
        """Take a softmax for attention, if it is one among all tokens of the pass."""
        dim = kwargs.get("dim", args[1] if len(args) > 1 else None)
        size = weights.shape[-2:]
        last = dim in (-1, weights.ndim - 1)
        if not last or line.shape[-2:] != size or not self.sizes.issuperset(size):
            return
        shape = self.batch, -1, *size
        added = line.added()
        self.lines = {}
        query, key = (
            self._by_head(x.expand(*line.shape[:-2], *x.shape[-2:]) if x.ndim == 3 else x)
            for x in (line.query, line.key)
        )
        self.waiting = Call(
            layer=self.layer,
            query=query,
            key=key,
            value=key,
            mask=None if added is None else added.reshape(shape),
            scaling=line.scale,
            weights=weights.reshape(shape),
        )
        self.weights = {id(weights): weights}

    def _after_softmax(self, name: str, args: tuple, out: Tensor) -> Tensor:
        """Follow the attention to its product with the values."""
        if name in _SAME and out.numel() == self.waiting.weights.numel():
            self.weights[id(out)] = out
            return out
        if name in _PRODUCTS and id(args[0]) in self.weights:
            value, lay = args[1], None
        elif name == "einsum" and (lay := _taken(args, self.weights)):
            value = lay.second_operand(args)
        else:
            return out
        outputs = out if lay is None else lay.output(out)
        call = replace(self.waiting, value=self._by_head(value))
        self.waiting, self.weights = None, {}
        return self._emit(call, out, outputs, lay)

    def _emit(self, call: Call, out: Tensor, outputs: Tensor, lay: Equation | None) -> Tensor:
        """Hand on a call, and return the heads' outputs as the model shall go on with them."""
        self.layer += 1
        self.on_call(call)
        if self.ablate is None:
            return out
        own = self._by_head(outputs).transpose(1, 2)
        new = self.ablate(call.layer, own)
        if new is own:
            return out
        back = new.transpose(1, 2).reshape(outputs.shape).to(out.dtype)
        return back if lay is None else lay.back(back)

    def _fused(self, func: Callable, args: tuple, kwargs: dict) -> Tensor:
        """Compute attention that torch would in one step as the eager code does, and see it."""
        names = ("query", "key", "value", "attn_mask", "dropout_p", "is_causal", "scale")
        given = dict(zip(names, args, strict=False)) | kwargs
        query, key = given["query"], given["key"]
        if query.ndim != 4 or not self.sizes.issuperset((query.shape[2], key.shape[2])):
            return func(*args, **kwargs)
        call = Call(
            layer=self.layer,
            query=query,
            key=key,
            value=given["value"],
            mask=_mask(given, query),
            scaling=given.get("scale") or query.shape[-1] ** -0.5,
        )
        out = call.output()
        return self._emit(call, out, out, None)

    def _by_head(self, x: Tensor) -> Tensor:
        """Return vectors as (B, H, n, D), whether heads are apart or together with passages."""
        return x.reshape(self.batch, -1, *x.shape[-2:])


def _product(name: str, args: tuple, kwargs: dict, out: Tensor) -> _Line | None:
    """Return the line that a product begins."""
    if out.ndim < 3:
        return None
    if name in _PRODUCTS:
        second = args[1] if len(args) > 1 else kwargs.get("other", kwargs.get("mat2"))
        return _Line(out, args[0], second.transpose(-1, -2), out.shape, None, 1.0)
    if name == "baddbmm":
        given = dict(zip(("input", "batch1", "batch2"), args, strict=False)) | kwargs
        start = given["input"] * given.get("beta", 1)
        key = given["batch2"].transpose(-1, -2)
        return _Line(out, given["batch1"], key, out.shape, start, float(given.get("alpha", 1)))
    if name == "einsum" and (lay := parse(args)) and lay.scores:
        query, key = lay.factors(args)
        return _Line(out, query, key, out.shape, None, 1.0)
    return None


def _changed(line: _Line, func: Callable, args: tuple, kwargs: dict, out: Tensor) -> _Line | None:
    """Return a line after one more operation, or None where that breaks it off."""
    name = getattr(func, "__name__", "")
    if out.numel() != line.tensor.numel():
        return None
    step = _Step(func, args, kwargs, id(line.tensor))
    changed = replace(line, tensor=out, steps=(*line.steps, step))
    if name in _ADDING | _SAME:
        return changed
    if name in _TIMES | _BY:
        other = next((x for x in (*args, *kwargs.values()) if x is not line.tensor), None)
        return _scaled(changed, other, name in _BY)
    return None


def _scaled(line: _Line, by: object, divided: bool) -> _Line | None:
    """Return a line times a number, or a number of each row, which then belongs to the query."""
    if isinstance(by, Tensor) and by.numel() == 1:
        by = by.item()
    if isinstance(by, int | float):
        return replace(line, scale=line.scale / by if divided else line.scale * by)
    if not isinstance(by, Tensor) or divided:
        return None
    if bool(((by == 0) | (by == 1)).all()):  # a mask: what it takes away is then kept out
        return line
    if by.ndim == line.query.ndim and by.shape[-1] == 1 and len(line.steps) == 1:
        return replace(line, query=line.query * by)
    return None


def _taken(args: tuple, weights: dict[int, Tensor]) -> Equation | None:
    """Return the equation that takes attention, its first operand, to the values."""
    lay = parse(args)
    return lay if lay and lay.mixes and id(operands(args)[0]) in weights else None


def _mask(given: dict[str, Any], query: Tensor) -> Tensor | None:
    """Return the mask of fused attention as what is added."""
    mask = given.get("attn_mask")
    if given.get("is_causal"):
        sizes = query.shape[2], given["key"].shape[2]
        mask = torch.ones(sizes, dtype=torch.bool, device=query.device).tril()
    if mask is None:
        return None
    mask = mask.reshape((1,) * (4 - mask.ndim) + mask.shape)
    if mask.dtype != torch.bool:
        return mask
    lowest = torch.finfo(query.dtype).min
    return torch.zeros(mask.shape, dtype=query.dtype, device=query.device).masked_fill(
        ~mask, lowest
    )
