"""What one token looks at, or what looks at it, in all heads: exact, from the stored vectors."""

import numpy as np
from threadpoolctl import threadpool_limits

from compute.attention.exact import CELLS, attend
from compute.errors import HeadscopeError
from compute.runs import Run


def of_all_heads(run: Run, token: int, role: str = "query") -> np.ndarray:
    """Return the attention of one token in every head.

    Parameters
    ----------
    token : int
        Of `run.tokens` for a query, of `run.keys` for a key.
    role : {"query", "key"}

    Returns
    -------
    float32 (layers, heads, m)
        Of a query: how much it looks at each key of its passage. Of a key: how much each query of
        its passage looks at it.

    Raises
    ------
    HeadscopeError
        If the text has no such token.
    """
    side = run.tokens if role == "query" else run.keys
    if not 0 <= token < len(side):
        raise HeadscopeError("This text has no such token. Select one of those that are shown.")
    passage = int(side.passage[token] - side.passage[0])
    place = token - int(side.starts[passage])
    rows, columns = run.span(passage), run.key_span(passage)
    count, heads = rows.stop - rows.start, run.model.heads
    step = max(1, CELLS // (heads * (columns.stop - columns.start)))
    parts = [slice(at, min(at + step, count)) for at in range(0, count, step)]
    if role == "query":
        parts = [slice(place, place + 1)]
    group = heads // run.model.kv_heads
    found = []
    with threadpool_limits(1):
        for layer in range(run.model.layers):
            keys = np.repeat(run.k[layer][:, columns], group, axis=0)
            seen = []
            for some in parts:
                queries = run.q[layer][:, rows.start + some.start : rows.start + some.stop]
                weights = attend(run, layer, slice(None), passage, queries, keys, some)
                seen.append(weights[:, 0] if role == "query" else weights[:, :, place])
            found.append(np.concatenate(seen, axis=1))
    return np.stack(found)
