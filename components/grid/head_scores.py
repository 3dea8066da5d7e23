"""The lab's scores as colours of the head grid: which there are, and what they are just now."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from components.lab import measurement
from components.lab.words import TITLES
from compute.lab import copying, induction
from compute.scores import detect
from compute.scores.intervals import Estimate

COPYING = "lab-copying"
READOUT, DETECT = "lab-readout-", "lab-detect-"  # what the names begin with
CAUSAL = ("prefix_matching", "duplicate", "previous")


@dataclass(frozen=True)
class Shown:
    """A score of all heads, ready to be drawn.

    Attributes
    ----------
    mean : float (layers, heads)
    details : array of str (layers, heads)
        What the hover adds under the number.
    note : str
        What it is, and what made it.
    low, high : float
        Ends of the colour scale; zero is its middle where `low` is negative.
    """

    mean: np.ndarray
    details: np.ndarray
    note: str
    low: float = 0.0
    high: float = 1.0


def offered(causal: bool | None = None) -> list[tuple[str, str]]:
    """Return (value, title) of the lab's scores, those of one kind of model or of both."""
    masked = [name for name in TITLES if name not in ("prefix_matching", "duplicate")]
    names = {True: CAUSAL, False: masked, None: TITLES}[causal]
    listed = [(READOUT + name, f"Lab: {TITLES[name].lower()}") for name in names]
    if causal is not False:
        listed.append((COPYING, "Lab: copying sign"))
        listed += [(DETECT + f"{m}-{p}", f"detect {m}: {detect.TITLES[p].lower()}")
                   for p in detect.PATTERNS for m in detect.MEASURES]  # fmt: skip
    return listed


def is_lab(score: str) -> bool:
    """Tell whether a score of the head grid is one of the lab's."""
    return score.startswith((READOUT, DETECT)) or score == COPYING


def shown(score: str, run: dict, measured: dict | None, lab: dict | None, copies: dict | None):
    """Return a score of the lab for the open model and text.

    Parameters
    ----------
    score : str
        One of `offered`.
    run : dict
        The page's open run.
    measured, lab, copies : dict or None
        What the jobs of the induction grid, the lab and its copying sign announced.

    Returns
    -------
    Shown or str
        A sentence says what to do where the score isn't there.
    """
    if score.startswith(DETECT):
        return _detected(score, run)
    if score == COPYING:
        return _copying(run, copies)
    return _readout(score.removeprefix(READOUT), run, measured, lab)


def every(run: dict, measured, lab, copies) -> Iterator[tuple[str, str, np.ndarray]]:
    """Yield value, title and numbers (layers, heads) of the lab's scores that are there."""
    for score, title in offered(run["model"]["causal"]):
        found = shown(score, run, measured, lab, copies)
        if isinstance(found, Shown):
            yield score, title, found.mean


def _readout(name: str, run: dict, measured: dict | None, lab: dict | None) -> Shown | str:
    scores = measurement.load(lab, run)
    if scores is not None and name in scores.found.readouts:
        found, (score, null) = scores.found, scores.of(name)
        details = measurement.hover(score, null)
    else:
        mine = measured and measured["spec"] == run["spec"]
        found = induction.SCORES.get(measured["name"]) if mine else None
        if found is None:
            return "Waiting for the induction measurement below."
        if name not in found.readouts:
            return (
                f"“{TITLES[name]}” is not read in two copies: choose another design in the Lab, "
                "and press Measure there."
            )
        score = found.readouts[name]
        details = intervals(score)
    made = f"Design “{found.design}”, {found.protocol}: {found.trials} trials, {found.length} "
    made += f"random tokens per copy, seed {found.seed}."
    return Shown(score.mean, details, f"{induction.READOUTS[name]}\n{made}")


def _detected(score: str, run: dict) -> Shown | str:
    measure, _, pattern = score.removeprefix(DETECT).partition("-")
    found = detect.DETECTED.get(detect.key(run["key"]))
    if found is None:
        return "Comparing all heads with TransformerLens' patterns …"
    values = found.of(measure, pattern)
    note = f"{detect.definition(measure, pattern)}\nTransformerLens, detect_head, measure {measure}"
    return Shown(values, np.full(values.shape, ""), note, low=-1.0 if measure == "abs" else 0.0)


def _copying(run: dict, copies: dict | None) -> Shown | str:
    found = copying.SIGNS.get(copies["name"]) if copies and copies["spec"] == run["spec"] else None
    if found is None:
        return "Not measured yet: open the Lab and press “Measure copying”."
    limit = max(1e-3, float(np.nanmax(np.abs(found.logit.mean), initial=0)))
    note = f"{copying.DEFINITION}\n{found.trials} sequences, seed {found.seed}."
    return Shown(found.logit.mean, intervals(found.logit), note, -limit, limit)


def intervals(score: Estimate) -> np.ndarray:
    """Return the 95 % intervals of all heads as words, array of str; empty where there is none."""
    texts = np.full(score.mean.shape, "", dtype=object)
    for at in np.argwhere(np.isfinite(score.low)):
        at = tuple(at)
        texts[at] = f"95 % interval {score.low[at]:.3f} … {score.high[at]:.3f}"
    return texts.astype(str)
