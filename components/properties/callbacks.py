"""Wires the view: what is typed, what is asked, what is drawn of one head and of all."""

import shlex

from dash import Dash, Input, Output, State, html, no_update
from dash.exceptions import PreventUpdate

from components.parts.browser import in_browser
from components.parts.jobs import kept
from components.properties import figures, forms, tables, words
from components.shown import shown_head
from compute import runs
from compute.contrasts import kinds
from compute.contrasts.marks import Marks
from compute.errors import HeadscopeError
from compute.jobs import properties
from compute.notes import selections
from compute.properties import asking
from compute.properties.every_head import PROPERTIES
from compute.properties.finding import FINDINGS

BOXES = ("offset", "period", "class", "pattern", "selection")
"""The fields that one kind of properties needs each."""


def of_head(set_progress, asked: dict) -> dict:
    """Background job: how much of a property a head uses."""
    layer, head = asked["layer"], asked["head"]
    set_progress((0, f"Measuring L{layer}H{head} …"))
    marks = _marks(asked)
    needs = properties.of_head(asked["run"], layer, head, marks)
    return _done(asked, marks, needs) | {"layer": layer, "head": head}


def of_heads(set_progress, asked: dict) -> dict:
    """Background job: how much of a property all heads use."""
    marks = _marks(asked)
    return _done(asked, marks, properties.of_heads(asked["run"], marks, set_progress))


def _marks(asked: dict) -> Marks:
    run = runs.load(asked["run"])
    asking.check(run)
    if asked["said"] != forms.LASSO:
        return asking.marks_of(run, asked["said"])
    if not asked["queries"] or not asked["keys"]:
        raise HeadscopeError(words.NO_LASSO)
    return asking.of_sets(run, asked["queries"], asked["keys"])


def _done(asked: dict, marks: Marks, needs: list[list[str]]) -> dict:
    [(_, name)] = needs
    of = {"run": asked["run"], "said": asked["said"], "of": marks.digest}
    return of | {"name": name, "needs": needs}


def allow(run: dict | None):
    """Say at once where properties explain nothing, and which selections are kept.

    Returns
    -------
    the refusal, whether it is hidden, whether what asks is hidden, options of kept selections
    """
    if not run:
        raise PreventUpdate
    known = runs.load(run["key"])
    why = asking.refusal(known)
    found = selections.of_run(known.key, (len(known.tokens), len(known.keys)))
    return why, not why, bool(why), [html.Option(value=each.name) for each in found]


def explain(said: str | None):
    """Say what a property is as it is typed, or why it is none.

    Returns
    -------
    its definition, how it is written on the command line, whether that is hidden
    """
    if not said:
        raise PreventUpdate
    if said == forms.LASSO:
        return words.OF_LASSO, "", True
    try:
        asking.check_said(said)
    except HeadscopeError as problem:
        return html.Span(str(problem), className="problem"), "", True
    kind = said.split(":")[0].split("@")[0]
    meant = words.OF_SELECTION if kind == asking.SELECTION else kinds.KINDS[kind].definition
    return meant, f"--property {shlex.quote(said)}", False


def draw_head(found: dict | None, at: dict | None, theme: str, run: dict | None):
    """Draw what was found of the open head.

    Returns
    -------
    said, panel hidden, its pairs, verdict, what that means, numbers hidden, table, figure, property
    of its map, map hidden
    """
    layer, head = shown_head.place(at, run)
    done = kept(FINDINGS, found, run)
    if done is None or (found["layer"], found["head"]) != (layer, head):
        lead = words.AGAIN if done else words.EMPTY
        return lead.format(f"L{layer}H{head}"), True, *[no_update] * 8
    few = done.verdict == "few"
    return (
        "",
        False,
        words.pairs(done),
        words.verdict(done),
        words.meaning(done),
        few,
        no_update if few else tables.numbers(done),
        no_update if few else figures.check(done, theme == "dark"),
        found["said"],
        few or not words.has_map(found["said"]),
    )


def draw_all(every: dict | None, found: dict | None, at: dict | None, theme: str, run: dict | None):
    """Draw what was found of all heads, as long as that is of the property that is shown.

    Returns
    -------
    panels hidden, said, grid, list
    """
    place = shown_head.place(at, run)
    done = kept(PROPERTIES, every, run)
    of_shown = not found or found["run"] != run["key"] or found["of"] == (every or {}).get("of")
    if done is None or not of_shown:
        return True, *[no_update] * 3
    return False, words.every(done), figures.grid(done, theme == "dark"), tables.heads(done, place)


def register(app: Dash) -> None:
    """Wire these functions to the page."""
    found, every = Input("why-property", "data"), Input("why-property-all", "data")
    head, run, theme = Input("why-head", "data"), State("run", "data"), Input("theme", "data")
    app.callback(
        Output("why-property-refused", "children"),
        Output("why-property-refused", "hidden"),
        Output("why-property-ask", "hidden"),
        Output("why-property-kept", "children"),
        Input("why-run", "data"),
    )(allow)
    app.callback(
        Output("why-property-meant", "children"),
        Output("why-property-code", "children"),
        Output("why-property-code", "hidden"),
        Input("why-property-typed", "data"),
    )(explain)
    app.callback(
        Output("why-property-said", "children"),
        Output("why-property-found-panel", "hidden"),
        Output("why-property-pairs", "children"),
        Output("why-property-verdict", "children"),
        Output("why-property-meaning", "children"),
        Output("why-property-numbers", "hidden"),
        Output("why-property-table", "children"),
        Output("why-property-check", "figure"),
        Output("why-property-map", "data-said"),
        Output("why-property-map", "hidden"),
        found,
        head,
        theme,
        run,
    )(draw_head)
    app.callback(
        Output("why-property-heads-panels", "hidden"),
        Output("why-property-every", "children"),
        Output("why-property-grid", "figure"),
        Output("why-property-list", "children"),
        every,
        found,
        head,
        theme,
        run,
    )(draw_all)
    _register_scripts(app)


def _register_scripts(app: Dash) -> None:
    browser = in_browser(app)
    values = [f"why-property-{name}" for name in ("kind", *BOXES)]
    browser(
        "propertyTyped",
        Output("why-property-typed", "data"),
        *(Output(f"why-property-{name}-box", "hidden") for name in BOXES),
        *(Input(id, "value") for id in values),
        prevent_initial_call=False,
    )
    browser(
        "propertyReady",
        Output("why-property-start", "disabled"),
        Output("why-property-start-all", "disabled"),
        Input("why-head", "data"),
        prevent_initial_call=False,
    )
    browser(
        "propertyAsk",
        Output("why-property-asked", "data"),
        Output("why-property-all-asked", "data"),
        Input("why-property-start", "n_clicks"),
        Input("why-property-start-all", "n_clicks"),
        Input("why-head", "data"),
        Input("why-view", "value"),
        State("lasso", "data"),
        State("why-property-asked", "data"),
        *(State(id, "value") for id in values),
    )
