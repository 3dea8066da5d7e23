"""What else attention depends on besides q and k: sight, scaling, caps, sinks, biases of a model.

They are taken from the calls of real passes. What depends on nothing but the positions, which is
verified, is kept once for the longest passage; what depends on the tokens, too (DeBERTa, XLNet), is
kept for every pair of each passage.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from compute.capture import bias, sight
from compute.capture.bias import Bias
from compute.capture.calls import Call
from compute.capture.promised import BLOCKED, Promised
from compute.capture.sight import Sight
from compute.errors import HeadscopeError

GLANCE = 2**20
"""Cells of a mask that are looked at together."""
HIDDEN = np.float32(-1e30)
"""Added to a logit, it leaves nothing of a key."""


@dataclass(frozen=True)
class Added:
    """What a layer adds to the logits of one passage, taken apart.

    Attributes
    ----------
    sight : Sight
        What its queries may see in some head; padding is not part of it.
    values : float32 (heads, t, s) or None
        What else is added: 0 where no head sees a key, `HIDDEN` where only others do. None if that
        is nothing.
    beyond : bool
        Whether queries see padding.
    """

    sight: Sight
    values: np.ndarray | None
    beyond: bool

    def same(self, other: "Added") -> bool:
        """Tell whether both lead to the same attention, but for rounding."""
        if not self.sight.same(other.sight):
            return False
        if self.values is None and other.values is None:
            return True
        shape = (self.values if other.values is None else other.values).shape
        nothing = np.zeros((1, *shape[1:]), np.float32)
        pair = [nothing if each.values is None else each.values for each in (self, other)]
        return bias.same(*np.broadcast_arrays(*pair), self.sight)


class Unfit(ValueError):
    """Attention that can't be kept as queries, keys and rules; the message says why."""


def taken_apart(call: Call, row: int, length: int, keys: int | None = None) -> Added:
    """Return what a call adds for one passage of its batch.

    Parameters
    ----------
    length, keys : int
        Its queries and its keys that are no padding; as many unless it is said.
    """
    keys = length if keys is None else keys
    if isinstance(call.mask, Promised) and call.mask.whole is None and call.bias is None:
        seen = call.mask.sight(row)
        beyond = bool((seen.last[:length] > keys).any())
        return Added(seen.corner(length, keys), None, beyond)
    parts = [_own(part, row) for part in (call.mask, call.bias) if part is not None]
    if not parts:
        return Added(sight.full(length, keys), None, keys < call.key.shape[2])
    whole = sum(part[:, : length if part.shape[1] > 1 else 1] for part in parts)
    whole = np.broadcast_to(whole, (len(whole), length, whole.shape[2]))
    seen = whole > BLOCKED
    beyond = bool(seen[:, :, keys:].any())
    seen, whole = seen[:, :, :keys], whole[:, :, :keys]
    some = seen.any(0)
    values = np.where(some, np.where(seen, whole, HIDDEN), 0)
    return Added(sight.of(some), values if values.any() else None, beyond)


def _own(part: Tensor, row: int) -> np.ndarray:
    """Return a passage's part of what is added, float32 (heads or 1, T or 1, S)."""
    part = part.numbers() if isinstance(part, Promised) else part
    return part[row if part.shape[0] > 1 else 0].float().cpu().numpy()


class Rules:
    """Collects the rules of all layers, batch by batch.

    The longest passage must come first: both its queries and its keys.

    Parameters
    ----------
    name : str
        The model's name, for errors.
    adds : bool
        Whether what is added depends on the tokens: then it is the caller who keeps it.
    """

    def __init__(self, name: str, adds: bool = False):
        self._name, self._adds = name, adds
        self._sights: list[Sight] = []
        self._of_layer: list[int] = []
        self._scaling: list[float] = []
        self._softcap: list[float | None] = []
        self._sinks: list[np.ndarray | None] = []
        self._biases: list[Bias] = []
        self._biased: list[int] = []
        self._sizes = np.zeros((0, 2), dtype=np.int64)
        self._checked: dict[tuple[int, int], tuple[tuple, int, int]] = {}

    def begin(self, lengths: np.ndarray, keys: np.ndarray | None = None) -> None:
        """Start a batch of passages with so many queries and keys, padded on the right."""
        self._sizes = np.stack([lengths, lengths if keys is None else keys], 1)
        self._checked = {}

    def add(self, call: Call) -> None:
        """Take a layer's rules from its first call, and compare all later calls with them.

        Raises
        ------
        HeadscopeError
            If the rules depend on more than positions.
        """
        try:
            if call.layer == len(self._of_layer):
                self._take(call)
            self._verify(call)
        except Unfit as why:
            raise HeadscopeError(
                f"The attention of {self._name} can't be kept as queries and keys: {why}. Choose "
                "another model."
            ) from why

    def collected(self, layers: int | None = None) -> dict[str, Any]:
        """Return the rules as `compute.runs.Run` takes them.

        Parameters
        ----------
        layers : int, optional
            How many the model has, if the passes ended before the last: of those after nothing is
            known, and they get what stands for nothing.
        """
        if len(set(self._softcap)) > 1:
            raise HeadscopeError(
                f"The layers of {self._name} cap their scores differently, which can't be kept. "
                "Choose another model."
            )
        rest = max(0, (layers or 0) - len(self._of_layer))
        return {
            "scaling": (*self._scaling, *[float("nan")] * rest),
            "softcap": self._softcap[0],
            "sights": tuple(self._sights),
            "pattern": (*self._of_layer, *[0] * rest),
            "sinks": _filled([*self._sinks, *[None] * rest]),
            "biases": tuple(self._biases),
            "biased": (*self._biased, *[-1] * rest),
        }

    def _take(self, call: Call) -> None:
        size = self._sizes[0].tolist()
        found = taken_apart(call, 0, *size)
        if self._adds:  # each pair has its own: of the rest every token sees all, or all before it
            seen = sight.causal(size[0]) if found.sight.causal else sight.full(*size)
            found = Added(seen, None, found.beyond)
        self._of_layer.append(_number(found.sight, self._sights))
        self._scaling.append(call.scaling)
        self._softcap.append(call.softcap)
        self._sinks.append(None if call.sinks is None else call.sinks.float().cpu().numpy().copy())
        self._biased.append(-1 if found.values is None else self._number_of_bias(found, call))

    def _number_of_bias(self, found: Added, call: Call) -> int:
        """Return which of the known biases a layer has; layers often share one."""
        for number, known in enumerate(self._biases):
            if found.same(Added(found.sight, _cells(known, *found.values.shape[1:]), False)):
                return number
        heads = call.query.shape[1], *found.values.shape[1:]
        self._biases.append(bias.of(np.broadcast_to(found.values, heads), found.sight))
        return len(self._biases) - 1

    def _verify(self, call: Call) -> None:
        if call.scaling != self._scaling[call.layer]:
            raise Unfit("its scores are scaled by more than the layer")
        number, known = self._of_layer[call.layer], self._biased[call.layer]
        shared = id(call.mask), id(call.bias)
        if self._checked.get(shared, (None,))[1:] == (number, known):
            return  # layers of one kind share one mask and one bias
        plain = (
            known < 0 and not self._adds and _only_hides(call, self._sights[number], self._sizes)
        )
        for row, size in enumerate([] if plain else self._sizes.tolist()):
            self._verify_passage(taken_apart(call, row, *size), size, number, known)
        # Held, so that no other object gets their numbers.
        self._checked[shared] = ((call.mask, call.bias), number, known)

    def _verify_passage(self, found: Added, size: list[int], number: int, known: int) -> None:
        if found.beyond:
            raise Unfit("it does not keep tokens from padding")
        if self._adds:
            return
        seen = self._sights[number].corner(*size)
        if not found.sight.same(seen):
            raise Unfit("what a token may see depends on more than its position")
        added = _cells(self._biases[known], *size) if known >= 0 else None
        if not found.same(Added(seen, added, False)):
            raise Unfit("what it adds to its scores depends on more than the position")


def _only_hides(call: Call, seen: Sight, sizes: np.ndarray) -> bool:
    """Tell at a glance whether all that a call adds hides padding, and what a sight hides.

    Parameters
    ----------
    sizes : int (B, 2)
        Queries and keys of each passage.

    Returns
    -------
    bool
        False says nothing: then each passage has to be looked at.
    """
    mask, (queries, keys) = call.mask, sizes.max(0)
    if call.bias is not None or mask is None or isinstance(mask, Promised):
        return False
    if mask.ndim != 4 or mask.shape[1] > 1 or mask.shape[3] != keys or mask.numel() > GLANCE:
        return False
    row, column = np.arange(queries)[:, None], np.arange(keys)
    shown = seen.at(row, column) & (column < sizes[:, 1, None, None])
    cells = mask[:, 0].float().cpu().numpy()
    fits = np.where(shown, cells == 0, cells <= BLOCKED)
    return bool((fits | (row >= sizes[:, 0, None, None])).all())


def _cells(known: Bias, queries: int, keys: int) -> np.ndarray:
    return known.cells(keys, slice(0, queries))


def _number(found: Sight, known: list[Sight]) -> int:
    for number, each in enumerate(known):
        if each.same(found):
            return number
    known.append(found)
    return len(known) - 1


def _filled(parts: list[np.ndarray | None]) -> np.ndarray | None:
    """Stack the layers' sinks; layers without get one that changes nothing."""
    shapes = [part.shape for part in parts if part is not None]
    if not shapes:
        return None
    return np.stack([np.full(shapes[0], -np.inf, np.float32) if p is None else p for p in parts])
