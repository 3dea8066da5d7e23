"""Heads taken out of a model: named, and their output replaced by nothing or by its mean."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from compute import limits
from compute.errors import HeadscopeError

if TYPE_CHECKING:
    from torch import Tensor

    from compute.capture.passes import Ablate
    from compute.models.model import Model, ModelInfo
    from compute.trials.designs import Trials

ABLATIONS = ("zero", "mean")
Heads = tuple[tuple[int, int], ...]
"""(layer, head) pairs, from 0."""
Wanted = Iterable[tuple[int, int | None]]
"""Such pairs in any order; None for all heads of a layer."""

_NAME = re.compile(r"L(\d{1,4})(?:H(\d{1,4}))?", re.IGNORECASE)


def parse(text: str, info: "ModelInfo") -> Heads:
    """Return the heads of a model that a text names; see `named` and `checked`."""
    return checked(named(text), info)


def named(text: str) -> list[tuple[int, int | None]]:
    """Return the heads that a text names: ``L1H3,L1H2``, or ``L1`` for a whole layer (head None).

    Raises
    ------
    HeadscopeError
        If some of it names no head, or there are too many.
    """
    found: list[tuple[int, int | None]] = []
    words = re.split(r"[\s,;]+", text.strip())
    if len(words) > limits.HEADS:
        raise HeadscopeError(f"At most {limits.HEADS:,} heads can be switched off at once.")
    for word in words:
        match = _NAME.fullmatch(word)
        if not match:
            raise HeadscopeError(
                f"“{word[:40]}” names no head. Write heads as L1H3,L1H2, or L1 for a whole layer."
            )
        found.append((int(match[1]), None if match[2] is None else int(match[2])))
    return found


def checked(heads: Wanted, info: "ModelInfo") -> Heads:
    """Return heads in order, each once; `HeadscopeError` if there is none or the model lacks it."""
    pairs = [
        (int(layer), int(one))
        for layer, head in heads
        for one in (range(info.heads) if head is None else [head])
    ]
    if not pairs:
        raise HeadscopeError("No head was chosen. Choose at least one, such as L1H3.")
    for pair in pairs:
        info.check(*pair)
    return tuple(sorted(set(pairs)))


def names(heads: Iterable[tuple[int, int]]) -> str:
    """Return heads as ``L1H2, L1H3``."""
    return ", ".join(f"L{layer}H{head}" for layer, head in heads)


@dataclass(frozen=True)
class Means:
    """Mean outputs of all heads over sequences in which no token comes twice.

    Attributes
    ----------
    places : float32 (layers, N, heads, E)
        Per place in the sequence; masked tokens excluded.
    masked : float32 (layers, heads, E)
        Over masked tokens, whose outputs differ from others'; zero in causal models.
    overall : float32 (layers, heads, E)
        Over all places, for texts, whose places mean something else.

    E is that of the layer with the largest heads; others' outputs are followed by zeros.
    """

    places: "Tensor"
    masked: "Tensor"
    overall: "Tensor"


def means(model: "Model", trials: "Trials") -> Means:
    """Return the heads' mean outputs over trials.

    Parameters
    ----------
    trials : Trials
        From `planned.without_repeat`.
    """
    import torch

    from compute.capture import passes
    from compute.trials import trial_scores

    info, (count, n) = model.info, trials.ids.shape
    hidden = torch.zeros(trials.ids.shape, dtype=torch.bool)
    if not info.causal:
        hidden = torch.from_numpy(trials.ids == info.mask_id)
    shown = (~hidden).float()
    places: list[Tensor] = [torch.zeros(())] * info.layers
    masked: list[Tensor] = [torch.zeros(())] * info.layers
    step = max(1, trial_scores.BATCH // n)
    for start in range(0, count, step):
        some = slice(start, start + step)

        def keep(layer: int, output: "Tensor", some: slice = some) -> "Tensor":
            found = output.float().cpu()
            places[layer] = places[layer] + torch.einsum("bthe,bt->the", found, shown[some])
            masked[layer] = masked[layer] + found[hidden[some]].sum(0)
            return output

        inputs = {"input_ids": torch.from_numpy(trials.ids[some])}
        passes.run(model.net.base_model, inputs, on_call=lambda call: None, ablate=keep)
    sums = torch.stack(_as_wide_as_the_widest(places))
    per_place = shown.sum(0).clamp(min=1)[None, :, None, None]
    return Means(
        sums / per_place,
        torch.stack(_as_wide_as_the_widest(masked)) / max(1, int(hidden.sum())),
        sums.sum(1) / shown.sum(),
    )


def _as_wide_as_the_widest(outputs: "list[Tensor]") -> "list[Tensor]":
    """Return heads' outputs (..., E) with zeros after those of layers with smaller heads."""
    import torch

    widest = max(output.shape[-1] for output in outputs)
    return [torch.nn.functional.pad(out, (0, widest - out.shape[-1])) for out in outputs]


def silence(
    heads: Heads, known: Means | None = None, ids: np.ndarray | None = None, mask_id: int = -1
) -> "Ablate":
    """Return a function for `passes.run` that replaces the output of some heads.

    Parameters
    ----------
    known : Means, optional
        Replace by mean outputs; without, by zero.
    ids : int64 (B, N), optional
        The sequences of the pass, if they are trials: then means per place apply, and of masked
        tokens at masks.
    """
    import torch

    by_layer = {layer: [h for at, h in heads if at == layer] for layer, _ in heads}
    hidden = None if ids is None else torch.from_numpy(ids == mask_id)[:, :, None, None]

    def ablate(layer: int, output: "Tensor") -> "Tensor":
        chosen = by_layer.get(layer)
        if not chosen:
            return output
        output, own = output.clone(), slice(output.shape[-1])
        if known is None:
            output[:, :, chosen] = 0
        elif hidden is None:
            output[:, :, chosen] = known.overall[layer, chosen, own].to(output)
        else:
            usual, at_masks = known.places[layer][:, chosen, own], known.masked[layer, chosen, own]
            output[:, :, chosen] = torch.where(hidden, at_masks, usual).to(output)
        return output

    return ablate
