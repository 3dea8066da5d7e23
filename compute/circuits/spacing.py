"""Places along a row: near where each would like to be, and never nearer together than allowed."""

import numpy as np


def spaced(wanted: np.ndarray, widths: np.ndarray, gap: float) -> np.ndarray:
    """Return the centres of boxes in a row, in order, as near to `wanted` as squares say.

    Parameters
    ----------
    wanted, widths : float64 (n,)
    gap : float
        Between two boxes, at least.

    Notes
    -----
    Less the room that the boxes before take, centres may only rise: an isotonic regression, by
    pooling neighbours that are out of order.
    """
    room = np.concatenate([[0.0], np.cumsum((widths[:-1] + widths[1:]) / 2 + gap)])[: len(widths)]
    pools: list[list[float]] = []  # mean, and of how many
    for value in wanted - room:
        pools.append([float(value), 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            mean, count = pools.pop()
            before, others = pools[-1]
            both = others + count
            pools[-1] = [(before * others + mean * count) / both, both]
    return np.repeat([mean for mean, _ in pools], [count for _, count in pools]) + room
