"""The rail: where to go, and the two grids of all heads, whatever else is shown."""

from collections.abc import Sequence

import dash_bootstrap_components as dbc
from dash import dcc, html

from components.grid import chooser, head_scores, help_texts
from components.notes import shortlist
from components.parts.controls import (
    choices,
    graph,
    labelled,
    number,
    panel,
    start,
    title,
    trials_link,
)
from components.parts.jobs import job_bar
from components.plots.theme import STILL_GRAPH
from compute import limits
from compute.lab.readouts import INDUCTION


def rail(stages: Sequence[tuple[str, str]]) -> html.Aside:
    """Return the rail; `stages` are name and title of each that the workspace can show."""
    heads = panel(
        title("Scores of all heads", "head-grid", help_texts.HEAD_GRID),
        labelled("Colour", chooser.chooser(), quiet=True),
        dcc.Store(id="score-kinds", data=chooser.kinds()),
        graph("head-grid", "One number per head: click a head to open it", STILL_GRAPH),
        job_bar("scores"),
        job_bar("trusts"),
        *(job_bar(job.name) for job in head_scores.JOBS),
        html.P(id="score-note", className="note"),
    )
    parts = [choices("stage-select", stages), heads, _induction(), shortlist.panel()]
    return html.Aside(parts, className="rail")


def _induction() -> html.Section:
    fields = [
        number("induction-trials", "Trials", 50, limits.TRIALS),
        number("induction-length", "Length", None, limits.LENGTH, "fitted"),
        number("induction-seed", "Seed", 0, limits.SEED),
        start("Measure", "induction-start"),
    ]
    lab = dbc.Button(
        "Open the lab: all read-outs, ablation, models side by side",
        id="lab-open",
        color="link",
        size="sm",
        class_name="plain-link",
    )
    more = [html.Summary("Trials, length, seed"), html.Div(fields, className="fields"), lab]
    return panel(
        title(INDUCTION, "induction-grid", help_texts.INDUCTION),
        graph("induction-grid", f"{INDUCTION}, one number per head: click to open", STILL_GRAPH),
        job_bar("induction"),
        html.P(id="induction-note", className="note"),
        trials_link("See the open head on repeated tokens"),
        html.Details(more, id="induction-more"),
    )
