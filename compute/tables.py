"""Results of the lab as tables: rows for CSV files, and short summaries."""

import csv
import io
import math
from collections.abc import Iterable, Iterator

import numpy as np

from compute.ablation import Ablation
from compute.designs import OFFSETS
from compute.effects import Effect
from compute.induction import Induction
from compute.intervals import Estimate
from compute.nulls import Comparison, Nulls
from compute.silencing import names

SCORES = ("layer", "head", "readout", "mean", "low", "high", "null_mean", "z")
EFFECTS = ("measure", "layer", "head", "before", "after", "change", "low", "high")


def csv_text(columns: Iterable[str], rows: Iterable[tuple]) -> str:
    """Return a table as CSV; numbers with six digits, nothing where there is no number."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return file.getvalue()


def of_scores(result: Induction, nulls: Nulls) -> Iterator[tuple]:
    """Yield `SCORES`: one row per layer, head and read-out.

    Besides `Induction.readouts` there are ``offset-5`` … ``offset+5`` from the earlier instance,
    and ``later-5`` … from the later one where there is one.
    """
    parts: list[tuple[str, Estimate, Comparison]] = [
        (name, score, nulls.readouts[name]) for name, score in result.readouts.items()
    ]
    for side, spectrum in result.spectra.items():
        prefix = "offset" if side == "earlier" else side
        for i, offset in enumerate(OFFSETS):
            score = Estimate(*(part[i] for part in spectrum))
            null = Comparison(*(part[i] for part in nulls.spectra[side]))
            parts.append((f"{prefix}{offset:+d}", score, null))
    for layer, head in np.ndindex(parts[0][1].mean.shape):
        for name, score, null in parts:
            at = layer, head
            numbers = (score.mean[at], score.low[at], score.high[at], null.null[at], null.z[at])
            yield (layer, head, name, *numbers)


def summary_of_scores(result: Induction, nulls: Nulls) -> dict:
    """Return the strongest head of every read-out, and how many differ from the null; JSON-able."""
    readouts = {}
    for name, score in result.readouts.items():
        null = nulls.readouts[name]
        at = np.unravel_index(np.nanargmax(score.mean), score.mean.shape)
        readouts[name] = {
            "strongest": names([at]),
            **{part: _number(getattr(score, part)[at]) for part in score._fields},
            "null_mean": _number(null.null[at]),
            "z": _number(null.z[at]),
            "heads_that_differ": int(null.differs.sum()),
        }
    return {
        "readouts": readouts,
        "threshold": nulls.threshold,
        "notes": [*result.notes, *nulls.notes],
    }


def of_ablation(result: Ablation) -> Iterator[tuple]:
    """Yield `EFFECTS`: losses first, without layer and head, then the scores of all heads.

    ``loss:repeated``, ``loss:text``; ``control:repeated``, ``control:text``, the losses when the
    controls are taken out instead; then the read-outs.
    """
    for prefix, losses in (("loss", result.losses), ("control", result.control_losses)):
        for name, effect in losses.items():
            yield (f"{prefix}:{name}", None, None, *effect)
    for name, change in result.scores.items():
        for at in np.ndindex(change.before.shape):
            yield (name, *at, change.before[at], change.after[at], *(c[at] for c in change.change))


def summary_of_ablation(result: Ablation) -> dict:
    """Return the losses, the controls and the head whose scores change most; JSON-able."""
    scores = {}
    for name, change in result.scores.items():
        moved = np.abs(change.change.mean)
        at = np.unravel_index(np.nanargmax(moved), moved.shape)
        scores[name] = {
            "changes_most": names([at]),
            "before": _number(change.before[at]),
            "after": _number(change.after[at]),
        }
    return {
        "heads": names(result.heads),
        "method": result.method,
        "design": result.design,
        "trials": result.trials,
        "length": result.length,
        "seed": result.seed,
        "losses": {name: _effect(effect) for name, effect in result.losses.items()},
        "controls": names(result.controls),
        "control_losses": {name: _effect(e) for name, e in result.control_losses.items()},
        "scores": scores,
        "notes": list(result.notes),
    }


def _effect(effect: Effect) -> dict[str, float | None]:
    return {name: _number(value) for name, value in effect._asdict().items()}


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None  # JSON has no NaN


def _cell(value: object) -> object:
    if isinstance(value, float):
        return f"{value:.6g}" if math.isfinite(value) else ""
    return "" if value is None else value
