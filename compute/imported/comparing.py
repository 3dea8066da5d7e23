"""Attention that was given, held against softmax(q·k), a passage of a head at a time."""

import numpy as np

from compute import attention
from compute.errors import HeadscopeError
from compute.imported.arrays import Given
from compute.imported.asking import Asked
from compute.runs import Run
from compute.runs.halves import widened

BARS = {"float32": 1e-3, "float16": 1e-2, "bfloat16": 3e-2}
"""How much given attention may differ, by the coarsest precision of q, k and itself."""


def apart(run: Run, found: dict[str, Given]) -> float:
    """Return the largest difference of softmax(q·k) from attention (layers, heads, n, n).

    Between passages there is none, so that what is given there must be 0.

    Raises
    ------
    HeadscopeError
        If a number of it is not finite.
    """
    most, passages = 0.0, range(len(run.tokens.starts) - 1)
    for layer, head in np.ndindex(run.model.layers, run.model.heads):
        here = max(_of_passage(run, found, layer, head, passage) for passage in passages)
        if not np.isfinite(here):
            raise HeadscopeError(f"attention of L{layer}H{head} holds what is not finite.")
        most = max(most, here)
    return most


def _of_passage(run: Run, found: dict[str, Given], layer: int, head: int, passage: int) -> float:
    """Return the largest difference in the next rows, those of a passage; NaN stays NaN."""
    given, span, n = found["attention"], run.span(passage), len(run.tokens)
    rest = widened(given.next((span.stop - span.start, n)), given.precision).astype(np.float64)
    group = run.model.heads // run.model.kv_heads
    q = widened(run.q[layer, head, span], found["q"].precision)
    k = widened(run.k[layer, head // group, span], found["k"].precision)
    rest[:, span] -= attention.attend(run, layer, head, passage, q, k)
    return float(np.abs(rest).max())


def judge(difference: float, found: dict[str, Given], asked: Asked) -> None:
    """Refuse attention that differs by more than its precision explains, unless it was said."""
    bar = max(BARS.get(found[name].precision, BARS["float32"]) for name in ("q", "k", "attention"))
    if difference > bar and not asked.anyway:
        raise HeadscopeError(
            f"The attention that was given differs from softmax(scale · q·k) by up to "
            f"{difference:.2g}, and {bar:g} is allowed. Look at --scale, --causal, --window, and "
            "whether q and k are those after position encoding; --anyway keeps the vectors all "
            "the same."
        )
