"""The table of all methods for the open head, in the scale stage."""

from dash import Dash, Input, Output, State, html
from dash.exceptions import PreventUpdate

from components.parts.browser import in_browser
from components.parts.controls import table
from compute.jobs import mapping
from compute.maps import projection
from compute.scale import comparison
from compute.scale.comparison import Row

NAME = "scale-methods"
COLUMNS = (
    *("Map", "T", "T held out", "recall@1", "recall@3", "recall@5"),
    *("corpus percentile", "mixing", "seconds"),
)
SHARES = (
    "recall@k: of a query's k most attended keys in its passage, the share that is among its k "
    "nearest there. Corpus percentile: where q·k of the 10 nearest keys stands among all keys of "
    "the text. Mixing: the other kind's share of a point's 20 nearest, over a half."
)


def try_methods(set_progress, asked: dict) -> dict:
    """Background job: all methods for one head."""
    at = asked["run"], asked["layer"], asked["head"]
    methods = [name for name, m in projection.METHODS.items() if asked["tsne"] or not m.minutes]
    return asked | mapping.compare(*at, list(mapping.by_method(methods).values()), set_progress)


def draw_table(_measured, view: dict | None):
    """Draw the table of all methods that were measured for the open head."""
    if not view:
        raise PreventUpdate
    at = view["layer"], view["head"]
    rows = {
        method: comparison.row(view["run"], *at, asked)
        for method, asked in mapping.by_method(list(projection.METHODS)).items()
    }
    known = {method: row for method, row in rows.items() if row is not None}
    if not known:
        return html.P(f"Not measured for L{at[0]}H{at[1]} yet: press Measure.", className="note")
    lines = [_cells(projection.METHODS[method].title, row) for method, row in known.items()]
    lines.append(_chance(next(iter(known.values()))))
    return [table(COLUMNS, lines, "table-hover"), html.P(SHARES, className="note")]


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def score_text(value: float | None) -> str:
    """Return a trust as the stage writes it."""
    return "–" if value is None else f"{value:z.2f}".replace("-", "−")


def _cells(title: str, row: Row) -> list:
    found, hidden = row.trust, row.held_out or {}
    return [
        title,
        html.B(score_text(found["score"])),
        score_text(hidden.get("score")),
        *(_share(value) for value in found["recall"].values()),
        _share(found["corpus"]),
        _share(found["mixing"]),
        f"{row.seconds:.1f}" if row.seconds >= 0.05 else "< 0.1",
    ]


def _chance(row: Row) -> list:
    chance = [_share(value) for value in row.trust["chance"].values()]
    return [html.I("chance"), "0", "0", *chance, "50%", "", ""]


def register(app: Dash) -> None:
    """Wire the table and its two buttons."""
    browser = in_browser(app)
    browser(
        "scaleMethods",
        Output(f"{NAME}-asked", "data"),
        Input(f"{NAME}-start", "n_clicks"),
        Input(f"{NAME}-tsne", "n_clicks"),
        State("scale-view", "data"),
    )
    app.callback(
        Output(f"{NAME}-table", "children"), Input(NAME, "data"), Input("scale-view", "data")
    )(draw_table)
