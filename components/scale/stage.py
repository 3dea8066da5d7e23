"""The stage "Scale c": which c each criterion chooses, and what it does to the open head's map."""

import dash_bootstrap_components as dbc
from dash import dcc, html

from components.parts import save_table
from components.parts.controls import graph, hint, labelled, select
from components.parts.jobs import job_bar
from components.parts.theme import STILL_GRAPH
from components.scale import saved, words
from compute.maps import projection

WHICH = [("grid", "best of the seven"), ("best", "best between them")]


def scale_stage() -> html.Div:
    """Return the stage."""
    return html.Div(
        [
            save_table.download("scale"),
            _choice(),
            html.Div(
                [
                    html.P("The scale of this text is not measured yet.", className="lead"),
                    dbc.Button("Measure", id="scale-start", color="primary"),
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


def _title(text: str, id: str, help_text: list, *more: object) -> html.Div:
    heading = html.H2(text, id=f"{id}-title")
    return html.Div([heading, *more, hint(id, help_text)], className="card-title")


def _choice() -> html.Section:
    return html.Section(
        [
            _title("The scale c", "scale-stage", words.STAGE),
            html.P(
                "Queries times c, keys divided by c: attention stays the same, distances do not.",
                className="note",
            ),
            job_bar("scale-scan"),
            html.P(id="scale-verdict", className="scale-verdict", role="status"),
        ],
        className="panel",
    )


def _grids() -> html.Section:
    return html.Section(
        [
            _title(
                "Which c each criterion chooses",
                "scale-grids",
                words.GRIDS,
                labelled("Show", select("scale-which", WHICH)),
                *save_table.buttons(saved.TABLES, "scale-grids"),
            ),
            html.Figure(
                [
                    html.Figcaption(
                        "Best c per head, by each criterion", className="visually-hidden"
                    ),
                    # Not responsive: its height follows from the number of layers.
                    dcc.Graph(id="scale-grids", config=STILL_GRAPH, className="plot"),
                ],
                className="plot-frame scale-grids-frame",
            ),
            html.Details([html.Summary("How each is defined"), words.definitions()]),
        ],
        className="panel",
    )


def _head() -> html.Div:
    return html.Div(
        [
            html.Section(
                [
                    _title(
                        "Criteria over c",
                        "scale-curves",
                        words.CURVES,
                        *save_table.buttons(saved.TABLES, "scale-curves"),
                    ),
                    graph("scale-curves", "Criteria of the open head over c", STILL_GRAPH),
                ],
                className="panel",
            ),
            html.Section(
                [
                    _title(
                        "Maps over c",
                        "scale-maps",
                        words.MAPS,
                        labelled("Map", select("scale-method", _over_scales())),
                        *save_table.buttons(saved.TABLES, "scale-maps"),
                    ),
                    job_bar("scale-maps"),
                    graph("scale-small", "The map of the open head at each c", STILL_GRAPH),
                    html.Div(
                        [
                            html.Span(id="scale-maps-note", role="status"),
                            html.Span(
                                dbc.Button(
                                    "Lay them out",
                                    id="scale-maps-start",
                                    size="sm",
                                    color="primary",
                                ),
                                id="scale-maps-missing",
                            ),
                        ],
                        className="note scale-foot",
                    ),
                ],
                className="panel",
            ),
        ],
        className="scale-pair",
    )


def _over_scales() -> list[tuple[str, str]]:
    """Return the methods whose maps are offered over c."""
    return [(name, m.title) for name, m in projection.METHODS.items() if m.over_scales]


def _methods() -> html.Section:
    return html.Section(
        html.Details(
            [
                html.Summary("All methods for this head, in one table"),
                _title(
                    "Methods side by side",
                    "scale-methods",
                    words.SIDE_BY_SIDE,
                    dbc.Button("Measure", id="scale-methods-start", size="sm", color="primary"),
                    dbc.Button(
                        "t-SNE too (a minute or two)",
                        id="scale-methods-tsne",
                        size="sm",
                        color="secondary",
                        outline=True,
                    ),
                    *save_table.buttons(saved.TABLES, "scale-methods"),
                ),
                job_bar("scale-methods"),
                html.Div(id="scale-methods-table", className="scale-table"),
            ]
        ),
        className="panel",
    )
