"""The stage "All heads": the map of every head as one tile, to search, dim, rank and open."""

import dash_bootstrap_components as dbc
from dash import dcc, html

from components.all_heads import words
from components.parts.controls import button, hint, labelled, panel, roles, search, select, start
from components.parts.jobs import job_bar
from compute.maps import points, projection

STORES = ("all-points", "all-colours", "all-values", "all-hits", "all-progress-frame")
SCALES = [("own", "one per head"), ("shared", "one for all")]
ORDERS = [
    ("high", "highest first"),
    ("low", "lowest first"),
    ("close", "found token: closest together"),
    ("far", "found token: farthest apart"),
]


def all_heads() -> html.Div:
    """Return the stage."""
    refine = html.Span(start("Refine all", "all-refine"), id="all-refine-box")
    saves = [
        button(kind, f"all-{kind.lower()}", title=f"Save this picture as {kind}, at print size")
        for kind in ("PNG", "SVG")
    ]
    top = [
        html.H2("Joint query-key maps of all heads"),
        html.Span(roles("all-legend", "●"), className="legend"),
        refine,
        *saves,
        hint("all-heads", words.STAGE),
    ]
    tiles = panel(
        html.Div(top, className="card-title"),
        job_bar("all-laid"),
        job_bar("all-refined"),
        html.P(id="all-note", className="note", role="status"),
        html.Div([_picture(), _strip()], className="all-body"),
    )
    stores = [dcc.Store(id=name) for name in STORES]
    return html.Div([*stores, _tools(), tiles], className="workspace all-heads")


def _tools() -> html.Div:
    methods = [(name, method.title) for name, method in projection.METHODS.items()]
    colourings = [(name, colouring.title) for name, colouring in points.COLOURINGS.items()]
    least = dbc.Input(id="all-least", type="number", step="any", size="sm", placeholder="no limit")
    return html.Div(
        [
            labelled("Map", select("all-method", methods)),
            labelled("Colour", select("all-colour", colourings)),
            labelled("Scale", select("all-scale", SCALES)),
            labelled("Dim heads below", least),
            search("all-find", "all-count", debounce=300),
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
