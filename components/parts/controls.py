"""The small parts that the page is made of."""

from collections.abc import Sequence

import dash_bootstrap_components as dbc
from dash import dcc, html

from components.parts.theme import GRAPH
from compute.limits import Range


def graph(id: str, name: str, config: dict = GRAPH) -> html.Figure:
    """Return a graph with a name for screen readers; Plotly's own drawing has none."""
    return html.Figure(
        [
            html.Figcaption(name, className="visually-hidden"),
            dcc.Graph(id=id, config=config, className="plot", responsive=True),
        ],
        className=f"plot-frame {id}-frame",
    )


def select(id: str, options: Sequence[tuple[str, str]]) -> dbc.Select:
    """Return a native selector of (value, title) pairs, the first one chosen."""
    return dbc.Select(
        id=id,
        options=[{"value": value, "label": title} for value, title in options],
        value=options[0][0],
        size="sm",
    )


def labelled(label: str, control: object, quiet: bool = False) -> html.Div:
    """Return a control with its label before it; a quiet one is for screen readers only."""
    target = getattr(control, "id", None) or control.children[0].id
    return html.Div(
        [html.Label(label, htmlFor=target, className="visually-hidden" if quiet else ""), control],
        className="field",
    )


def hint(id: str, text: list) -> html.Span:
    """Return a "?" that opens an explanation of a panel."""
    return html.Span(
        [
            html.Button("?", id=f"{id}-hint", className="hint", **{"aria-label": "What is this?"}),
            dbc.Popover(
                dbc.PopoverBody(text),
                target=f"{id}-hint",
                trigger="legacy",
                placement="auto",
                class_name="explanation",
            ),
        ]
    )


def number(id: str, label: str, value: int | None, limit: Range, placeholder: str = "") -> html.Div:
    """Return a labelled field for a whole number within limits (see `compute.limits`)."""
    field = dbc.Input(
        id=id,
        type="number",
        value=value,
        min=limit.low,
        max=limit.high,
        step=1,
        size="sm",
        placeholder=placeholder,
    )
    return labelled(label, field)
