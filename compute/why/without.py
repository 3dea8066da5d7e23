"""Passes of one passage without some of its heads, beside the whole model."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from compute.capture import passes
from compute.capture.calls import Call
from compute.models.model import Model
from compute.why.traced import Reached

TOKENS = 2048
"""Of a pass: so many copies of the passage, each without other heads, run at once."""

Heads = Sequence[tuple[int, int]]
"""(layer, head) pairs."""


def run(
    model: Model,
    ids: np.ndarray,
    groups: Sequence[Heads],
    method: str,
    last: int,
    on_call: Callable[[Call], None],
) -> Iterator[int]:
    """Run a passage in the whole model and, in the same pass, without heads.

    Parameters
    ----------
    ids : int64 (T,)
    groups : sequence of heads
        The heads of each are taken out together. May be empty.
    method : str
        ``mean``: a head's mean output over the passage takes its place; or ``zero``.
    last : int
        The layer after whose attention a pass ends.
    on_call : callable
        Sees every layer's attention (1 + n, …): first that of the whole model, then without each of
        n groups, in order. It must copy what it keeps.

    Yields
    ------
    int
        How many groups are done, after each pass.
    """
    core, step = model.net.base_model, max(1, TOKENS // len(ids))
    passage = torch.from_numpy(ids.astype(np.int64))
    for start in range(0, max(1, len(groups)), step):
        some = groups[start : start + step]

        def on_layer(call: Call) -> None:
            on_call(call)
            if call.layer == last:
                raise Reached

        inputs = {"input_ids": passage.expand(1 + len(some), -1)}
        try:
            passes.run(core, inputs, on_call=on_layer, ablate=_silence(some, method))
        except Reached:
            yield start + len(some)


def _silence(groups: Sequence[Heads], method: str) -> passes.Ablate:
    """Return what takes each group out of its own row of the batch."""

    def ablate(layer: int, output: Tensor) -> Tensor:
        rows = [
            (row, head)
            for row, group in enumerate(groups, 1)
            for own, head in group
            if own == layer
        ]
        if not rows:
            return output
        output = output.clone()
        for row, head in rows:
            usual = output[row, :, head].mean(0) if method == "mean" else 0.0
            output[row, :, head] = usual
        return output

    return ablate
