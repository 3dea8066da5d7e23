"""The lab's tables as files: what each holds, and what to do first where there is nothing yet."""

from components.lab import measurement
from components.parts.jobs import kept
from components.parts.save_table import Saved, SavedTable
from compute.errors import HeadscopeError
from compute.lab import ablation, copying, cumulative, icl
from compute.scores import detect
from compute.store import Stored
from compute.take_away import tables
from compute.take_away.export import of_rows
from compute.trials import head_ablation


def scores(measured: dict | None, run: dict | None) -> Saved:
    """Return all read-outs of all heads, and TransformerLens' measure where it was compared."""
    found = measurement.load(measured, run)
    if found is None:
        raise HeadscopeError("Nothing is measured yet. Press Measure, then save.")
    made, detected = found.found, detect.DETECTED.get(detect.key(run["key"]))
    rows = list(tables.of_scores(made, found.nulls))
    if detected is not None:
        rows += tables.of_detected(detected)
    name = ("induction", run["model"]["name"], made.design, f"seed{made.seed}")
    return of_rows(tables.SCORES, rows), name


def effects(ablated: dict | None, run: dict | None) -> Saved:
    """Return losses and scores without and with the chosen heads."""
    found = _load(
        ablation.ABLATIONS, ablated, run, "No head is switched off yet. Choose some, press Ablate"
    )
    heads = head_ablation.names(found.heads).replace(", ", "-")[:60]
    name = ("ablation", run["model"]["name"], heads, found.method, f"seed{found.seed}")
    return of_rows(tables.EFFECTS, tables.of_ablation(found)), name


def curve(followed: dict | None, run: dict | None) -> Saved:
    """Return the loss against the number of heads switched off."""
    found = _load(
        cumulative.CURVES, followed, run, "There is no curve yet. Press “Measure the curve”"
    )
    name = ("cumulative", run["model"]["name"], found.design, found.method, f"seed{found.seed}")
    return of_rows(tables.CURVE, tables.of_curve(found)), name


def copies(measured: dict | None, run: dict | None) -> Saved:
    """Return the copying sign of all heads."""
    found = _load(
        copying.SIGNS, measured, run, "Copying is not measured yet. Press “Measure copying”"
    )
    name = ("copying", run["model"]["name"], f"seed{found.seed}")
    return of_rows(tables.COPYING, tables.of_copying(found)), name


def context(measured: dict | None, run: dict | None) -> Saved:
    """Return the ICL score of the open text."""
    here = measured and run and measured["text"] == run["text"]
    why = "The ICL score of this text is not measured yet. Press “Measure the ICL score”"
    found = _load(icl.SCORES, measured if here else None, run, why)
    return of_rows(tables.ICL, tables.of_icl(found)), ("icl", run["model"]["name"], run["text"])


def models(side: list[dict] | None, run: dict | None) -> Saved:
    """Return all read-outs of all compared models."""
    mine = side and run and side[0]["spec"] == run["spec"]
    read = [(each["model"], measurement.read(each)) for each in side] if mine else []
    there = [(name, found) for name, found in read if found is not None]
    if not there:
        raise HeadscopeError("No models are compared yet. Choose some, press Compare, then save.")
    rows = [(name, *row) for name, each in there for row in tables.of_scores(*_both(each))]
    made = there[0][1].found
    return of_rows(("model", *tables.SCORES), rows), ("models", made.design, f"seed{made.seed}")


def _both(each: measurement.Scores) -> tuple:
    return each.found, each.nulls


def _load(store: Stored, done: dict | None, run: dict | None, missing: str):
    """Return what a job kept; say what is missing if it isn't there."""
    found = kept(store, done, run)
    if found is None:
        raise HeadscopeError(f"{missing}, then save.")
    return found


_RUN = ("run", "data")
TABLES = (
    SavedTable(
        "lab", "all numbers of all heads", "lab-table", scores, (("lab-measured", "data"), _RUN)
    ),
    SavedTable(
        "lab-ablated",
        "losses and changes of all heads",
        "lab-ablation",
        effects,
        (("lab-ablated", "data"), _RUN),
    ),
    SavedTable("lab-curve", "the curve", "lab-curve", curve, (("lab-followed", "data"), _RUN)),
    SavedTable("lab-copies", "these numbers", "lab-copies", copies, (("lab-copies", "data"), _RUN)),
    SavedTable("lab-icl", "these numbers", "lab-icl", context, (("lab-icl", "data"), _RUN)),
    SavedTable(
        "lab-side",
        "all numbers of these models",
        "lab-models",
        models,
        (("lab-side", "data"), _RUN),
    ),
)
