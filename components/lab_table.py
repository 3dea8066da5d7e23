"""The lab's table of all heads and read-outs, and its CSV."""

import dash_ag_grid as dag
from dash import Dash, Input, Output, State, dcc
from dash.exceptions import PreventUpdate

from components import lab_scores
from components.lab_texts import TITLES
from compute import tables

_NUMBER = {"type": "rightAligned", "width": 92, "sortingOrder": ["desc", "asc", None]}


def draw_table(measured: dict | None, run: dict | None) -> dag.AgGrid:
    """Return the table: one row per head, per read-out its score and z."""
    scores = lab_scores.load(measured, run)
    if scores is None:
        raise PreventUpdate
    columns = [{"field": "name", "headerName": "Head", "pinned": "left", "width": 90,
                "valueGetter": {"function": "params.data.layer * 10000 + params.data.head"},
                "valueFormatter": {"function": "params.data.name"}}]  # fmt: skip
    for name in scores.found.readouts:
        columns.append({"headerName": TITLES[name], "children": _columns(name, scores)})
    return dag.AgGrid(
        id="lab-table",
        rowData=lab_scores.rows(scores),
        columnDefs=columns,
        defaultColDef={"resizable": True, "sortable": True},
        dashGridOptions={"tooltipShowDelay": 200, "suppressCellFocus": False},
        getRowId="params.data.name",
        className="lab-table",
    )


def _columns(name: str, scores: lab_scores.Scores) -> list[dict]:
    score = _NUMBER | {
        "field": name,
        "headerName": "score",
        "valueFormatter": {"function": "params.value == null ? '–' : params.value.toFixed(3)"},
        "tooltipValueGetter": {
            "function": f"params.data.{name}_low == null ? '' : '95 % interval ' "
            f"+ params.data.{name}_low.toFixed(3) + ' … ' + params.data.{name}_high.toFixed(3)"
        },
    }
    z = _NUMBER | {
        "field": f"{name}_z",
        "headerName": "z",
        "width": 78,
        "valueFormatter": {"function": "params.value == null ? '–' : params.value.toFixed(1)"},
    }
    return [score, z]


def save_csv(n_clicks: int | None, measured: dict | None, run: dict | None) -> dict:
    """Send all numbers of the measurement as a file."""
    scores = lab_scores.load(measured, run)
    if not n_clicks or scores is None:
        raise PreventUpdate
    found = scores.found
    name = f"induction-{run['model']['name']}-{found.design}-seed{found.seed}.csv"
    text = tables.csv_text(tables.SCORES, tables.of_scores(found, scores.nulls))
    return dcc.send_string(text, name)


def register(app: Dash) -> None:
    """Wire these functions to the page."""
    app.callback(
        Output("lab-table-box", "children"),
        Input("lab-measured", "data"),
        State("run", "data"),
        prevent_initial_call=True,
    )(draw_table)
    app.callback(
        Output("lab-download", "data"),
        Input("lab-csv", "n_clicks"),
        State("lab-measured", "data"),
        State("run", "data"),
        prevent_initial_call=True,
    )(save_csv)
