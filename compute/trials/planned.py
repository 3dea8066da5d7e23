"""Random sequences that fit a model, for all that measures or ablates on them."""

from typing import TYPE_CHECKING

import numpy as np

from compute.errors import HeadscopeError
from compute.models.model import vocabulary_size
from compute.texts import vocabulary
from compute.trials import designs
from compute.trials.designs import Material, Trials

if TYPE_CHECKING:
    from compute.models.model import Model, ModelInfo

DEFAULTS = {"design": "standard", "protocol": "corrected", "trials": 50, "length": None, "seed": 0}


def plan(
    model: "Model", design: str, protocol: str, trials: int, length: int | None, seed: int
) -> tuple[Trials, int, tuple[str, ...]]:
    """Return the trials of a measurement, the length of their copies, and notes; see `measure`."""
    _check(model.info, design, protocol, trials)
    rng = np.random.default_rng(seed)
    if protocol == "as published":
        size = vocabulary_size(model.net) or len(model.tokenizer)
        length, notes = _fit(model.info, design, length, 150 if design == "triple" else 200, 1)
        if size < designs.PUBLISHED_IDS[1]:
            raise HeadscopeError(
                f"The published protocol draws ids up to {designs.PUBLISHED_IDS[1]:,} and "
                f"{model.info.name} has {size:,}. Choose the corrected protocol."
            )
        return designs.published(model.info.mask_id, design, trials, length, rng), length, notes
    usual = (25 if design == "four" else 50) if model.info.causal else 100
    some = material(model)
    length, notes = _fit(model.info, design, length, usual, some.around)
    return designs.corrected(some, design, trials, length, rng), length, notes


def material(model: "Model") -> Material:
    """Return what the sequences of the corrected protocol are made of."""
    size = vocabulary_size(model.net) or len(model.tokenizer)
    pool = vocabulary.ordinary(model.tokenizer, size)
    mask_id = None if model.info.causal else model.info.mask_id
    return Material(pool, *vocabulary.frame(model.tokenizer), mask_id)


def _check(info: "ModelInfo", design: str, protocol: str, trials: int) -> None:
    if not info.causal and info.mask_id is None:
        raise HeadscopeError(
            f"{info.name} has no mask token and is not causal, so induction can't be measured. "
            "Choose a masked or a causal language model."
        )
    possible = designs.CAUSAL if info.causal else designs.MASKED
    if protocol not in designs.PROTOCOLS:
        raise HeadscopeError(
            f"There is no protocol “{protocol}”: choose corrected or as published."
        )
    if protocol == "as published":
        if info.causal:
            raise HeadscopeError(
                "The published protocol is for masked models, and "
                f"{info.name} is causal. Choose the corrected one."
            )
        possible = ("standard", "shuffled", "triple")
    if design not in possible:
        kind = "causal" if info.causal else "masked"
        raise HeadscopeError(
            f"There is no design “{design}” for {kind} models ({protocol}): choose one of "
            f"{', '.join(possible)}."
        )
    if trials < 1:
        raise HeadscopeError("At least one trial is needed.")


def _fit(
    info: "ModelInfo", design: str, length: int | None, usual: int, around: int
) -> tuple[int, tuple[str, ...]]:
    """Return how long a copy is, and a sentence if that is less than usual."""
    copies = designs.COPIES[design]
    longest = (info.positions - around) // copies if info.positions else max(usual, length or 0)
    if longest < designs.SHORTEST:
        raise HeadscopeError(
            f"{info.name} takes only {info.positions} tokens, too few for {copies} copies of "
            "random tokens. Choose a model with more positions."
        )
    if length is None:
        if longest >= usual:
            return usual, ()
        return longest, (
            f"Copies have {longest} random tokens instead of {usual}, because {info.name} takes "
            f"{info.positions} tokens at most.",
        )
    if not designs.SHORTEST <= length <= longest:
        raise HeadscopeError(
            f"A length of {length} does not fit: {copies} copies in {info.name} can have "
            f"{designs.SHORTEST} to {longest} tokens each."
        )
    return length, ()


def without_repeat(model: "Model", trials: Trials, protocol: str, seed: int) -> Trials:
    """Return trials of `plan` with other tokens in place of every repeat, as a null.

    Raises
    ------
    HeadscopeError
        If the vocabulary is too small.
    """
    if protocol == "as published":
        pool, prefix = np.arange(*designs.PUBLISHED_IDS), [designs.PUBLISHED_PREFIX]
        some = Material(pool, prefix, [], model.info.mask_id)
    else:
        some = material(model)
    return designs.without_repeat(trials, some, np.random.default_rng([seed, 1]))
