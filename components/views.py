"""Attention of one or two heads over one passage: heatmaps, their difference, facts."""

import numpy as np
from dash import Dash, Input, Output
from dash.exceptions import PreventUpdate

from components import compared, figures
from components.parts import SIDES
from compute import attention, heads, runs
from compute.measures import MEASURES


def draw_heatmap(run: dict | None, layer, head, selection: dict | None, theme, hide, by_value):
    """Draw the attention of the selected token's passage, and send the lines for the map.

    Returns
    -------
    figure, links, title
        `links`: the passage's bounds, the selected token, and its attention to (for a key: from)
        every token of the passage.
    """
    if not run:
        raise PreventUpdate
    data, at = runs.load(run["key"]), (int(layer), int(head))
    data.check(*at)
    selection = _valid(data, selection)
    passage, start, row, column = _place(data, selection)
    weights, said = _weights(data, *at, passage, hide, by_value)
    tokens = list(data.tokens.strings[start : start + len(weights)])
    figure = figures.heatmap(weights, tokens, theme == "dark", row, column)
    line = None
    if selection:
        shares = weights[row] if selection["role"] == "query" else weights[:, column]
        line = np.round(np.nan_to_num(shares).astype(float), 4).tolist()
    links = {
        "selection": selection,
        "start": start,
        "count": len(tokens),
        "weights": line,
    }
    title = f"Attention in passage {passage + 1} of {len(data.tokens.starts) - 1}{said}"
    return figure, links, title


def passage_weights(data: runs.Run, layer: int, head: int, selection: dict | None, hide, by_value):
    """Return the number of the passage that is shown, its first token and its attention (m, m)."""
    passage, start, *_ = _place(data, _valid(data, selection))
    return passage, start, _weights(data, layer, head, passage, hide, by_value)[0]


def _weights(data: runs.Run, layer: int, head: int, passage: int, hide, by_value):
    """Return the attention to show, and what was done to it in words."""
    weights, said = attention.of_passage(data, layer, head, passage), ""
    if by_value:
        weights = attention.by_value_norm(data, layer, head, passage, weights)
        said += ", times value norm"
    if hide:
        weights = attention.without_special(data, passage, weights)
        said += ", special tokens left out"
    return weights, said


def draw_difference(run, comparing, both, selection, theme, hide, by_value):
    """Draw attention of head A minus attention of head B over the selected passage."""
    if not comparing:
        raise PreventUpdate
    a, b = compared.places(both, run)
    data = runs.load(run["key"])
    data.check(*a)
    data.check(*b)
    passage, start, row, column = _place(data, _valid(data, selection))
    left, right = (_weights(data, *at, passage, hide, by_value)[0] for at in (a, b))
    tokens = list(data.tokens.strings[start : start + len(left)])
    names = tuple("L{}H{}".format(*at) for at in (a, b))
    figure = figures.difference(left - right, tokens, theme == "dark", names, row, column)
    apart = 0.5 * np.nanmean(np.nansum(np.abs(left - right), 1))
    title = f"Difference: {names[0]} − {names[1]} (they disagree on {apart:.0%} of the attention)"
    return figure, title


def _valid(data: runs.Run, selection: dict | None) -> dict | None:
    """Return the selection without what this text does not have (an old address may name it)."""
    if not selection or not 0 <= selection["token"] < len(data.tokens):
        return None
    other = selection.get("other")
    passages = data.tokens.passage
    if other is None or not 0 <= other < len(passages):
        return selection | {"other": None}
    same = passages[other] == passages[selection["token"]]
    return selection | {"other": other if same else None}


def _place(data: runs.Run, selection: dict | None) -> tuple[int, int, int | None, int | None]:
    """Return passage, its first token, and the row and column to mark."""
    if not selection:
        return 0, 0, None, None
    passage = int(data.tokens.passage[selection["token"]] - data.tokens.passage[0])
    start = int(data.tokens.starts[passage])
    query, key = selection["token"], selection["other"]
    if selection["role"] == "key":
        query, key = key, query
    row, column = (None if i is None else i - start for i in (query, key))
    return passage, start, row, column


def tell_facts(run: dict | None, scores: dict | None, layer, head) -> str:
    """Say in numbers what the head does on this text."""
    if not run or not scores or scores["run"] != run["key"]:
        return ""
    found = heads.load(run["key"])
    if found is None:
        return ""
    at = int(layer), int(head)
    facts = []
    for name in ("previous", "duplicate", "induction", "special"):
        value = found.of(name)[0][at]
        if np.isfinite(value):
            facts.append(f"{MEASURES[name].title.lower()} {value:.2f}")
    return " · ".join(facts)


def register(app: Dash) -> None:
    """Wire both sides to the page."""
    for side in SIDES:
        head = [Input(f"layer-select{side}", "value"), Input(f"head-select{side}", "value")]
        on = {"prevent_initial_call": True}
        app.callback(
            Output(f"attention-heatmap{side}", "figure"),
            Output(f"links{side}", "data"),
            Output(f"heatmap-title{side}", "children"),
            Input("run", "data"),
            *head,
            Input("selection", "data"),
            Input("theme", "data"),
            Input("hide-special", "value"),
            Input("by-value", "value"),
            *([Input("compare-toggle", "active")] if side else []),
            **on,
        )(draw_heatmap if not side else draw_heatmap_b)
        app.callback(
            Output(f"head-facts{side}", "children"),
            Input("run", "data"),
            Input("scores", "data"),
            *head,
            **on,
        )(tell_facts)
    app.callback(
        Output("attention-difference", "figure"),
        Output("difference-title", "children"),
        Input("run", "data"),
        Input("compare-toggle", "active"),
        Input("compared", "data"),
        Input("selection", "data"),
        Input("theme", "data"),
        Input("hide-special", "value"),
        Input("by-value", "value"),
        prevent_initial_call=True,
    )(draw_difference)


def draw_heatmap_b(*inputs):
    """Draw the second head's heatmap while heads are compared."""
    if not inputs[-1]:
        raise PreventUpdate
    return draw_heatmap(*inputs[:-1])
