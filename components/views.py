"""One or two heads side by side: joint query-key map, attention heatmap, and their difference."""

import numpy as np
from dash import Dash, Input, Output, no_update
from dash.exceptions import PreventUpdate

from components import figures
from components.parts import SIDES
from compute import attention, heads, jobs, points, projection, runs
from compute.measures import MEASURES

STRONGEST = 12  # lines drawn from the selected point
FAINTEST = 0.02  # attention below this draws no line


def draw_map(run: dict | None, layer, head, method, colour, hide, theme, fitted):
    """Draw the map of one head; a method that is not ready yet is asked for, PCA stands in.

    Returns
    -------
    figure, note, wanted, legend
        `wanted` starts the job that fits the layout.
    """
    if not run:
        raise PreventUpdate
    data, at = runs.load(run["key"]), (int(layer), int(head))
    data.check(*at)
    layout, wanted = _layout(data, *at, method)
    values = points.COLOURINGS[colour].of(data, *at)
    hidden = data.tokens.special if hide else np.zeros(len(data.tokens), bool)
    view = f"{run['key']} {at} {method if wanted is no_update else 'pca'}"
    figure = figures.joint_map(layout.q, layout.k, values, hidden, theme == "dark", view)
    title = projection.METHODS[method].title
    note = "" if wanted is no_update else f"PCA, until {title} is ready."
    return figure, note, wanted, values.legend


def _layout(data: runs.Run, layer: int, head: int, method: str):
    if not projection.METHODS[method].instant:
        if found := projection.load(projection.key(data.key, layer, head, method)):
            return found, no_update
        wanted = {"run": data.key, "layer": layer, "head": head, "method": method}
        return projection.fit(projection.cloud(data, layer, head), "pca"), wanted
    return projection.fit(projection.cloud(data, layer, head), method), no_update


def fit_map(set_progress, wanted: dict) -> dict:
    """Background job: lay out one head's map."""
    name = jobs.fit_map(
        wanted["run"], wanted["layer"], wanted["head"], wanted["method"], set_progress
    )
    return {"name": name}


def draw_heatmap(run: dict | None, layer, head, selection: dict | None, theme):
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
    weights = attention.of_passage(data, *at, passage)
    tokens = list(data.tokens.strings[start : start + len(weights)])
    figure = figures.heatmap(weights, tokens, theme == "dark", row, column)
    line = None
    if selection:
        line = weights[row] if selection["role"] == "query" else weights[:, column]
    links = {
        "selection": selection,
        "start": start,
        "count": len(tokens),
        "weights": None if line is None else np.round(line.astype(float), 4).tolist(),
        "most": STRONGEST,
        "least": FAINTEST,
    }
    title = f"Attention in passage {passage + 1} of {len(data.tokens.starts) - 1}"
    return figure, links, title


def draw_difference(run: dict | None, comparing, layer, head, layer_b, head_b, selection, theme):
    """Draw attention of head A minus attention of head B over the selected passage."""
    if not run or not comparing:
        raise PreventUpdate
    data, a, b = runs.load(run["key"]), (int(layer), int(head)), (int(layer_b), int(head_b))
    data.check(*a)
    data.check(*b)
    passage, start, row, column = _place(data, _valid(data, selection))
    left, right = (attention.of_passage(data, *at, passage) for at in (a, b))
    tokens = list(data.tokens.strings[start : start + len(left)])
    names = tuple("L{}H{}".format(*at) for at in (a, b))
    figure = figures.difference(left - right, tokens, theme == "dark", names, row, column)
    apart = 0.5 * np.abs(left - right).sum(1).mean()
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
            Output(f"qk-map{side}", "figure"),
            Output(f"map-note{side}", "children"),
            Output(f"wanted{side}", "data"),
            Output(f"map-legend{side}", "children"),
            Input("run", "data"),
            *head,
            Input("method-select", "value"),
            Input("colour-select", "value"),
            Input("hide-special", "value"),
            Input("theme", "data"),
            Input(f"fitted{side}", "data"),
            *([Input("compare-toggle", "active")] if side else []),
            **on,
        )(draw_map if not side else draw_map_b)
        app.callback(
            Output(f"fitted{side}", "data"),
            Input(f"wanted{side}", "data"),
            background=True,
            interval=150,
            cancel=[Input(f"map{side}-cancel", "n_clicks")],
            progress=[
                Output(f"map{side}-progress", "value"),
                Output(f"map{side}-progress-text", "children"),
            ],
            progress_default=[0, "Starting …"],
            running=[(Output(f"map{side}-job", "hidden"), False, True)],
            **on,
        )(fit_map)
        app.callback(
            Output(f"attention-heatmap{side}", "figure"),
            Output(f"links{side}", "data"),
            Output(f"heatmap-title{side}", "children"),
            Input("run", "data"),
            *head,
            Input("selection", "data"),
            Input("theme", "data"),
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
        *(Input(f"{what}-select{side}", "value") for side in SIDES for what in ("layer", "head")),
        Input("selection", "data"),
        Input("theme", "data"),
        prevent_initial_call=True,
    )(draw_difference)


def draw_map_b(*inputs):
    """Draw the second head's map while heads are compared."""
    if not inputs[-1]:
        raise PreventUpdate
    return draw_map(*inputs[:-1])


def draw_heatmap_b(*inputs):
    """Draw the second head's heatmap while heads are compared."""
    if not inputs[-1]:
        raise PreventUpdate
    return draw_heatmap(*inputs[:-1])
