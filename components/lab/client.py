"""Which client-side functions (assets/lab/lab.js) answer to the lab's controls."""

from dash import ClientsideFunction, Dash, Input, Output, State


def _js(name: str) -> ClientsideFunction:
    return ClientsideFunction("headscope", name)


def register(app: Dash) -> None:
    """Wire the client-side functions."""
    app.clientside_callback(
        _js("labAsk"),
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
    app.clientside_callback(_js("labOpen"), Input("lab-open", "n_clicks"))
    app.clientside_callback(_js("labToMap"), Input("lab-to-map", "n_clicks"))
    app.clientside_callback(
        _js("labPin"), Input("lab-pin", "n_clicks"), *(State(*part) for part in head)
    )
    app.clientside_callback(_js("labRow"), Input("lab-table", "cellClicked", allow_optional=True))
    app.clientside_callback(
        _js("labFrames"),
        *(Input(*part) for part in head),
        Input("lab-off", "value", allow_optional=True),
        Input("lab-view", "value", allow_optional=True),
        Input("stage-select", "value"),
    )
