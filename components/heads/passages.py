"""Which passage is shown: the one before, the one after, or one by its number."""

import dash_bootstrap_components as dbc
from dash import Dash, Input, Output, html

from components.parts.browser import in_browser


def chooser() -> html.Div:
    """Return the line that says which passage is shown, and lets one choose another."""
    return html.Div(
        [
            _step("‹", "passage-previous", "Previous passage", "["),
            html.Label("passage", htmlFor="passage-number"),
            dbc.Input(
                id="passage-number",
                value="1",
                size="sm",
                debounce=True,
                autocomplete="off",
                inputmode="numeric",
                disabled=True,
            ),
            html.Span(id="passage-count"),
            _step("›", "passage-next", "Next passage", "]"),
        ],
        className="passage-chooser",
    )


def _step(sign: str, id: str, name: str, key: str) -> html.Button:
    said = {"aria-label": name, "aria-keyshortcuts": key, "title": f"{name} (key {key})"}
    return html.Button(
        sign, id=id, disabled=True, className="btn btn-sm btn-outline-secondary", **said
    )


def register(app: Dash) -> None:
    """Wire it in the browser, which knows where passages begin."""
    browser = in_browser(app)
    browser(
        "showPassage",
        Output("passage-number", "value"),
        Output("passage-number", "disabled"),
        Output("passage-count", "children"),
        Output("passage-previous", "disabled"),
        Output("passage-next", "disabled"),
        Input("selection", "data"),
        Input("tokens", "data"),
        Input("tokens-ghost", "data"),
        Input("run", "data"),
        Input("ghost-input", "value"),
    )
    browser("dropSentence", Input("error-toast", "is_open"), Input("ghost-asked", "data"))
    browser("typePassage", Input("passage-number", "value"))
    browser("previousPassage", Input("passage-previous", "n_clicks"))
    browser("nextPassage", Input("passage-next", "n_clicks"))
