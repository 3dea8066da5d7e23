"""The rail: where to go, and the two grids of all heads, whatever else is shown."""

from collections.abc import Sequence

import dash_bootstrap_components as dbc
from dash import dcc, html

from components.grid import grids, head_scores
from components.parts import help_texts
from components.parts.controls import graph, hint, labelled, number, select
from components.parts.jobs import job_bar
from components.parts.theme import STILL_GRAPH
from compute import limits


def rail(stages: Sequence[tuple[str, str]]) -> html.Aside:
    """Return the rail.

    Parameters
    ----------
    stages : sequence of (name, title)
        What the workspace can show.
    """
    return html.Aside(
        [
            dbc.RadioItems(
                id="stage-select",
                options=[{"value": name, "label": title} for name, title in stages],
                value=stages[0][0],
                inline=True,
                class_name="stage-select",
            ),
            html.Section(
                [
                    html.Div(
                        [html.H2("All heads"), hint("head-grid", help_texts.HEAD_GRID)],
                        className="card-title",
                    ),
                    labelled("Colour", select("score-select", grids.all_scores())),
                    dcc.Store(id="score-kinds", data=grids.kinds()),
                    graph("head-grid", "One number per head: click a head to open it", STILL_GRAPH),
                    job_bar("scores"),
                    job_bar("trusts"),
                    *(job_bar(job.name) for job in head_scores.JOBS),
                    html.P(id="score-note", className="note"),
                ],
                className="panel",
            ),
            html.Section(
                [
                    html.Div(
                        [html.H2("Induction"), hint("induction-grid", help_texts.INDUCTION)],
                        className="card-title",
                    ),
                    graph("induction-grid", "Induction score per head: click to open", STILL_GRAPH),
                    job_bar("induction"),
                    html.P(id="induction-note", className="note"),
                    html.Details(
                        [
                            html.Summary("Trials, length, seed"),
                            html.Div(
                                [
                                    number("induction-trials", "Trials", 50, limits.TRIALS),
                                    number(
                                        "induction-length", "Length", None, limits.LENGTH, "fitted"
                                    ),
                                    number("induction-seed", "Seed", 0, limits.SEED),
                                    dbc.Button(
                                        "Measure", id="induction-start", size="sm", color="primary"
                                    ),
                                ],
                                className="fields",
                            ),
                            dbc.Button(
                                "Open the lab: all read-outs, ablation, models side by side",
                                id="lab-open",
                                color="link",
                                size="sm",
                                class_name="plain-link",
                            ),
                        ]
                    ),
                ],
                className="panel",
            ),
        ],
        className="rail",
    )
