"""The view "Match": which edges are meant, what is known of them, and the places for it."""

import dash_bootstrap_components as dbc
from dash import dcc, html

from components.forms.form import Form
from components.parts import save_table
from components.parts.controls import button, graph, labelled, number, panel, select, start, title
from components.parts.jobs import Job, job_bar
from components.parts.part import Field, Stage
from components.plots.theme import STILL_GRAPH
from components.why import callbacks, forms, saved, words
from compute import limits
from compute.limits import Range
from compute.scores.pattern_rules import rules_of

TOKEN = Range(0, limits.PASSAGE.high)


def build() -> html.Div:
    """Return the view."""
    found = html.Div(_found(), id="why-found", hidden=True, className="workspace")
    return html.Div([dcc.Store(id="why-frame"), _choice(), found], className="workspace")


def _choice() -> html.Section:
    kinds = [(name, words.KINDS[name]) for name in forms.KINDS]
    rules = [(name, rule.title) for name, rule in rules_of(square=True).items()]
    edge = [
        number("why-passage", "Passage", None, limits.PASSAGE),
        number("why-query", "Query", None, TOKEN, "token"),
        number("why-key", "Key", None, TOKEN, "token"),
    ]
    rule = [
        labelled("Rule", select("why-rule", rules)),
        html.Div(
            number("why-offset", "Offset", -1, limits.OFFSET), id="why-offset-box", hidden=True
        ),
    ]
    fields = [
        labelled("Explain", select("why-kind", kinds)),
        html.Div(edge, id="why-edge-box", className="lab-fields"),
        html.Div(rule, id="why-rule-box", className="lab-fields", hidden=True),
        labelled("A head that is taken out becomes", select("why-method", words.METHODS)),
        *_starts(),
    ]
    return panel(
        title("Why does this head look there?", "why-stage", words.STAGE),
        html.Div(fields, className="lab-fields"),
        job_bar("why-match"),
        html.P(words.EMPTY, id="why-said", className="why-said", role="status"),
        html.P(id="why-note", className="note"),
    )


def _starts() -> list[dbc.Button]:
    """Return what starts it, disabled as long as no text is open (assets/why/why.js)."""
    every = button("Measure all earlier heads", "why-every", title=words.EVERY, disabled=True)
    return [start("Explain", "why-start", disabled=True), every]


def _grid(id: str, name: str) -> html.Figure:
    # Not responsive: its height follows from the number of layers.
    plot = dcc.Graph(id=id, config=STILL_GRAPH, className="plot")
    return html.Figure(
        [html.Figcaption(name, className="visually-hidden"), plot], className="plot-frame"
    )


def _found() -> list[html.Section]:
    return [
        panel(
            title("The contrast, by what wrote it", "why-parts", words.PARTS),
            graph("why-bars", "The contrast split into parts, for queries and keys", STILL_GRAPH),
            html.P(id="why-check", className="note", role="status"),
        ),
        html.Div(
            [
                panel(
                    title("Taken out on the query side", "why-on-query", words.GRID),
                    _grid("why-grid-query", "Effect of each earlier head on the query side"),
                ),
                panel(
                    title("Taken out on the key side", "why-on-key", words.GRID),
                    _grid("why-grid-key", "Effect of each earlier head on the key side"),
                ),
            ],
            className="why-pair",
            id="why-grids",
        ),
        panel(
            save_table.title(
                saved.TABLES, "Earlier heads, the largest effect first", "why-heads", words.TABLE
            ),
            html.Div(id="why-table"),
        ),
        panel(
            title(
                "Where a head brought it from",
                "why-brought",
                words.BROUGHT,
                labelled("Head", select("why-source", [("", "–")])),
            ),
            html.P(id="why-brought-note", className="note"),
            html.Div(id="why-words", className="passage why-words"),
            id="why-brought-panel",
        ),
    ]


VIEW = Stage(
    name="match",
    title="What made them match",
    build=build,
    register=callbacks.register,
    jobs=(Job("why-match", callbacks.explain, forms.Done, Form(forms.Asked), frame="why-frame"),),
    tables=saved.TABLES,
    fields=(
        Field("why-kind", None, "why-kind"),
        Field("why-rule", None, "why-rule"),
        Field("why-offset", None, "why-offset"),
        Field("why-passage", None, "why-passage"),
        Field("why-query", None, "why-query"),
        Field("why-key", None, "why-key"),
        Field("why-method", None, "why-method"),
        Field("why-source", Form(forms.SOURCE)),
    ),
    stores={"why-seen": Form(forms.Seen | None)},
)
