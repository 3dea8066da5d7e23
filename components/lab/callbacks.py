"""The lab's measurement, and what it shows of all heads and of one."""

import numpy as np
from dash import Dash, Input, Output, State, html, no_update
from dash.exceptions import PreventUpdate

from components.lab import (
    ablation,
    detect,
    extras,
    figures,
    grids,
    measurement,
    models,
    table,
    words,
)
from components.parts.browser import in_browser
from components.parts.jobs import kept
from components.shown import shown_head
from compute import attention, runs
from compute.errors import HeadscopeError
from compute.finding import imported
from compute.jobs import measuring
from compute.lab import sample_trials
from compute.lab.readouts import READOUTS
from compute.models.model import of_pictures, one_stack_only

NO_WAY = (
    "{} is neither causal nor has a mask token, so no token can be predicted from a repeat. "
    "Choose another model."
)
GONE = "The measurement is no longer in the cache. Press Measure."


def measure(set_progress, asked: dict) -> dict:
    """Background job: induction in the open model, and its nulls."""
    return asked | measuring.measure(asked["spec"], asked["options"], set_progress)


def read_trials(set_progress, measured: dict | None) -> dict | None:
    """Background job: a few trials of the measurement to look at."""
    if not measured:
        return None
    name = measuring.show(measured["spec"], measured["options"], set_progress)
    needs = [sample_trials.EXAMPLES.ref(name), runs.RUNS.ref(name)]
    return {"spec": measured["spec"], "name": name, "needs": needs}


def show_measured(measured: dict | None, run: dict | None, view: str):
    """Say what was found and what made it; choose between the views and the empty state.

    Returns
    -------
    verdict, note, empty hidden, that it is empty, why, then for each view whether it is hidden

    What is said while it is measured, or was not for once, is the browser's (assets/lab/lab.js).
    """
    if not run:
        raise PreventUpdate
    scores = measurement.load(measured, run)
    if scores is None:
        mine = measured and measured["spec"] == run["spec"]
        why = GONE if mine else ""
        if not run["model"]["weights"]:
            why = str(imported.no_weights(run["model"]["name"]))
        elif run["model"].get("part"):
            why = str(one_stack_only(run["model"]["name"]))
        elif run["model"].get("task") == "picture":
            why = str(of_pictures(run["model"]["name"]))
        elif not run["model"]["causal"] and run["model"]["mask_id"] is None:
            why = NO_WAY.format(run["model"]["name"])
        never = not run["model"]["weights"] or run["model"].get("part")
        never = never or run["model"].get("task") == "picture"
        lead = words.NEVER if never else words.NOTHING
        said = (lead, why) if why else (no_update, no_update)
        return "", "", False, *said, True, True, True
    shown = [view != name for name in ("heads", "ablation", "models")]
    verdict = measurement.verdict(scores, run["model"]["name"])
    return verdict, measurement.provenance(scores), True, no_update, no_update, *shown


def draw_grids(measured: dict | None, theme: str, run: dict | None) -> list[html.Section]:
    """Draw a grid of all heads for each read-out."""
    scores = measurement.load(measured, run)
    if scores is None:
        raise PreventUpdate
    return [_grid(scores, name, theme == "dark") for name in scores.found.readouts]


def _grid(scores: measurement.Scores, name: str, dark: bool) -> html.Figure:
    mean, readout = scores.found.readouts[name].mean, READOUTS[name]
    figure = grids.of_readout(scores, name, dark)
    best = grids.best(mean) if np.isfinite(mean).any() else ""
    return grids.grid(figure, readout.full, best, f"lab-grid-{name}", name, readout.definition)


def offer_readouts(measured: dict | None, run: dict | None, chosen: str):
    """Offer the read-outs that this measurement has; keep the chosen one if it is among them."""
    scores = measurement.load(measured, run)
    if scores is None:
        raise PreventUpdate
    names = list(scores.found.readouts)
    options = [{"value": name, "label": READOUTS[name].full} for name in names]
    return options, chosen if chosen in names else scores.main


def draw_head(measured: dict | None, run: dict | None, shown: dict | None, theme: str):
    """Draw the spectrum of the open head and say its numbers."""
    scores = measurement.load(measured, run)
    if scores is None:
        raise PreventUpdate
    at = shown_head.place(shown, run)
    title, said = f"Head L{at[0]}H{at[1]}", measurement.facts(scores, *at)
    if not scores.found.spectra:  # the published shuffled design reads no offsets
        return no_update, title, f"{said} · this design reads no offsets"
    return figures.spectrum(scores.found.spectra, at, theme == "dark"), title, said


def draw_trial(trials: dict | None, shown: dict | None, number, readout, bare: bool, theme, run):
    """Draw the attention of the open head in one of the trials, what is read there framed.

    `bare` leaves the frames out.
    """
    seen = kept(sample_trials.EXAMPLES, trials, run)
    if seen is None:
        raise PreventUpdate
    layer, head = shown_head.place(shown, run)
    data, trial = runs.load(seen.run_key), int(number)
    data.check(layer, head)
    if not 0 <= trial < len(seen.queries):
        raise HeadscopeError(f"There is no trial {trial + 1}: {len(seen.queries)} were kept.")
    weights = attention.of_passage(data, layer, head, trial)
    tokens = data.tokens.strings[data.span(trial)]
    cells = np.empty((0, 2), np.int64)
    if readout in seen.keys:
        queries, keys = np.broadcast_arrays(seen.queries[trial, :, None], seen.keys[readout][trial])
        cells = np.stack([queries, keys], axis=-1)[keys >= 0]
    return figures.matrix(weights, tokens, None if bare else cells, theme == "dark")


def register(app: Dash) -> None:
    """Wire these functions to the page."""
    measured, run = Input("lab-measured", "data"), Input("lab-run", "data")
    theme, head = Input("theme", "data"), Input("lab-head", "data")
    shown_head.register(app, "lab")
    app.callback(
        Output("lab-verdict", "children"),
        Output("lab-note", "children"),
        Output("lab-empty", "hidden"),
        Output("lab-empty-lead", "children"),
        Output("lab-empty-why", "children"),
        *(Output(f"lab-view-{view}", "hidden") for view in ("heads", "ablation", "models")),
        measured,
        Input("lab-run", "data"),
        Input("lab-view", "value"),
    )(show_measured)
    app.callback(Output("lab-grids", "children"), measured, theme, run)(draw_grids)
    app.callback(
        Output("lab-readout", "options"),
        Output("lab-readout", "value"),
        measured,
        run,
        State("lab-readout", "value"),
    )(offer_readouts)
    app.callback(
        Output("lab-spectrum", "figure"),
        Output("lab-head-title", "children"),
        Output("lab-head-facts", "children"),
        measured,
        run,
        head,
        theme,
    )(draw_head)
    app.callback(
        Output("lab-matrix", "figure"),
        Input("lab-shown", "data"),
        head,
        Input("lab-number", "value"),
        Input("lab-readout", "value"),
        Input("lab-unframed", "value"),
        theme,
        run,
    )(draw_trial)
    for part in (table, ablation, models, extras, detect):
        part.register(app)
    _client(app)


def _client(app: Dash) -> None:
    """Wire what assets/lab/lab.js answers."""
    browser = in_browser(app)
    browser(
        "labAsk",
        Output("lab-design", "options"),
        Output("lab-design", "value"),
        Output("lab-protocol", "options"),
        Output("lab-protocol", "value"),
        Output("lab-start", "disabled"),
        Output("lab-asked", "data"),
        Input("lab-start", "n_clicks"),
        Input("stage-select", "value"),
        Input("run", "data"),
        Input("lab-protocol", "value"),
        Input("lab-address", "data"),
        *(State(f"lab-{name}", "value") for name in ("design", "trials", "length", "seed")),
        State("lab-asked", "data"),
        State("lab-kinds", "data"),
    )
    head = [("layer-select", "value"), ("head-select", "value")]
    browser("labFound", Input("lab-measured", "data"))
    browser("labOpen", Input("lab-open", "n_clicks"))
    browser("labToMap", Input("lab-to-map", "n_clicks"))
    browser("labPin", Input("lab-pin", "n_clicks"), *(State(*part) for part in head))
    browser("labRow", Input("lab-table", "cellClicked", allow_optional=True))
    browser(
        "labFrames",
        Input("lab-off", "value", allow_optional=True),
        Input("lab-view", "value", allow_optional=True),
        Input("stage-select", "value"),
    )
