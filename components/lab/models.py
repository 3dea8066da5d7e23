"""Several models of one kind side by side: their grids aligned by depth, score against depth."""

import numpy as np
from dash import Dash, Input, Output, State, dcc, html
from dash.exceptions import PreventUpdate

from components.lab import figures, grids, measurement
from components.parts.controls import drawn, panel
from components.plots.theme import STILL_GRAPH
from compute import limits
from compute.errors import HeadscopeError
from compute.finding import catalog
from compute.jobs import measuring
from compute.lab.readouts import READOUTS
from compute.scores.intervals import Estimate

HEIGHT = 300  # pixels of every grid, so that equal heights are equal depths


def ask(n_clicks: int | None, chosen: list[str] | None, others: str | None, measured, run):
    """Return which models to measure, the open one first, and how."""
    if not n_clicks or measurement.load(measured, run) is None:
        raise PreventUpdate
    typed = [spec.strip() for spec in (others or "").split(",") if spec.strip()]
    specs = list(dict.fromkeys([run["spec"], *(chosen or []), *typed]))
    if len(specs) > limits.MODELS:
        raise HeadscopeError(f"Choose at most {limits.MODELS} models, the open one among them.")
    if len(specs) < 2:
        raise HeadscopeError("Choose at least one more model to lay beside the open one.")
    for spec in specs:
        catalog.find(spec)  # what can't be found is told before anything is measured
    return {"specs": specs, "options": measured["options"]}


def measure_all(set_progress, asked: dict) -> list[dict]:
    """Background job: the same measurement in several models."""
    found, count = [], len(asked["specs"])
    for i, spec in enumerate(asked["specs"]):
        name = catalog.find(spec).name

        def report(progress, i=i, name=name) -> None:
            percent, sentence = progress
            set_progress(((100 * i + percent) / count, f"{name} ({i + 1} of {count}): {sentence}"))

        found.append(measuring.measure(spec, asked["options"], report))
    kinds = {each["causal"] for each in found}
    if len(kinds) > 1:
        raise HeadscopeError(
            "Causal and masked models can't be laid side by side: what is read differs. "
            "Choose models of one kind."
        )
    return found


def draw(
    found: list[dict] | None, readout: str, theme: str, run: dict | None
) -> list[html.Section]:
    """Show the grids of all models, and the strongest head of each layer against depth."""
    if not found or not run or found[0]["spec"] != run["spec"]:
        return []
    measured = [(each, measurement.read(each)) for each in found]
    measured = [(each, scores) for each, scores in measured if scores is not None]
    readout = readout if all(readout in s.found.readouts for _, s in measured) else None
    dark = theme == "dark"
    shown = [
        _grid(each["model"], scores, readout or scores.main, dark) for each, scores in measured
    ]
    curves = [_curve(each["model"], scores, readout or scores.main) for each, scores in measured]
    title = READOUTS[readout or measured[0][1].main].full
    figure = figures.curves(
        curves, dark, "relative depth: (layer + ½) / layers", f"{title.lower()}, strongest head"
    )
    figure.update_xaxes(range=[0, 1])
    return [
        panel(
            html.Div(html.H2(f"{title}, by relative depth"), className="card-title"),
            html.P(
                "All on one scale, 0 to 1, as the read-outs are: equal colours are equal shares of "
                "attention, also across models.",
                className="note",
            ),
            html.Div(shown, className="lab-grids"),
            *(
                html.P(f"{each['model']}: {measurement.provenance(scores)}", className="note")
                for each, scores in measured
            ),
        ),
        panel(
            html.Div(html.H2("The strongest head of each layer"), className="card-title"),
            html.Figure(drawn(figure, "lab-depth"), className="plot-frame lab-curve"),
        ),
    ]


def _grid(title: str, scores: measurement.Scores, readout: str, dark: bool) -> html.Figure:
    mean = scores.found.readouts[readout].mean
    figure = grids.of_readout(scores, readout, dark).update_layout(height=HEIGHT)
    facts = f"{mean.shape[0]} × {mean.shape[1]} heads, {grids.best(mean)}"
    top = html.Div([html.H3(title), html.Span(facts, className="facts")])
    plot = dcc.Graph(figure=figure, config=STILL_GRAPH, className="plot")
    return html.Figure([top, plot], className="lab-model")


def _curve(title: str, scores: measurement.Scores, readout: str) -> figures.Curve:
    score, _ = scores.of(readout)
    best = np.nanargmax(np.nan_to_num(score.mean, nan=-1), axis=1)
    layers = np.arange(len(best))
    line = Estimate(*(part[layers, best] for part in score))
    return figures.Curve(title, (layers + 0.5) / len(best), line)


def register(app: Dash) -> None:
    """Wire these functions to the page."""
    run = State("run", "data")
    app.callback(
        Output("lab-beside", "data"),
        Input("lab-models-start", "n_clicks"),
        State("lab-models", "value"),
        State("lab-models-other", "value"),
        State("lab-measured", "data"),
        run,
    )(ask)
    app.callback(
        Output("lab-models-results", "children"),
        Input("lab-side", "data"),
        Input("lab-readout", "value"),
        Input("theme", "data"),
        Input("lab-run", "data"),
    )(draw)
