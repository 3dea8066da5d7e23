"""Points selected with lasso or box: which tokens they are, and what they attend to in sum."""

import numpy as np
from dash import Dash, Input, Output, State, html

from components.parts.browser import in_browser
from components.shown.records import COLUMNS
from compute import runs
from compute.errors import HeadscopeError
from compute.maps import selection
from compute.maps.selection import Summary
from compute.matched import paired_attention
from compute.matched.token_alignment import counterparts

PLACES = (
    "r3 c5 is the patch of row 3, column 5: patches of one place are counted together, whichever "
    "picture they are of."
)


def describe(lassoed: dict | None):
    """List the selected tokens and their attention, in head A and, when comparing, head B."""
    if not lassoed:
        return [], True
    columns, parts = lassoed["columns"], []
    pair = columns[0][0], columns[-1][0]
    for (key, *at), name in zip(columns, "AB", strict=False):
        chosen = _chosen(lassoed, key, pair)
        if chosen is None:
            continue
        run = runs.load(key)
        found = selection.summarise(run, *at, *chosen)
        if not parts:
            parts = [_tokens(found, PLACES if run.grid is not None else "")]
        title = "L{}H{}".format(*at) + (f" in {name}" if pair[0] != pair[1] else "")
        parts.append(_attention(found, title))
    return html.Div(parts, className="columns"), False


def _chosen(lassoed: dict, key: str, pair: tuple[str, str]) -> list[np.ndarray] | None:
    """Return the selected queries and keys as a column's own tokens; None for another text."""
    own = [np.array(lassoed[name], int) for name in ("queries", "keys")]
    if key == lassoed["run"]:
        return own
    try:
        shared = paired_attention.shared(*pair)
    except HeadscopeError:
        return None
    way = 0 if key == pair[1] else 1
    there = [counterparts(side)[way] for side in (shared, shared.keys)]
    found = [np.unique(side[tokens]) for side, tokens in zip(there, own, strict=True)]
    return [tokens[tokens >= 0] for tokens in found]


def _tokens(found: Summary, note: str) -> html.Div:
    title = f"Selected: {_counted(found.queries, 'query', 'queries')}, "
    title += _counted(found.keys, "key", "keys")
    told = [html.P(note, className="note")] if note else []
    return html.Div([html.H2(title), _list(found.tokens, "{:,} ×"), *told])


def _attention(found: Summary, name: str) -> html.Div:
    parts = []
    if np.isfinite(found.within):
        said = (
            f"{found.within:.1%} of the attention of those queries that can see a selected key "
            "goes to selected keys"
        )
        parts += [html.H2(f"{name}: within the selection"), html.P(said, className="tally")]
    if found.queries:
        parts += [html.H2(f"{name}: the queries attend to"), _list(found.given, "{:.0%}")]
    if found.keys:
        parts += [html.H2(f"{name}: the keys are looked at by"), _list(found.received, "{:.1f}")]
    return html.Div(parts)


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _list(pairs: tuple, form: str) -> html.P:
    words = [
        html.Span([html.B(name), " ", html.Span(form.format(value), className="count")])
        for name, value in pairs
    ]
    return html.P(words, className="tally")


def register(app: Dash) -> None:
    """Wire the panel."""
    browser = in_browser(app)
    browser(
        "lassoed",
        Output("lassoed", "data"),
        *COLUMNS[""].values(),
        COLUMNS["-b"],
        Input("lasso", "data"),
        State("lassoed", "data"),
    )
    app.callback(
        Output("lasso-panel", "children"),
        Output("lasso-panel", "hidden"),
        Input("lassoed", "data"),
    )(describe)
