"""Which head a page opens on that was told no more than a model and a text.

For one view it is known beforehand (`KNOWN`), for the others it is the clearest on the text, once
all heads are measured. The browser (assets/grid/first_head.js) asks only while nobody has chosen.
"""

from dash import Dash, Input, Output, State, html
from dash.exceptions import PreventUpdate

from components.parts.browser import in_browser
from compute import runs
from compute.scores import clearest, heads

KNOWN = (
    # In MiniLM's head for the token before, "remembered" looks at "everybody".
    {"model": "minilm", "text": "prose", "layer": 0, "head": 2, "token": 403},
)
LOOKS = {
    "previous": "no head looks at the token before more clearly",
    "duplicate": "no head looks at other instances of the same token more clearly",
    "induction": "no head looks more clearly at what followed the same token elsewhere",
    "self": "no head looks at the token itself more clearly",
    "coming": "no head looks more clearly at the source's token that the target has next",
    "read": "no head looks at the same token of the source more clearly",
    "row": "no head looks along the row of a patch more clearly",
    "column": "no head looks along the column of a patch more clearly",
}


def note() -> html.Div:
    """Return the place for why the page opened on this head (assets/grid/first_head.js)."""
    close = html.Button(id="first-close", className="btn-close", **{"aria-label": "Close"})
    return html.Div(
        [html.Span(id="first-why", role="status"), close],
        id="first-note",
        className="first-note",
        hidden=True,
    )


def choose(asked: dict | None) -> dict:
    """Return the head to show, a token that shows what it does, and why this head."""
    if not asked:
        raise PreventUpdate
    found = heads.SCORES.get(heads.key(asked["run"]))
    if found is None:
        raise PreventUpdate
    candidates = clearest.clear(found)
    best = clearest.choose(candidates, [clearest.known_trust(asked["run"], c) for c in candidates])
    if best is None:
        raise PreventUpdate
    return {
        "run": asked["run"],
        "layer": best.layer,
        "head": best.head,
        "token": clearest.example(runs.load(asked["run"]), best),
        "why": f"Opened here, since {LOOKS[best.score]} ({best.value:.2f}).".replace("(0.", "(."),
    }


def register(app: Dash) -> None:
    """Wire it."""
    browser = in_browser(app)
    browser(
        "firstAsk",
        Output("first-asked", "data"),
        Input("scores", "data"),
        State("run", "data"),
    )
    app.callback(Output("first-head", "data"), Input("first-asked", "data"))(choose)
    browser("firstTake", Input("first-head", "data"))
