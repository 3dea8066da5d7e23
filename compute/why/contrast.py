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


def alone(call: Call, head: int, rows: slice = slice(0, 1)) -> Call:
    """Return the part of a layer's attention that is one head's, of some rows of the batch."""
    group = call.query.shape[1] // call.key.shape[1]

    def of(tensor: Tensor | None) -> Tensor | None:
        if tensor is None:
            return None
        tensor = tensor.reshape((1,) * (4 - tensor.ndim) + tuple(tensor.shape))
        tensor = tensor[:, head : head + 1] if tensor.shape[1] > 1 else tensor
        return tensor[rows] if tensor.shape[0] > 1 else tensor

    own = slice(head // group, head // group + 1)
    return replace(
        call,
        query=call.query[rows, head : head + 1],
        key=call.key[rows, own],
        value=call.value[rows, own],
        mask=of(call.mask),
        bias=of(call.bias),
        sinks=None if call.sinks is None else call.sinks.reshape(-1)[head : head + 1],
        weights=None,
    )


def visible(call: Call) -> Tensor:
    """Return which keys the queries of a head that is `alone` may see, bool (B, T, S)."""
    batch, _, length, _ = call.query.shape
    shape = batch, length, call.key.shape[2]
    added = call.added()
    if added is None:
        return torch.ones(shape, dtype=torch.bool, device=call.query.device)
    return (added > BLOCKED)[:, 0].expand(shape)


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
    """Return the contrast (B,) of a head that is `alone`; `weighed` is (B or 1, T, S)."""
    query, key = call.query[:, 0].float(), call.key[:, 0].float()
    return call.scaling * ((weighed @ key) * query).sum((1, 2))


def attention(call: Call, piece: Piece) -> Tensor:
    """Return the mean attention (B,) on the edges of a piece, of a head that is `alone`."""
    queries, places = np.unique(piece.queries, return_inverse=True)
    rows = torch.from_numpy(queries)

    def some(tensor: Tensor | None) -> Tensor | None:
        if tensor is None or tensor.shape[2] == 1:
            return tensor
        return tensor[:, :, rows]

    asked = replace(call, query=some(call.query), mask=some(call.mask), bias=some(call.bias))
    made = asked.attention()[:, 0]
    return made[:, torch.from_numpy(places), torch.from_numpy(piece.keys)].double().mean(1)
