"""What can be taken away: the link, pictures, tables, and the dossier of a head."""

import dash_bootstrap_components as dbc
import numpy as np
from dash import Dash, Input, Output, State, dcc, html
from dash.exceptions import PreventUpdate

from components.forms.fields import Needs, Record
from components.parts import save_table
from components.parts.browser import in_browser
from components.parts.jobs import Job, job_bar
from components.parts.part import Part
from components.parts.save_table import Saved, SavedTable
from components.passage.attention_panels import window_weights
from components.sentence import sentences
from components.shown.pictures import measure, picture
from components.shown.records import PANEL, HeadView, MapOptions, PassageLooks, model_of
from compute import runs
from compute.errors import HeadscopeError
from compute.jobs import scoring
from compute.scores import heads
from compute.take_away import export

# What the menu saves of the open head: name, title, formats.
PICTURES = (("qk-map", "Map"), ("attention-heatmap", "Heatmap"))


def menu() -> dbc.DropdownMenu:
    """Return the menu of the top bar."""
    rows = [(f"save-{plot}", title, (("png", "PNG"), ("svg", "SVG"))) for plot, title in PICTURES]
    rows += [(table.name, table.what, save_table.FORMATS) for table in TABLES]
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
        dcc.Download(id="dossier-file"),
        job_bar("dossier", "strip"),
    ]


def _line() -> dbc.DropdownMenuItem:
    return dbc.DropdownMenuItem(divider=True)


def map_table(run, layer, head, *panel) -> Saved:
    """Return the coordinates of the open map."""
    view = _open(run, layer, head)
    asked = picture(view, MapOptions(*panel))
    layout = asked.of(view)
    if layout is None:
        raise HeadscopeError("The map is still being fitted. Wait until it is ready, then save it.")
    table = export.map_table(view.data, *view.at, layout, measure(view, asked))
    return table, ("map", _file(view), asked.method)


def heatmap_table(run, layer, head, selection, hide, by_value, ghost=None) -> Saved:
    """Return the attention of the passage that is shown: one row per query and key."""
    opened = _open(run, layer, head)
    looks = PassageLooks("light", hide, by_value)
    view, selection, own = sentences.shown(opened, selection, [ghost])
    window, weights = window_weights(view, selection, looks)
    names = view.data.tokens.strings[window.queries]
    keys = view.data.keys.strings[window.keys]
    parts = (range(part.start, part.stop) for part in (window.rows, window.columns))
    query, key = (at.ravel() for at in np.meshgrid(*parts, indexing="ij"))
    table = {
        "query": query,
        "query_token": [names[i] for i in query],
        "key": key,
        "key_token": [keys[j] for j in key],
        "attention": weights.ravel(),
    }
    where = "passage" if own is sentences.NONE else "sentence"
    name = f"{where}{window.passage + 1}"
    sides = (("queries", window.rows), ("keys", window.columns))  # of a long one a part is shown
    part = [f"{what}-{span.start}-{span.stop - 1}" for what, span in sides if not window.whole]
    return table, ("attention", _file(opened), "-".join([name, *part]))


def scores_table(run) -> Saved:
    """Return all scores of all heads with their intervals."""
    view = _open(run, 0, 0)
    found = heads.SCORES.get(heads.key(view.key))
    if found is None:
        raise HeadscopeError("The scores are still being computed. Wait for the grid, then save.")
    return export.scores_table(found), ("scores", model_of(run), run["text"])


_RUN = ("run", "data")
_HEAD = (("layer-select", "value"), ("head-select", "value"))
_SHOWN = (
    ("selection", "data"),
    ("hide-special", "value"),
    ("by-value", "value"),
    ("ghost", "data"),
)
TABLES = (
    SavedTable("save-map", "Map, coordinates", "menu", map_table, (_RUN, *_HEAD, *PANEL)),
    SavedTable("save-heatmap", "Heatmap, numbers", "menu", heatmap_table, (_RUN, *_HEAD, *_SHOWN)),
    SavedTable("save-scores", "Scores of all heads", "menu", scores_table, (_RUN,)),
)


def save_dossier(set_progress, clicks, run, layer, head) -> dict:
    """Background job: gather all that is known of the open head into one HTML file."""
    if not clicks or not run:
        raise PreventUpdate
    view = _open(run, layer, head)
    page = scoring.write_dossier(view.key, *view.at, set_progress)
    file = {"content": page, "filename": f"dossier-{_file(view)}.html", "type": "text/html"}
    return {"file": file, "needs": [runs.RUNS.ref(run["key"])]}


def _open(run: dict | None, layer: str | int, head: str | int) -> HeadView:
    if not run:
        raise HeadscopeError("Nothing is open yet. Wait until the text is there, then save.")
    return HeadView.of({"run": run, "layer": layer, "head": head})


def _file(view: HeadView) -> str:
    return f"{model_of(view.run)}-{view.run['text']}-{view.name}"


class Dossier(Record):
    """The dossier as a file, and what it is of."""

    file: dict[str, str]
    needs: Needs


def register(app: Dash) -> None:
    """Wire the menu."""
    browser = in_browser(app)
    app.clientside_callback(
        "done => (done ? done.file : window.dash_clientside.no_update)",
        Output("dossier-file", "data"),
        Input("dossier", "data"),
    )
    browser("copyLink", Input("copy-link", "n_clicks"))
    for plot, _ in PICTURES:
        for kind in ("png", "svg"):
            app.clientside_callback(
                f"clicks => clicks && window.headscope.savePlot({plot!r}, {kind!r})",
                Input(f"save-{plot}-{kind}", "n_clicks"),
            )


PART = Part(
    register,
    tables=TABLES,
    jobs=(
        Job(
            "dossier",
            save_dossier,
            Dossier,
            inputs=(
                Input("save-dossier", "n_clicks"),
                *(State(*place) for place in (_RUN, *_HEAD)),
            ),
            clicks=(0,),
        ),
    ),
)
