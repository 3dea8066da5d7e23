"""Which client-side functions (assets/lab/lab.js) answer to the lab's controls."""

from dash import Dash, Input, Output, State

from components.parts.browser import in_browser


def register(app: Dash) -> None:
    """Wire the client-side functions."""
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
    browser("labOpen", Input("lab-open", "n_clicks"))
    browser("labToMap", Input("lab-to-map", "n_clicks"))
    browser("labPin", Input("lab-pin", "n_clicks"), *(State(*part) for part in head))
    browser("labRow", Input("lab-table", "cellClicked", allow_optional=True))
    browser(
        "labFrames",
        *(Input(*part) for part in head),
        Input("lab-off", "value", allow_optional=True),
        Input("lab-view", "value", allow_optional=True),
        Input("stage-select", "value"),
    )
