"""The line that says which passage is shown, and lets one choose another: on two stages."""

import dash_bootstrap_components as dbc
from dash import Dash, Input, Output, html

from components.parts.browser import in_browser


def chooser(prefix: str = "") -> html.Div:
    """Return the line; what its ids begin with tells that of one stage from that of another."""
    id = f"{prefix}passage"
    return html.Div(
        [
            _step("‹", f"{id}-previous", "Previous passage", "["),
            html.Label("passage", htmlFor=f"{id}-number"),
            dbc.Input(
                id=f"{id}-number",
                value="1",
                size="sm",
                debounce=True,
                autocomplete="off",
                inputmode="numeric",
                disabled=True,
                className="passage-number",
            ),
            html.Span(id=f"{id}-count"),
            _step("›", f"{id}-next", "Next passage", "]"),
        ],
        className="passage-chooser",
    )


def _step(sign: str, id: str, name: str, key: str) -> html.Button:
    said = {"aria-label": name, "aria-keyshortcuts": key, "title": f"{name} (key {key})"}
    return html.Button(
        sign, id=id, disabled=True, className="btn btn-sm btn-outline-secondary", **said
    )


def shown(prefix: str = "") -> tuple[Output, ...]:
    """Return what `line` of assets/passage/passages.js gives."""
    parts = (
        ("number", "value"),
        ("number", "disabled"),
        ("count", "children"),
        ("previous", "disabled"),
        ("next", "disabled"),
    )
    return tuple(Output(f"{prefix}passage-{name}", prop) for name, prop in parts)


def register(app: Dash, prefix: str = "") -> None:
    """Wire what somebody does with it; assets/passage/passages.js knows where passages begin."""
    browser, id = in_browser(app), f"{prefix}passage"
    browser("typePassageAll" if prefix else "typePassage", Input(f"{id}-number", "value"))
    browser("previousPassage", Input(f"{id}-previous", "n_clicks"))
    browser("nextPassage", Input(f"{id}-next", "n_clicks"))
