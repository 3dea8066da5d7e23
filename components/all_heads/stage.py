"""The stage "All heads": the map of every head as one tile, to search, dim, rank and open."""

from collections.abc import Sequence

import dash_bootstrap_components as dbc
from dash import dcc, html

from components.all_heads import words
from components.parts import stage_address
from components.parts.controls import hint, job_bar, labelled, result, select

ADDRESS = ("all-method", "all-colour", "all-scale", "all-least", "all-order", "all-find")
JOBS = ("all-laid", "all-refined")
SCALES = [("own", "one per head"), ("shared", "one for all")]
ORDERS = [
    ("high", "highest first"),
    ("low", "lowest first"),
    ("close", "found token: closest together"),
    ("far", "found token: farthest apart"),
]


def all_heads(
    methods: Sequence[tuple[str, str]], colourings: Sequence[tuple[str, str]]
) -> html.Div:
    """Return the stage.

    Parameters
    ----------
    methods, colourings : sequences of (value, title)
        What the selectors offer.
    """
    stores = ("all-asked", "all-points", "all-colours", "all-values", "all-hits", "all-frame")
    return html.Div(
        [
            *(dcc.Store(id=name) for name in (*stores, "all-progress-frame", *JOBS)),
            *(result(name) for name in JOBS),
            stage_address.store("all"),
            _tools(methods, colourings),
            html.Section(
                [
                    html.Div(
                        [
                            html.H2("Joint query-key maps of all heads"),
                            html.Span(
                                [
                                    html.Span("●", className="query"),
                                    " query ",
                                    html.Span("●", className="key"),
                                    " key ",
                                    html.Span(id="all-legend"),
                                ],
                                className="legend",
                            ),
                            html.Span(
                                dbc.Button(
                                    "Refine all", id="all-refine", size="sm", color="primary"
                                ),
                                id="all-refine-box",
                            ),
                            *(
                                dbc.Button(
                                    kind.upper(),
                                    id=f"all-{kind}",
                                    size="sm",
                                    color="secondary",
                                    outline=True,
                                    title=f"Save this picture as {kind.upper()}, at print size",
                                )
                                for kind in ("png", "svg")
                            ),
                            hint("all-heads", words.STAGE),
                        ],
                        className="card-title",
                    ),
                    job_bar("all-laid"),
                    job_bar("all-refined"),
                    html.P(id="all-note", className="note", role="status"),
                    html.Div([_picture(), _strip()], className="all-body"),
                ],
                className="panel",
            ),
        ],
        className="workspace all-heads",
    )


def _tools(methods: Sequence[tuple[str, str]], colourings: Sequence[tuple[str, str]]) -> html.Div:
    find = html.Div(
        [
            dbc.Input(
                id="all-find",
                type="search",
                size="sm",
                debounce=300,
                placeholder="Find a token",
                autocomplete="off",
            ),
            html.Span(id="all-count", className="count", role="status"),
        ],
        className="search",
    )
    least = dbc.Input(id="all-least", type="number", step="any", size="sm", placeholder="no limit")
    return html.Div(
        [
            labelled("Map", select("all-method", methods)),
            labelled("Colour", select("all-colour", colourings)),
            labelled("Scale", select("all-scale", SCALES)),
            labelled("Dim heads below", least),
            labelled("Find a token", find, quiet=True),
        ],
        className="tool-bar",
    )


def _picture() -> html.Figure:
    return html.Figure(
        [
            html.Figcaption("Map of every head, layers downwards", className="visually-hidden"),
            html.Canvas(id="all-canvas"),
            html.Div(id="all-over", className="all-over"),
        ],
        id="all-picture",
        className="all-picture",
    )


def _strip() -> html.Div:
    return html.Div(
        [
            html.Div(
                [html.H3(id="all-strip-title"), labelled("Order", select("all-order", ORDERS))],
                className="all-strip-title",
            ),
            html.Div(id="all-strip", className="all-strip"),
        ],
        className="all-ranked",
    )
