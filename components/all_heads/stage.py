"""The stage "All heads": the map of every head as one tile, to search, dim, rank and open."""

import dash_bootstrap_components as dbc
from dash import dcc, html

from components.all_heads import thumbnails, words
from components.parts import colour_chooser, passage_chooser
from components.parts.controls import button, hint, labelled, panel, roles, search, select
from components.parts.jobs import job_bar
from compute.maps import projection

STORES = ("all-points", "all-more", "all-colours", "all-values", "all-hits", "all-attention")
SCALES = [("own", "one per head"), ("shared", "one for all")]
ORDERS = [
    ("high", "highest first"),
    ("low", "lowest first"),
    ("close", "found token: closest together"),
    ("far", "found token: farthest apart"),
]


def all_heads() -> html.Div:
    """Return the stage."""
    saves = [
        button(kind, f"all-{kind.lower()}", title=f"Save this picture as {kind}, at print size")
        for kind in ("PNG", "SVG")
    ]
    top = [
        html.H2("Joint query-key maps of all heads", id="all-title"),
        html.Span(roles("all-legend", "●"), id="all-roles", className="legend"),
        html.Span(
            [html.Span(className="hatched"), " hatched: a preview, not fitted yet"],
            id="all-hatched",
            className="legend",
            hidden=True,
        ),
        html.Span(id="all-shades", className="legend", hidden=True),
        labelled("Show", select("all-show", thumbnails.SHOWN)),
        *saves,
        hint("all-heads", words.STAGE),
    ]
    said = [html.Span(id="all-progress"), " ", html.Span(id="all-note", role="status")]
    tiles = panel(
        html.Div(top, className="card-title"),
        job_bar("all-laid"),
        job_bar("all-attention"),
        html.Div(  # which work goes on is told in words, and steered by one button
            [job_bar("all-fresh"), job_bar("all-refined")], hidden=True
        ),
        html.Div(
            [
                html.P(said, className="note"),
                html.Span(button("Pause refining", "all-refine"), id="all-refine-box", hidden=True),
            ],
            className="all-said",
        ),
        html.Div([_picture(), _strip()], className="all-body"),
    )
    stores = [dcc.Store(id=name) for name in STORES]
    return html.Div([*stores, _tools(), tiles], className="workspace all-heads")


def _tools() -> html.Div:
    methods = [(name, method.title) for name, method in projection.METHODS.items()]
    least = dbc.Input(id="all-least", type="number", step="any", size="sm", placeholder="no limit")
    of_maps = [
        labelled("Map", select("all-method", methods)),
        colour_chooser.chooser("all-colour"),
        labelled("Scale", select("all-scale", SCALES)),
        search("all-find", "all-count", debounce=300),
    ]
    of_passage = [
        passage_chooser.chooser("all-"),
        labelled("Colour scale", select("all-heat", thumbnails.HEATS)),
    ]
    return html.Div(
        [
            html.Div(of_maps, id="all-map-tools", className="all-tools"),
            html.Div(of_passage, id="all-attention-tools", className="all-tools", hidden=True),
            labelled("Dim heads below", least),
            dbc.Switch(id="all-starred", label="Only ★", value=False),
        ],
        className="tool-bar",
    )


def _picture() -> html.Figure:
    return html.Figure(
        [
            html.Figcaption(
                "Every head as a tile, layers downwards: arrow keys go from one to the next, "
                "Enter opens it.",
                className="visually-hidden",
            ),
            html.Canvas(id="all-canvas"),
            html.Div(id="all-over", className="all-over", role="group", **{"aria-label": "Heads"}),
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
