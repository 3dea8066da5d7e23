"""The lab's measurement, and what it shows of all heads and of one."""

import numpy as np
from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.exceptions import PreventUpdate

from components import lab_figures, lab_scores, lab_table
from components.lab_texts import TITLES
from components.theme import STILL_GRAPH
from compute import induction, trial

GONE = "The measurement is no longer in the cache. Press Measure."


def measure(set_progress, asked: dict | None) -> dict | None:
    """Background job: induction in the open model, and its nulls."""
    if not asked:
        return None
    from compute import catalog, jobs, models, nulls
    from compute.progress import Meter

    name = jobs.measure_induction(asked["spec"], asked["options"], set_progress)
    s = catalog.find(asked["spec"])
    n = nulls.key(s.identity, asked["options"])
    if nulls.load(n) is None:
        nulls.measure(
            models.load(s),
            induction.load(name),
            asked["options"],
            Meter(set_progress, "trials of nulls").at,
        )
    return asked | {"name": name, "nulls": n}


def record_trial(set_progress, measured: dict | None) -> dict | None:
    """Background job: one trial of the measurement to look at."""
    if not measured:
        return None
    name = trial.find_or_record(measured["spec"], measured["options"], set_progress)
    return {"spec": measured["spec"], "of": measured["name"], "name": name}


def show_measured(measured: dict | None, run: dict | None, view: str):
    """Say what was found and what made it; choose between the views and the empty state.

    Returns
    -------
    verdict, note, empty hidden, why it is empty, then for each view whether it is hidden
    """
    if not run:
        raise PreventUpdate
    scores = lab_scores.load(measured, run)
    if scores is None:
        mine = measured and measured["spec"] == run["spec"]
        why = GONE if mine else "Choose a design and press Measure."
        return "", "", False, why, True, True, True
    shown = [view != name for name in ("heads", "ablation", "models")]
    words = lab_scores.verdict(scores, run["model"]["name"])
    return words, lab_scores.provenance(scores), True, "", *shown


def draw_grids(measured: dict | None, theme: str, run: dict | None) -> list[html.Section]:
    """Draw a grid of all heads for each read-out."""
    scores = lab_scores.load(measured, run)
    if scores is None:
        raise PreventUpdate
    return [_grid(scores, name, theme == "dark") for name in scores.found.readouts]


def _grid(scores: lab_scores.Scores, name: str, dark: bool) -> html.Figure:
    score, null = scores.of(name)
    dimmed = None if null is None else null.differs == 0
    figure = lab_figures.heads(score.mean, dark, lab_scores.hover(score, null), dimmed)
    best = ""
    if np.isfinite(score.mean).any():
        at = lab_scores.strongest(score.mean)
        best = f"{score.mean[at]:.2f} at L{at[0]}H{at[1]}"
    title = html.Div([html.H3(TITLES[name]), html.Span(best, className="facts")])
    graph = dcc.Graph(id=f"lab-grid-{name}", figure=figure, config=STILL_GRAPH, className="plot")
    caption = html.Figcaption(induction.READOUTS[name], className="note")
    return html.Figure([title, graph, caption], className="lab-grid", **{"data-readout": name})


def offer_readouts(measured: dict | None, run: dict | None, chosen: str):
    """Offer the read-outs that this measurement has; keep the chosen one if it is among them."""
    scores = lab_scores.load(measured, run)
    if scores is None:
        raise PreventUpdate
    names = list(scores.found.readouts)
    options = [{"value": name, "label": TITLES[name]} for name in names]
    return options, chosen if chosen in names else scores.main


def draw_head(measured: dict | None, run: dict | None, layer, head, theme: str):
    """Draw the spectrum of the open head and say its numbers."""
    scores = lab_scores.load(measured, run)
    if scores is None:
        raise PreventUpdate
    at = int(layer), int(head)
    title, said = f"Head L{at[0]}H{at[1]}", lab_scores.facts(scores, *at)
    if not scores.found.spectra:  # the published shuffled design reads no offsets
        return no_update, title, f"{said} · this design reads no offsets"
    return lab_figures.spectrum(scores.found.spectra, at, theme == "dark"), title, said


def draw_trial(recorded: dict | None, layer, head, readout: str, theme: str, run: dict | None):
    """Draw the attention of the open head in the recorded trial."""
    if not recorded or not run or recorded["spec"] != run["spec"]:
        raise PreventUpdate
    seen = trial.load(recorded["name"])
    if seen is None:
        raise PreventUpdate
    nothing = np.empty((0, 2), np.int64)
    cells = seen.cells.get(readout, nothing)
    weights = seen.attention[int(layer), int(head)]
    return lab_figures.matrix(weights, seen.tokens, cells, theme == "dark")


def register(app: Dash) -> None:
    """Wire these functions to the page."""
    measured, run = Input("lab-measured", "data"), State("run", "data")
    theme, head = (
        Input("theme", "data"),
        [Input("layer-select", "value"), Input("head-select", "value")],
    )
    for function, source, target, name in (
        (measure, Input("lab-asked", "data"), "lab-measured", "lab"),
        (record_trial, measured, "lab-trial", "lab-trial"),
    ):
        app.callback(
            Output(target, "data"),
            source,
            background=True,
            interval=150,
            prevent_initial_call=True,
            cancel=[Input(f"{name}-cancel", "n_clicks")],
            progress=[
                Output(f"{name}-progress", "value"),
                Output(f"{name}-progress-text", "children"),
            ],
            progress_default=[0, "Starting …"],
            running=[(Output(f"{name}-job", "hidden"), False, True)],
        )(function)
    app.callback(
        Output("lab-verdict", "children"),
        Output("lab-note", "children"),
        Output("lab-empty", "hidden"),
        Output("lab-empty-why", "children"),
        *(Output(f"lab-view-{view}", "hidden") for view in ("heads", "ablation", "models")),
        measured,
        Input("run", "data"),
        Input("lab-view", "value"),
        prevent_initial_call=True,
    )(show_measured)
    on = {"prevent_initial_call": True}
    app.callback(Output("lab-grids", "children"), measured, theme, run, **on)(draw_grids)
    app.callback(
        Output("lab-readout", "options"),
        Output("lab-readout", "value"),
        measured,
        run,
        State("lab-readout", "value"),
        **on,
    )(offer_readouts)
    app.callback(
        Output("lab-spectrum", "figure"),
        Output("lab-head-title", "children"),
        Output("lab-head-facts", "children"),
        measured,
        run,
        *head,
        theme,
        **on,
    )(draw_head)
    app.callback(
        Output("lab-matrix", "figure"),
        Input("lab-trial", "data"),
        *head,
        Input("lab-readout", "value"),
        theme,
        run,
        **on,
    )(draw_trial)
    lab_table.register(app)
