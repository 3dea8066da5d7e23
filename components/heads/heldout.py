"""Trust of passages that were placed without their own attention, on request."""

from dash import ClientsideFunction, Dash, Input, Output, State

from components.parts import typed
from components.parts.controls import hand_over, job_options
from components.parts.pictures import PANEL, picture
from compute import runs
from compute.jobs import mapping


def hold_out(set_progress, n_clicks, run: dict | None, layer, head, *panel) -> dict | None:
    """Background job: place every fifth of the passages by likeness alone, and measure."""
    if not n_clicks or not run:
        return None
    at = typed.head(layer, head)
    asked = picture(run, *at, *panel)
    score = mapping.hold_out(
        run["key"], *at, asked.method, asked.dims, dict(asked.options), set_progress
    )
    said = (
        "The text has too few passages to hold any out."
        if score is None
        else f"Held out: T {score:.2f}"
    )
    shown = [run["key"], str(layer), str(head), *panel]
    return {"shown": shown, "said": said, "needs": [runs.RUNS.ref(run["key"])]}


def register(app: Dash) -> None:
    """Wire the button."""
    hand_over(app, "heldout")
    head = ("layer-select", "value"), ("head-select", "value")
    app.callback(
        Output("heldout-result", "data"),
        Input("heldout-start", "n_clicks"),
        State("run", "data"),
        *(State(id, prop) for id, prop in (*head, *PANEL)),
        cache_args_to_ignore=[0],
        **job_options("heldout"),
    )(hold_out)
    app.clientside_callback(
        ClientsideFunction("headscope", "heldOut"),
        Output("heldout-note", "children"),
        Input("heldout", "data"),
        Input("run", "data"),
        *(Input(id, prop) for id, prop in (*head, *PANEL)),
    )
