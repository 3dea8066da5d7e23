"""The stage "Corpus": what is asked for, and what was found; its parts are in ``views``."""

import dash_bootstrap_components as dbc
from dash import dcc, html

from components.corpus import forms, views, words
from components.gate import limits as gate
from components.parts.controls import choices, labelled, panel, select, start, title
from components.parts.jobs import job_bar
from compute import limits
from compute.corpora import SAMPLES, formats

DROP = "drop"
_PLAIN = [end for one in formats.FORMATS for end in one.endings if end.count(".") == 1]
PROMPT = (
    f"Drop texts here, or click to choose some, at most {gate.FILE_BYTES // 10**6} MB together: "
    f"{', '.join(_PLAIN)}; also packed, as .gz or .zst"
)
CORPORA = [
    *((sample.name, sample.title) for sample in SAMPLES),
    (DROP, "texts that I drop here"),
]
TOKENS = [(str(count), f"{count:,} tokens") for count in forms.TOKENS]
BY = [
    ("file", "file"),
    ("folder", "folder"),
    ("field", "a field of the data"),
    ("none", "nothing"),
]
EXAMPLE = "pronoun = (?i)he|she|it|they|we|i|you\nbracket = [()\\[\\]]"
OTHERWISE = "Larger ones are read on the command line: python -m compute corpus --data folder."


def source(which: str | None) -> str:
    """Say what a corpus is and whose, for those that everybody has."""
    said = {sample.name: sample.source for sample in SAMPLES}
    return said.get(which, "What you drop stays on this machine.")


def build() -> html.Div:
    """Return the stage."""
    going = dcc.Store(id="corpus-going")  # the text to open, and what is to be selected there
    return html.Div([going, _ask(), _found()], className="workspace corpus")


def _ask() -> html.Section:
    loss = dbc.Switch(id="corpus-loss", label="Loss per token", value=False)
    tokens = select("corpus-tokens", TOKENS)
    tokens.value = str(forms.USUAL)
    which = [
        labelled("Corpus", select("corpus-which", CORPORA)),
        html.Span(source(CORPORA[0][0]), id="corpus-source", className="count"),
    ]
    fields = [
        labelled("Read", tokens),
        html.Div(loss, id="corpus-loss-box"),
        start("Start", "corpus-start"),
    ]
    parts = [
        html.Div(which, className="lab-fields"),
        html.Div(_dropped(), id="corpus-drop-box", hidden=True),
        html.Div(fields, className="lab-fields"),
        _classes(),
        html.P(words.RESUMES, className="note"),
        _large(),
    ]
    return panel(
        title("Heads over a corpus", "corpus-ask", words.ASK),
        html.P(id="corpus-none", className="lead"),
        job_bar("corpus-measured"),
        html.Details(
            [html.Summary("Measure a corpus", id="corpus-ask-summary"), *parts],
            id="corpus-ask-more",
            open=True,
        ),
    )


def _dropped() -> list:
    file = dcc.Upload(
        PROMPT,
        id="corpus-files",
        className="drop",
        multiple=True,
        max_size=gate.FILE_BYTES,
    )
    most = {"data-most": gate.FILE_BYTES, "data-otherwise": OTHERWISE}
    name = dbc.Input(
        id="corpus-field", placeholder="found by itself", size="sm", maxLength=limits.FIELD
    )
    slices = dbc.Input(
        id="corpus-slices", placeholder="such as language", size="sm", maxLength=limits.FIELD
    )
    return [
        html.Label(file, className="d-block", **most),
        html.Div(
            [
                labelled("Field with the text", name),
                labelled("Slices by", select("corpus-by", BY)),
                html.Div(
                    labelled("Field of the slices", slices), id="corpus-slices-box", hidden=True
                ),
            ],
            className="lab-fields",
        ),
    ]


def _classes() -> html.Details:
    rules = dbc.Textarea(
        id="corpus-rules", rows=3, value="", placeholder=EXAMPLE, size="sm", debounce=True
    )
    return html.Details(
        [
            html.Summary("Classes of tokens of my own"),
            labelled("One “name = pattern” a line", rules, quiet=True),
            html.P(
                "Without any, classes are by role: punctuation, digits, pieces of words, function "
                "words, capitalised words, others.",
                className="note",
            ),
        ],
        className="corpus-rules-box",
    )


def _large() -> html.P:
    large = words.LARGE.format(megabytes=gate.FILE_BYTES // 10**6)
    return html.P([large, " ", html.Code(id="corpus-command")], className="note")


def _found() -> html.Div:
    views_of = {name: build() for name, _, build in views.OF_HEAD}
    return html.Div(
        [
            views.summary(),
            html.Div([views.grid(), views.scatter()], className="corpus-pair"),
            views.head(),
            choices("corpus-view", [(name, said) for name, said, _ in views.OF_HEAD], "why-views"),
            *(
                html.Div(content, id=f"corpus-view-{name}", hidden=bool(number))
                for number, (name, content) in enumerate(views_of.items())
            ),
        ],
        id="corpus-found-box",
        hidden=True,
        className="workspace",
    )
