"""Attention of one or two heads over one passage: heatmaps, their difference, facts."""

import numpy as np
from dash import Dash, Input, Output, no_update
from dash.exceptions import PreventUpdate

from components.parts import figures, typed
from components.parts.controls import OF_A, OF_B, SIDES
from compute import runs
from compute.errors import HeadscopeError
from compute.runs import attention, paired_attention
from compute.scores import heads
from compute.scores.measures import MEASURES

MATCHED = (
    "Tokens are matched by their characters: attention to the pieces of a word is summed, that "
    "from them averaged. A row is empty where one of the models has no such token."
)


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
    data, at = runs.load(run["key"]), typed.head(layer, head)
    data.check(*at)
    selection = _valid(data, selection)
    passage, start, row, column = _place(data, selection)
    if selection and selection["token"] is None:
        selection = None
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


def draw_difference(other, side, chosen, theme, hide, by_value):
    """Draw attention of head A minus attention of head B over the selected passage.

    Returns
    -------
    figure, title, note, hidden
        Of two texts there is no difference: then `note` says why, and the plot is `hidden`.
    """
    if not other or not side:
        raise PreventUpdate
    shown = other, side
    pair = [runs.load(each["run"]["key"]) for each in shown]
    at = [(each["layer"], each["head"]) for each in shown]
    for data, head in zip(pair, at, strict=True):
        data.check(*head)
    names = tuple("L{}H{}".format(*head) for head in at)
    ends = names
    if pair[0].key != pair[1].key:
        ends = ("A", "B")
        names = tuple(f"{name} in {side}" for name, side in zip(names, "AB", strict=True))
    try:
        found = paired_attention.shared(*(data.key for data in pair))
    except HeadscopeError as problem:
        return no_update, "Difference", str(problem), True
    passage, start, row, column = _place(pair[0], _valid(pair[0], chosen and chosen["selection"]))
    weights = [
        _weights(data, *head, passage, hide, by_value)[0]
        for data, head in zip(pair, at, strict=True)
    ]
    both = paired_attention.of_passage(*pair, found, passage, tuple(weights))
    marks = [None if i is None else both.place(found.a[start + i]) for i in (row, column)]
    figure = figures.difference(both.a - both.b, list(both.names), theme == "dark", ends, *marks)
    figure.update_layout(meta={"tokens": both.tokens.tolist()})
    title = (
        f"Difference: {names[0]} − {names[1]} (they disagree on {both.apart:.0%} of the attention)"
    )
    return figure, title, "" if found.equal else MATCHED, False


def _valid(data: runs.Run, selection: dict | None) -> dict | None:
    """Return the selection without what this text does not have (an old address may name it).

    A selection without a token, of a passage alone, is from the other of two columns.
    """
    if selection and selection["token"] is None:
        return selection if 0 <= selection["near"] < len(data.tokens) else None
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
    place = selection["near"] if selection["token"] is None else selection["token"]
    passage = int(data.tokens.passage[place] - data.tokens.passage[0])
    start = int(data.tokens.starts[passage])
    if selection["token"] is None:
        return passage, start, None, None
    query, key = selection["token"], selection["other"]
    if selection["role"] == "key":
        query, key = key, query
    row, column = (None if i is None else i - start for i in (query, key))
    return passage, start, row, column


def tell_facts(run: dict | None, layer, head, _scores=None) -> str:
    """Say in numbers what the head does on this text, once it was measured."""
    if not run:
        return ""
    found = heads.SCORES.get(heads.key(run["key"]))
    if found is None:
        return ""
    at = typed.head(layer, head)
    runs.load(run["key"]).check(*at)
    facts = []
    for name in ("previous", "duplicate", "induction", "special"):
        value = found.of(name)[0][at]
        if np.isfinite(value):
            facts.append(f"{MEASURES[name].title.lower()} {value:.2f}")
    return " · ".join(facts)


def register(app: Dash) -> None:
    """Wire both sides to the page."""
    for side in SIDES:
        shown = OF_B if side else OF_A
        app.callback(
            Output(f"attention-heatmap{side}", "figure"),
            Output(f"links{side}", "data"),
            Output(f"heatmap-title{side}", "children"),
            *shown,
            Input(f"selection{side}", "data"),
            Input("theme", "data"),
            Input("hide-special", "value"),
            Input("by-value", "value"),
        )(draw_heatmap if not side else draw_heatmap_b)
        app.callback(
            Output(f"head-facts{side}", "children"),
            *shown,
            Input("scores", "data"),
            *([Input("scores-b", "data")] if side else []),
        )(tell_facts_b if side else tell_facts)
    app.callback(
        Output("attention-difference", "figure"),
        Output("difference-title", "children"),
        Output("difference-note", "children"),
        Output("difference-plot", "hidden"),
        Input("b-other", "data"),
        Input("b-side", "data"),
        Input("b-differ", "data"),
        Input("theme", "data"),
        Input("hide-special", "value"),
        Input("by-value", "value"),
    )(draw_difference)


def draw_heatmap_b(side, *inputs):
    """Draw the second heatmap while two are compared."""
    if not side:
        raise PreventUpdate
    return draw_heatmap(side["run"], side["layer"], side["head"], *inputs)


def tell_facts_b(side, *_scores):
    """Say what the second head does, while two are compared."""
    if not side:
        raise PreventUpdate
    return tell_facts(side["run"], side["layer"], side["head"])
