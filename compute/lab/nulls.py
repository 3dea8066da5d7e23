"""What a head would score with nothing to find, and how far its score is from that.

Two nulls. *No repeat*: the same heads read at the same places of sequences in which no token comes
twice. *Untrained*: the same architecture with fresh random weights reads the sequences themselves.
`measure` runs models (and imports torch then); all else here is light, for the web process.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from compute import store
from compute.errors import HeadscopeError
from compute.lab import induction
from compute.lab.induction import Induction
from compute.progress import Progress, unseen
from compute.scores.intervals import Estimate
from compute.trials import planned

if TYPE_CHECKING:
    from compute.models.model import Model
    from compute.trials.designs import Trials

VERSION = 1
SEEDS = 3  # fresh models
FEW = 12  # trials that each of them reads
LEAST = 0.001  # share of attention: smaller differences say nothing, however steady
LEVEL = 0.05  # chance of one false alarm among all heads of a read-out
POSITIONAL = ("previous", "next")
"""Read-outs that need no repeat: there only untrained heads are a null."""


class Comparison(NamedTuple):
    """Scores beside their nulls: arrays of one shape, (layers, heads) or (11, layers, heads).

    Attributes
    ----------
    no_repeat, untrained : float64
        Mean of each null; of the untrained one over all heads and seeds. NaN where not measured.
    z_no_repeat, z_untrained : float64
        See `measure`.
    null, z : float64
        The null that decides, and the z against it: for read-outs that need a repeat the one whose
        z is nearer to 0, for `POSITIONAL` ones the untrained.
    differs : float64
        1 where ``z`` is beyond `threshold`, 0 elsewhere.
    """

    no_repeat: np.ndarray
    untrained: np.ndarray
    z_no_repeat: np.ndarray
    z_untrained: np.ndarray
    null: np.ndarray
    z: np.ndarray
    differs: np.ndarray


@dataclass(frozen=True)
class Nulls:
    """The nulls of a measurement.

    Attributes
    ----------
    readouts, spectra : dict of str to Comparison
        As in `Induction`.
    threshold : float
        |z| above it differs from the null.
    notes : tuple of str
        Sentences for the page.
    """

    readouts: dict[str, Comparison]
    spectra: dict[str, Comparison]
    threshold: float
    notes: tuple[str, ...]


def key(identity: str, options: Mapping[str, object]) -> str:
    """Return the name in the store of the nulls of a measurement; see `induction.key`."""
    return store.key("nulls", VERSION, SEEDS, FEW, induction.key(identity, options))


NULLS = store.record("nulls", Nulls)


def threshold(heads: int) -> float:
    """Return the |z| that one of `heads` heads exceeds by chance with probability `LEVEL`.

    Two-sided, by Bonferroni's bound.
    """
    return NormalDist().inv_cdf(1 - LEVEL / (2 * heads))


def measure(
    model: "Model",
    result: Induction,
    options: Mapping[str, object],
    progress: Progress = unseen,
) -> Nulls:
    """Measure both nulls of a measurement, and compare.

    Parameters
    ----------
    result : Induction
        What `induction.measure` gave with `options`.
    options : mapping
        Its arguments.
    progress : Progress, in trials

    Notes
    -----
    Against no repeat: z = (m - m0) / sqrt(s² + s0² + LEAST²), with m and m0 the head's means over
    trials and s and s0 the standard errors of these means, from their bootstrap intervals.
    Against untrained heads: the same with m0 the mean of all heads of `SEEDS` random models and s0
    their standard deviation, not its error: is this head unlike untrained ones? `LEAST` keeps z
    from growing without end where nothing varies.

    Where the vocabulary is too small for sequences without a repeat, or the memory for a second
    model, that null is missing (NaN) and `Nulls.notes` says so.
    """
    from compute.trials import trial_scores as reading

    settings = induction.DEFAULTS | dict(options)
    trials, *_ = planned.plan(model, **settings)
    few = trials.part(slice(FEW))
    seeds = SEEDS if _fits(model) else 0
    total = len(trials.ids) + seeds * len(few.ids)
    notes = () if seeds else (_NO_ROOM.format(name=model.info.name),)
    try:
        bare = planned.without_repeat(model, trials, settings["protocol"], settings["seed"])
    except HeadscopeError as error:  # the other null is still worth having
        notes += (f"There is no null without a repeat. {error}",)
        scores = np.full((1, len(trials.rows), model.info.layers, model.info.heads), np.nan)
    else:
        scores = reading.read(model, bare, lambda done, _: progress(done, total))
    no_repeat = induction.summarise(scores, trials.rows, model.info.causal)
    untrained = _untrained(model, few, seeds, lambda done: progress(len(trials.ids) + done, total))
    kinds = [
        {
            name: _compare(name, score, no_repeat[i][name], *(part[i][name] for part in untrained))
            for name, score in measured.items()
        }
        for i, measured in enumerate((result.readouts, result.spectra))
    ]
    limit = threshold(model.info.layers * model.info.heads)
    return Nulls(*kinds, threshold=limit, notes=notes)


_NO_ROOM = (
    "There is no memory for a second {name} with random weights, so that scores are compared with "
    "sequences without a repeat alone."
)


def _fits(model: "Model") -> bool:
    import psutil

    # They are drawn in single precision, whatever the model computes in.
    need = 4 * sum(p.numel() for p in model.net.parameters())
    return 1.2 * need < psutil.virtual_memory().available


def _untrained(
    model: "Model", trials: "Trials", seeds: int, progress: Callable[[int], None]
) -> list[tuple[dict[str, np.ndarray], dict[str, np.ndarray]]]:
    """Return mean and standard deviation over all heads of fresh models, per read-out."""
    from compute.lab.ablation_setup import mean
    from compute.models import loading
    from compute.trials import trial_scores as reading

    shape = (seeds, len(trials.rows), model.info.layers, model.info.heads)
    means = np.full(shape, np.nan)
    for seed in range(seeds):
        means[seed] = mean(reading.read(loading.fresh(model, seed), trials))
        progress((seed + 1) * len(trials.ids))
    grid = np.ones((1, *shape[2:]))
    spreads = [
        statistic(means, axis=(0, 2, 3))[:, None, None] * grid if seeds else np.nan * means.sum(0)
        for statistic in (np.mean, np.std)
    ]
    return [induction.arrange(values, trials.rows, model.info.causal) for values in spreads]


def _compare(
    name: str, score: Estimate, bare: Estimate, untrained: np.ndarray, spread: np.ndarray
) -> Comparison:
    own = _error(score)
    z_bare = (score.mean - bare.mean) / np.sqrt(own**2 + _error(bare) ** 2 + LEAST**2)
    z_untrained = (score.mean - untrained) / np.sqrt(own**2 + spread**2 + LEAST**2)
    use_untrained = np.full(z_bare.shape, name in POSITIONAL)
    if name not in POSITIONAL:
        use_untrained = np.isnan(z_bare) | (np.abs(z_untrained) < np.abs(z_bare))
    null = np.where(use_untrained, untrained, bare.mean)
    z = np.where(use_untrained, z_untrained, z_bare)
    limit = threshold(z.shape[-1] * z.shape[-2])
    differs = (np.abs(z) > limit).astype(np.float64)
    return Comparison(bare.mean, untrained, z_bare, z_untrained, null, z, differs)


def _error(score: Estimate) -> np.ndarray:
    """Return the standard error of a mean, from its 95 % interval."""
    return (score.high - score.low) / (2 * NormalDist().inv_cdf(0.975))
