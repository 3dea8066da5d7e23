"""What can be taken away: the link, pictures, tables, and the dossier of a head."""

from collections.abc import Callable

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc
from dash.exceptions import PreventUpdate

from components.parts import job_bar, job_options
from components.pictures import PANEL, measure, picture
from components.views import passage_weights
from compute import compare_jobs, export, heads, runs
from compute.errors import HeadscopeError

PICTURES = (
    ("qk-map", "Map of the open head", ("png", "svg")),
    ("attention-heatmap", "Attention heatmap", ("png", "svg")),
)
TABLES = (
    ("save-map", "Map: coordinates as CSV"),
    ("save-heatmap", "Heatmap as CSV"),
    ("save-scores", "Scores of all heads as CSV"),
)


def menu() -> dbc.DropdownMenu:
    """Return the menu of the top bar."""
    items = [dbc.DropdownMenuItem("Copy link to this view", id="copy-link"), _line()]
    for plot, title, kinds in PICTURES:
        for kind in kinds:
            name = f"save-{plot}-{kind}"
            items.append(dbc.DropdownMenuItem(f"{title} as {kind.upper()}", id=name))
    items += [_line(), *(dbc.DropdownMenuItem(title, id=name) for name, title in TABLES)]
    items += [_line(), dbc.DropdownMenuItem("Dossier of the open head (HTML)", id="save-dossier")]
    return dbc.DropdownMenu(items, id="save-menu", label="Save", color="secondary", align_end=True)


def parts() -> list:
    """Return what the menu needs elsewhere on the page."""
    return [
        dcc.Download(id="save-file"),
        dcc.Download(id="dossier-file"),
        job_bar("dossier", "strip"),
    ]


def _line() -> dbc.DropdownMenuItem:
    return dbc.DropdownMenuItem(divider=True)


def _file(table: export.Table, *names: object) -> dict:
    return dcc.send_bytes(
        export.write(table, "csv"), "-".join(str(name) for name in names) + ".csv"
    )


def save_map(clicks, run, layer, head, *panel) -> dict:
    """Send the coordinates of the open map."""
    data, at = _open(clicks, run), (int(layer), int(head))
    asked = picture(run, *at, *panel)
    layout = asked.of(data, *at)
    if layout is None:
        raise HeadscopeError("The map is still being fitted. Wait until it is ready, then save it.")
    table = export.map_table(data, *at, layout, measure(run["key"], *at, asked))
    return _file(table, "map", _head(run, at), asked.method)


def save_heatmap(clicks, run, layer, head, selection, hide, by_value) -> dict:
    """Send the attention of the passage that is shown: one row per query and key."""
    data, at = _open(clicks, run), (int(layer), int(head))
    passage, start, weights = passage_weights(data, *at, selection, hide, by_value)
    names, m = data.tokens.strings[start : start + len(weights)], len(weights)
    table = {
        "query": [i for i in range(m) for _ in range(m)],
        "query_token": [name for name in names for _ in range(m)],
        "key": [*range(m)] * m,
        "key_token": [*names] * m,
        "attention": weights.ravel(),
    }
    return _file(table, "attention", _head(run, at), f"passage{passage + 1}")


def save_scores(clicks, run) -> dict:
    """Send all scores of all heads with their intervals."""
    _open(clicks, run)
    found = heads.load(run["key"])
    if found is None:
        raise HeadscopeError("The scores are still being computed. Wait for the grid, then save.")
    return _file(export.scores_table(found), "scores", run["model"]["name"], run["text"])


def save_dossier(set_progress, clicks, run, layer, head) -> dict:
    """Background job: gather all that is known of the open head into one HTML file."""
    if not clicks or not run:
        raise PreventUpdate
    at = int(layer), int(head)
    page = compare_jobs.write_dossier(run["key"], *at, set_progress)
    return {"content": page, "filename": f"dossier-{_head(run, at)}.html", "type": "text/html"}


def _open(clicks: int | None, run: dict | None) -> runs.Run:
    if not clicks or not run:
        raise PreventUpdate
    return runs.load(run["key"])


def _head(run: dict, at: tuple[int, int]) -> str:
    return f"{run['model']['name']}-{run['text']}-L{at[0]}H{at[1]}"


def register(app: Dash) -> None:
    """Wire the menu."""
    on, run = {"prevent_initial_call": True}, State("run", "data")
    head = [State("layer-select", "value"), State("head-select", "value")]
    shown = [State("selection", "data"), State("hide-special", "value"), State("by-value", "value")]

    def sends(name: str, function: Callable, *states: State) -> None:
        target = Output("save-file", "data", allow_duplicate=True)
        app.callback(target, Input(name, "n_clicks"), run, *states, **on)(function)

    sends("save-map", save_map, *head, *(State(*part) for part in PANEL))
    sends("save-heatmap", save_heatmap, *head, *shown)
    sends("save-scores", save_scores)
    app.callback(
        Output("dossier-file", "data"),
        Input("save-dossier", "n_clicks"),
        run,
        *head,
        cache_args_to_ignore=[0],
        **job_options("dossier"),
    )(save_dossier)
    app.clientside_callback(
        ClientsideFunction("headscope", "copyLink"), Input("copy-link", "n_clicks"), **on
    )
    for plot, _, kinds in PICTURES:
        for kind in kinds:
            app.clientside_callback(
                f"clicks => clicks && window.headscope.savePlot({plot!r}, {kind!r})",
                Input(f"save-{plot}-{kind}", "n_clicks"),
                **on,
            )
