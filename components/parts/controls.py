"""The small parts that the page is made of."""

from collections.abc import Iterable, Sequence

import dash_bootstrap_components as dbc
import plotly.graph_objects as go
from dash import dcc, html

from components.plots.theme import GRAPH, STILL_GRAPH
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


def drawn(figure: go.Figure, id: str) -> dcc.Graph:
    """Return a figure that a callback has drawn, as a graph of its own."""
    return dcc.Graph(id=id, figure=figure, config=STILL_GRAPH, className="plot")


def panel(*parts: object, **more: object) -> html.Section:
    """Return a panel of the page."""
    return html.Section(list(parts), className="panel", **more)


def title(text: str, id: str, help_text: list, *more: object) -> html.Div:
    """Return the line over a panel: its name, its buttons, and the "?" that explains it."""
    parts = [html.H2(text, id=f"{id}-title"), *more, hint(id, help_text)]
    return html.Div(parts, className="card-title")


def table(titles: Sequence[str], rows: Iterable, more: str = "") -> dbc.Table:
    """Return a table of numbers; a row is a sequence of cells, or one that was made already."""
    body = [row if isinstance(row, html.Tr) else html.Tr(list(map(html.Td, row))) for row in rows]
    head = html.Thead(html.Tr([html.Th(title) if title else html.Td() for title in titles]))
    return dbc.Table([head, html.Tbody(body)], size="sm", class_name=f"numbers {more}".strip())


def dialog(id: str, title: str, parts: list, use: tuple[str, str], **more: object) -> dbc.Modal:
    """Return a dialog, still closed; `use` is the id of its button, and what that says."""
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(title, id=f"{id}-title")),
            dbc.ModalBody([*parts, html.P(id=f"{id}-problem", className="problem", role="alert")]),
            dbc.ModalFooter(dbc.Button(use[1], id=use[0], color="primary")),
        ],
        id=id,
        labelledby=f"{id}-title",
        is_open=False,
        **more,
    )


def button(text: str | list, id: str, color: str = "secondary", **more: object) -> dbc.Button:
    """Return a small button in outline."""
    return dbc.Button(text, id=id, size="sm", color=color, outline=True, **more)


def trials_link(text: str) -> html.Button:
    """Return what opens trials of the open head in the Lab (assets/lab/lab.js)."""
    why = "Opens the Lab: this head's attention in random tokens that come again"
    return html.Button(text, className="btn btn-link plain-link to-trials", title=why)


def why_link(kind: str) -> html.Button:
    """Return what opens the stage Why (assets/why/why.js): of the selected ``edge``, or a head."""
    titles = {
        "edge": "What made this query and this key match, and which earlier heads built them",
        "head": "What makes this head's queries and keys match",
    }
    return html.Button(
        "Why?",
        className="btn btn-outline-primary btn-sm to-why",
        title=titles[kind],
        hidden=kind == "edge",
        **{"data-kind": kind},
    )


def start(text: str, id: str, **more: object) -> dbc.Button:
    """Return the button that starts what a panel is for."""
    return dbc.Button(text, id=id, size="sm", color="primary", **more)


def choices(id: str, options: Sequence[tuple[str, str]], more: str = "") -> dbc.RadioItems:
    """Return a row of (value, title) pairs of which one is chosen, at first the first."""
    return dbc.RadioItems(
        id=id,
        options=[{"value": value, "label": title} for value, title in options],
        value=options[0][0],
        inline=True,
        class_name=f"stage-select {more}".strip(),
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


def field(
    label: str, id: str, placeholder: str = "", quiet: bool = False, **more: object
) -> html.Div:
    """Return a labelled field for words."""
    return labelled(label, _words(id, placeholder, **more), quiet)


def search(id: str, count: str, **more: object) -> html.Div:
    """Return the field that finds tokens, and a place for how many it has found."""
    found = html.Span(id=count, className="count", role="status")
    parts = [_words(id, "Find a token", type="search", **more), found]
    return labelled("Find a token", html.Div(parts, className="search"), quiet=True)


def _words(id: str, placeholder: str, size: str | None = "sm", **more: object) -> dbc.Input:
    return dbc.Input(id=id, size=size, placeholder=placeholder, autocomplete="off", **more)


def roles(legend: str, key: str = "◆") -> list:
    """Return what the signs of queries and keys are, and a place for what their colours mean."""
    signs = html.Span("●", className="query"), html.Span(key, className="key")
    return [signs[0], " query ", signs[1], " key ", html.Span(id=legend)]


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
