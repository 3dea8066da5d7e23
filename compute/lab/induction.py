"""Induction: where heads look in random tokens that come again, with intervals.

`measure` runs a model (and imports torch then); all else here is light, for the web process.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from compute import store
from compute.lab.readouts import READOUTS
from compute.progress import Progress, unseen
from compute.scores.intervals import Estimate, estimate
from compute.trials.designs import OFFSETS
from compute.trials.planned import DEFAULTS

if TYPE_CHECKING:
    from compute.models.model import Model

VERSION = 1


@dataclass(frozen=True)
class Induction:
    """How strongly every head looks where induction would.

    Attributes
    ----------
    readouts : dict of str to Estimate
        Of `readouts.READOUTS`, those that the design has: mean, low and high, each float64
        (layers, heads); a share of attention. The 95 % interval is over trials.
    spectra : dict of str to Estimate
        ``earlier`` (and ``later``): the same at every offset of `designs.OFFSETS` from the other
        instance, each float64 (11, layers, heads).
    trials, length, seed : int
        Sequences, random tokens per copy, seed of the draw.
    notes : tuple of str
        Sentences for the page.
    """

    readouts: dict[str, Estimate]
    spectra: dict[str, Estimate]
    design: str
    protocol: str
    trials: int
    length: int
    seed: int
    notes: tuple[str, ...]


def key(identity: str, options: Mapping[str, object]) -> str:
    """Return a measurement's name in the store.

    Parameters
    ----------
    identity : str
        `ModelInfo.identity`.
    options : mapping
        Arguments of `measure`; those left out are at their defaults.
    """
    return store.key("induction", VERSION, identity, DEFAULTS | dict(options))


SCORES = store.record("induction", Induction)


def measure(
    model: "Model",
    *,
    design: str = "standard",
    protocol: str = "corrected",
    trials: int = 50,
    length: int | None = None,
    seed: int = 0,
    progress: Progress = unseen,
) -> Induction:
    """Measure induction in every head of a model.

    Parameters
    ----------
    model : Model
        Causal, or with a mask token.
    design : str
        Masked models: ``standard``, ``shuffled``, ``triple``; causal ones: ``standard``,
        ``shuffled``, ``four``; both ``unrepeated``, a null. See `designs.corrected`.
    protocol : str
        ``corrected`` or ``as published`` (masked models).
    trials : int
        Number of sequences; each has its own tokens (and mask).
    length : int, optional
        Random tokens per copy; by default 50 (25 for ``four``) in causal and 100 in masked models,
        as published 200 (150 for ``triple``), less where the model's positions don't suffice.
    seed : int
        Seed of the draw: equal seeds give equal sequences.
    progress : Progress, in trials

    Raises
    ------
    HeadscopeError
        In one or two sentences: no mask token and not causal, a design or protocol that the model
        can't have, a length that doesn't fit, a vocabulary that is too small.

    Notes
    -----
    The read-outs follow Olsson et al. 2022 (prefix matching) and, for masked models, C. Chen 2023.
    """
    from compute.trials import planned, trial_scores

    options = dict(design=design, protocol=protocol, trials=trials, length=length, seed=seed)
    made, length, notes = planned.plan(model, **options)
    scores = trial_scores.read(model, made, progress)
    return Induction(
        *summarise(scores, made.rows, model.info.causal),
        design=design,
        protocol=protocol,
        trials=trials,
        length=length,
        seed=seed,
        notes=notes,
    )


def summarise(
    scores: np.ndarray, rows: tuple[str, ...], causal: bool
) -> tuple[dict[str, Estimate], dict[str, Estimate]]:
    """Return read-outs and spectra with intervals over trials.

    Parameters
    ----------
    scores : float64 (trials, rows, layers, heads)
        From `trial_scores.read`.
    rows : tuple of str
        `Trials.rows`.
    """
    there = ~np.isnan(scores)
    parts = estimate(np.where(there, scores, 0), there, seed=0)
    kinds = [arrange(part, rows, causal) for part in parts]
    return tuple(
        {name: Estimate(*(kind[i][name] for kind in kinds)) for name in kinds[0][i]} for i in (0, 1)
    )


def arrange(
    values: np.ndarray, rows: tuple[str, ...], causal: bool
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return what the rows (rows, ...) say by name: read-outs (...), and spectra (11, ...)."""
    names = {name: readout.row(causal) for name, readout in READOUTS.items()}
    readouts = {name: values[rows.index(row)] for name, row in names.items() if row in rows}
    spectra = {
        side: values[[rows.index(f"{side}{o:+d}") for o in OFFSETS]]
        for side in ("earlier", "later")
        if f"{side}+0" in rows
    }
    return readouts, spectra
