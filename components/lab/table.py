"""The lab's table of all heads and read-outs, to sort."""

import dash_ag_grid as dag
from dash import Dash, Input, Output
from dash.exceptions import PreventUpdate

from components.lab import measurement
from compute.lab.readouts import READOUTS
from compute.scores import detect

_NUMBER = {"type": "rightAligned", "width": 92, "sortingOrder": ["desc", "asc", None]}


def draw_table(measured: dict | None, _detected: dict | None, run: dict | None) -> dag.AgGrid:
    """Return the table: one row per head, per read-out its score and z, then `scores.detect`."""
    scores = measurement.load(measured, run)
    if scores is None:
        raise PreventUpdate
    name = {"field": "name", "headerName": "name", "pinned": "left", "width": 90,
            "valueGetter": {"function": "params.data.layer * 10000 + params.data.head"},
            "valueFormatter": {"function": "params.data.name"}}  # fmt: skip
    # In a group as the others are: without one the grid leaves an empty row for screen readers.
    columns = [{"headerName": "Head", "children": [name]}]
    for readout in scores.found.readouts:
        columns.append(
            {
                "headerName": READOUTS[readout].title,
                "headerTooltip": READOUTS[readout].full,
                "children": _columns(readout),
            }
        )
    rows, detected = measurement.rows(scores), detect.DETECTED.get(detect.key(run["key"]))
    if detected is not None:
        columns.append({"headerName": "detect_head on the text", "children": _add(rows, detected)})
    return dag.AgGrid(
        id="lab-table",
        rowData=rows,
        columnDefs=columns,
        defaultColDef={"resizable": True, "sortable": True},
        dashGridOptions={"tooltipShowDelay": 200, "suppressCellFocus": False},
        getRowId="params.data.name",
        className="lab-table",
    )


def _written(digits: int) -> dict[str, str]:
    """Return how a number is written: d3 knows no "-0.000"."""
    return {"function": f"params.value == null ? '–' : d3.format('.{digits}f')(params.value)"}


def _columns(name: str) -> list[dict]:
    score = _NUMBER | {
        "field": name,
        "headerName": "score",
        "valueFormatter": _written(3),
        "tooltipValueGetter": {
            "function": f"params.data.{name}_low == null ? '' : '95 % interval ' "
            f"+ params.data.{name}_low.toFixed(3) + ' … ' + params.data.{name}_high.toFixed(3)"
        },
    }
    z = _NUMBER | {
        "field": f"{name}_z",
        "headerName": "z",
        "width": 78,
        "valueFormatter": _written(1),
    }
    return [score, z]


def _add(rows: list[dict], found: detect.Detected) -> list[dict]:
    """Add TransformerLens' measure to the rows, and return its columns."""
    columns = []
    for pattern in detect.PATTERNS:
        for measure in detect.MEASURES:
            name = f"detect_{measure}_{pattern}"
            for row in rows:
                value = found.of(measure, pattern)[row["layer"], row["head"]]
                row[name] = round(float(value), 4)
            title = f"{detect.TITLES[pattern].lower()}, {measure}"
            width = {"width": 124, "valueFormatter": _written(3)}
            columns.append(_NUMBER | {"field": name, "headerName": title} | width)
    return columns


def register(app: Dash) -> None:
    """Wire these functions to the page."""
    app.callback(
        Output("lab-table-box", "children"),
        Input("lab-measured", "data"),
        Input("lab-detected", "data"),
        Input("lab-run", "data"),
    )(draw_table)
