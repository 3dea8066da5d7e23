"""Attention of one or two heads over one passage: heatmaps, and their difference."""

import numpy as np
from dash import Dash, Input, Output, State, no_update

from components.passage import heat_scale, help_texts
from components.passage.heat_scale import Heat
from components.plots import heatmaps
from components.sentence import sentences
from components.shown.records import COLUMNS, PASSAGE_LOOKS, SIDES, HeadView, PassageLooks
from compute import attention, runs
from compute.attention import heat_scales, windows
from compute.attention.heat_scales import HeatScale, Shown
from compute.attention.windows import Window
from compute.errors import HeadscopeError
from compute.matched import paired_attention
from compute.matched.paired_attention import Both
from compute.texts.tokens import Tokens

MATCHED = (
    "Tokens are matched by their characters: attention to the pieces of a word is summed, that "
    "from them averaged. A row is empty where one of the models has no such token."
)
TOO_LONG = (
    f"Of two texts or models the difference is drawn of passages of at most {windows.LONG:,} "
    "tokens. Choose a shorter one, or two heads of one."
)
NOT_READ = "Your sentence has not been read in B yet: its attention there is compared once it is."


def draw_heatmap(column, selection: dict | None, looks, heat, both, size=None, ghosts=()):
    """Draw the attention of the selected token's passage, and send the lines for the map.

    Returns
    -------
    figure, links, title
        `links`: the passage's bounds, those of its ``keys``, the selected token, its attention to
        (for a key: from) every token of the passage, and how dark that is; ``whole`` if the
        passage was chosen and no token; ``part``, whether not all of it is drawn, and then its
        ``window`` and whose ``overview`` belongs beside it;
        ``beyond``, of a selected query of a long passage: where it looks outside of that;
        ``picture``, of such a picture: bounds and attention of the whole of it.
    """
    view, looks, heat = HeadView.of(column), PassageLooks(**looks), Heat(**heat)
    view, selection, before = sentences.shown(view, selection, ghosts)
    data = view.data
    selection = _valid(data, selection)
    window, row, col = _drawn(data, selection)
    passage, whole = window.passage, bool(selection) and selection["token"] is None
    if whole:
        selection = None
    weights, said = _weights(view, window, looks)
    shown = heat_scales.of_passage(data, view.layer, passage, weights, window.first)
    colours = _fit(heat, shown, both, looks, ghosts)
    names = list(data.tokens.strings[window.row_span])
    keys = list(data.keys.strings[window.column_span])
    dark = looks.theme == "dark"
    figure = heatmaps.heatmap(shown, names, colours, dark, row, col, size, keys)
    alone = heat.kind == "one" and not heat.without
    figure.update_layout(
        uirevision=f"{view.key} {passage}",
        meta={
            "scale": heat_scale.words(colours, bool(both)),
            "pale": heat_scales.pale(shown) if alone else "",
            **_said_of_sides(data),
            "head": view.name,
            "run": column["run"]["key"],
        },
    )
    links = {"selection": selection, "weights": None, "whole": whole}
    links |= _bounds(window.row_span) | {"keys": _bounds(window.column_span)}
    links["part"] = not window.whole
    if links["part"]:
        links["window"] = _said_of(window)
        own = {"run": view.key, "layer": view.layer, "head": view.head, "passage": passage}
        links["overview"] = None if before is not sentences.NONE else own
    if selection:
        links |= heat_scale.shading(shown, colours, selection["role"], (row, col), dark)
        if selection["role"] == "query":
            change = _changed(view, passage, looks)
            links["beyond"] = windows.beyond(data, *view.at, window, row, change)
    if data.grid is not None and not window.whole:
        links["picture"] = _of_picture(view, window, selection, looks)
    where = sentences.where(view, passage, before)
    return figure, sentences.numbered(links, before), ["Attention", where, said]


def _of_picture(
    view: HeadView, window: Window, selection: dict | None, looks: PassageLooks
) -> dict:
    """Return what is laid over a picture of which the heatmap shows a part: all of it."""
    found = _bounds(window.queries) | {"weights": None}
    if selection:
        change = _changed(view, window.passage, looks)
        of = view.data, *view.at, window, selection["token"], selection["role"], change
        found["weights"] = np.nan_to_num(windows.of_token(*of)).tolist()
    return found


def _fit(heat: Heat, shown: Shown, both: dict | None, looks: PassageLooks, ghosts) -> HeatScale:
    """Return the scale of what is shown, or of what both columns show."""
    if not both:
        return heat_scales.fit(heat.kind, not heat.without, [shown])
    parts = []
    for column, selection in zip(both["columns"], both["selections"], strict=True):
        view, selection, _ = sentences.shown(HeadView.of(column), selection, ghosts)
        at, weights = window_weights(view, selection, looks)
        parts.append(heat_scales.of_passage(view.data, view.layer, at.passage, weights, at.first))
    return heat_scales.fit(heat.kind, not heat.without, parts)


def window_weights(view: HeadView, selection: dict | None, looks: PassageLooks):
    """Return what is drawn of which passage, and the attention there (r, c)."""
    window, *_ = _drawn(view.data, _valid(view.data, selection))
    return window, _weights(view, window, looks)[0]


def _drawn(data: runs.Run, selection: dict | None) -> tuple[Window, int | None, int | None]:
    """Return what is drawn for a valid selection, and the row and the column in it to mark."""
    passage, row, col = _place(data, selection)
    at = tuple(selection["window"]) if selection and selection.get("window") else None
    window = windows.around(data, passage, row, col, _role(selection), at)
    return window, *window.within(row, col)


def _said_of(window: Window) -> dict:
    """Return which rows and which columns of how many are drawn, and whether these were chosen."""
    sides = {"rows": (window.rows, window.queries), "columns": (window.columns, window.keys)}
    found = {
        name: [part.start, part.stop, whole.stop - whole.start]
        for name, (part, whole) in sides.items()
    }
    return found | {"chosen": window.chosen}


def _weights(view: HeadView, window: Window, looks: PassageLooks):
    """Return the attention to show, and what was done to it in words."""
    said = _which(view.data, window)
    if looks.by_value:
        given = view.data.v_norm is not None
        said += ", times value norm" if given else ", not times value norm: no values were imported"
    said += ", special tokens left out" * looks.hide
    change = _changed(view, window.passage, looks)
    return windows.weights(view.data, *view.at, window, change), said


def _changed(view: HeadView, passage: int, looks: PassageLooks):
    """Return what is done to some rows of attention before they are shown."""
    data = view.data

    def changed(weights: np.ndarray, rows: slice) -> np.ndarray:
        if looks.by_value and data.v_norm is not None:
            weights = attention.by_value_norm(data, *view.at, passage, weights)
        return attention.without_special(data, passage, weights, rows) if looks.hide else weights

    return changed


def _which(data: runs.Run, window: Window) -> str:
    """Return in words which tokens of a long passage are shown, counted from 0."""
    same = data.square and window.rows == window.columns
    sides = [("tokens" if same else "queries", window.rows, window.queries)]
    sides += [] if same else [("keys", window.columns, window.keys)]
    return "".join(
        f", {name} {part.start:,} to {part.stop - 1:,} of {whole.stop - whole.start:,}"
        for name, part, whole in sides
        if part.stop - part.start < whole.stop - whole.start
    )


def draw_difference(columns, chosen, looks, heat, size=None, ghosts=()):
    """Draw attention of head A minus attention of head B over the selected passage.

    Returns
    -------
    figure, title, note, hidden
        Of two texts there is no difference: then `note` says why, and the plot is `hidden`.
    """
    a, b = (HeadView.of(column) for column in columns)
    looks, heat = PassageLooks(**looks), Heat(**heat)
    names, ends = (a.name, b.name), (a.name, b.name)
    if a.key != b.key:
        ends = ("A", "B")
        names = f"{a.name} in A", f"{b.name} in B"
    selection = chosen and chosen["selection"]
    a, b, selection, before = sentences.pair(a, b, selection, ghosts)
    if b is None:
        return no_update, "Difference", NOT_READ, True
    selection = _valid(a.data, selection)
    window, *marks = _drawn(a.data, selection)
    passage, part = window.passage, "" if window.whole else _which(a.data, window)
    try:
        if part and a.key == b.key:
            both, note = _part_of_both(a, b, window, looks), ""
        else:
            both, marks, note = _both(a, b, passage, _place(a.data, selection)[1:], looks)
    except HeadscopeError as problem:
        return no_update, "Difference", str(problem), True
    shown = heat_scales.of_difference(a.data, passage, both)
    kind = "clip" if heat.kind == "clip" else "most"
    colours = heat_scales.fit(kind, not heat.without, [shown])
    keys, columns = both.columns
    figure = heatmaps.difference(
        *(both.a - both.b, list(both.names), colours, looks.theme == "dark", *marks),
        sinks=shown.sinks if heat.without else None,
        size=size,
        keys=list(keys),
    )
    figure.update_layout(
        uirevision=f"{a.key} {b.key} {passage}",
        meta={
            "tokens": (both.tokens + before["query"]).tolist(),
            "keys": (columns + before["key"]).tolist(),
            **_said_of_sides(a.data),
            "scale": heat_scale.difference_words(colours, ends),
        },
    )
    apart = f" (they disagree on {both.apart:.0%} of the attention)"  # rows of a part lack the rest
    title = f"Difference: {names[0]} − {names[1]}{part or apart}"
    return figure, title, note, False


def _part_of_both(a: HeadView, b: HeadView, window: Window, looks: PassageLooks) -> Both:
    """Return the attention of two heads of one run in what is shown of a long passage."""
    weights = (_weights(view, window, looks)[0] for view in (a, b))
    (names, tokens), columns = (
        (side.strings[span], np.arange(span.start, span.stop))
        for side, span in ((a.data.tokens, window.row_span), (a.data.keys, window.column_span))
    )
    return Both(*weights, names, tokens, tokens, columns)


def _both(
    a: HeadView, b: HeadView, passage: int, marks: list[int | None], looks: PassageLooks
) -> tuple[Both, list[int | None], str]:
    """Return the attention of both on the same rows and columns, those to mark, and a note."""
    crossed = not (a.data.square and b.data.square)
    if crossed:  # of other tokens B may not even have the passage
        paired_attention.check_cross(a.data, b.data)
    found = None if crossed else paired_attention.shared(a.key, b.key)
    drawn = [windows.around(view.data, passage) for view in (a, b)]
    if not all(window.whole for window in drawn):
        raise HeadscopeError(TOO_LONG)
    weights = tuple(_weights(view, w, looks)[0] for view, w in zip((a, b), drawn, strict=True))
    if crossed:
        return paired_attention.of_cross(a.data, b.data, passage, weights), marks, ""
    both = paired_attention.of_passage(a.data, b.data, found, passage, weights)
    start = a.data.span(passage).start
    places = [None if i is None else both.place(found.a[start + i]) for i in marks]
    return both, places, "" if found.equal else MATCHED


def _valid(data: runs.Run, selection: dict | None) -> dict | None:
    """Return the selection without what this text does not have (an old address may name it).

    A selection without a token, of a passage alone, is from the other of two columns.
    """
    if not selection:
        return None
    side, opposite = _of(data, selection["role"])
    if selection["token"] is None:
        return selection if 0 <= selection["near"] < len(side) else None
    if not 0 <= selection["token"] < len(side):
        return None
    other = selection.get("other")
    if other is None or not 0 <= other < len(opposite):
        return selection | {"other": None}
    same = _passage(opposite, other) == _passage(side, selection["token"])
    return selection | {"other": other if same else None}


def _place(data: runs.Run, selection: dict | None) -> tuple[int, int | None, int | None]:
    """Return passage, and the row and column to mark."""
    if not selection:
        return 0, None, None
    side, _ = _of(data, selection["role"])
    if selection["token"] is None:
        return _passage(side, selection["near"]), None, None
    passage = _passage(side, selection["token"])
    query, key = selection["token"], selection["other"]
    if selection["role"] == "key":
        query, key = key, query
    spans = data.span(passage), data.key_span(passage)
    places = zip((query, key), spans, strict=True)
    return passage, *(None if i is None else i - span.start for i, span in places)


def _role(selection: dict | None) -> str:
    return selection["role"] if selection else "query"


def _of(data: runs.Run, role: str) -> tuple[Tokens, Tokens]:
    """Return the tokens that a role is of, and those of the other role."""
    sides = data.tokens, data.keys
    return sides if role == "query" else sides[::-1]


def _passage(tokens: Tokens, token: int) -> int:
    """Return the number of a token's passage, from 0."""
    return int(tokens.passage[token] - tokens.passage[0])


def _said_of_sides(data: runs.Run) -> dict[str, str]:
    """Return what is said of rows and columns, where that is not as usual."""
    return {} if data.square else {"sides": help_texts.CROSS}


def _bounds(span: slice) -> dict[str, int]:
    return {"start": span.start, "count": span.stop - span.start}


def register(app: Dash) -> None:
    """Wire both sides to the page."""
    for side in SIDES:
        app.callback(
            Output(f"attention-heatmap{side}", "figure"),
            Output(f"links{side}", "data"),
            Output(f"heatmap-title{side}", "children"),
            inputs={
                "column": COLUMNS[side],
                "selection": Input(f"selection{side}", "data"),
                "looks": PASSAGE_LOOKS,
                "heat": heat_scale.HEAT,
                "both": heat_scale.BOTH,
                "size": State(f"attention-heatmap{side}-size", "data"),
                "ghosts": sentences.GHOSTS,
            },
        )(draw_heatmap)
    app.callback(
        Output("attention-difference", "figure"),
        Output("difference-title", "children"),
        Output("difference-note", "children"),
        Output("difference-plot", "hidden"),
        inputs={
            "columns": [Input("b-other", "data"), Input("b-side", "data")],
            "chosen": Input("b-differ", "data"),
            "looks": PASSAGE_LOOKS,
            "heat": heat_scale.HEAT,
            "size": State("attention-difference-size", "data"),
            "ghosts": sentences.GHOSTS,
        },
    )(draw_difference)
