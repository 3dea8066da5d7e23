"""Whether the sums of what a head writes hold; a result of which one does not is refused."""

from typing import NamedTuple

import torch
from torch import Tensor

from compute.models.model import Model
from compute.writes import following
from compute.writes.following import Followed


class Checks(NamedTuple):
    """How far the sums are off, each as a share of the largest number in it.

    Attributes
    ----------
    projection : float
        What all heads of the layer write, added up, against the output projection's output less
        its bias.
    path : float
        The final state without what the head wrote, by subtraction, against that of a second pass
        in which the head gives nothing there and all later layers' outputs and the norms' divisors
        are held.
    sources : float
        The parts of all source tokens, added up, against the effect on a token.
    """

    projection: float
    path: float
    sources: float


_SINGLE = Checks(projection=1e-5, path=1e-4, sources=1e-4)
"""At most, in single precision."""
_HALF = 8
"""In half precision: so many steps between neighbouring numbers."""
_ROUNDING = 8
"""So many steps of the whole number from which a part is subtracted are no error."""
_WHAT = Checks(
    projection="what its heads write does not add up to the output of their projection",
    path="taking away what the head writes does not give what the model gives without it",
    sources="the parts of the source tokens do not add up to the effect",
)


def limits(dtype: torch.dtype) -> Checks:
    """Return how far sums may be off in a precision."""
    eps = torch.finfo(dtype).eps
    return Checks(*(max(most, _HALF * eps if eps > 1e-6 else 0.0) for most in _SINGLE))


def check(model: Model, name: str, error: float) -> None:
    """Raise `HeadscopeError` if a sum is off by too much."""
    if not error <= getattr(limits(model.net.dtype), name):
        raise following.no_way(model, f"{getattr(_WHAT, name)} (off by {error:.2g})")


def projection(model: Model, followed: Followed) -> float:
    """Return how far the heads' projection is off; see `Checks`.

    Raises
    ------
    HeadscopeError
        If by too much.
    """
    made = followed.held.projection
    gave = made.gave.detach() - made.bias
    written = following.carried(made.gave, followed.heads, followed.heads.detach())
    most = limits(model.net.dtype).projection
    error = _apart(written, gave, gave, made.gave.detach(), most)
    check(model, "projection", error)
    return error


def path(model: Model, ids: Tensor, layer: int, head: int, place: int, followed: Followed) -> float:
    """Return how far the path to the final state is off at a token; see `Checks`.

    Parameters
    ----------
    followed : Followed
        With what was held at the place.

    Raises
    ------
    HeadscopeError
        If by too much.
    """
    error = _replayed(model, ids, layer, head, place, followed)
    if error > limits(model.net.dtype).path:  # tokens may have been read in another order
        whole = following.follow(model, ids, layer, place=place, whole=True)
        error = _replayed(model, ids, layer, head, place, whole)
    check(model, "path", error)
    return error


def _replayed(
    model: Model, ids: Tensor, layer: int, head: int, place: int, followed: Followed
) -> float:
    wrote, final = followed.reached(head)[place], followed.final[place]
    without = (head, followed.held)
    other = following.follow(model, ids, layer, place=place, without=without)
    most = limits(model.net.dtype).path
    return _apart(final - wrote, other.final[place], wrote, final, most)


def sources(model: Model, parts: Tensor, effects: Tensor, largest: Tensor, logits: Tensor) -> float:
    """Return how far sums of parts (n, T) are from effects (n,); see `Checks`.

    Parameters
    ----------
    largest : Tensor
        The largest effect on any token.
    logits : Tensor
        What effects are differences of.
    """
    return _apart(parts.sum(1), effects, largest, logits, limits(model.net.dtype).sources)


def _apart(one: Tensor, other: Tensor, part: Tensor, whole: Tensor, most: float) -> float:
    """Return the largest difference over the largest part.

    A part may be so small that the rounding of the `whole` from which it was taken is more than a
    share `most` of it: then the difference is over what it may be of that, so that it passes.
    """
    apart = float((one.float() - other.float()).abs().max())
    rounding = _ROUNDING * torch.finfo(whole.dtype).eps * float(whole.abs().max())
    over = max(float(part.abs().max()), rounding / most)
    return apart / over if over else 0.0
