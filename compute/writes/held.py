"""A pass in which what one layer's heads write goes on by additions and held norms alone.

The direct path of a head leads past all later layers: whatever multiplies the residual stream with
a matrix belongs to one of these, and is held at what it really was; so are the statistics by which
norms divide. What is left is linear in the heads' outputs. No family is named: what depends on the
heads is known by requiring a gradient, which nothing else in the pass does.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_map

_PRODUCTS = {
    *("linear", "addmm", "addmm_", "mm", "matmul", "__matmul__", "__rmatmul__", "bmm", "baddbmm"),
    *("addbmm", "mv", "addmv", "einsum", "tensordot", "bilinear", "conv1d", "conv2d"),
    *("grouped_mm", "_grouped_mm", "scaled_dot_product_attention"),
}
_STATISTICS = {
    *("pow", "pow_", "__pow__", "square", "sqrt", "sqrt_", "rsqrt", "rsqrt_", "reciprocal"),
    *("var", "std", "norm", "vector_norm", "linalg_vector_norm"),
}
_NORMS = {"layer_norm", "rms_norm"}
_OF_NORMS = ("input", "normalized_shape", "weight", "bias", "eps")


@dataclass(frozen=True)
class Projection:
    """The heads' output projection: the first product that reads what depends on the heads.

    Attributes
    ----------
    gave : Tensor
        What it gave, which knows how it depends on the heads.
    bias : Tensor, of that shape
        What it gives where the heads give nothing.
    """

    gave: Tensor
    bias: Tensor


@dataclass
class Held(TorchFunctionMode):
    """Holds later products and norms' divisors in the block; see the module.

    Attributes
    ----------
    length : int
        Tokens of the passage.
    place : int or None
        Keep what was held at this token, in `rows`.
    whole : bool
        Keep it at all tokens: where experts read them in an order of their own, rows are of others.
    known : iterator of Tensor, or None
        `rows` of an earlier pass: what is held is that, instead of what this pass makes.
    """

    length: int
    place: int | None = None
    whole: bool = False
    known: Iterator[Tensor] | None = None
    rows: list[Tensor] = field(default_factory=list)
    projection: Projection | None = None

    def __post_init__(self) -> None:
        """Make it a mode."""
        super().__init__()

    def __torch_function__(
        self, func: Callable, types: object, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        """Call a function of torch; one that depends on the heads may be held."""
        kwargs, name = kwargs or {}, getattr(func, "__name__", "")
        if not _any_depends(args) and not (kwargs and _any_depends(kwargs.values())):
            return func(*args, **kwargs)
        if name in _PRODUCTS and self.projection is None:
            out = func(*args, **kwargs)
            nothing = _mapped(torch.zeros_like, args, kwargs)
            # A clone: the residual stream may be added to the output in its place.
            self.projection = Projection(out.clone(), func(*nothing[0], **nothing[1]))
            return out
        if name in _PRODUCTS or name in _STATISTICS:
            args, kwargs = _mapped(torch.Tensor.detach, args, kwargs)
            return self._hold(func(*args, **kwargs))
        if name in _NORMS:
            given = dict(zip(_OF_NORMS, args, strict=False)) | kwargs
            return self._normalised(given, centred=name == "layer_norm")
        return func(*args, **kwargs)

    def _normalised(self, given: dict[str, Any], centred: bool) -> Tensor:
        """Return what a norm makes of its input, which nothing but its divisor is held of."""
        stream = given["input"].float()
        dims = tuple(range(-len(given["normalized_shape"]), 0))
        if centred:
            stream = stream - stream.mean(dims, keepdim=True)
        eps = given.get("eps", 1e-5)
        eps = torch.finfo(given["input"].dtype).eps if eps is None else eps
        square = stream.detach().square().mean(dims, keepdim=True)
        out = stream / self._hold((square + eps).sqrt())
        if given.get("weight") is not None:
            out = out * given["weight"]
        if centred and given.get("bias") is not None:
            out = out + given["bias"]
        return out.to(given["input"].dtype)

    def _hold(self, value: Tensor) -> Tensor:
        """Keep what is held at the place, or put there what is known of it."""
        if self.known is not None:
            known = next(self.known, None)
            if known is None:
                raise RuntimeError("More is held than in the earlier pass.")
            value = value.clone()
            self._here(value).copy_(known)
        elif self.place is not None:
            self.rows.append(self._here(value).clone())
        return value

    def _here(self, value: Tensor) -> Tensor:
        """Return the part of a tensor that belongs to the place; all where tokens are no axis."""
        by_token = not self.whole and value.ndim > 1 and value.shape[-2] == self.length
        return value[..., self.place, :] if by_token else value


def _depends(leaf: object) -> bool:
    return isinstance(leaf, Tensor) and leaf.requires_grad


def _any_depends(given: Iterable[object]) -> bool:
    """Tell whether something depends on the heads; quicker than leaves of a tree, often asked."""
    for each in given:
        if isinstance(each, Tensor):
            if each.requires_grad:
                return True
        elif isinstance(each, list | tuple) and _any_depends(each):
            return True
    return False


def _mapped(change: Callable[[Tensor], Tensor], args: tuple, kwargs: dict) -> tuple[tuple, dict]:
    """Return arguments in which all that depends on the heads is changed."""
    return tree_map(lambda leaf: change(leaf) if _depends(leaf) else leaf, (args, kwargs))
