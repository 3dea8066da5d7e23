"""What one layer's attention is computed from, and the attention, as the model's own code makes it.

The steps are those of transformers' eager attention, one block of rows at a time: rows don't mix,
so that each number comes out as it does there, to the last bit, and almost as fast as fused
attention. `Call.output` holds no matrix of all pairs but what it was given: a bias, or a mask that
is no promise. `Call.attention` returns that of all heads.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from compute.capture.promised import Promised

BLOCK = 2**19
"""Numbers of a block of attention: in two megabytes they stay in a processor's cache."""
SHOWN, LARGE = 2**18, 2**26
"""Numbers that are shown at a time, if a head of a passage has not more: a megabyte stays in
the cache of one core while it is looked at in several ways; other devices want much at once."""

OnBlock = Callable[[slice, slice, Tensor], None]


@dataclass(frozen=True)
class Call:
    """What one layer's attention is computed from.

    Shapes: B passages, H heads, KV key-value heads, T queries, S keys, D and E values per head.

    Attributes
    ----------
    layer : int
        From 0, in the order in which the model calls its layers.
    query : (B, H, T, D)
        After all position encoding; in the model's precision, as all that follows.
    key : (B, KV, S, D)
        After all position encoding.
    value : (B, KV, S, E)
    mask : broadcastable to (B, H, T, S), or None
        Added to the logits: 0 where a query may look, a very large negative number elsewhere. Where
        a family adds more in the same step, that too.
    scaling : float
        logit = scaling * q·k
    softcap : float or None
        Gemma 2: logit = softcap * tanh(logit / softcap), before mask and bias.
    sinks : (H,) or None
        gpt-oss: one more logit per head that takes attention and has no value.
    bias : broadcastable to (B, H, T, S), or None
        T5: added to the logits.
    weights : (B, H, T, S) or None
        The attention that the model itself made, where the pass saw it.
    """

    layer: int
    query: Tensor
    key: Tensor
    value: Tensor
    mask: Tensor | None
    scaling: float
    softcap: float | None = None
    sinks: Tensor | None = None
    bias: Tensor | None = None
    weights: Tensor | None = None

    def attention(self) -> Tensor:
        """Return the attention, float32 (B, H, T, S), exactly as the model's own eager code."""
        batch, heads, queries, _ = self.query.shape
        made = self.query.new_empty((batch, heads, queries, self.key.shape[2]))
        key = self._per_head(self.key)
        for at in self._blocks():
            made[at] = self._weights(at, key)
        return made.float()

    def output(self) -> Tensor:
        """Return the heads' outputs (B, H, T, E), exactly as the model's own eager code."""
        batch, heads, queries, _ = self.query.shape
        # In memory as the output projection reads it: tokens before heads.
        made = self.value.new_empty((batch, queries, heads, self.value.shape[3])).transpose(1, 2)
        key, value = self._per_head(self.key), self._per_head(self.value)
        for at in self._blocks():
            weights = self._weights(at, key).to(value.dtype)
            made[at] = torch.matmul(weights, value[at[:2]])
        return made

    def shown(self, seen: OnBlock) -> Tensor:
        """Return what `output` does, and show the attention of whole passages on the way.

        Parameters
        ----------
        seen : callable
            ``seen(passages, heads, attention)`` gets the attention (b, h, T, S) of some passages
            and some heads, in float32, once it was used: it may write into it. Heads come in order
            for some passages, then for the next.
        """
        batch, heads, queries, _ = self.query.shape
        made = self.value.new_empty((batch, queries, heads, self.value.shape[3])).transpose(1, 2)
        key, value = self._per_head(self.key), self._per_head(self.value)
        most = SHOWN if self.query.device.type == "cpu" else LARGE
        one = max(1, queries * key.shape[2])
        few = max(1, min(heads, most // one))
        step = max(1, most // (one * heads))
        for start in range(0, batch, step):
            for head in range(0, heads, few):
                at = slice(start, start + step), slice(head, head + few), slice(0, queries)
                own = self._weights(at, key) if self.weights is None else self.weights[at]
                made[at] = torch.matmul(own.to(value.dtype), value[at[:2]])
                seen(*at[:2], own.float() if self.weights is None else own.float().clone())
        return made

    def added(self) -> Tensor | None:
        """Return mask and bias together, broadcastable to (B, H, T, S)."""
        if self.mask is None or self.bias is None:
            return self.mask if self.bias is None else self.bias
        return self.mask + self.bias

    def _blocks(self) -> Iterator[tuple[slice, slice, slice]]:
        """Yield passages, heads and queries of one block after the other."""
        batch, heads, queries, _ = self.query.shape
        row = self.key.shape[2]
        some = max(1, BLOCK // max(1, heads * queries * row))
        few = heads if heads * queries * row <= BLOCK else max(1, BLOCK // (queries * row))
        rows = queries if queries * row <= BLOCK else max(1, BLOCK // row)
        for b in range(0, batch, some):
            for r in range(0, queries, rows):
                for h in range(0, heads, few):
                    yield slice(b, b + some), slice(h, h + few), slice(r, r + rows)

    def _weights(self, at: tuple[slice, slice, slice], key: Tensor) -> Tensor:
        """Return the attention of a block in the model's precision."""
        logits = torch.matmul(self.query[at], key[at[:2]].transpose(2, 3)).mul_(self.scaling)
        if self.softcap is not None:
            # Not in place after the tangent: its gradient needs what it gave.
            logits = logits.div_(self.softcap).tanh_() * self.softcap
        for part in (self.mask, self.bias):
            if part is not None:
                logits.add_(_part(part, at))
        if self.sinks is not None:
            sinks = self.sinks[at[1]].reshape(1, -1, 1, 1).expand(*logits.shape[:3], 1)
            logits = torch.cat([logits, sinks], dim=-1)  # single precision where sinks are
            # As gpt-oss has it: in half precision this rounds once more.
            logits = logits - logits.amax(dim=-1, keepdim=True)
        weights = torch.softmax(logits, dim=-1, dtype=torch.float32).to(self.query.dtype)
        return weights if self.sinks is None else weights[..., :-1]

    def _per_head(self, tensor: Tensor) -> Tensor:
        """Repeat key-value heads (B, KV, S, D) so that every query head has its own."""
        times = self.query.shape[1] // tensor.shape[1]
        return tensor if times == 1 else tensor.repeat_interleave(times, dim=1)


def _part(tensor: Tensor, at: tuple[slice, slice, slice]) -> Tensor:
    """Return the part of what is added that belongs to a block."""
    if isinstance(tensor, Promised):
        return tensor.rows(at[2], at[0])
    whole = tuple(
        slice(None) if size == 1 else part for size, part in zip(tensor.shape[:3], at, strict=True)
    )
    return tensor[whole]
