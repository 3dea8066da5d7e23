"""The view "What it writes": where it is asked for, and the places for what is known."""

from dash import dcc, html

from components.forms.form import Form
from components.parts import save_table
from components.parts.controls import graph, labelled, number, panel, select, start, title
from components.parts.jobs import Job, job_bar
from components.parts.part import Field, Stage
from components.plots.theme import STILL_GRAPH
from components.writes import callbacks, forms, saved, words
from compute import limits


def build() -> html.Div:
    """Return the view."""
    return html.Div(
        [dcc.Store(id="why-writes-frame"), _choice(), _place(), _text()],
        className="workspace why-writes",
    )


def _choice() -> html.Section:
    hide = labelled("The token there", select("why-writes-hide", words.HIDE))
    fields = [
        number("why-writes-passage", "Passage", None, limits.PASSAGE),
        number("why-writes-token", "Token", None, forms.TOKEN, "token"),
        html.Div(hide, id="why-writes-hide-box", hidden=True),
        start("Explain", "why-writes-start"),
    ]
    return panel(
        title("What does this head write?", "why-writes", words.VIEW),
        html.P(id="why-writes-refused", className="lead", role="status", hidden=True),
        job_bar("why-writes"),
        html.Div(
            [
                html.Div(fields, className="lab-fields"),
                html.P(id="why-writes-said", className="lead", role="status"),
            ],
            id="why-writes-ask",
        ),
    )


def _place() -> html.Section:
    bars = graph("why-writes-bars", "Tokens that the head raises and lowers most", STILL_GRAPH)
    by_word = [
        title(
            "Which words gave it",
            "why-writes-source",
            words.WORDS,
            labelled("Token", select("why-writes-of", [("", "–")])),
        ),
        html.P(id="why-writes-words-note", className="note"),
        html.Div(id="why-writes-words", className="passage why-words"),
    ]
    return panel(
        save_table.title(
            saved.TABLES, "What it writes at this place", "why-writes-here", words.PLACE
        ),
        html.P(id="why-writes-lead", className="lead facts", role="status"),
        html.P(id="why-writes-note", className="note"),
        html.Div([html.Div(bars), html.Div(by_word)], className="why-writes-pair"),
        html.P(id="why-writes-check", className="note"),
        id="why-writes-here-panel",
        hidden=True,
    )


def _text() -> html.Section:
    return panel(
        save_table.title(
            saved.TABLES, "What it writes over the whole text", "why-writes-over", words.TEXT
        ),
        html.P(id="why-writes-over-lead", className="lead", role="status"),
        html.Div(id="why-writes-table"),
        html.P(id="why-writes-over-check", className="note"),
        id="why-writes-over-panel",
        hidden=True,
    )


JOB = Job("why-writes", callbacks.explain, forms.Done, Form(forms.Asked), frame="why-writes-frame")
VIEW = Stage(
    name="writes",
    title="What it writes",
    build=build,
    register=callbacks.register,
    jobs=(JOB,),
    tables=saved.TABLES,
    fields=(
        Field("why-writes-passage", None, "why-writes-passage"),
        Field("why-writes-token", None, "why-writes-token"),
        Field("why-writes-hide", None, "why-writes-hide"),
        Field("why-writes-of", Form(forms.OF)),
    ),
    stores={"why-writes-seen": Form(forms.Seen | None)},
)
