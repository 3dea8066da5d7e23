"""The two heads that are compared; while none are, nothing is asked of the server for them."""

from dash import Dash, Input, Output, State, dcc
from dash.exceptions import PreventUpdate

from components.parts import SIDES


def store() -> dcc.Store:
    """Return the store that holds both heads."""
    return dcc.Store(id="compared")


def register(app: Dash) -> None:
    """Keep both heads in the store for as long as two are compared."""
    app.clientside_callback(
        """(run, on, layer, head, layerB, headB, kept) => {
            const now = {run: run && run.key, a: [+layer, +head], b: [+layerB, +headB]};
            const same = JSON.stringify(now) === JSON.stringify(kept);
            return run && on && !same ? now : window.dash_clientside.no_update;
        }""",
        Output("compared", "data"),
        Input("run", "data"),
        Input("compare-toggle", "active"),
        *(Input(f"{what}-select{side}", "value") for side in SIDES for what in ("layer", "head")),
        State("compared", "data"),
    )


def places(compared: dict | None, run: dict | None) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return layer and head of A and of B.

    Raises
    ------
    PreventUpdate
        If the store belongs to a run that is not the open one.
    """
    if not compared or not run or compared["run"] != run["key"]:
        raise PreventUpdate
    return tuple(compared["a"]), tuple(compared["b"])
