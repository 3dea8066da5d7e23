"""Wires the stage "Why": what is asked, what is drawn of what is known so far."""

from dash import Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from components.parts.browser import in_browser
from components.why import figures, forms, tables, words
from compute import runs
from compute.errors import HeadscopeError
from compute.why import answers, edge_sets, questions
from compute.why.questions import Question
from compute.why.results import EXPLAINED, Explained


def explain(set_progress, asked: dict) -> dict:
    """Background job: edges of a head, explained; what is known so far is told meanwhile."""
    told: dict[str, object] = {"state": (0, "Starting …"), "seen": None}
    of = {name: asked[name] for name in ("run", "layer", "head")}

    def report(state: tuple[float, str]) -> None:
        told["state"] = state
        set_progress((*state, told["seen"]))

    def tell(name: str) -> None:
        told["seen"] = of | {"name": name}
        set_progress((*told["state"], told["seen"]))

    info = runs.load(asked["run"]).model
    questions.check(info)  # what is loaded for induction has all of its heads on
    question = _question(asked)
    if asked["kind"] == forms.INDUCTION:
        name = answers.of_induction(info.spec, question, 0, report, tell)
    else:
        name = answers.of_text(asked["run"], question, report, tell)
    return of | {"name": name, "needs": [EXPLAINED.ref(name)]}


def _question(asked: dict) -> Question:
    layer, head, kind = asked["layer"], asked["head"], asked["kind"]
    more = {"method": asked["method"], "every": asked["every"]}
    if kind == questions.EDGE:
        if asked["edge"] is None:
            raise HeadscopeError(words.NO_EDGE)
        return Question(layer, head, kind, (tuple(asked["edge"]),), **more)
    if kind == questions.RULE:
        return Question(layer, head, kind, rule=asked["rule"], offset=asked["offset"], **more)
    if kind == questions.PICKED:
        if not asked["queries"] or not asked["keys"]:
            raise HeadscopeError(words.NO_LASSO)
        run = runs.load(asked["run"])
        edges = edge_sets.between(run, layer, head, asked["queries"], asked["keys"])
        return Question(layer, head, kind, edges, **more)
    return Question(layer, head, questions.STRONGEST, **more)


def draw(seen: dict | None, at: dict | None, theme: str, run: dict | None):
    """Draw what is known of the open head's edges.

    Returns
    -------
    said, note, found hidden, bars, check, both grids, grids hidden, table, options of the words
    """
    if not at or not run or at["run"] != run["key"]:
        raise PreventUpdate
    found = _of(seen, at)
    if found is None:
        lead = words.OTHER_HEAD.format(at["layer"], at["head"]) if seen else words.EMPTY
        lead = _refusal(run) or lead
        return (lead, "", True, *[no_update] * 5, no_update, no_update)
    dark = theme == "dark"
    lead = f"{words.said(found)} {words.strongest(found)}".strip()
    return (
        lead,
        words.note(found),
        False,
        figures.bars(found, dark),
        words.check(found),
        *((figures.effects(found, side, dark) if found.layer else no_update) for side in (0, 1)),
        found.layer == 0,
        tables.heads(found, run["key"]),
        tables.options(found) or [{"value": "", "label": "–"}],
    )


def _refusal(run: dict) -> str:
    """Return why heads of the open model can't be explained; empty if they can."""
    try:
        questions.check(runs.load(run["key"]).model)
    except HeadscopeError as error:
        return str(error)
    return ""


def draw_brought(seen: dict | None, chosen: str | None, at: dict | None, run: dict | None):
    """Shade the words of the passage by what the chosen head brought from each."""
    found = _of(seen, at)
    if found is None or not run:
        raise PreventUpdate
    possible = [option["value"] for option in tables.options(found)]
    if not possible:
        return [], "", True, no_update
    name = chosen if chosen in possible else possible[len(possible) // 2]
    shaded, note = tables.brought(found, runs.load(run["key"]), name)
    return shaded, note, False, name if name != chosen else no_update


def _of(seen: dict | None, at: dict | None) -> Explained | None:
    same = seen and at and all(seen[name] == at[name] for name in ("run", "layer", "head"))
    return EXPLAINED.get(seen["name"]) if same else None


def register(app: Dash) -> None:
    """Wire these functions to the page."""
    seen, head, run = Input("why-seen", "data"), Input("why-head", "data"), State("run", "data")
    app.callback(
        Output("why-said", "children"),
        Output("why-note", "children"),
        Output("why-found", "hidden"),
        Output("why-bars", "figure"),
        Output("why-check", "children"),
        Output("why-grid-query", "figure"),
        Output("why-grid-key", "figure"),
        Output("why-grids", "hidden"),
        Output("why-table", "children"),
        Output("why-source", "options"),
        seen,
        head,
        Input("theme", "data"),
        run,
    )(draw)
    app.callback(
        Output("why-words", "children"),
        Output("why-brought-note", "children"),
        Output("why-brought-panel", "hidden"),
        Output("why-source", "value"),
        seen,
        Input("why-source", "value"),
        head,
        run,
    )(draw_brought)
    browser = in_browser(app)
    browser(
        "whyFields",
        *(Output(f"why-{name}-box", "hidden") for name in ("edge", "rule", "offset")),
        Input("why-kind", "value"),
        Input("why-rule", "value"),
        prevent_initial_call=False,
    )
    browser(
        "whyReady",
        Output("why-start", "disabled"),
        Output("why-every", "disabled"),
        Input("why-head", "data"),
        prevent_initial_call=False,
    )
    fields = ("kind", "passage", "query", "key", "rule", "offset", "method")
    browser(
        "whyArrive",
        *(Output(f"why-{name}", "value") for name in ("kind", "passage", "query", "key")),
        Input("stage-select", "value"),
        Input("why-run", "data"),
        *(State(f"why-{name}", "value") for name in ("kind", "passage", "query", "key")),
        prevent_initial_call=False,
    )
    browser(
        "whyAsk",
        Output("why-match-asked", "data"),
        Input("why-start", "n_clicks"),
        Input("why-every", "n_clicks"),
        Input("why-run", "data"),
        Input("why-head", "data"),
        *(Input(f"why-{name}", "value") for name in fields),
        State("lasso", "data"),
    )
    browser(
        "whySeen",
        Output("why-seen", "data"),
        Input("why-frame", "data"),
        Input("why-match", "data"),
        State("why-seen", "data"),
    )
