"""Results of the lab as tables: rows for CSV files, and short summaries."""

import csv
import io
import math
from collections.abc import Iterable, Iterator

import numpy as np

from compute import cells
from compute.lab.ablation import Ablation
from compute.lab.copying import Copying
from compute.lab.cumulative import Curve
from compute.lab.icl import Icl
from compute.lab.induction import Induction
from compute.lab.nulls import Comparison, Nulls
from compute.scores.detect import MEASURES, PATTERNS, Detected
from compute.scores.intervals import Effect, Estimate
from compute.trials.designs import OFFSETS
from compute.trials.head_ablation import names

SCORES = ("layer", "head", "readout", "mean", "low", "high", "null_mean", "z")
CURVE = ("heads_off", "loss", "low", "high")
CURVE += ("random_heads_off", "random_loss", "random_low", "random_high")
COPYING = ("layer", "head", "logit", "low", "high", "share", "share_low", "share_high")
ICL = ("measure", "before", "after", "change", "low", "high")
EFFECTS = ("measure", "layer", "head", "before", "after", "change", "low", "high")


def csv_text(columns: Iterable[str], rows: Iterable[tuple]) -> str:
    """Return a table as CSV; numbers with six digits, nothing where there is no number.

    Text that a spreadsheet would run has an apostrophe before it; see `compute.cells`.
    """
    lines = _Lines()
    writer = csv.writer(lines)
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return lines.text.getvalue()


class _Lines:
    """A file for `csv.writer`, which leaves a lone carriage return bare unless lines end in it."""

    def __init__(self) -> None:
        self.text = io.StringIO(newline="")

    def write(self, line: str) -> None:
        self.text.write(f"{line[:-2]}\n")


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


def of_detected(found: Detected) -> Iterator[tuple]:
    """Yield `SCORES` for TransformerLens' measure: ``detect_head:mul:previous`` and so on."""
    for at in np.ndindex(found.of(MEASURES[0], PATTERNS[0]).shape):
        for pattern in PATTERNS:
            for measure in MEASURES:
                value = float(found.of(measure, pattern)[at])
                yield (*at, f"detect_head:{measure}:{pattern}", value, *[math.nan] * 4)


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


def of_curve(found: Curve) -> Iterator[tuple]:
    """Yield `CURVE`: the loss in nats as the strongest heads go, and as random others go."""
    for i, count in enumerate(found.counts):
        random = (found.random_counts[i], *(part[i] for part in found.random))
        yield (count, *(part[i] for part in found.top), *random)


def of_copying(found: Copying) -> Iterator[tuple]:
    """Yield `COPYING`: change of the logit and share of raised tokens, with intervals."""
    for at in np.ndindex(found.logit.mean.shape):
        yield (*at, *(part[at] for part in (*found.logit, *found.share)))


def of_icl(found: Icl) -> Iterator[tuple]:
    """Yield `ICL`: the score by our definition, and the published number where there is one."""
    yield (f"{found.long} less {found.short} tokens of context", *found.score)
    if found.published:
        yield ("as published", *found.published)


def _effect(effect: Effect) -> dict[str, float | None]:
    return {name: _number(value) for name, value in effect._asdict().items()}


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None  # JSON has no NaN


def _cell(value: object) -> object:
    if isinstance(value, float):
        return f"{value:.6g}" if math.isfinite(value) else ""
    if isinstance(value, str):
        return cells.defused(value)
    return "" if value is None else value
