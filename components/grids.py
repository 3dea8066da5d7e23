"""The two grids of all heads: scores on the text, and induction on random repeated tokens."""

import numpy as np
from dash import Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from components import figures
from components.parts import hand_over
from compute import heads, induction, jobs
from compute.measures import MEASURES

INDUCTION_SCORE = "induction-grid"  # the head grid can be coloured by the other grid's numbers


def score_heads(set_progress, run: dict | None) -> dict | None:
    """Background job: per-head scores of the open text."""
    if not run:
        return None
    jobs.score_heads(run["key"], set_progress)
    return {"run": run["key"]}


def measure_induction(set_progress, run: dict | None, _, trials, length, seed) -> dict:
    """Background job: induction in the open model."""
    if not run:
        return None
    options = {"trials": trials or 50, "length": length, "seed": seed or 0}
    name = jobs.measure_induction(run["spec"], options, set_progress)
    return {"spec": run["spec"], "name": name}


def draw_head_grid(scores: dict | None, measured: dict | None, run: dict | None, score, theme):
    """Colour all heads by the chosen score."""
    if not run:
        raise PreventUpdate
    if score == INDUCTION_SCORE:
        if not measured or measured["spec"] != run["spec"]:
            return no_update, "Waiting for the induction measurement below."
        return _induction(measured, theme)
    found = heads.load(run["key"]) if scores and scores["run"] == run["key"] else None
    if found is None:
        return no_update, no_update
    measure = MEASURES[score]
    mean, low, high = found.of(score)
    top = float(np.nanmax(mean, initial=measure.low)) if measure.high is None else measure.high
    figure = figures.grid(mean, measure.low, top, theme == "dark", _intervals(low, high))
    return figure, measure.definition


def draw_induction(measured: dict | None, theme, run: dict | None):
    """Draw the induction score of every head."""
    if not measured or not run or measured["spec"] != run["spec"]:
        raise PreventUpdate
    return _induction(measured, theme)


def _induction(measured: dict, theme: str):
    found = induction.load(measured["name"])
    if found is None:
        raise PreventUpdate
    name = "retrieval" if "retrieval" in found.readouts else "prefix_matching"
    mean, low, high = found.readouts[name]
    note = (
        f"{induction.READOUTS[name]} Design “{found.design}”, {found.protocol}: "
        f"{found.trials} trials, {found.length} random tokens repeated, seed {found.seed}."
    )
    figure = figures.grid(mean, 0, 1, theme == "dark", _intervals(low, high))
    return figure, " ".join([_strongest(mean), note, *found.notes])


def _strongest(mean: np.ndarray) -> str:
    if not np.isfinite(mean).any():
        return ""
    layer, head = np.unravel_index(np.nanargmax(mean), mean.shape)
    return f"Strongest: L{layer}H{head} with {mean[layer, head]:.2f}."


def _intervals(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    text = [[f"95 % interval {a:.3f} … {b:.3f}" for a, b in zip(*rows, strict=True)]
            for rows in zip(low, high, strict=True)]  # fmt: skip
    return np.where(np.isfinite(low), np.array(text), "")


def register(app: Dash) -> None:
    """Wire these functions to the page."""
    hand_over(app, "scores")
    app.callback(
        Output("scores-result", "data"),
        Input("run", "data"),
        background=True,
        interval=150,
        prevent_initial_call=True,
        cancel=[Input("scores-cancel", "n_clicks")],
        progress=[Output("scores-progress", "value"), Output("scores-progress-text", "children")],
        progress_default=[0, "Starting …"],
        running=[(Output("scores-job", "hidden"), False, True)],
    )(score_heads)
    hand_over(app, "induction")
    app.callback(
        Output("induction-result", "data"),
        Input("run", "data"),
        Input("induction-start", "n_clicks"),
        State("induction-trials", "value"),
        State("induction-length", "value"),
        State("induction-seed", "value"),
        background=True,
        interval=150,
        cache_args_to_ignore=[1],
        prevent_initial_call=True,
        cancel=[Input("induction-cancel", "n_clicks")],
        progress=[
            Output("induction-progress", "value"),
            Output("induction-progress-text", "children"),
        ],
        progress_default=[0, "Starting …"],
        running=[(Output("induction-job", "hidden"), False, True)],
    )(measure_induction)
    app.callback(
        Output("head-grid", "figure"),
        Output("score-note", "children"),
        Input("scores", "data"),
        Input("induction", "data"),
        Input("run", "data"),
        Input("score-select", "value"),
        Input("theme", "data"),
        prevent_initial_call=True,
    )(draw_head_grid)
    app.callback(
        Output("induction-grid", "figure"),
        Output("induction-note", "children"),
        Input("induction", "data"),
        Input("theme", "data"),
        Input("run", "data"),
        prevent_initial_call=True,
    )(draw_induction)
