"""The induction lab: what is measured, and three ways to look at it."""

from collections.abc import Sequence

import dash_bootstrap_components as dbc
from dash import dcc, html

from components.lab import detect, extras, saved, words
from components.parts import save_table
from components.parts.controls import graph, hint, labelled, number, select
from components.parts.jobs import job_bar
from compute import limits
from compute.lab.readouts import READOUTS
from compute.models import catalog
from compute.trials import designs

VIEWS = [("heads", "Read-outs"), ("ablation", "Ablation"), ("models", "Models side by side")]


def lab() -> html.Div:
    """Return the lab."""
    models = [(source.spec, source.title) for source in catalog.built_in()]
    return html.Div(
        [
            dcc.Store(id="lab-kinds", data=_kinds()),
            save_table.download("lab"),
            _choices(),
            html.Div(
                [
                    html.P("Nothing is measured yet.", className="lead"),
                    html.P("Choose a design and press Measure.", id="lab-empty-why"),
                ],
                id="lab-empty",
                className="nothing",
            ),
            html.Div(
                [*_heads(), *extras.panels(), detect.panel()],
                id="lab-view-heads",
                className="lab-view",
                hidden=True,
            ),
            html.Div(_ablation(), id="lab-view-ablation", className="lab-view", hidden=True),
            html.Div(_models(models), id="lab-view-models", className="lab-view", hidden=True),
        ],
        className="workspace lab",
    )


def _kinds() -> dict:
    """Return what assets/lab/lab.js offers for each kind of model."""

    def options(names: dict[str, str]) -> list[dict]:
        return [{"value": value, "label": title} for value, title in names.items()]

    return {
        "designs": options(words.DESIGNS),
        "protocols": options(words.PROTOCOLS),
        "masked": designs.MASKED,
        "causal": designs.CAUSAL,
        "published": [name for name in designs.MASKED if name != "unrepeated"],
    }


def _title(text: str, id: str, help_text: list, *more: object) -> html.Div:
    parts = [html.H2(text, id=f"{id}-title"), *more, hint(id, help_text)]
    return html.Div(parts, className="card-title")


def _choices() -> html.Section:
    fields = [
        labelled("Design", select("lab-design", list(words.DESIGNS.items()))),
        labelled("Protocol", select("lab-protocol", list(words.PROTOCOLS.items()))),
        number("lab-trials", "Trials", 50, limits.TRIALS),
        number("lab-length", "Length", None, limits.LENGTH, "fitted"),
        number("lab-seed", "Seed", 0, limits.SEED),
        dbc.Button("Measure", id="lab-start", size="sm", color="primary"),
    ]
    return html.Section(
        [
            _title("Random tokens that come again", "lab-choices", words.CHOICES),
            html.Div(fields, className="lab-fields"),
            job_bar("lab-measured"),
            html.P(id="lab-verdict", className="lab-verdict", role="status"),
            html.P(id="lab-note", className="note"),
            html.Div(
                [
                    dbc.RadioItems(
                        id="lab-view",
                        options=[{"value": name, "label": title} for name, title in VIEWS],
                        value=VIEWS[0][0],
                        inline=True,
                        class_name="stage-select lab-views",
                    ),
                    labelled(
                        "Read-out",
                        select("lab-readout", [(name, r.title) for name, r in READOUTS.items()]),
                    ),
                ],
                className="lab-fields",
            ),
        ],
        className="panel",
    )


def _heads() -> list[html.Section]:
    return [
        html.Section(
            [
                _title(
                    "Read-outs",
                    "lab-grids",
                    words.GRIDS,
                    html.Span(
                        ["0 ", html.Span(className="lab-scale"), " 1"], className="lab-legend"
                    ),
                ),
                html.Div(id="lab-grids", className="lab-grids"),
            ],
            className="panel",
        ),
        _head(),
        html.Section(
            [
                html.Div(
                    [
                        html.H2("Numbers of all heads"),
                        html.Span(
                            "Click a column to sort, a row to open the head.", className="note"
                        ),
                        *save_table.buttons(saved.TABLES, "lab-table"),
                    ],
                    className="card-title",
                ),
                html.Div(id="lab-table-box"),
            ],
            className="panel",
        ),
    ]


def _head() -> html.Section:
    return html.Section(
        [
            _title(
                "Head",
                "lab-head",
                words.HEAD,
                labelled("Trial", select("lab-number", [("0", "1"), ("1", "2"), ("2", "3")])),
                dbc.Button(
                    "Open in the map", id="lab-to-map", size="sm", color="primary", outline=True
                ),
                dbc.Button(
                    "Pin for comparison", id="lab-pin", size="sm", color="secondary", outline=True
                ),
            ),
            html.P(id="lab-head-facts", className="facts"),
            job_bar("lab-shown"),
            html.Div(
                [
                    graph("lab-matrix", "Attention of the head in the first trial"),
                    graph("lab-spectrum", "Attention at each offset from the other instance"),
                ],
                className="lab-pair",
            ),
        ],
        className="panel",
    )


def _ablation() -> list[html.Section]:
    return [
        html.Section(
            [
                _title("Switch heads off", "lab-ablation", words.ABLATION,
                       *save_table.buttons(saved.TABLES, "lab-ablation")),
                html.Div(
                    [
                        labelled(
                            "Heads",
                            dbc.Input(
                                id="lab-off",
                                size="sm",
                                placeholder="L1H3, L1H2 – or click in the grid",
                                autocomplete="off",
                            ),
                        ),
                        dbc.Button(
                            "The strongest", id="lab-off-top", size="sm", color="secondary",
                            outline=True,
                        ),
                        number("lab-off-count", "how many", 1, limits.STRONGEST),
                        dbc.Button(
                            "A whole layer", id="lab-off-layer", size="sm", color="secondary",
                            outline=True,
                        ),
                        number("lab-off-which", "layer", 0, limits.LAYER),
                        dbc.Button(
                            "None", id="lab-off-none", size="sm", color="secondary", outline=True
                        ),
                        labelled(
                            "Replace by",
                            select("lab-method", [("zero", "zero"), ("mean", "mean")]),
                        ),
                        dbc.Button("Ablate", id="lab-ablate-start", size="sm", color="primary"),
                    ],
                    className="lab-fields",
                ),
                job_bar("lab-ablated"),
                html.Div(
                    graph("lab-choose", "Click heads to choose those to switch off"),
                    id="lab-choose-box",
                ),
                html.P(id="lab-choose-note", className="note"),
            ],
            className="panel",
        ),
        html.Div(id="lab-effects", className="lab-view"),
        html.Section(
            [
                _title("One head after the other", "lab-curve", words.CURVE,
                       dbc.Button("Measure the curve", id="lab-curve-start", size="sm",
                                  color="primary", outline=True),
                       *save_table.buttons(saved.TABLES, "lab-curve")),
                job_bar("lab-followed"),
                html.P(
                    "The loss on repeated tokens as the strongest 1, 2, 4, 8 … heads go, against "
                    "random heads of the same layers.",
                    className="note",
                ),
                html.Div(id="lab-curve-box"),
            ],
            className="panel",
        ),
    ]  # fmt: skip


def _models(models: Sequence[tuple[str, str]]) -> list[html.Section]:
    return [
        html.Section(
            [
                _title(
                    "Models side by side",
                    "lab-models",
                    words.MODELS,
                    *save_table.buttons(saved.TABLES, "lab-models"),
                ),
                html.Div(
                    [
                        dbc.Checklist(
                            id="lab-models",
                            options=[{"value": v, "label": title} for v, title in models],
                            value=[],
                            inline=True,
                        ),
                        labelled(
                            "Others",
                            dbc.Input(
                                id="lab-models-other",
                                size="sm",
                                placeholder="ids or folders, with commas between",
                                autocomplete="off",
                            ),
                        ),
                        dbc.Button("Compare", id="lab-models-start", size="sm", color="primary"),
                    ],
                    className="lab-fields",
                ),
                html.P(
                    "The open model is always among them. All get the design, protocol, trials, "
                    "length and seed chosen above.",
                    className="note",
                ),
                job_bar("lab-side"),
            ],
            className="panel",
        ),
        html.Div(id="lab-models-results", className="lab-view"),
    ]
