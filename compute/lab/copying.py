"""Whether a head raises or lowers the logit of the token it attends to.

High attention to the right place is not copying: in GPT-2 some heads attend like induction heads
and suppress the token (L10H7, L11H10). `measure` runs a model (and imports torch then); all else
here is light, for the web process.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from compute import store
from compute.errors import HeadscopeError
from compute.progress import Progress, unseen
from compute.scores.intervals import Estimate, estimate
from compute.trials import designs, planned

if TYPE_CHECKING:
    from torch import Tensor

    from compute.capture.calls import Call
    from compute.models.model import Model
    from compute.models.unembedding_path import Outlet

VERSION = 1
LENGTH = 64  # random tokens of a sequence, if they fit
DEFAULTS = {"trials": 16, "seed": 0}

DEFINITION = (
    "How much the head raises the logit of a token by attending to it alone, beside the mean over "
    "all tokens of the sequence. Negative: the head suppresses what it attends to."
    "\nmean over i of u(i)·W_O v_i − mean over j of u(j)·W_O v_i"
)


@dataclass(frozen=True)
class Copying:
    """The copying sign of all heads.

    Attributes
    ----------
    logit : Estimate of float64 (layers, heads)
        Mean change of the logit per unit of attention; its interval is over sequences. Positive:
        copying; negative: anti-copying; an interval around 0: neither.
    share : Estimate of float64 (layers, heads)
        Share of tokens whose own logit is raised; 0.5 is none of both.
    """

    logit: Estimate
    share: Estimate
    trials: int
    seed: int


def key(identity: str, options: Mapping[str, object]) -> str:
    """Return the name in the store; `options` are arguments of `measure`."""
    return store.key("copying", VERSION, identity, DEFAULTS | dict(options))


SIGNS = store.record("copying", Copying)


def measure(
    model: "Model",
    *,
    trials: int = 16,
    seed: int = 0,
    progress: Progress = unseen,
) -> Copying:
    """Measure whether heads copy.

    Parameters
    ----------
    model : Model
        Causal.
    trials : int
        Sequences of different random tokens.
    progress : Progress, in sequences

    Raises
    ------
    HeadscopeError
        If the model is not causal, predicts no tokens, or has no plain way from heads to logits
        (`unembedding_path.find`).

    Notes
    -----
    After Olsson et al. 2022 (copying), as a difference instead of a share, which keeps the sign.
    For every token of a sequence without repeats, the head's value there goes through its output
    matrix and the last normalisation to the logits of the sequence's tokens, past all later layers.
    The normalisation's divisor is held at its mean over the sequence: it scales the number and
    cannot change its sign. The value is the real one, so what earlier layers wrote into the token
    is part of it. Constant factors that some families apply (Granite, Cohere) are left out.
    """
    from compute.capture import passes
    from compute.models import unembedding_path

    info = model.info
    if not info.causal or info.task != "causal":
        raise HeadscopeError(
            f"The copying sign is measured in causal language models, and {info.name} is none."
        )
    if trials < 1:
        raise HeadscopeError("At least one trial is needed.")
    ids, body = _sequences(model, trials, seed)
    way = unembedding_path.find(model, ids[:1])
    sums = np.zeros((trials, 2, info.layers, info.heads))
    with unembedding_path.streams(way.norm) as seen:
        for trial, row in enumerate(ids):
            rows = way.reading[row[body]]

            def on_call(call: "Call", found=sums[trial], rows=rows) -> None:
                found[:, call.layer] = _above(call, way, rows, body)

            passes.run(model.net.base_model, {"input_ids": row[None]}, on_call=on_call)
            sums[trial, 0] *= float((1 / way.norm.divisor(seen.pop()[0, body])).mean())
            progress(trial + 1, trials)
    count = np.full(sums[:, 0].shape, body.stop - body.start)
    return Copying(
        *(estimate(sums[:, i], count, seed=0) for i in (0, 1)),
        trials=trials,
        seed=seed,
    )


def _above(call: "Call", way: "Outlet", rows: "Tensor", body: slice) -> np.ndarray:
    """Return, summed over tokens, how far each head lifts their own logits, and how many rise.

    float64 (2, heads); the first still to be divided by the normalisation's divisor.
    """
    heads = call.query.shape[1]
    value = call.value[0].float().cpu()
    value = value.repeat_interleave(heads // call.value.shape[1], 0)[:, body]
    found = np.zeros((2, heads))
    for head in range(heads):
        written = value[head] @ way.writing[call.layer][:, head].T
        logits = way.norm.linear(written) @ rows.T
        above = logits.diagonal() - logits.mean(1)
        found[0, head] = float(above.sum())
        found[1, head] = float((above > 0).sum() + (above == 0).sum() / 2)
    return found


def _sequences(model: "Model", trials: int, seed: int) -> tuple["Tensor", slice]:
    """Return ids (trials, N) without repeats, and where their ordinary tokens are."""
    import torch

    some, rng = planned.material(model), np.random.default_rng(seed)
    room = min(LENGTH, (model.info.positions or LENGTH) - some.around, len(some.pool)) // 2
    made = designs.corrected(some, "unrepeated", trials, room, rng)
    return torch.from_numpy(made.ids), slice(len(some.before), len(some.before) + 2 * room)
