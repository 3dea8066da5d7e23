"""The contrast of edges, and the attention on them, from one layer's attention.

The contrast of an edge from query i to key j is the logit s(i, j) less the mean of s(i, ·) over the
keys that i may see: the softmax doesn't see what all keys have in common. Here s is scaling · q·k;
what a model adds to it by place alone belongs to neither side and is left out.
"""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from compute.capture.calls import Call
from compute.capture.promised import BLOCKED
from compute.errors import HeadscopeError
from compute.why.subject import Piece

CELLS = 2**24
"""Weights of attention that are held at once."""


def whole(call: Call) -> Call:
    """Return a layer's attention with one mask for all rows of the batch, which are of a kind."""

    def of(tensor: Tensor | None) -> Tensor | None:
        if tensor is None:
            return None
        tensor = tensor + 0  # a mask may only be promised
        return tensor.reshape((1,) * (4 - tensor.ndim) + tuple(tensor.shape))[:1]

    sinks = None if call.sinks is None else call.sinks.reshape(-1)
    return replace(call, mask=of(call.mask), bias=of(call.bias), sinks=sinks, weights=None)


def alone(call: Call, head: int) -> Call:
    """Return the part of a layer's attention that is one head's."""
    call, group = whole(call), call.query.shape[1] // call.key.shape[1]

    def of(tensor: Tensor | None) -> Tensor | None:
        return tensor if tensor is None or tensor.shape[1] == 1 else tensor[:, head : head + 1]

    own = slice(head // group, head // group + 1)
    return replace(
        call,
        query=call.query[:, head : head + 1],
        key=call.key[:, own],
        value=call.value[:, own],
        mask=of(call.mask),
        bias=of(call.bias),
        sinks=None if call.sinks is None else call.sinks[head : head + 1],
    )


def visible(call: Call) -> Tensor:
    """Return which keys queries may see, bool (T, S); `call` is `whole`, or a head `alone`."""
    shape = call.query.shape[2], call.key.shape[2]
    added = call.added()
    if added is None:
        return torch.ones(shape, dtype=torch.bool, device=call.query.device)
    return (added > BLOCKED)[0, 0].expand(shape)


def sees(piece: Piece, seen: Tensor) -> bool:
    """Tell whether the queries of all edges see their keys; `seen` is from `visible`."""
    return bool(seen[torch.from_numpy(piece.queries), torch.from_numpy(piece.keys)].all())


def weights(piece: Piece, seen: Tensor) -> Tensor:
    """Return how much each logit of a passage counts in the mean contrast of its edges.

    Parameters
    ----------
    seen : bool (T, S)
        From `visible`.

    Returns
    -------
    float32 (T, S)
        The contrast is the sum of these times the logits.

    Raises
    ------
    HeadscopeError
        If an edge runs to a key that its query doesn't see.
    """
    queries, keys = torch.from_numpy(piece.queries), torch.from_numpy(piece.keys)
    hidden = ~seen[queries, keys]
    if hidden.any():
        at = int(hidden.nonzero()[0])
        raise HeadscopeError(
            f"Token {piece.queries[at]} of passage {piece.passage} doesn't see token "
            f"{piece.keys[at]} in this layer. Choose a key that the query may look at."
        )
    found = torch.zeros(seen.shape, device=seen.device)
    one = torch.ones(len(queries), device=seen.device)
    found.index_put_((queries, keys), one, accumulate=True)
    per_query = found.sum(1, keepdim=True)
    return (found - per_query * seen / seen.sum(1, keepdim=True).clamp(min=1)) / len(queries)


def contrast(call: Call, weighed: Tensor) -> Tensor:
    """Return the contrast (B, H) of the heads of a layer.

    Parameters
    ----------
    weighed : float32 (T, S)
        From `weights`.
    """
    mixed, query = weighed @ call.key.float(), call.query.float()
    mixed = mixed.repeat_interleave(query.shape[1] // mixed.shape[1], dim=1)
    return call.scaling * (mixed * query).sum((2, 3))


def attention(call: Call, piece: Piece) -> Tensor:
    """Return the mean attention (B, H) on the edges of a piece, of `whole` or `alone` heads."""
    queries, places = np.unique(piece.queries, return_inverse=True)
    batch, heads, _, _ = call.query.shape
    some = max(1, CELLS // max(1, batch * heads * call.key.shape[2]))
    total = torch.zeros((batch, heads), dtype=torch.float64, device=call.query.device)
    for start in range(0, len(queries), some):
        there = (places >= start) & (places < start + some)
        made = _of_queries(call, torch.from_numpy(queries[start : start + some])).attention()
        rows, keys = (torch.from_numpy(x) for x in (places[there] - start, piece.keys[there]))
        total += made[:, :, rows, keys].double().sum(2)
    return total / len(piece.queries)


def _of_queries(call: Call, rows: Tensor) -> Call:
    """Return the part of a layer's attention that is some queries'."""

    def some(tensor: Tensor | None) -> Tensor | None:
        if tensor is None or tensor.shape[2] == 1:
            return tensor
        return tensor[:, :, rows]

    return replace(call, query=some(call.query), mask=some(call.mask), bias=some(call.bias))
