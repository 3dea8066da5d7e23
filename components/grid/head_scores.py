"""The lab's scores as colours of the head grid: which there are, and what they are just now.

Adding a score is one entry in `LAB_SCORES`, and what measures it; a job that the entry brings is
wired with it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from components.lab import detect as lab_detect
from components.lab import measurement
from components.lab.words import DESIGNS
from components.parts.jobs import Job, kept
from components.plots import figures
from compute.lab import copying, induction
from compute.lab.readouts import READOUTS, Readout
from compute.scores import detect

# Stores of the jobs that measure them; the first is that of the rail, not of the lab.
INDUCTION, LAB, COPIES = "induction", "lab-measured", "lab-copies"
OF_LAB, OF_DETECT = "Random repeats (Lab)", "TransformerLens’ detect_head"


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


Told = Mapping[str, dict | None]
"""What jobs announced, by the names of their stores."""


@dataclass(frozen=True)
class LabScore:
    """A score of the lab that the head grid can show.

    Attributes
    ----------
    name : str
        Key of `LAB_SCORES`.
    title : str
        For the selector.
    store : str
        What the job that measures it announces itself in.
    show : callable
        ``show(run, told) -> Shown or str``: the score for the page's open run; a sentence says what
        to do where it isn't there.
    causal : bool or None
        Which kind of model has it; None for both.
    group : str
        Of which kind it is, for the selector.
    job : Job or None
        Measures it where that is quick: the head grid starts it when the score is chosen. It is
        asked for by ``{"run": key}``, and `store` is its name.
    """

    name: str
    title: str
    store: str
    show: Callable[[dict, Told], Shown | str]
    causal: bool | None = None
    job: Job | None = None
    group: str = OF_LAB

    def __post_init__(self) -> None:
        if self.job and self.job.name != self.store:
            raise TypeError(
                f"The score {self.name} waits for the store {self.store!r}, and its job announces "
                f"itself in {self.job.name!r}: give the score its job's name as `store`."
            )


def _readout(readout: Readout, run: dict, told: Told) -> Shown | str:
    name, measured = readout.name, told.get(INDUCTION)
    scores = measurement.load(told.get(LAB), run)
    if scores is not None and name in scores.found.readouts:
        found, (score, null) = scores.found, scores.of(name)
        details = measurement.hover(score, null)
    else:
        found = kept(induction.SCORES, measured, run)
        if found is None:
            return "Waiting for induction on random repeats, below."
        if name not in found.readouts:
            return (
                f"“{readout.full}” is not read in two copies: choose another design in the Lab, "
                "and press Measure there."
            )
        score = found.readouts[name]
        details = figures.intervals(score)
    made = f"Design “{DESIGNS[found.design]}”, {found.protocol}: {found.trials} trials, "
    made += f"{found.length} random tokens per copy, seed {found.seed}."
    return Shown(score.mean, details, f"{readout.definition}\n{made}")


def _copying(run: dict, told: Told) -> Shown | str:
    found = kept(copying.SIGNS, told.get(COPIES), run)
    if found is None:
        return "Not measured yet: open the Lab and press “Measure copying”."
    limit = max(1e-3, float(np.nanmax(np.abs(found.logit.mean), initial=0)))
    note = f"{copying.DEFINITION}\n{found.trials} sequences, seed {found.seed}."
    return Shown(found.logit.mean, figures.intervals(found.logit), note, -limit, limit)


def _detected(measure: str, pattern: str, run: dict, _told: Told) -> Shown | str:
    found = detect.DETECTED.get(detect.key(run["key"]))
    if found is None:
        return "Comparing all heads with TransformerLens' patterns …"
    values = found.of(measure, pattern)
    note = f"{detect.definition(measure, pattern)}\nTransformerLens, detect_head, measure {measure}"
    return Shown(values, np.full(values.shape, ""), note, low=-1.0 if measure == "abs" else 0.0)


def _kind(readout: Readout) -> bool | None:
    """Return which kind of model a read-out is of: causal, masked, or both."""
    if readout.row_masked and readout.row_causal:
        return None
    return bool(readout.row_causal)


LAB_SCORES: dict[str, LabScore] = {
    score.name: score
    for score in (
        *(
            LabScore(
                f"lab-readout-{name}",
                readout.beside_text,
                LAB,
                partial(_readout, readout),
                causal=_kind(readout),
            )
            for name, readout in READOUTS.items()
        ),
        LabScore("lab-copying", "Copying sign", COPIES, _copying, causal=True),
        *(
            LabScore(
                f"lab-detect-{measure}-{pattern}",
                f"detect {measure}: {detect.TITLES[pattern].lower()}",
                lab_detect.NAME,
                partial(_detected, measure, pattern),
                causal=True,
                job=lab_detect.JOB,
                group=OF_DETECT,
            )
            for pattern in detect.PATTERNS
            for measure in detect.MEASURES
        ),
    )
}
STORES = tuple(dict.fromkeys(score.store for score in LAB_SCORES.values()))
JOBS = tuple({score.store: score.job for score in LAB_SCORES.values() if score.job}.values())


def offered(causal: bool | None = None, weights: bool = True) -> list[tuple[str, str]]:
    """Return (value, title) of the lab's scores, those of one kind of model or of both.

    Without `weights` only those that a run is enough for, which its own job reads.
    """
    return [
        (name, score.title)
        for name, score in LAB_SCORES.items()
        if causal is None or score.causal in (None, causal)
        if weights or score.job is not None
    ]


def every(run: dict, told: Told) -> Iterator[tuple[str, str, np.ndarray]]:
    """Yield value, title and numbers (layers, heads) of the lab's scores that are there."""
    for name, title in offered(run["model"]["causal"]):
        found = LAB_SCORES[name].show(run, told)
        if isinstance(found, Shown):
            yield name, title, found.mean
