"""The stage "Patterns": heads found by a pattern, attention between classes, averages."""

import dash_bootstrap_components as dbc
from dash import dcc, html

from components.parts import save_table
from components.parts.controls import (
    button,
    choices,
    graph,
    labelled,
    number,
    panel,
    select,
    start,
    title,
)
from components.parts.jobs import job_bar
from components.patterns import saved, words
from components.plots.theme import STILL_GRAPH
from compute import limits
from compute.scores.pattern_rules import rules_of
from compute.scores.patterns import PAINTED

VIEWS = [("find", "Find heads"), ("classes", "Classes of tokens"), ("average", "Average")]
FILE_PROMPT = "Drop a CSV of token labels here, or click to choose one"
WHERES = [("text", "the whole text"), ("passage", "this passage")]
SOURCES = [
    ("role", "by role in the text"),
    ("rules", "my own patterns"),
    ("file", "a file of labels"),
]
KEYS = [("all", "all"), ("ordinary", "without special tokens")]
ORDERS = [
    (saved.FITTING, "as the pattern asks"),
    ("mean", "by attention"),
    ("excess", "by what position does not explain"),
]
BY = [("lift", "lift over chance"), ("mean", "attention")]
EXAMPLE = "pronoun = (?i)he|she|it|they|we|i|you\nbracket = [()\\[\\]]"


def patterns_stage() -> html.Div:
    """Return the stage."""
    return html.Div(
        [
            choices("patterns-view", VIEWS, "patterns-views"),
            html.Div(_find(), id="patterns-view-find", className="patterns-pair"),
            html.Div(
                _classes(), id="patterns-view-classes", className="patterns-pair", hidden=True
            ),
            html.Div(_average(), id="patterns-view-average", hidden=True),
        ],
        className="workspace patterns",
    )


def _ranked(text: str, id: str, *more: object) -> html.Div:
    """Return the title of a list of heads, with a button that leads to the open one's map."""
    go = html.Button("Open in the map", className="btn btn-outline-primary btn-sm to-heads")
    return html.Div([html.H2(text, id=id), *more, go], className="card-title")


def _rules(square: bool, pictures: bool = False) -> list[tuple[str, str]]:
    """Return value and title of all that can be looked for: within, across, or in pictures."""
    found = rules_of(square, pictures).items()
    return [(PAINTED, "cells that I paint"), *((name, rule.title) for name, rule in found)]


def _as_options(kinds: dict[str, list[tuple[str, str]]]) -> dict[str, list[dict]]:
    return {
        kind: [{"value": value, "label": title} for value, title in rules]
        for kind, rules in kinds.items()
    }


def _find() -> list[html.Section]:
    kinds = {"within": _rules(True), "cross": _rules(False), "pictures": _rules(True, True)}
    offset = number("patterns-offset", "Offset", -1, limits.OFFSET)
    where = labelled("In", select("patterns-where", WHERES))
    fields = [
        labelled("Look for", select("patterns-rule", kinds["within"])),
        html.Div(offset, id="patterns-offset-box", hidden=True),
        html.Div(where, id="patterns-where-box", hidden=True),
        number("patterns-passage", "Passage", 1, limits.PASSAGE),
        html.Div(button("Clear", "patterns-clear"), id="patterns-clear-box"),
        start("Find heads", "patterns-find"),
    ]
    paint = [
        graph("patterns-heatmap", "Attention of the open head; paint cells here", STILL_GRAPH),
        html.Canvas(id="patterns-canvas", className="overlay"),
        html.Div(id="patterns-over"),
    ]
    return [
        panel(
            title("Find heads by a pattern", "patterns-find-box", words.FIND),
            html.Div(fields, className="lab-fields"),
            # What can be looked for, by the kind of attention (`patternsOffer`).
            dcc.Store(id="patterns-rule-kinds", data=_as_options(kinds)),
            # Painted cells as "query-key,query-key": what the address holds.
            dbc.Input(id="patterns-cells", type="hidden", value=""),
            html.P(id="patterns-painted", className="note", role="status"),
            html.Div(paint, className="patterns-paint"),
        ),
        panel(
            _ranked(
                "Heads, best first",
                "patterns-ranking-title",
                labelled("Order", select("patterns-order", ORDERS)),
                *save_table.buttons(saved.TABLES, "patterns-ranking"),
            ),
            job_bar("patterns-averaged"),
            job_bar("patterns-found"),
            html.P(id="patterns-told", className="note", role="status"),
            html.Div(id="patterns-ranking"),
        ),
    ]


def _classes() -> list[html.Section]:
    fields = [
        labelled("Classes", select("patterns-source", SOURCES)),
        labelled("Keys", select("patterns-keys", KEYS)),
        labelled("Colour", select("patterns-by", BY)),
        start("Measure", "patterns-classify"),
    ]
    rules = dbc.Textarea(id="patterns-rules", rows=4, value=EXAMPLE, size="sm")
    file = dcc.Upload(
        FILE_PROMPT,
        id="patterns-file",
        className="drop",
        accept=".csv,.tsv,.txt",
        max_size=limits.LABELS_FILE,
    )
    matrix = graph(
        "patterns-matrix",
        "Attention between classes of tokens: click a cell to rank heads by it",
        STILL_GRAPH,
    )
    least = dbc.Input(id="patterns-least", type="number", step="any", size="sm")
    told = html.P("Measure, then click a cell of the matrix.", className="note")
    return [
        panel(
            save_table.title(
                saved.TABLES, "Who attends to whom", "patterns-classes", words.CLASSES
            ),
            html.Div(fields, className="lab-fields"),
            html.Div(
                labelled("One “name = pattern” a line", rules, quiet=True),
                id="patterns-rules-box",
                hidden=True,
            ),
            html.Div(
                file,
                id="patterns-file-box",
                hidden=True,
                **{"data-most": limits.LABELS_FILE},  # assets/page/refused.js looks at it
            ),
            job_bar("patterns-classed"),
            html.P(id="patterns-classes-note", className="note", role="status"),
            html.Div(matrix, id="patterns-matrix-box", hidden=True),
        ),
        panel(
            _ranked(
                "Heads by one cell",
                "patterns-cell-title",
                labelled("At least", least),
                *save_table.buttons(saved.TABLES, "patterns-cell"),
            ),
            dbc.Input(id="patterns-cell", type="hidden", value=""),
            html.Div(told, id="patterns-by-cell"),
        ),
    ]


def _average() -> html.Section:
    plots = [
        graph("patterns-positions", "Attention by position of query and key"),
        graph("patterns-offsets", "Attention by offset"),
    ]
    return panel(
        save_table.title(saved.TABLES, "Average over the text", "patterns-average", words.AVERAGE),
        html.P(id="patterns-average-note", className="note", role="status"),
        html.Div(plots, className="lab-pair"),
    )
