"""The page: top bar, rail with the grids of all heads, and the workspace with one or two heads."""

from collections.abc import Sequence

import dash_bootstrap_components as dbc
from dash import dcc, html

from components import dialogs, help_texts
from components.parts import graph, hint, job_bar, labelled, select
from components.theme import MAP_GRAPH, STILL_GRAPH


def page(
    models: Sequence[tuple[str, str]],
    texts: Sequence[tuple[str, str]],
    methods: Sequence[tuple[str, str]],
    colourings: Sequence[tuple[str, str]],
    scores: Sequence[tuple[str, str]],
    defaults: dict[str, str],
) -> html.Div:
    """Return the whole page.

    Parameters
    ----------
    models, texts, methods, colourings, scores : sequences of (value, title)
        What the selectors offer.
    defaults : dict
        ``model`` and ``text`` to open when the address names none.
    """
    return html.Div(
        [
            dcc.Location(id="url", refresh=False),
            dcc.Store(id="defaults", data=defaults),
            dcc.Store(id="request"),
            dcc.Store(id="opened"),
            dcc.Store(id="run"),
            dcc.Store(id="tokens"),
            dcc.Store(id="selection"),
            dcc.Store(id="scores"),
            dcc.Store(id="induction"),
            dcc.Store(id="theme", storage_type="local"),
            *(dcc.Store(id=f"{name}{b}") for name in ("wanted", "fitted", "links") for b in SIDES),
            dbc.Toast(
                id="error-toast",
                is_open=False,
                dismissable=True,
                header="That did not work",
                icon="danger",
                class_name="toast-corner",
            ),
            _top_bar(models, texts),
            job_bar("open", "strip"),
            html.Div(id="lost", className="lost", role="alert", hidden=True),
            html.Div(
                [
                    html.P("Nothing is open yet.", className="lead"),
                    html.P("Choose a model and a text above, or try once more what was asked for."),
                    dbc.Button("Try again", id="open-again", color="primary"),
                ],
                id="nothing",
                className="nothing",
                hidden=True,
            ),
            html.Main([_rail(scores), _workspace(methods, colourings)], id="main"),
            dialogs.model_dialog(),
            dialogs.text_dialog(),
            dialogs.guide(),
        ],
        id="page",
    )


SIDES = ("", "-b")  # ids of head A have no ending, those of head B end in -b


def _top_bar(models: Sequence[tuple[str, str]], texts: Sequence[tuple[str, str]]) -> html.Header:
    return html.Header(
        [
            html.H1("Headscope", className="brand"),
            labelled("Model", select("model-select", [*models, ("other", "Another model …")])),
            labelled("Text", select("text-select", [*texts, ("own", "Your own text …")])),
            html.Div(id="run-state", className="run-state"),
            html.Div(
                [
                    dbc.Button("Compare", id="compare-toggle", color="primary", outline=True),
                    dbc.Button("Guide", id="guide-open", color="secondary", outline=True),
                    dbc.Button("Dark", id="theme-toggle", color="secondary", outline=True),
                ],
                className="actions",
            ),
        ],
        className="top-bar",
    )


def _rail(scores: Sequence[tuple[str, str]]) -> html.Aside:
    return html.Aside(
        [
            html.Section(
                [
                    html.Div(
                        [html.H2("All heads"), hint("head-grid", help_texts.HEAD_GRID)],
                        className="card-title",
                    ),
                    labelled("Colour", select("score-select", scores)),
                    graph("head-grid", "One number per head: click a head to open it", STILL_GRAPH),
                    job_bar("scores"),
                    html.P(id="score-note", className="note"),
                ],
                className="panel",
            ),
            html.Section(
                [
                    html.Div(
                        [html.H2("Induction"), hint("induction-grid", help_texts.INDUCTION)],
                        className="card-title",
                    ),
                    graph("induction-grid", "Induction score per head: click to open", STILL_GRAPH),
                    job_bar("induction"),
                    html.P(id="induction-note", className="note"),
                    html.Details(
                        [
                            html.Summary("Trials, length, seed"),
                            html.Div(
                                [
                                    _number("induction-trials", "Trials", 50, 1, 500),
                                    _number("induction-length", "Length", None, 4, 1000, "fitted"),
                                    _number("induction-seed", "Seed", 0, 0, 2**31 - 1),
                                    dbc.Button(
                                        "Measure", id="induction-start", size="sm", color="primary"
                                    ),
                                ],
                                className="fields",
                            ),
                        ]
                    ),
                ],
                className="panel",
            ),
        ],
        className="rail",
    )


def _number(
    id: str, label: str, value: int | None, low: int, high: int, placeholder: str = ""
) -> html.Div:
    field = dbc.Input(
        id=id,
        type="number",
        value=value,
        min=low,
        max=high,
        step=1,
        size="sm",
        placeholder=placeholder,
    )
    return labelled(label, field)


def _workspace(
    methods: Sequence[tuple[str, str]], colourings: Sequence[tuple[str, str]]
) -> html.Div:
    return html.Div(
        [
            html.Div(
                [
                    labelled("Map", select("method-select", methods)),
                    labelled("Colour", select("colour-select", colourings)),
                    labelled(
                        "Find a token",
                        html.Div(
                            [
                                dbc.Input(
                                    id="token-search",
                                    type="search",
                                    size="sm",
                                    placeholder="Find a token",
                                    autocomplete="off",
                                ),
                                html.Span(id="token-count", className="count", role="status"),
                            ],
                            className="search",
                        ),
                    ),
                    dbc.Switch(id="labels", label="Labels", value=False),
                    dbc.Switch(id="hide-special", label="Hide special tokens", value=False),
                ],
                className="tool-bar",
            ),
            html.Div([_view(""), _view("-b")], className="views"),
            html.Section(
                [
                    html.Div(
                        [
                            html.H2("Difference", id="difference-title"),
                            hint("attention-difference", help_texts.DIFFERENCE),
                        ],
                        className="card-title",
                    ),
                    graph("attention-difference", "Attention of A minus attention of B"),
                ],
                className="panel difference",
                id="difference",
            ),
        ],
        className="workspace",
    )


def _badge(side: str) -> html.Span:
    """Return the map's trust; a click on it opens the numbers behind it."""
    return html.Span(
        [
            html.Button(id=f"trust-badge{side}", className="badge-none"),
            dbc.Popover(
                dbc.PopoverBody(id=f"trust-details{side}"),
                target=f"trust-badge{side}",
                trigger="legacy",
                placement="bottom",
                class_name="explanation wide",
            ),
        ],
        className="trust",
    )


def _view(side: str) -> html.Div:
    name = "B" if side else "A"
    return html.Div(
        [
            html.Section(
                [
                    html.Div(
                        [
                            html.Span(name, className="side-name"),
                            labelled("Layer", select(f"layer-select{side}", [("0", "0")])),
                            labelled("Head", select(f"head-select{side}", [("0", "0")])),
                            _badge(side),
                            hint(f"qk-map{side}", help_texts.MAP),
                        ],
                        className="card-title",
                    ),
                    html.Div(id=f"head-facts{side}", className="facts"),
                    html.Div(
                        [
                            html.Span("●", className="query"),
                            " query ",
                            html.Span("◆", className="key"),
                            " key ",
                            html.Span(id=f"map-legend{side}"),
                        ],
                        className="legend",
                    ),
                    graph(f"qk-map{side}", f"Joint query-key map of head {name}", MAP_GRAPH),
                    html.Div(
                        [html.Div(id=f"map-note{side}", className="note"), job_bar(f"map{side}")],
                        className="map-foot",
                    ),
                ],
                className="panel map-panel",
            ),
            html.Section(
                [
                    html.Div(
                        [
                            html.H2("Attention", id=f"heatmap-title{side}"),
                            hint(f"attention-heatmap{side}", help_texts.HEATMAP),
                        ],
                        className="card-title",
                    ),
                    graph(f"attention-heatmap{side}", f"Token attention heatmap of head {name}"),
                    html.Div(id=f"passage{side}", className="passage"),
                ],
                className="panel heatmap-panel",
            ),
        ],
        className="view view-b" if side else "view",
    )
