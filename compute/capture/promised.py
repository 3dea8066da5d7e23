"""A mask of which rows are made when they are asked for, so that it needs no T × T tensor.

A model's own code gets what looks like the mask of the eager implementation. Whatever it computes
with it gets the real one, all of it. Where it only hands it on to its attention, the rows of one
block at a time are made there, by the same function of transformers. Where some keys between
others are hidden, a byte for each pair says so, as long as the run is kept.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves, tree_map_only
from transformers.masking_utils import causal_mask_function, eager_mask

from compute.capture.sight import Sight

SMALL = 2**20
"""Cells of a mask that is made at once."""
BLOCK = 2**22
"""Cells of a mask that are looked at together."""
BLOCKED = -5e3
"""Less than this is added to a logit only to keep a query from a key."""


class Promised(Tensor):
    """A mask (B, 1, T, S) without numbers: `rows` makes some, any operation makes all of them.

    Once something was written into it, or may be, because a view of it is out, it is an ordinary
    mask of which all numbers are held: `whole` is not None from then on.
    """

    whole: Tensor | None
    _settings: dict[str, Any]
    _sights: dict[int, Sight]
    _last: tuple[tuple[int, ...], Tensor] | None

    @staticmethod
    def of(settings: dict[str, Any]) -> "Promised":
        """Return the mask that `eager_mask` would make with these arguments."""
        shape = settings["batch_size"], 1, settings["q_length"], settings["kv_length"]
        kind = {"dtype": settings["dtype"], "device": settings["device"]}
        made = Tensor._make_wrapper_subclass(Promised, shape, **kind, requires_grad=False)
        made._settings, made._sights, made._last, made.whole = settings, {}, None, None
        return made

    def rows(self, rows: slice, passages: slice = slice(None)) -> Tensor:
        """Return what is added for some queries of some passages (b, 1, r, S); only to be read.

        The last ones made are held: a block of heads after the other asks for the same.
        """
        if self.whole is not None:
            return self.whole[passages, :, rows]
        batch, _, queries, _ = self.shape
        asked = *passages.indices(batch)[:2], *rows.indices(queries)[:2]
        if self._last is None or self._last[0] != asked:
            self._last = asked, self._made(*asked)
        return self._last[1]

    def numbers(self) -> Tensor:
        """Return all numbers (B, 1, T, S); nothing holds them but the caller, unless `whole`."""
        batch, _, queries, _ = self.shape
        return self._made(0, batch, 0, queries) if self.whole is None else self.whole

    def sight(self, row: int) -> Sight:
        """Return what a passage's queries may see, looked at once; not where there is a `whole`."""
        if row not in self._sights:
            self._sights[row] = self._look(row)
        return self._sights[row]

    def _made(self, first: int, end: int, start: int, stop: int) -> Tensor:
        """Make the rows `start` to `stop` of the passages `first` to `end`."""
        some = {
            "batch_size": end - first,
            "q_length": stop - start,
            "q_offset": self._settings["q_offset"] + start,
        }
        if first:
            rule = self._settings.get("mask_function", causal_mask_function)
            some["mask_function"] = lambda b, h, q, k: rule(b + first, h, q, k)
        return eager_mask(**self._settings | some)

    def _seen(self, row: int) -> Iterator[tuple[slice, Tensor]]:
        """Yield rows of a passage, as many as are looked at together, and what they see (r, S)."""
        queries, keys = self.shape[2:]
        step = max(1, BLOCK // keys)
        for start in range(0, queries, step):
            rows = slice(start, min(start + step, queries))
            yield rows, self._made(row, row + 1, rows.start, rows.stop)[0, 0] > BLOCKED

    def _look(self, row: int) -> Sight:
        queries, keys = self.shape[2:]
        ends, whole = np.zeros((2, queries), np.int32), True
        for rows, seen in self._seen(row):
            some = seen.any(1)
            first = torch.where(some, seen.int().argmax(1), 0)
            last = torch.where(some, keys - seen.flip(1).int().argmax(1), 0)
            whole = whole and bool((seen.sum(1) == last - first).all())
            ends[:, rows] = torch.stack([first, last]).cpu().numpy()
        if whole:
            return Sight(*ends)
        table = np.zeros((queries, keys), bool)  # no rule of two ends: a table says it
        for rows, seen in self._seen(row):
            table[rows] = seen.cpu().numpy()
        return Sight(*ends, table)

    @classmethod
    def __torch_dispatch__(
        cls, func: Callable, types: tuple, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        """Compute with the real mask, and hold it where it was written into, or a view is out."""
        made: dict[Promised, Tensor] = {}

        def real(mask: Promised) -> Tensor:
            if mask not in made:
                made[mask] = mask.numbers()
            return made[mask]

        args, kwargs = tree_map_only(Promised, real, (args, kwargs or {}))
        result = func(*args, **kwargs)
        out = {_place(tensor) for tensor in tree_leaves(result) if isinstance(tensor, Tensor)}
        for mask, whole in made.items():
            if func._schema.is_mutable or _place(whole) in out:
                mask.whole, mask._last = whole, None
        return result


def _place(tensor: Tensor) -> int:
    """Return where a tensor's numbers are held: those of a view where those of its base are."""
    return tensor.untyped_storage().data_ptr()


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
