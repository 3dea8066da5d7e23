"""Heads that do not matter, to compare an ablation with."""

import numpy as np

from compute.lab import ablation_setup
from compute.models.model import Model
from compute.trials import head_ablation
from compute.trials.head_ablation import Heads

LOW = 0.1  # share of attention: a score from here on is no low one
QUIET = 0.05  # nats: a loss that moves less is taken as unmoved
TRIALS = 16
TRIES = 16  # candidates tried beyond four for each head wanted


def choose(model: Model, heads: Heads, score: np.ndarray, settings: dict) -> tuple[Heads, str]:
    """Choose as many heads as were ablated, of low score and with no effect of their own.

    A low score alone would not do. In small models heads that never look at a repeat may carry the
    tokens themselves: taking out one of those costs more than an induction head, although its score
    is 0. So every candidate is first taken out alone, on sequences of its own, and is a control
    only if the loss on repeated tokens stays within `QUIET`.

    Parameters
    ----------
    model : Model
        With a token-predicting head.
    heads : Heads
        The ablated ones.
    score : float64 (layers, heads)
        The read-out that makes an induction head.
    settings : dict
        Arguments of `ablation_setup.prepare`.

    Returns
    -------
    controls : Heads
        Fewer than wanted, or none, if there are not enough.
    note : str
        A sentence on them for the page.
    """
    other = settings | {"trials": min(TRIALS, settings["trials"]), "seed": settings["seed"] + 1}
    bench = ablation_setup.prepare(model, **other)
    plain = bench.repeated(())
    controls: list[tuple[int, int]] = []
    candidates = _candidates(heads, score)[: TRIES + 4 * len(heads)]
    for head in candidates:
        if len(controls) == len(heads):
            break
        if abs(ablation_setup.effect(plain, bench.repeated((head,))).change) <= QUIET:
            controls.append(head)
    return tuple(sorted(controls)), _note(tuple(sorted(controls)), heads, len(candidates))


def _candidates(heads: Heads, score: np.ndarray) -> list[tuple[int, int]]:
    """Return heads of low score: those of the same layers first, then of layers nearby."""
    layers = {layer for layer, _ in heads}
    free = [
        (min(abs(layer - other) for other in layers), score[layer, head], layer, head)
        for layer, head in np.ndindex(score.shape)
        if (layer, head) not in heads and not score[layer, head] >= LOW
    ]
    return [(layer, head) for _, _, layer, head in sorted(free)]


def _note(controls: Heads, heads: Heads, tried: int) -> str:
    if not controls:
        return (
            f"There are no controls: of {tried} heads with a score below {LOW} none can be taken "
            "out alone without changing the loss on repeated tokens."
        )
    same = sum(layer in {at for at, _ in heads} for layer, _ in controls)
    return (
        f"Controls: {head_ablation.names(controls)}, {len(controls)} of {len(heads)} wanted, "
        f"{same} in the same layers. Each scores below {LOW} and, taken out alone, changes the "
        f"loss on other repeated sequences by at most {QUIET} nats."
    )
