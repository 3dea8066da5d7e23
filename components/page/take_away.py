"""What can be taken away: the link, pictures, tables, and the dossier of a head."""

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.exceptions import PreventUpdate

from components.heads.attention_panels import passage_weights
from components.parts import save_table, typed
from components.parts.controls import job_bar, job_options, result
from components.parts.pictures import PANEL, measure, picture
from compute import runs
from compute.errors import HeadscopeError
from compute.jobs import scoring
from compute.scores import heads
from compute.take_away import export

# What the menu saves of the open head: name, title, formats.
PICTURES = (("qk-map", "Map"), ("attention-heatmap", "Heatmap"))
TABLES = (
    ("save-map", "Map, coordinates"),
    ("save-heatmap", "Heatmap, numbers"),
    ("save-scores", "Scores of all heads"),
)


def menu() -> dbc.DropdownMenu:
    """Return the menu of the top bar."""
    rows = [(f"save-{plot}", title, (("png", "PNG"), ("svg", "SVG"))) for plot, title in PICTURES]
    rows += [(name, title, save_table.FORMATS) for name, title in TABLES]
    items = [dbc.DropdownMenuItem("Copy link to this view", id="copy-link"), _line()]
    items += [_row(*row) for row in rows]
    items += [
        html.P(
            "Other pictures: point at one, ⤓ is in its corner. Other tables: CSV and Parquet are "
            "beside their titles.",
            className="note",
        ),
        _line(),
        dbc.DropdownMenuItem("Dossier of the open head (HTML)", id="save-dossier"),
    ]
    return dbc.DropdownMenu(items, id="save-menu", label="Save", color="secondary", align_end=True)


def _row(name: str, title: str, formats: tuple) -> html.Div:
    """Return a line of the menu: what, and in which formats."""
    kinds = [
        dbc.DropdownMenuItem(
            [html.Span(f"{title} as ", className="visually-hidden"), label], id=f"{name}-{kind}"
        )
        for kind, label in formats
    ]
    return html.Div([html.Span(title), *kinds], className="save-row")


def parts() -> list:
    """Return what the menu needs elsewhere on the page."""
    return [
        save_table.download(),
        result("dossier"),
        dcc.Download(id="dossier-file"),
        job_bar("dossier", "strip"),
    ]


def _line() -> dbc.DropdownMenuItem:
    return dbc.DropdownMenuItem(divider=True)


def map_table(run, layer, head, *panel) -> tuple[export.Table, tuple]:
    """Return the coordinates of the open map."""
    data, at = _open(run), typed.head(layer, head)
    asked = picture(run, *at, *panel)
    layout = asked.of(data, *at)
    if layout is None:
        raise HeadscopeError("The map is still being fitted. Wait until it is ready, then save it.")
    table = export.map_table(data, *at, layout, measure(run["key"], *at, asked))
    return table, ("map", _head(run, at), asked.method)


def heatmap_table(run, layer, head, selection, hide, by_value) -> tuple[export.Table, tuple]:
    """Return the attention of the passage that is shown: one row per query and key."""
    data, at = _open(run), typed.head(layer, head)
    passage, start, weights = passage_weights(data, *at, selection, hide, by_value)
    names, m = data.tokens.strings[start : start + len(weights)], len(weights)
    table = {
        "query": [i for i in range(m) for _ in range(m)],
        "query_token": [name for name in names for _ in range(m)],
        "key": [*range(m)] * m,
        "key_token": [*names] * m,
        "attention": weights.ravel(),
    }
    return table, ("attention", _head(run, at), f"passage{passage + 1}")


def scores_table(run) -> tuple[export.Table, tuple]:
    """Return all scores of all heads with their intervals."""
    _open(run)
    found = heads.SCORES.get(heads.key(run["key"]))
    if found is None:
        raise HeadscopeError("The scores are still being computed. Wait for the grid, then save.")
    return export.scores_table(found), ("scores", run["model"]["name"], run["text"])


def save_dossier(set_progress, clicks, run, layer, head) -> dict:
    """Background job: gather all that is known of the open head into one HTML file."""
    if not clicks or not run:
        raise PreventUpdate
    at = typed.head(layer, head)
    page = scoring.write_dossier(run["key"], *at, set_progress)
    file = {"content": page, "filename": f"dossier-{_head(run, at)}.html", "type": "text/html"}
    return {"file": file, "needs": [runs.RUNS.ref(run["key"])]}


def _open(run: dict | None) -> runs.Run:
    if not run:
        raise HeadscopeError("Nothing is open yet. Wait until the text is there, then save.")
    return runs.load(run["key"])


def _head(run: dict, at: tuple[int, int]) -> str:
    return f"{run['model']['name']}-{run['text']}-L{at[0]}H{at[1]}"


def register(app: Dash) -> None:
    """Wire the menu."""
    run = State("run", "data")
    head = [State("layer-select", "value"), State("head-select", "value")]
    shown = [State("selection", "data"), State("hide-special", "value"), State("by-value", "value")]

    panel = [State(*part) for part in PANEL]
    save_table.register(app, "save-map", map_table, run, *head, *panel)
    save_table.register(app, "save-heatmap", heatmap_table, run, *head, *shown)
    save_table.register(app, "save-scores", scores_table, run)
    app.callback(
        Output("dossier-result", "data"),
        Input("save-dossier", "n_clicks"),
        run,
        *head,
        cache_args_to_ignore=[0],
        **job_options("dossier"),
    )(save_dossier)
    app.clientside_callback(
        "done => (done ? done.file : window.dash_clientside.no_update)",
        Output("dossier-file", "data"),
        Input("dossier-result", "data"),
    )
    app.clientside_callback(
        ClientsideFunction("headscope", "copyLink"), Input("copy-link", "n_clicks")
    )
    for plot, _ in PICTURES:
        for kind in ("png", "svg"):
            app.clientside_callback(
                f"clicks => clicks && window.headscope.savePlot({plot!r}, {kind!r})",
                Input(f"save-{plot}-{kind}", "n_clicks"),
            )
