"""The view "A graph of heads": which edges are meant, and the places for what is known."""

import dash_bootstrap_components as dbc
from dash import dcc, html

from components.circuits import callbacks, forms, saved, words
from components.forms.form import Form
from components.parts import save_table
from components.parts.controls import labelled, number, panel, select, start, title
from components.parts.jobs import Job, job_bar
from components.parts.part import Field, Stage
from components.plots.theme import STILL_GRAPH
from compute import limits
from compute.scores.pattern_rules import rules_of


def build() -> html.Div:
    """Return the view."""
    found = html.Div(
        [_graph(), _without(), _lists()],
        id="why-graph-found",
        hidden=True,
        className="workspace",
    )
    return html.Div(
        [dcc.Store(id="why-graph-frame"), _choice(), found], className="workspace why-graph"
    )


def _choice() -> html.Section:
    # Disabled as long as no text is open (assets/circuits/circuits.js).
    draw = start("Draw the graph", "why-graph-start", disabled=True)
    rules = [(name, rule.title) for name, rule in rules_of(square=True).items()]
    offset = number("why-graph-offset", "Offset", -1, limits.OFFSET)
    rule = [
        labelled("Rule", select("why-graph-rule", rules)),
        html.Div(offset, id="why-graph-offset-box", hidden=True),
    ]
    fields = [
        labelled("Behaviour", select("why-graph-kind", words.KINDS)),
        html.Div(rule, id="why-graph-rule-box", className="lab-fields", hidden=True),
        dbc.Switch(id="why-graph-only", label="of the open head only", value=False),
        labelled("A head taken out becomes", select("why-graph-method", words.METHODS)),
        draw,
    ]
    return panel(
        title("Which heads build the queries and keys of others?", "why-graph-ask", words.VIEW),
        html.P(id="why-graph-refused", className="lead", role="status", hidden=True),
        html.Div(
            [
                html.Div(fields, className="lab-fields"),
                job_bar("why-graph"),
                html.P(words.EMPTY, id="why-graph-said", className="lead", role="status"),
            ],
            id="why-graph-ask",
        ),
    )


def _graph() -> html.Section:
    # Not responsive: its height follows from the number of layers.
    plot = dcc.Graph(id="why-graph-plot", config=STILL_GRAPH, className="plot")
    name = "Which heads build whose queries and keys"
    figure = html.Figure(
        [html.Figcaption(name, className="visually-hidden"), plot], className="plot-frame"
    )
    drawn = [
        figure,
        html.P(words.READ, className="note", id="why-graph-read"),
        html.P(id="why-graph-note", className="note"),
    ]
    return panel(
        save_table.title(saved.TABLES, "The graph", "why-graph-drawn", words.GRAPH),
        html.Div([html.Div(drawn), html.Div(id="why-graph-table")], className="why-graph-pair"),
    )


def _without() -> html.Section:
    return panel(
        title(
            "Take one head out: whom does it feed, and what rises?", "why-graph-gone", words.WITHOUT
        ),
        html.Div(
            [
                labelled("Take out", select("why-graph-off", [("", "–")])),
                start("Take it out", "why-graph-take"),
            ],
            className="lab-fields",
        ),
        job_bar("why-graph-without"),
        html.P(words.NOT_YET, id="why-graph-without-said", className="note", role="status"),
    )


def _lists() -> html.Div:
    parts = (
        ("Whom it feeds", "why-graph-fed", words.FED),
        ("What rises without it", "why-graph-rises", words.RISES),
    )
    panels = [
        panel(
            save_table.title(saved.TABLES, named, id, help_text),
            html.P(id=f"{id}-said", role="status"),
            html.Div(id=f"{id}-list"),
        )
        for named, id, help_text in parts
    ]
    return html.Div(panels, className="why-pair", id="why-graph-lists", hidden=True)


GRAPH = Job("why-graph", callbacks.measure, forms.Done, Form(forms.Asked), frame="why-graph-frame")
TAKEN = Job("why-graph-without", callbacks.take_out, forms.Without, Form(forms.AskedWithout))
VIEW = Stage(
    name="graph",
    title="A graph of heads",
    build=build,
    register=callbacks.register,
    jobs=(GRAPH, TAKEN),
    tables=saved.TABLES,
    fields=(
        Field("why-graph-kind", None, "why-graph-kind"),
        Field("why-graph-rule", None, "why-graph-rule"),
        Field("why-graph-offset", None, "why-graph-offset"),
        Field("why-graph-method", None, "why-graph-method"),
        Field("why-graph-only", None, "why-graph-only", "flag"),
        Field("why-graph-off", Form(forms.OFF)),
    ),
    stores={"why-graph-seen": Form(forms.Seen | None)},
)
