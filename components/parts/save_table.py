"""Tables to take away: what each is, two small buttons, CSV and Parquet, and what answers to them.

A table is one record in the tuple of its module; buttons, callbacks and forms follow from it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dash import Dash, Input, Output, State, ctx, dcc, html
from dash.exceptions import PreventUpdate

from components.parts import controls
from compute.take_away import export

FORMATS = (("csv", "CSV"), ("parquet", "Parquet"))
Saved = tuple[export.Table, tuple]
"""A table, and the parts of its file's name."""


@dataclass(frozen=True)
class SavedTable:
    """A table that can be saved.

    Attributes
    ----------
    name : str
        The ids of its buttons are this with ``-csv`` and ``-parquet``.
    what : str
        What the table has, for the tooltip: "Save … as CSV".
    panel : str
        The panel that has its buttons.
    make : callable
        Takes the values of `states`; raises a HeadscopeError that says what has to be done first.
    states : tuple of (id, property)
    label : str
        A word before the buttons, where a panel has more than one table.
    """

    name: str
    what: str
    panel: str
    make: Callable[..., Saved]
    states: tuple[tuple[str, str], ...]
    label: str = ""


def buttons(tables: Iterable[SavedTable], panel: str) -> list[html.Span]:
    """Return the buttons that save the tables of a panel."""
    return [_buttons(table) for table in tables if table.panel == panel]


def title(
    tables: Iterable[SavedTable], text: str, id: str, help_text: list, *more: object
) -> html.Div:
    """Return the line over a panel, with the buttons that save the tables of that name."""
    return controls.title(text, id, help_text, *more, *buttons(tables, id))


def _buttons(table: SavedTable) -> html.Span:
    made = [
        controls.button(title, f"{table.name}-{kind}", title=f"Save {table.what} as {title}")
        for kind, title in FORMATS
    ]
    named = [html.Span(table.label, className="note")] if table.label else []
    return html.Span([*named, *made], className="save-table")


def download(stage: str = "save") -> dcc.Download:
    """Return what hands the file to the browser; a stage has its own, made with its buttons."""
    return dcc.Download(id=f"{stage}-download")


def register(app: Dash, tables: Iterable[SavedTable], stage: str = "save") -> None:
    """Send a table when one of its buttons is pressed; `stage` is that of `download`."""
    for table in tables:
        _register(app, table, stage)


def _register(app: Dash, table: SavedTable, stage: str) -> None:
    def send(*values: object) -> dict:
        if ctx.triggered_id is None:
            raise PreventUpdate
        kind = ctx.triggered_id.rpartition("-")[2]
        found, parts = table.make(*values[len(FORMATS) :])
        file = "-".join(str(part) for part in parts)
        return dcc.send_bytes(export.write(found, kind), f"{file}.{kind}")

    app.callback(
        Output(f"{stage}-download", "data", allow_duplicate=True),
        *(Input(f"{table.name}-{kind}", "n_clicks") for kind, _ in FORMATS),
        *(State(*state) for state in table.states),
    )(send)
