"""Tables to take away: two small buttons, CSV and Parquet, and what answers to them."""

from collections.abc import Callable

import dash_bootstrap_components as dbc
from dash import Dash, Input, Output, State, ctx, dcc, html
from dash.exceptions import PreventUpdate

from compute.take_away import export

FORMATS = (("csv", "CSV"), ("parquet", "Parquet"))


def buttons(name: str, what: str, label: str = "") -> html.Span:
    """Return the buttons that save a table.

    Parameters
    ----------
    name : str
        Their ids are this with ``-csv`` and ``-parquet``; also for `register`.
    what : str
        What the table has, for the tooltip: "Save … as CSV".
    label : str
        A word before them, where a panel has more than one table.
    """
    made = [
        dbc.Button(
            title,
            id=f"{name}-{kind}",
            size="sm",
            color="secondary",
            outline=True,
            title=f"Save {what} as {title}",
        )
        for kind, title in FORMATS
    ]
    named = [html.Span(label, className="note")] if label else []
    return html.Span([*named, *made], className="save-table")


def download(stage: str = "save") -> dcc.Download:
    """Return what hands the file to the browser; a stage has its own, made with its buttons."""
    return dcc.Download(id=f"{stage}-download")


def register(app: Dash, name: str, table: Callable, *states: State, stage: str = "save") -> None:
    """Send a table when one of its buttons is pressed.

    Parameters
    ----------
    name : str
        As for `buttons`.
    table : callable
        Takes the values of `states`; returns an `export.Table` and the parts of the file's name,
        or raises a HeadscopeError that says what has to be done first.
    stage : str
        As for `download`.
    """

    def send(*values: object) -> dict:
        if ctx.triggered_id is None:
            raise PreventUpdate
        kind = ctx.triggered_id.rpartition("-")[2]
        found, parts = table(*values[len(FORMATS) :])
        file = "-".join(str(part) for part in parts)
        return dcc.send_bytes(export.write(found, kind), f"{file}.{kind}")

    app.callback(
        Output(f"{stage}-download", "data", allow_duplicate=True),
        *(Input(f"{name}-{kind}", "n_clicks") for kind, _ in FORMATS),
        *states,
        prevent_initial_call=True,
    )(send)
