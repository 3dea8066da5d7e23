"""What every head looks at from the selected patch: sent once a click, drawn in the browser."""

import base64

import numpy as np
from dash import Dash, Input, Output, html

from components.forms.fields import Index, Key, Record, one_of
from components.forms.form import Form
from components.parts.browser import in_browser
from components.parts.controls import hint
from compute import runs
from compute.attention import one_token

LEVELS = 255
NAMED = {"aria-label": "Heads"}
HELP = [
    html.P(
        "One small picture for every head, layers downwards: how much it looks from the selected "
        "patch at each other one, or, of a selected key, how much each looks at it. Each head has "
        "a scale of its own, by the square root: what is largest has the full colour, and the "
        "number under the picture says how much that is, [CLS] and registers included."
    ),
    html.P("Click a picture to open its head."),
]


class Asked(Record):
    """The token of a picture that is selected."""

    run: Key
    token: Index
    role: one_of(("query", "key"))


STORES = {"picture-asked": Form(Asked | None)}


def panel() -> html.Section:
    """Return the place for all heads; hidden while a text is open, not pictures."""
    title = html.H2("Every head, from the selected patch", id="picture-title")
    parts = [
        html.Div([title, hint("picture-heads", HELP)], className="card-title"),
        html.P(id="picture-note", className="note"),
        html.Div(
            id="picture-grid", className="picture-grid", role="group", **{"aria-label": "Heads"}
        ),
    ]
    return html.Section(parts, id="picture-panel", className="panel", hidden=True)


def send(asked: dict | None) -> dict | None:
    """Send the attention of a token in all heads, as numbers of one byte.

    Returns
    -------
    dict or None
        What was asked; ``heads``, base64 of uint8 (layers, heads, m): `LEVELS` times the square
        root of the attention; ``most``, the largest of each head, layer by layer.
    """
    if not asked:
        return None
    weights = one_token.of_all_heads(runs.load(asked["run"]), asked["token"], asked["role"])
    levels = np.round(LEVELS * np.sqrt(np.clip(weights, 0, 1))).astype("u1")
    most = [float(f"{value:.4g}") for value in weights.max(-1).ravel()]
    return asked | {"heads": base64.b64encode(levels.tobytes()).decode(), "most": most}


def register(app: Dash) -> None:
    """Wire it; the server is asked only while pictures are open."""
    browser = in_browser(app)
    browser("pictureAsk", Output("picture-asked", "data"), Input("run", "data"))
    app.callback(Output("picture-heads", "data"), Input("picture-asked", "data"))(send)
    browser("pictureHeads", Input("picture-heads", "data"), Input("tokens", "data"))
