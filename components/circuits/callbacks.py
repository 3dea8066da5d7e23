"""Wires the view "A graph of heads": what is asked, what is drawn of what is known so far."""

from dash import Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from components.circuits import figures, forms, tables, words
from components.parts.browser import in_browser
from compute import runs
from compute.circuits.behaviours import INDUCTION, RULE, Asked
from compute.circuits.graph import GRAPHS, Graph
from compute.circuits.taken import TAKEN
from compute.errors import HeadscopeError
from compute.jobs import graphs
from compute.why import questions


def measure(set_progress, asked: dict) -> dict:
    """Background job: a graph of heads; what is known so far is told meanwhile."""
    state: list[object] = [0, "Starting …", None]

    def report(now: tuple[float, str]) -> None:
        state[:2] = now
        set_progress(tuple(state))

    def tell(name: str) -> None:
        state[2] = asked | {"name": name, "whole": False}
        set_progress(tuple(state))

    only = None if asked["only"] is None else tuple(asked["only"])
    name = graphs.named(*_edges(asked), report, tell, only)
    return asked | {"name": name, "whole": True, "needs": [GRAPHS.ref(name)]}


def take_out(set_progress, asked: dict) -> dict:
    """Background job: what becomes of all later heads without one."""
    off = [tuple(asked["off"])]
    graphs.without(*_edges(asked), off, set_progress)
    name = graphs.taken_key(*_edges(asked), off)
    return asked | {"name": name, "needs": [TAKEN.ref(name)]}


def _edges(asked: dict) -> tuple[str, Asked]:
    """Return what names the model or the run, and the edges that are meant."""
    if asked["kind"] == INDUCTION:
        return runs.load(asked["run"]).model.spec, Asked(method=asked["method"])
    rule = {name: asked[name] for name in ("rule", "offset", "method")}
    return asked["run"], Asked(RULE, **rule)


def allow(run: dict | None):
    """Say at once where heads of a model can't be looked at, or induction can't.

    Returns
    -------
    the refusal, whether it is hidden, whether what asks is hidden, the kinds of edges
    """
    if not run:
        raise PreventUpdate
    info, why = runs.load(run["key"]).model, ""
    try:
        questions.check(info)
    except HeadscopeError as error:
        why = str(error)
    impossible = not info.causal and info.mask_id is None
    kinds = [
        {"value": value, "label": label, "disabled": impossible and value == INDUCTION}
        for value, label in words.KINDS
    ]
    why = why or (words.NO_INDUCTION.format(info.name) if impossible else "")
    return why, not why, bool(why) and not impossible, kinds


def draw(seen: dict | None, at: dict | None, theme: str, run: dict | None, off: str | None):
    """Draw what is known of a graph.

    Returns
    -------
    said, found hidden, figure, note, table, heads that can be taken out, which one is chosen
    """
    if not at or not run or at["run"] != run["key"]:
        raise PreventUpdate
    found = GRAPHS.get(seen["name"]) if seen and seen["run"] == at["run"] else None
    if found is None:
        return words.EMPTY, True, *[no_update] * 5
    shown, only = (at["layer"], at["head"]), seen["only"]
    offered = _offered(found, shown, off) if seen["whole"] else (no_update, no_update)
    return (
        words.whole(found, only, seen["whole"]),
        not len(found.heads),
        figures.graph(found, shown, run["key"], seen["kind"] == RULE, theme == "dark"),
        words.notes(found, only, seen["kind"] == RULE),
        tables.of_graph(found),
        *offered,
    )


def _offered(found: Graph, shown: tuple[int, int], off: str | None) -> tuple[list[dict], str]:
    """Return the heads that can be taken out, and which one is chosen."""
    possible = [{"value": name, "label": label} for name, label in words.options(found, shown)]
    return possible, off if off in [one["value"] for one in possible] else possible[0]["value"]


def draw_without(done: dict | None, seen: dict | None, run: dict | None):
    """Say what becomes of later heads without the one that was taken out.

    Returns
    -------
    said, lists hidden, whom it feeds and its table, what rises and its table
    """
    if not run:
        raise PreventUpdate
    found = TAKEN.get(done["name"]) if done and seen and _same(done, seen) else None
    if found is None or done["run"] != run["key"]:
        return words.NOT_YET, True, *[no_update] * 4
    last = found.attention.shape[1] - 1
    return (
        "",
        False,
        words.fed(found, last),
        tables.fed(found),
        words.rises(found, last),
        tables.rises(found),
    )


def _same(one: dict, other: dict) -> bool:
    return all(one[name] == other[name] for name in forms.Edges.model_fields)


def register(app: Dash) -> None:
    """Wire these functions to the page."""
    seen, run = Input("why-graph-seen", "data"), State("run", "data")
    app.callback(
        Output("why-graph-refused", "children"),
        Output("why-graph-refused", "hidden"),
        Output("why-graph-ask", "hidden"),
        Output("why-graph-kind", "options"),
        Input("why-run", "data"),
    )(allow)
    app.callback(
        Output("why-graph-said", "children"),
        Output("why-graph-found", "hidden"),
        Output("why-graph-plot", "figure"),
        Output("why-graph-note", "children"),
        Output("why-graph-table", "children"),
        Output("why-graph-off", "options"),
        Output("why-graph-off", "value"),
        seen,
        Input("why-head", "data"),
        Input("theme", "data"),
        run,
        State("why-graph-off", "value"),
    )(draw)
    app.callback(
        Output("why-graph-without-said", "children"),
        Output("why-graph-lists", "hidden"),
        Output("why-graph-fed-said", "children"),
        Output("why-graph-fed-list", "children"),
        Output("why-graph-rises-said", "children"),
        Output("why-graph-rises-list", "children"),
        Input("why-graph-without", "data"),
        seen,
        run,
    )(draw_without)
    _register_scripts(app)


def _register_scripts(app: Dash) -> None:
    """Wire what is done in the browser alone (assets/circuits/circuits.js)."""
    browser = in_browser(app)
    fields = ("kind", "rule", "offset", "method", "only")
    browser(
        "graphFields",
        *(Output(f"why-graph-{name}-box", "hidden") for name in ("rule", "offset")),
        Input("why-graph-kind", "value"),
        Input("why-graph-rule", "value"),
        prevent_initial_call=False,
    )
    browser(
        "graphKind",
        Output("why-graph-kind", "value"),
        Input("why-graph-kind", "options"),
        State("why-graph-kind", "value"),
    )
    browser(
        "graphAsk",
        Output("why-graph-asked", "data"),
        Input("why-graph-start", "n_clicks"),
        State("why-head", "data"),
        State("why-run", "data"),
        *(State(f"why-graph-{name}", "value") for name in fields),
    )
    browser(
        "graphSeen",
        Output("why-graph-seen", "data"),
        Input("why-graph-frame", "data"),
        Input("why-graph", "data"),
        State("why-graph-seen", "data"),
    )
    browser(
        "graphWithout",
        Output("why-graph-without-asked", "data"),
        Input("why-graph-take", "n_clicks"),
        State("why-graph-seen", "data"),
        State("why-graph-off", "value"),
    )
