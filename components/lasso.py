"""Points selected with lasso or box: which tokens they are, and what they attend to in sum."""

import numpy as np
from dash import ClientsideFunction, Dash, Input, Output, State, html

from components.parts import SIDES
from compute import runs, selection
from compute.selection import Summary


def describe(lassoed: dict | None):
    """List the selected tokens and their attention, in head A and, when comparing, head B."""
    if not lassoed:
        return [], True
    data = runs.load(lassoed["run"])
    queries, keys = (np.array(lassoed[name], int) for name in ("queries", "keys"))
    parts = []
    for at in lassoed["heads"]:
        found = selection.summarise(data, *at, queries, keys)
        if not parts:
            parts = [_tokens(found)]
        parts.append(_attention(found, f"L{at[0]}H{at[1]}"))
    return html.Div(parts, className="columns"), False


def _tokens(found: Summary) -> html.Div:
    title = f"Selected: {_counted(found.queries, 'query', 'queries')}, "
    title += _counted(found.keys, "key", "keys")
    return html.Div([html.H2(title), _list(found.tokens, "{:,} ×")])


def _attention(found: Summary, name: str) -> html.Div:
    parts = []
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
    app.clientside_callback(
        ClientsideFunction("headscope", "lassoed"),
        Output("lassoed", "data"),
        Input("run", "data"),
        Input("lasso", "data"),
        Input("compare-toggle", "active"),
        *(Input(f"{what}-select{side}", "value") for side in SIDES for what in ("layer", "head")),
        State("lassoed", "data"),
    )
    app.callback(
        Output("lasso-panel", "children"),
        Output("lasso-panel", "hidden"),
        Input("lassoed", "data"),
    )(describe)
