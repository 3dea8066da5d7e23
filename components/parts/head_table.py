"""Heads in order, with their numbers: a click on a head opens it (assets/patterns/patterns.js)."""

from collections.abc import Sequence
from dataclasses import dataclass

import dash_bootstrap_components as dbc
import numpy as np
from dash import html

from components.parts.controls import table


@dataclass(frozen=True)
class Column:
    """One number of every head.

    Attributes
    ----------
    form : str
        How the number is written.
    name : str
        The row's attribute.
    interval : two of str
        The attributes of its 95 % interval, if it has one.
    """

    title: str
    form: str
    name: str
    interval: tuple[str, str] | None = None


def head_table(rows: Sequence, columns: Sequence[Column], shown: tuple) -> dbc.Table:
    """Return a table of records with ``layer``, ``head`` and what the columns name.

    The row of the head that is shown, a (layer, head), is marked.
    """
    at = tuple(int(i) for i in shown)
    body = [_row(row, columns, (row.layer, row.head) == at) for row in rows]
    return table(("Head", *(column.title for column in columns)), body, "heads-table")


def head_link(layer: int, head: int, **more: str) -> html.Button:
    """Return a head's name; a click on it opens the head."""
    name = f"L{layer}H{head}"
    return html.Button(name, className="head-link", **{"data-open-head": name}, **more)


def _row(row: object, columns: Sequence[Column], is_open: bool) -> html.Tr:
    cells = [html.Td(_cell(row, column)) for column in columns]
    return html.Tr(
        [html.Td(head_link(row.layer, row.head)), *cells], className="open-head" if is_open else ""
    )


def _cell(row: object, column: Column) -> list:
    value = getattr(row, column.name)
    parts = [html.B(column.form.format(value) if np.isfinite(value) else "–")]
    if column.interval:
        low, high = (getattr(row, name) for name in column.interval)
        if np.isfinite(low):
            form = column.form.split("}")[0] + "}"
            said = f" {form.format(low)} … {form.format(high)}"
            parts.append(html.Span(said, className="count", title="95 % interval over passages"))
    return parts
