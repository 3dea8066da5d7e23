"""Two measurements beside induction: do heads copy, and does a longer context help."""

import numpy as np
from dash import Dash, Input, Output, State, html
from dash.exceptions import PreventUpdate

from components.lab import figures, saved, words
from components.lab.ablation import cells
from components.parts import controls, save_table
from components.parts.jobs import job_bar, kept
from components.shown import typed
from compute import limits
from compute.jobs import measuring
from compute.lab import copying, icl
from compute.lab.icl import Icl


def panels() -> list[html.Section]:
    """Return the two panels, each with a button and a place for its result."""
    return [
        _panel("lab-copies", "Copying sign", "Measure copying", words.COPYING),
        _panel("lab-icl", "Learning in context", "Measure the ICL score", words.ICL),
    ]


def _panel(name: str, title: str, button: str, help_text: list) -> html.Section:
    measure = controls.button(button, f"{name}-start", "primary")
    return controls.panel(
        save_table.title(saved.TABLES, title, name, help_text, measure),
        job_bar(name),
        html.Div(id=f"{name}-box"),
        id=f"{name}-panel",
    )


def ask_copies(n_clicks: int | None, run: dict | None, seed: int | None) -> dict:
    """Return what the job of the copying sign shall measure."""
    if not n_clicks or not run:
        raise PreventUpdate
    return {"spec": run["spec"], "options": {"seed": typed.whole(seed, "Seed", limits.SEED) or 0}}


def ask_icl(n_clicks: int | None, run: dict | None, seed: int | None) -> dict:
    """Return what the job of the ICL score shall measure."""
    return ask_copies(n_clicks, run, seed) | {"text": run["text"]} if run else None


def measure_copies(set_progress, asked: dict) -> dict:
    """Background job: the copying sign of all heads."""
    name = measuring.copies(asked["spec"], asked["options"], set_progress)
    return asked | {"name": name, "needs": [copying.SIGNS.ref(name)]}


def measure_icl(set_progress, asked: dict) -> dict:
    """Background job: the ICL score on the open text."""
    name = measuring.context(asked["spec"], asked["text"], asked["options"], set_progress)
    return asked | {"name": name, "needs": [icl.SCORES.ref(name)]}


def draw_copies(measured: dict | None, theme: str, run: dict | None) -> list:
    """Draw the copying sign of every head; heads whose interval holds zero are greyed."""
    found = kept(copying.SIGNS, measured, run)
    if found is None:
        return [html.P("Not measured yet.", className="note")]
    mean, low, high = found.logit
    limit = max(1e-3, float(np.nanmax(np.abs(mean), initial=0)))
    texts = np.empty(mean.shape, dtype=object)
    for at in np.ndindex(mean.shape):
        known = np.isfinite(low[at])
        interval = f"95 % interval {low[at]:+z.3f} … {high[at]:+z.3f}<br>" if known else ""
        texts[at] = interval + f"raises {found.share.mean[at]:.0%} of the tokens it reads"
    unsure = ~((low > 0) | (high < 0))
    figure = figures.change(mean, limit, theme == "dark", texts.astype(str), unsure)
    graph = controls.drawn(figure, "lab-copying")
    note = f"{copying.DEFINITION} {found.trials} sequences, seed {found.seed}."
    return [
        html.Figure(graph, className="lab-grid lab-wide-grid"),
        html.P(note, className="note"),
    ]


def draw_icl(measured: dict | None, run: dict | None) -> list:
    """Show the loss with a short and a long context, and the study's number beside."""
    found = kept(icl.SCORES, measured, run)
    if found is None or measured["text"] != run["text"]:
        return [html.P("Not measured yet. It reads the open text as one.", className="note")]
    said = f"ICL score: {found.long} less {found.short} tokens of context"
    rows = [(said, *cells(found.score))]
    if found.published:
        rows.append(("as published: short less long, which misleads", *cells(found.published)))
    head = ("", "before", "after", "change", "95 % interval")
    table = controls.table(head, rows, "lab-losses")
    return [html.P(_verdict(found), className="lab-verdict"), table, *_notes(found)]


def _verdict(found: Icl) -> str:
    if found.score.high < 0:
        return "The longer context helps: the score is below zero, interval and all."
    if found.score.low > 0:
        return "The longer context does not help: the loss is higher with it."
    return "No clear difference: the interval of the score holds zero."


def _notes(found: Icl) -> list[html.P]:
    made = f"{found.targets} tokens of the text “{found.text}”."
    said = [" ".join([icl.DEFINITION, made, *found.notes])]
    if found.published:
        said.append(icl.PUBLISHED)
    return [html.P(sentence, className="note") for sentence in said]


def register(app: Dash) -> None:
    """Wire these functions to the page."""
    run, theme = Input("lab-run", "data"), Input("theme", "data")
    for name, ask in (("lab-copies", ask_copies), ("lab-icl", ask_icl)):
        app.callback(
            Output(f"{name}-asked", "data"),
            Input(f"{name}-start", "n_clicks"),
            State("run", "data"),
            State("lab-seed", "value"),
        )(ask)
    app.callback(Output("lab-copies-box", "children"), Input("lab-copies", "data"), theme, run)(
        draw_copies
    )
    app.callback(Output("lab-icl-box", "children"), Input("lab-icl", "data"), run)(draw_icl)
