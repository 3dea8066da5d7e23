"""TransformerLens' `detect_head` measure in the lab: all heads on the open text."""

import numpy as np
from dash import Dash, Input, Output, State, html
from dash.exceptions import PreventUpdate

from components.forms.form import Form
from components.forms.results import DoneOfText, OfText
from components.lab import figures, grids
from components.lab.words import DETECT
from components.parts import controls
from components.parts.jobs import Job
from compute.jobs import measuring
from compute.scores import detect

NAME = "lab-detected"
ENDS = {"mul": (0.0, 1.0), "abs": (-1.0, 1.0)}  # of the measures' scales


def panel() -> html.Section:
    """Return the panel, with a button and a place for the grids."""
    compare = controls.button("Compare", f"{NAME}-start", "primary")
    top = controls.title("TransformerLens' detect_head, on your text", NAME, DETECT, compare)
    return controls.panel(top, html.Div(id=f"{NAME}-box"), id=f"{NAME}-panel")


def ask(n_clicks: int | None, run: dict | None) -> dict:
    """Return what the job shall compare."""
    if not n_clicks or not run:
        raise PreventUpdate
    return {"run": run["key"]}


def compare(set_progress, asked: dict) -> dict:
    """Background job: all heads against the three patterns."""
    measuring.detect(asked["run"], set_progress)
    return asked | {"needs": [detect.DETECTED.ref(detect.key(asked["run"]))]}


JOB = Job(NAME, compare, DoneOfText, Form(OfText))


def draw(_detected: dict | None, theme: str, run: dict | None) -> list:
    """Draw a grid of all heads for each measure and pattern."""
    if not run:
        raise PreventUpdate
    if not run["model"]["causal"]:
        name = run["model"]["name"]
        return [html.P(f"For causal models only, and {name} is not causal.", className="note")]
    found = detect.DETECTED.get(detect.key(run["key"]))
    if found is None:
        return [html.P("Not compared yet. It reads the open text.", className="note")]
    shown = [_grid(found, m, p, theme == "dark") for m in detect.MEASURES for p in detect.PATTERNS]
    made = (
        f"Text “{run['title']}”, mean over its passages. All of a measure on one colour scale: mul "
        f"from 0 to 1, abs from −1 to 1. {detect.NOTE}"
    )
    return [html.Div(shown, className="lab-grids lab-three"), html.P(made, className="note")]


def _grid(found: detect.Detected, measure: str, pattern: str, dark: bool) -> html.Figure:
    values = found.of(measure, pattern)
    nothing = np.full(values.shape, "")
    if measure == "mul":
        figure = figures.heads(values, dark, nothing)
    else:
        figure = figures.change(values, ENDS[measure][1], dark, nothing, nothing == "-")
    return grids.grid(
        figure,
        f"{detect.TITLES[pattern]}, {measure}",
        grids.best(values),
        f"lab-detect-{measure}-{pattern}",
        note=detect.definition(measure, pattern),
    )


def register(app: Dash) -> None:
    """Wire the panel; the head grid may ask for the same job (see `grid.grids`)."""
    app.callback(
        Output(f"{NAME}-asked", "data"),
        Input(f"{NAME}-start", "n_clicks"),
        State("run", "data"),
    )(ask)
    app.callback(
        Output(f"{NAME}-box", "children"),
        Input(NAME, "data"),
        Input("theme", "data"),
        Input("lab-run", "data"),
    )(draw)
