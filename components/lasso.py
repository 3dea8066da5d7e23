"""Points selected with lasso or box: which tokens they are, and what they attend to in sum."""

import numpy as np
from dash import Dash, Input, Output, html

from components.parts import SIDES
from compute import runs, selection
from compute.selection import Summary


def describe(run: dict | None, lasso: dict | None, comparing, layer, head, layer_b, head_b):
    """List the selected tokens and their attention, in head A and, when comparing, head B."""
    if not run or not lasso or lasso["run"] != run["key"]:
        return [], True
    data = runs.load(run["key"])
    queries, keys = (np.array(lasso[name], int) for name in ("queries", "keys"))
    if not len(queries) + len(keys):
        return [], True
    parts = []
    for at in [(layer, head)] + ([(layer_b, head_b)] if comparing else []):
        found = selection.summarise(data, int(at[0]), int(at[1]), queries, keys)
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
    app.callback(
        Output("lasso-panel", "children"),
        Output("lasso-panel", "hidden"),
        Input("run", "data"),
        Input("lasso", "data"),
        Input("compare-toggle", "active"),
        *(Input(f"{what}-select{side}", "value") for side in SIDES for what in ("layer", "head")),
    )(describe)
