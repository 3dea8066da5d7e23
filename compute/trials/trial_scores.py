"""Attention of a model on random sequences, reduced layer by layer while it runs."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from compute.capture import passes
from compute.capture.calls import Call
from compute.capture.passes import Ablate
from compute.models.model import Model
from compute.progress import Progress, unseen
from compute.trials.designs import Trials

BATCH = 4096  # tokens per forward pass


def read(
    model: Model,
    trials: Trials,
    progress: Progress = unseen,
    ablate: Ablate | None = None,
) -> np.ndarray:
    """Run the trials and read their attention, which is reduced layer by layer as it comes.

    Parameters
    ----------
    progress : Progress, in trials
    ablate : callable, optional
        See `passes.run`.

    Returns
    -------
    float64 (trials, rows, layers, heads)
        Mean over the queries that have such a key of the attention to it; NaN where none has.
    """
    count = len(trials.ids)
    scores = np.full((count, len(trials.rows), model.info.layers, model.info.heads), np.nan)
    step = max(1, BATCH // trials.ids.shape[1])
    # The core without its token-predicting head has the same attention, for less.
    core = model.net.base_model
    for start in range(0, count, step):
        some = slice(start, start + step)
        queries, keys = torch.from_numpy(trials.queries[some]), torch.from_numpy(trials.keys[some])

        def on_call(call: Call, some=some, queries=queries, keys=keys) -> None:
            where = call.query.device
            rows = _rows(call, queries.to(where)).attention()
            scores[some, :, call.layer] = _reduce(rows, keys.to(where))

        inputs = {"input_ids": torch.from_numpy(trials.ids[some])}
        passes.run(core, inputs, on_call=on_call, ablate=ablate)
        progress(min(start + step, count), count)
    return scores


def _rows(call: Call, queries: Tensor) -> Call:
    """Return a call with some of its queries, (B, Q) places."""
    batch, _, t, _ = call.query.shape
    trial = torch.arange(batch, device=queries.device)[:, None]

    def pick(tensor: Tensor | None) -> Tensor | None:
        if tensor is None:
            return None
        whole = tensor.expand(batch, tensor.shape[1], t, tensor.shape[3])
        return whole[trial, :, queries].transpose(1, 2)

    rows = {"query": pick(call.query), "mask": pick(call.mask), "bias": pick(call.bias)}
    return replace(call, **rows, weights=None)


def _reduce(attention: Tensor, keys: Tensor) -> np.ndarray:
    """Return means over queries (B, R, H) of attention (B, H, Q, S) at keys (B, Q, R, A)."""
    batch, heads, queries, _ = attention.shape
    there = keys >= 0
    places = keys.clamp(min=0).reshape(batch, 1, queries, -1).expand(-1, heads, -1, -1)
    found = attention.gather(3, places).double().reshape(batch, heads, *keys.shape[1:])
    sums = (found * there[:, None]).sum((2, 4))
    counts = there.any(3).sum(1)[:, None]
    return (sums / counts).transpose(1, 2).cpu().numpy()  # 0 / 0, nothing to read, is NaN
