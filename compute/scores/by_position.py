"""What a head's attention would be if only position counted: what patterns are compared with.

For a query i and a key j that it may see, both ordinary, the weight is u(i, j) = the head's mean
attention at offset j − i over the whole text. For a key that is a sink it is the head's mean
attention to such a sink: one at position 0, or another. All queries that are sinks themselves have
u = 1. Each row of u is then scaled to the sum of the real row, which is 1, or less in models whose
heads have a sink of their own. So a head that always looks one token back, or always at [CLS],
whatever the tokens are, has the attention that position gives.
"""

import numpy as np

from compute.attention.blocks import Block, ordinary
from compute.runs import Run
from compute.scores.aggregate import Aggregate


def expected(
    run: Run, averages: Aggregate, layer: int, block: Block, seen: np.ndarray, total: np.ndarray
) -> np.ndarray:
    """Return what position alone gives all heads of a layer, float32 (p, heads, r, m).

    Parameters
    ----------
    averages : Aggregate
        Of the same run.
    seen : bool (r, m)
        From `blocks.visible`.
    total : float32 (p, heads, r)
        Sums of the real rows.
    """
    askers, keys = ordinary(run)
    asks = askers[block.asking][:, None, :, None]
    sought = keys[block.places][:, None, None, :]
    profile = _mean(averages.sums[layer], averages.pairs[layer])
    middle = profile.shape[-1] // 2
    near = profile[:, block.offsets + middle]
    slots = _mean(averages.sinks[layer], averages.sink_pairs[layer])
    resting = np.where(np.arange(block.length) == 0, slots[:, :1], slots[:, 1:])[:, None, :]
    weights = np.where(asks, np.where(sought, near, resting), np.float32(1)) * seen
    scale = total / np.maximum(weights.sum(-1), np.finfo(np.float32).tiny)
    return weights * scale[..., None]


def uniform(seen: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Return equal attention to all visible keys, float32 (p, heads, r, m); see `expected`."""
    share = seen / np.maximum(seen.sum(-1, keepdims=True), 1)
    return share.astype(np.float32) * total[..., None]


def _mean(sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
    return (np.asarray(sums) / np.maximum(counts, 1)).astype(np.float32)
