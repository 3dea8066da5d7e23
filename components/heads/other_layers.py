"""The layers of a large model that are not stored: what one of them costs, and its computation.

The scripts show the dialog where such a layer is asked for (assets/heads/other_layers.js), and ask
for the text again with that layer among those to store.
"""

import dash_bootstrap_components as dbc
from dash import Dash, Input, Output, State, html
from dash.exceptions import PreventUpdate

from components.parts.browser import in_browser
from components.parts.controls import button, dialog, labelled, select
from compute import runs
from compute.machine import bounds
from compute.runs import cost

NAME = "Other layers …"


def opener() -> html.Span:
    """Return the button beside the layer, hidden while all are stored."""
    return html.Span(button(NAME, "layer-others"), id="layer-others-place", hidden=True)


def asking() -> dbc.Modal:
    """Return the dialog that says what a layer costs."""
    parts = [
        html.P(id="layer-lost", className="note"),
        labelled("Layer", select("layer-other", [("", "")])),
        html.P(id="layer-cost", **{"aria-live": "polite"}),
        html.P(
            "The model is loaded and reads the text again, up to this layer. What is stored stays, "
            "and this layer with it.",
            className="note",
        ),
    ]
    return dialog("layer-dialog", "A layer that is not stored", parts, ("layer-compute", "Compute"))


def tell_cost(layer: str | None, run: dict | None) -> str:
    """Say what it takes to store a layer: tokens, layers, bytes, and time if that is known."""
    if not run or not layer or run["held"] is None:
        raise PreventUpdate
    said = cost.of_layer(runs.load(run["key"]), int(layer))
    return f"To be read: {said}, of a budget of {cost.size(bounds.budget())}."


def register(app: Dash) -> None:
    """Wire the dialog."""
    app.callback(
        Output("layer-cost", "children"), Input("layer-other", "value"), State("run", "data")
    )(tell_cost)
    browser = in_browser(app)
    browser("otherLayers", Input("layer-others", "n_clicks"))
    browser(
        "computeLayer",
        Output("request", "data", allow_duplicate=True),
        Input("layer-compute", "n_clicks"),
        State("layer-other", "value"),
    )
