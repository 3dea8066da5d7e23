"""The numbers of a head with what they say, and all heads in order."""

import numpy as np
from dash import html

from components.parts.controls import table
from components.parts.head_table import head_link
from components.parts.numbers import signed
from components.properties import words
from compute.properties.every_head import Property, Row, rows
from compute.properties.numbers import Finding
from compute.properties.verdicts import VERDICTS

SHOWN = 40
TITLES = (
    "Head",
    "Attention lost",
    "Before → after",
    "Advantage",
    "AUC",
    "Directions",
    "Verdict",
)


def numbers(found: Finding) -> list:
    """Return what was measured of a head, a number a row, with what it means."""
    said = [
        html.Tr([html.Th(name), html.Td(html.B(value)), html.Td(meaning)])
        for name, value, meaning in words.numbers(found)
    ]
    return [table((), said, "why-property-facts")]


def heads(found: Property, shown: tuple[int, int]) -> list:
    """Return the heads that were measured, those with a causal effect first."""
    every = rows(found)
    body = [_row(row, found.dims, (row.layer, row.head) == shown) for row in every[:SHOWN]]
    more = len(every) - len(body)
    rest = f"The {more:,} others are in the table to save."
    return [
        table(TITLES, body, "heads-table"),
        *([html.P(rest, className="note")] if more > 0 else []),
    ]


def _row(row: Row, dims: int, is_open: bool) -> html.Tr:
    number = row.numbers
    known = np.isfinite(row.mean)
    change = f"{number['attention']:.3f} → {number['removed']:.3f}"
    advantage, auc = number["advantage"], number["auc"]
    cells = [
        head_link(row.layer, row.head),
        [html.B(signed(row.mean, 3)), *_interval(row)] if known else "–",
        change if known else "–",
        words.plus(advantage) if np.isfinite(advantage) else "–",
        f"{auc:.2f}" if np.isfinite(auc) else "–",
        f"{number['rank']:.0f} of {dims}" if known else "–",
        VERDICTS[row.verdict].title,
    ]
    return html.Tr([html.Td(cell) for cell in cells], className="open-head" if is_open else "")


def _interval(row: Row) -> list[html.Span]:
    if not np.isfinite(row.low):
        return []
    said = f" {signed(row.low, 3)} … {signed(row.high, 3)}"
    return [html.Span(said, className="count", title="95 % interval over passages")]
