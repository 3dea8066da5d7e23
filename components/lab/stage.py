"""The induction lab: what is measured, and three ways to look at it."""

import dash_bootstrap_components as dbc
from dash import dcc, html

from components.lab import detect, extras, saved, words
from components.parts import save_table
from components.parts.controls import (
    button,
    choices,
    field,
    graph,
    labelled,
    number,
    panel,
    select,
    start,
    title,
)
from components.parts.jobs import job_bar
from compute import limits
from compute.lab.readouts import READOUTS
from compute.model_files import sources
from compute.trials import designs

VIEWS = [("heads", "Read-outs"), ("ablation", "Ablation"), ("models", "Models side by side")]


def lab() -> html.Div:
    """Return the lab."""
    return html.Div(
        [
            dcc.Store(id="lab-kinds", data=_kinds()),
            _choices(),
            html.Div(
                [
                    html.P(words.MEASURING, id="lab-empty-lead", className="lead"),
                    html.P(id="lab-empty-why"),
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
            html.Div(_models(), id="lab-view-models", className="lab-view", hidden=True),
        ],
        className="workspace lab",
    )


def _kinds() -> dict:
    """Return what assets/lab/lab.js offers for each kind of model."""

    def options(names: dict[str, str]) -> list[dict]:
        return [{"value": value, "label": title} for value, title in names.items()]

    return {
        "words": {
            "measuring": [words.MEASURING, ""],
            "nothing": [words.NOTHING, "Choose a design and press Measure."],
        },
        "designs": options(words.DESIGNS),
        "protocols": options(words.PROTOCOLS),
        "masked": designs.MASKED,
        "causal": designs.CAUSAL,
        "published": [name for name in designs.MASKED if name != "unrepeated"],
    }


def _choices() -> html.Section:
    readouts = [(name, readout.full) for name, readout in READOUTS.items()]
    fields = [
        labelled("Design", select("lab-design", list(words.DESIGNS.items()))),
        labelled("Protocol", select("lab-protocol", list(words.PROTOCOLS.items()))),
        number("lab-trials", "Trials", 50, limits.TRIALS),
        number("lab-length", "Length", None, limits.LENGTH, "fitted"),
        number("lab-seed", "Seed", 0, limits.SEED),
        start("Measure", "lab-start"),
    ]
    shown = [
        choices("lab-view", VIEWS, "lab-views"),
        labelled("Read-out", select("lab-readout", readouts)),
    ]
    return panel(
        title("Random tokens that come again", "lab-choices", words.CHOICES),
        html.Div(fields, className="lab-fields"),
        job_bar("lab-measured"),
        html.P(id="lab-verdict", className="lab-verdict", role="status"),
        html.P(id="lab-note", className="note"),
        html.Div(shown, className="lab-fields"),
    )


def _heads() -> list[html.Section]:
    scale = html.Span(["0 ", html.Span(className="lab-scale"), " 1"], className="lab-legend")
    above_table = [
        html.H2("Numbers of all heads"),
        html.Span("Click a column to sort, a row to open the head.", className="note"),
        *save_table.buttons(saved.TABLES, "lab-table"),
    ]
    return [
        panel(
            title("Read-outs", "lab-grids", words.GRIDS, scale),
            html.Div(id="lab-grids", className="lab-grids"),
        ),
        _head(),
        panel(html.Div(above_table, className="card-title"), html.Div(id="lab-table-box")),
    ]


def _head() -> html.Section:
    plots = [
        graph("lab-matrix", "Attention of the head in the first trial"),
        graph("lab-spectrum", "Attention at each offset from the other instance"),
    ]
    return panel(
        title(
            "Head",
            "lab-head",
            words.HEAD,
            labelled("Trial", select("lab-number", [("0", "1"), ("1", "2"), ("2", "3")])),
            dbc.Switch(id="lab-unframed", label="Hide frames", value=False),
            button("Open in the map", "lab-to-map", "primary"),
            button("Pin for comparison", "lab-pin"),
        ),
        html.P(id="lab-head-facts", className="facts"),
        html.P(words.DRAWN, className="note"),
        job_bar("lab-shown"),
        html.Div(plots, className="lab-pair"),
    )


def _ablation() -> list[html.Section]:
    fields = [
        field("Heads", "lab-off", "L1H3, L1H2 – or click in the grid"),
        button("The strongest", "lab-off-top"),
        number("lab-off-count", "how many", 1, limits.STRONGEST),
        button("A whole layer", "lab-off-layer"),
        number("lab-off-which", "layer", 0, limits.LAYER),
        button("None", "lab-off-none"),
        labelled("Replace by", select("lab-method", [("zero", "zero"), ("mean", "mean")])),
        start("Ablate", "lab-ablate-start"),
    ]
    grid = graph("lab-choose", "Click heads to choose those to switch off")
    return [
        panel(
            save_table.title(saved.TABLES, "Switch heads off", "lab-ablation", words.ABLATION),
            html.Div(fields, className="lab-fields"),
            job_bar("lab-ablated"),
            html.Div(grid, id="lab-choose-box"),
            html.P(id="lab-choose-note", className="note"),
        ),
        html.Div(id="lab-effects", className="lab-view"),
        panel(
            save_table.title(
                saved.TABLES,
                "One head after the other",
                "lab-curve",
                words.CURVE,
                button("Measure the curve", "lab-curve-start", "primary"),
            ),
            job_bar("lab-followed"),
            html.P(
                "The loss on repeated tokens as the strongest 1, 2, 4, 8 … heads go, against "
                "random heads of the same layers.",
                className="note",
            ),
            html.Div(id="lab-curve-box"),
        ),
    ]


def _models() -> list[html.Section]:
    fields = [
        dbc.Checklist(
            id="lab-models",
            options=[{"value": each.spec, "label": each.title} for each in sources.built_in()],
            value=[],
            inline=True,
        ),
        field("Others", "lab-models-other", "ids or folders, with commas between"),
        start("Compare", "lab-models-start"),
    ]
    return [
        panel(
            save_table.title(saved.TABLES, "Models side by side", "lab-models", words.MODELS),
            html.Div(fields, className="lab-fields"),
            html.P(
                "The open model is always among them. All get the design, protocol, trials, "
                "length and seed chosen above.",
                className="note",
            ),
            job_bar("lab-side"),
        ),
        html.Div(id="lab-models-results", className="lab-view"),
    ]
