"""Two heads in numbers, and which heads attend most and least like the open one."""

import dash_bootstrap_components as dbc
import numpy as np
from dash import Dash, Input, Output, State, dcc, html
from dash.exceptions import PreventUpdate

from components import compared, save_table
from components.parts import SIDES, hand_over, hint, job_bar, job_options, result
from compute import compare_jobs, export, heads, likeness, runs
from compute.errors import HeadscopeError
from compute.measures import MEASURES

COUNT = 6
HELP = [
    html.P(
        "Left: the scores of both heads with their 95 % intervals; a difference is marked where "
        "the intervals do not meet."
    ),
    html.P(
        "Right: heads by the Jensen–Shannon divergence of their attention from that of A, the mean "
        "over up to 1,000 tokens: 0 they attend alike, 1 never to the same token. "
        "H((a + b) / 2) − (H(a) + H(b)) / 2, in bits. Click a head to put it in B."
    ),
]


def panel() -> html.Section:
    """Return the panel; the style sheet shows it while two heads are compared."""
    find = dbc.Button("Find heads like A", id="alike-start", size="sm", color="primary")
    title = [
        html.H2("A and B in numbers", id="alike-title"),
        find,
        save_table.buttons("alike-pair", "the numbers of A and B", "A and B"),
        save_table.buttons("alike", "the divergence of all pairs of heads", "all pairs"),
        hint("alike", HELP),
    ]
    return html.Section(
        [
            dcc.Store(id="alike"),
            result("alike"),
            html.Div(title, className="card-title"),
            job_bar("alike"),
            html.Div(
                [html.Div(id="alike-numbers"), html.Div(id="alike-lists")],
                className="columns",
            ),
        ],
        id="alike-panel",
        className="panel",
    )


def compare_all(set_progress, clicks: int | None, run: dict | None) -> dict | None:
    """Background job: all heads of the open run against one another."""
    if not clicks or not run:
        return None
    name = compare_jobs.compare_heads(run["key"], run["key"], set_progress)
    return {"run": run["key"], "needs": [[likeness.KIND, name]]}


def draw_numbers(run, comparing, _scores, _alike, both):
    """Put the numbers of both heads side by side."""
    if not comparing:
        raise PreventUpdate
    a, b = compared.places(both, run)
    found = heads.load(run["key"])
    if found is None:
        return html.P("The scores are being computed.", className="note")
    for at in (a, b):
        runs.load(run["key"]).check(*at)
    rows = [_row(MEASURES[name], found.of(name), a, b) for name in found.names]
    shown = _matrix(run)
    if shown is not None:
        apart = float(shown.divergence[(*a, *b)])
        cells = ["Divergence of their attention", "", "", f"{apart:.3f}"]
        rows.append(html.Tr([html.Td(cell) for cell in cells]))
    names = (f"A: L{a[0]}H{a[1]}", f"B: L{b[0]}H{b[1]}")
    titles = html.Tr([html.Th(title) for title in ("", *names, "A − B")])
    table = [html.Thead(titles), html.Tbody([row for row in rows if row is not None])]
    return dbc.Table(table, size="sm", class_name="numbers")


def _row(measure, values, a: tuple[int, int], b: tuple[int, int]) -> html.Tr | None:
    if not (np.isfinite(values.mean[a]) and np.isfinite(values.mean[b])):
        return None
    apart = values.low[a] > values.high[b] or values.low[b] > values.high[a]
    said = f"{values.mean[a] - values.mean[b]:+.3f}"
    cells = [html.Td(measure.title)]
    for at in (a, b):
        interval = f"95 % interval {values.low[at]:.3f} … {values.high[at]:.3f}"
        cells.append(html.Td(f"{values.mean[at]:.3f}", title=interval))
    why = "The intervals do not meet" if apart else "The intervals meet"
    cells.append(html.Td(html.Mark(said) if apart else said, title=why))
    return html.Tr(cells)


def list_alike(run, _alike, both):
    """List the heads most and least like A."""
    shown = _matrix(run) if run else None
    if shown is None:
        return html.P(
            "Press “Find heads like A” to see which heads do as A does.", className="note"
        )
    at, _ = compared.places(both, run)
    runs.load(run["key"]).check(*at)
    parts = []
    for title, most in (("Most like A", True), ("Least like A", False)):
        found = likeness.nearest(shown, *at, COUNT, most=most)
        parts += [html.H3(title), html.P([_head(each) for each in found], className="tally")]
    note = f"Over {shown.queries:,} of {shown.of:,} tokens. Click a head to put it in B."
    return [*parts, html.P(note, className="note")]


def _head(each: likeness.Neighbour) -> html.Span:
    name = f"L{each.layer}H{each.head}"
    data = {"data-open-head": name, "data-side": "b"}
    number = html.Span(f" {each.divergence:.3f}", className="count")
    return html.Span([html.Button(name, className="head-link", **data), number])


def pair_table(run: dict | None, layer, head, layer_b, head_b) -> tuple[export.Table, tuple]:
    """Return the numbers of both heads as a table."""
    found = heads.load(run["key"]) if run else None
    if found is None:
        raise HeadscopeError("The scores are still being computed. Wait for them, then save.")
    a, b = (int(layer), int(head)), (int(layer_b), int(head_b))
    for at in (a, b):
        runs.load(run["key"]).check(*at)
    names = ("L{}H{}".format(*at) for at in (a, b))
    return export.pair_table(found, a, b), ("heads", run["model"]["name"], run["text"], *names)


def alike_table(run: dict | None) -> tuple[export.Table, tuple]:
    """Return the divergence of all pairs of heads as a table."""
    shown = _matrix(run) if run else None
    if shown is None:
        raise HeadscopeError("No heads are compared yet. Press “Find heads like A”, then save.")
    return export.likeness_table(shown), ("likeness", run["model"]["name"], run["text"])


def _matrix(run: dict) -> likeness.Likeness | None:
    return likeness.load(likeness.key(run["key"], run["key"]))


def register(app: Dash) -> None:
    """Wire the panel."""
    run, alike = Input("run", "data"), Input("alike", "data")
    both = Input("compared", "data")
    app.callback(
        Output("alike-result", "data"),
        Input("alike-start", "n_clicks"),
        State("run", "data"),
        cache_args_to_ignore=[0],
        **job_options("alike"),
    )(compare_all)
    hand_over(app, "alike")
    app.callback(
        Output("alike-numbers", "children"),
        run,
        Input("compare-toggle", "active"),
        Input("scores", "data"),
        alike,
        both,
    )(draw_numbers)
    app.callback(Output("alike-lists", "children"), run, alike, both)(list_alike)
    state = State("run", "data")
    heads_of = [State(f"{w}-select{side}", "value") for side in SIDES for w in ("layer", "head")]
    save_table.register(app, "alike-pair", pair_table, state, *heads_of)
    save_table.register(app, "alike", alike_table, state)
