"""A mask of which rows are made when they are asked for: long passages need no T × T tensor.

A model's own code gets what looks like the mask of the eager implementation. Whatever it computes
with it gets the real one. Where it only hands it on to its attention, the rows of one block at a
time are made there, by the same function of transformers.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils._pytree import tree_map_only
from transformers.masking_utils import eager_mask

from compute.capture import sight
from compute.capture.sight import Sight

SMALL = 2**20
"""Cells of a mask that is made at once."""
BLOCK = 2**22
"""Cells of a mask that are looked at together."""
BLOCKED = -5e3
"""Less than this is added to a logit only to keep a query from a key."""


class Promised(Tensor):
    """A mask (B, 1, T, S) without numbers: `rows` makes some, any operation makes all of them."""

    _settings: dict[str, Any]
    _sights: dict[int, Sight]

    @staticmethod
    def of(settings: dict[str, Any]) -> "Promised":
        """Return the mask that `eager_mask` would make with these arguments."""
        shape = settings["batch_size"], 1, settings["q_length"], settings["kv_length"]
        kind = {"dtype": settings["dtype"], "device": settings["device"]}
        made = Tensor._make_wrapper_subclass(Promised, shape, **kind, requires_grad=False)
        made._settings, made._sights = settings, {}
        return made

    def rows(self, rows: slice) -> Tensor:
        """Return what is added for some queries (B, 1, r, S)."""
        start, stop, _ = rows.indices(self._settings["q_length"])
        some = {"q_length": stop - start, "q_offset": self._settings["q_offset"] + start}
        return eager_mask(**self._settings | some)

    def sight(self, row: int) -> Sight:
        """Return which keys the queries of a passage of the batch may see; looked at once."""
        if row not in self._sights:
            self._sights[row] = self._look(row)
        return self._sights[row]

    def _look(self, row: int) -> Sight:
        queries, keys = self.shape[2:]
        ends, whole, step = [], True, max(1, BLOCK // keys)
        for start in range(0, queries, step):
            seen = self.rows(slice(start, start + step))[row, 0] > BLOCKED
            some = seen.any(1)
            first = seen.int().argmax(1)
            last = torch.where(some, keys - seen.flip(1).int().argmax(1), 0)
            first = torch.where(some, first, 0)
            whole = whole and bool((seen.sum(1) == last - first).all())
            ends.append(torch.stack([first, last]).cpu().numpy())
        if not whole:  # no rule of two ends: a table says it
            return sight.of((self.rows(slice(None))[row, 0] > BLOCKED).cpu().numpy())
        return Sight(*np.concatenate(ends, 1).astype(np.int32))

    @classmethod
    def __torch_dispatch__(
        cls, func: Callable, types: tuple, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        """Compute with the real mask."""
        real = tree_map_only(Promised, lambda mask: mask.rows(slice(None)), (args, kwargs or {}))
        return func(*real[0], **real[1])


def mask(
    batch_size: int,
    q_length: int,
    kv_length: int,
    q_offset: int = 0,
    kv_offset: int = 0,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
    **more: Any,
) -> Tensor | None:
    """Return the mask as eager attention has it, or the promise of a large one.

    The arguments are those of transformers' `eager_mask`.
    """
    settings = more | {
        "batch_size": batch_size,
        "q_length": q_length,
        "kv_length": kv_length,
        "q_offset": q_offset,
        "kv_offset": kv_offset,
        "dtype": dtype,
        "device": device,
    }
    large = batch_size * q_length * kv_length > SMALL
    # A family's own function may not go by places, and padding depends on more than these.
    plain = more.get("attention_mask") is None and not more.get("use_vmap")
    if not (large and plain and isinstance(q_offset, int)):
        return eager_mask(**settings)
    if eager_mask(**settings | {"q_length": 1}) is None:  # every query sees every key
        return None
    return Promised.of(settings | {"allow_is_bidirectional_skip": False})
