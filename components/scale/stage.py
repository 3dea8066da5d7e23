"""The stage "Scale c": which c each criterion chooses, and what it does to the open head's map."""

import dash_bootstrap_components as dbc
from dash import dcc, html

from components.parts import save_table
from components.parts.controls import button, graph, labelled, panel, select, start, title
from components.parts.jobs import job_bar
from components.plots.theme import STILL_GRAPH
from components.scale import saved, words
from compute.maps import projection

WHICH = [("grid", "best of the seven"), ("best", "best between them")]


def scale_stage() -> html.Div:
    """Return the stage."""
    return html.Div(
        [
            _choice(),
            html.Div(
                [
                    html.P(
                        "The best c of each head is not measured yet.",
                        className="lead",
                    ),
                    html.P(id="scale-takes"),
                    dbc.Button("Measure all heads", id="scale-start", color="primary"),
                ],
                id="scale-empty",
                className="nothing",
            ),
            html.Div(
                [_grids(), _head(), _methods()],
                id="scale-found",
                hidden=True,
                className="workspace",
            ),
        ],
        className="workspace scale",
    )


def _choice() -> html.Section:
    return panel(
        title("Queries × c, keys ÷ c: the scale c", "scale-stage", words.STAGE),
        html.P(
            "Every query times a number c, every key divided by it: attention stays the same, the "
            "distances in a map do not. Here each head's best c is looked for.",
            className="note",
        ),
        job_bar("scale-scan"),
        html.P(id="scale-verdict", className="scale-verdict", role="status"),
    )


def _grids() -> html.Section:
    named = "Best c per head, by each criterion"
    # Not responsive: its height follows from the number of layers.
    plot = dcc.Graph(id="scale-grids", config=STILL_GRAPH, className="plot")
    return panel(
        save_table.title(
            saved.TABLES,
            "Which c each criterion chooses",
            "scale-grids",
            words.GRIDS,
            labelled("Show", select("scale-which", WHICH)),
        ),
        html.Figure(
            [html.Figcaption(named, className="visually-hidden"), plot],
            className="plot-frame scale-grids-frame",
        ),
        html.Details([html.Summary("How each is defined"), words.definitions()]),
    )


def _head() -> html.Div:
    over = [(name, m.title) for name, m in projection.METHODS.items() if m.over_scales]
    lay_out = html.Span(start("Lay them out", "scale-maps-start"), id="scale-maps-missing")
    curves = panel(
        save_table.title(saved.TABLES, "Criteria over c", "scale-curves", words.CURVES),
        graph("scale-curves", "Criteria of the open head over c", STILL_GRAPH),
    )
    maps = panel(
        save_table.title(
            saved.TABLES,
            "Maps over c",
            "scale-maps",
            words.MAPS,
            labelled("Map", select("scale-method", over)),
        ),
        job_bar("scale-maps"),
        graph("scale-small", "The map of the open head at each c", STILL_GRAPH),
        html.Div(
            [html.Span(id="scale-maps-note", role="status"), lay_out],
            className="note scale-foot",
        ),
    )
    return html.Div([curves, maps], className="scale-pair")


def _methods() -> html.Section:
    parts = [
        html.Summary("All methods for this head, in one table"),
        save_table.title(
            saved.TABLES,
            "Methods side by side",
            "scale-methods",
            words.SIDE_BY_SIDE,
            start("Measure", "scale-methods-start"),
            button("t-SNE too (a minute or two)", "scale-methods-tsne"),
        ),
        job_bar("scale-methods"),
        html.Div(id="scale-methods-table", className="scale-table"),
    ]
    return panel(html.Details(parts))
