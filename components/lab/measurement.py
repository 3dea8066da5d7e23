"""What the lab knows of a measurement, read from the store: scores, nulls, words."""

from dataclasses import dataclass

import numpy as np

from components.lab.words import DESIGNS
from compute.lab import induction, nulls
from compute.lab.induction import Induction
from compute.lab.nulls import Comparison, Nulls
from compute.lab.readouts import READOUTS, main_of
from compute.scores.intervals import Estimate

WEAK = 0.1  # share of attention below which a head is not called an induction head


@dataclass(frozen=True)
class Scores:
    """A measurement and its nulls."""

    found: Induction
    nulls: Nulls

    def of(self, name: str) -> tuple[Estimate, Comparison]:
        """Return a read-out (layers, heads) and how it compares with the nulls."""
        return self.found.readouts[name], self.nulls.readouts[name]

    @property
    def shape(self) -> tuple[int, ...]:
        """Layers and heads of the model that was measured."""
        return self.found.readouts[self.main].mean.shape

    @property
    def main(self) -> str:
        """The read-out that makes an induction head, or the first where the design has none."""
        return main_of(self.found.readouts)


def load(measured: dict | None, run: dict | None) -> Scores | None:
    """Return the measurement that a job announced, None if it isn't the open model's or is gone."""
    if not measured or not run or measured["spec"] != run["spec"]:
        return None
    scores = read(measured)
    shape = run["model"]["layers"], run["model"]["heads"]
    return scores if scores is not None and scores.shape == shape else None


def read(measured: dict) -> Scores | None:
    """Return a measurement from the store, None if it or its own nulls are gone."""
    found, compared = induction.SCORES.get(measured["scores"]), nulls.NULLS.get(measured["nulls"])
    if found is None or compared is None or found.readouts.keys() != compared.readouts.keys():
        return None
    scores = Scores(found, compared)
    return scores if scores.shape == scores.of(scores.main)[1].z.shape else None


def hover(score: Estimate, null: Comparison) -> np.ndarray:
    """Return what the hover of a grid adds: interval and z, array of str (layers, heads)."""
    texts = np.empty(score.mean.shape, dtype=object)
    for at in np.ndindex(score.mean.shape):
        low, high = score.low[at], score.high[at]
        lines = [f"95 % interval {low:.3f} … {high:.3f}"] if np.isfinite(low) else []
        if np.isfinite(null.z[at]):
            verdict = "" if null.differs[at] else ", does not differ"
            lines.append(f"z = {null.z[at]:+z.1f} (null {null.null[at]:.3f}){verdict}")
        texts[at] = "<br>".join(lines)
    return texts.astype(str)


def strongest(mean: np.ndarray) -> tuple[int, int]:
    """Return layer and head of the largest value."""
    layer, head = np.unravel_index(np.nanargmax(mean), mean.shape)
    return int(layer), int(head)


def verdict(scores: Scores, model: str) -> str:
    """Say in words whether the model has heads that do what the main read-out asks."""
    title = READOUTS[scores.main].full.lower()
    (mean, low, high), null = scores.of(scores.main)
    if not np.isfinite(mean).any():
        return f"{model} has no evidence for {title}: use more trials."
    at = strongest(mean)
    real = (mean >= WEAK) & (null.differs > 0) & (null.z > 0)
    best = f"L{at[0]}H{at[1]} with {mean[at]:.3f}"
    if np.isfinite(low[at]):
        best += f" (95 % interval {low[at]:.3f} … {high[at]:.3f})"
    if scores.found.design == "unrepeated":
        return f"Nothing repeats here: this is a null. The largest {title} is {best}."
    if not real.any():
        return (
            f"No head of {model} shows induction here: no {title} of {WEAK} or more "
            f"that differs from the null. The strongest is {best}."
        )
    count = int(real.sum())
    heads = "1 head" if count == 1 else f"{count} heads"
    return (
        f"{heads} of {model}: {title} of {WEAK} or more that differs from the "
        f"null. The strongest is {best}."
    )


def provenance(scores: Scores) -> str:
    """Say what made the numbers."""
    found = scores.found
    made = (
        f"Design “{DESIGNS[found.design]}”, protocol {found.protocol}: {found.trials} trials, "
        f"{found.length} random tokens per copy, seed {found.seed}. Nulls: sequences without a "
        "repeat, and the same architecture with fresh random weights; what differs has |z| above "
        f"{scores.nulls.threshold:.1f}."
    )
    return " ".join([made, *found.notes, *scores.nulls.notes])


def facts(scores: Scores, layer: int, head: int) -> str:
    """Return all read-outs of one head as words."""
    said = []
    for name in scores.found.readouts:
        score, null = scores.of(name)
        value = score.mean[layer, head]
        if not np.isfinite(value):
            continue
        z = null.z[layer, head]
        against = f" (z {z:+z.1f})" if np.isfinite(z) else ""
        said.append(f"{READOUTS[name].full.lower()} {value:.3f}{against}")
    return " · ".join(said)


def rows(scores: Scores) -> list[dict]:
    """Return one dictionary per head: its name, and per read-out mean, interval and z."""
    first = next(iter(scores.found.readouts.values()))
    table = []
    for layer, head in np.ndindex(first.mean.shape):
        row = {"name": f"L{layer}H{head}", "layer": layer, "head": head}
        for name in scores.found.readouts:
            score, null = scores.of(name)
            row |= _numbers(name, score, null, (layer, head))
        table.append(row)
    return table


def _numbers(name: str, score: Estimate, null: Comparison, at: tuple[int, int]) -> dict:
    def tidy(value: float) -> float | None:
        return round(float(value), 4) if np.isfinite(value) else None

    return {
        name: tidy(score.mean[at]),
        f"{name}_low": tidy(score.low[at]),
        f"{name}_high": tidy(score.high[at]),
        f"{name}_z": tidy(null.z[at]),
    }
