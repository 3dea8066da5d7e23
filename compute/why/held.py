"""Normalisations with their statistics held: linear in their input, whatever their code is.

An attribution that shall add up needs the way from every part to the logit to be linear. What a
normalisation divides by depends on all parts together; held at its value in the pass, the
rest of it is linear. No module is named: what is caught are the functions of torch that all of them
come down to.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

_ROOTS = {"sqrt", "sqrt_", "rsqrt", "rsqrt_", "norm", "vector_norm", "linalg_vector_norm"}
_POWERS = {"pow", "__pow__"}


def norm(func: Callable, args: tuple, kwargs: dict) -> Tensor | None:
    """Return what a function gives with its statistics held; None if it has none.

    Parameters
    ----------
    func : callable
        Of torch, with its arguments.

    Returns
    -------
    Tensor or None
        The same numbers as the function gives, with the gradient of the linear part alone.
    """
    name = getattr(func, "__name__", "")
    if name == "layer_norm":
        return _layer_norm(*args, **kwargs)
    if name == "rms_norm":
        return _rms_norm(*args, **kwargs)
    if name == "normalize":
        with torch.no_grad():
            size = func(*args, **kwargs) / args[0]
        return args[0] * size.nan_to_num(0.0)
    if name in _ROOTS or (name in _POWERS and _is_root(args, kwargs)):
        return func(*args, **kwargs).detach()
    return None


def _is_root(args: tuple, kwargs: dict) -> bool:
    exponent = args[1] if len(args) > 1 else kwargs.get("exponent")
    return isinstance(exponent, float) and abs(exponent) < 1


def _layer_norm(
    input: Tensor,  # the names are torch's
    normalized_shape: Any,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
    **_: Any,
) -> Tensor:
    over = tuple(range(-len(normalized_shape), 0))
    centred = input - input.mean(over, keepdim=True)
    variance = centred.detach().square().mean(over, keepdim=True)
    made = centred * torch.rsqrt(variance + eps)
    made = made if weight is None else made * weight
    return made if bias is None else made + bias


def _rms_norm(
    input: Tensor,
    normalized_shape: Any,
    weight: Tensor | None = None,
    eps: float | None = None,
    **_: Any,
) -> Tensor:
    over = tuple(range(-len(normalized_shape), 0))
    eps = torch.finfo(input.dtype).eps if eps is None else eps
    made = input * torch.rsqrt(input.detach().square().mean(over, keepdim=True) + eps)
    return made if weight is None else made * weight
