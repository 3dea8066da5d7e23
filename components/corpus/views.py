"""What the stage "Corpus" shows of findings: all heads, the open one in five views."""

import dash_bootstrap_components as dbc
from dash import html

from components.corpus import examples, saved, words
from components.parts import save_table
from components.parts.controls import button, graph, hint, labelled, number, panel, select
from components.parts.jobs import job_bar
from components.plots.theme import GRAPH, STILL_GRAPH
from compute import limits
from compute.corpus.corpus_scores import CORPUS_SCORES
from compute.corpus.findings import Findings

SCORES = [(name, score.title) for name, score in CORPUS_SCORES.items()]
COLOURS = [*SCORES, ("layer", "Layer")]
WHOLE = ("*", "all of the corpus")
"""A selector shows nothing for an empty value, which names all of a corpus in findings."""


def slice_of(chosen: str | None, found: Findings) -> str:
    """Return the slice that a selector says, empty for all; all, where findings don't have it."""
    return chosen if chosen in found.slices else ""


def summary() -> html.Section:
    """Return what was measured, and which slice of it is shown."""
    return panel(
        html.Div(
            [
                html.H2("Measured", id="corpus-summary-title"),
                labelled(
                    "Findings", dbc.Select(id="corpus-found", options=[], value="", size="sm")
                ),
                labelled("Slice", select("corpus-part", [WHOLE])),
            ],
            className="card-title",
        ),
        html.P(id="corpus-said", className="note", role="status"),
        html.Div(id="corpus-notes"),
    )


def grid() -> html.Section:
    """Return the grid of all heads."""
    apart = dbc.Switch(
        id="corpus-apart", label="Difference to the rest", value=False, disabled=True
    )
    return panel(
        save_table.title(
            saved.TABLES,
            "All heads",
            "corpus-grid",
            words.GRID,
            labelled("Colour", select("corpus-score", SCORES), quiet=True),
        ),
        apart,
        graph("corpus-grid", "One number per head over the corpus: click a head", STILL_GRAPH),
        html.P(id="corpus-grid-note", className="note"),
    )


def scatter() -> html.Section:
    """Return the scatter of heads."""
    axes = {"x": "distance", "y": "largest", "colour": "previous"}
    chosen = {name: select(f"corpus-{name}", SCORES) for name in ("x", "y")}
    chosen["colour"] = select("corpus-colour", COLOURS)
    for name, value in axes.items():
        chosen[name].value = value
    titles = {"x": "Across", "y": "Up", "colour": "Colour"}
    bars = dbc.Switch(id="corpus-bars", label="Intervals", value=False)
    return panel(
        html.Div(
            [
                html.H2("Each head a point", id="corpus-scatter-title"),
                *(labelled(titles[name], control) for name, control in chosen.items()),
                bars,
                hint("corpus-scatter", words.SCATTER),
            ],
            className="card-title",
        ),
        graph("corpus-scatter", "Heads by two scores: click a point to open the head", GRAPH),
        html.P(id="corpus-scatter-note", className="note"),
    )


def head() -> html.Section:
    """Return the line of the open head: its name, some scores, and where one goes from here."""
    sample = button("Draw its map over the corpus", "corpus-sample", color="primary")
    page = button("Save as a page", "corpus-page", title="Save this head as one HTML file")
    return panel(
        html.Div([html.H2(id="corpus-head-title"), sample, page], className="card-title"),
        job_bar("corpus-sampled"),
        html.P(id="corpus-head-said", className="note"),
    )


def _examples() -> html.Section:
    return panel(
        save_table.title(
            saved.TABLES,
            "Where it looks",
            "corpus-examples",
            words.EXAMPLES,
            labelled("Passages", select("corpus-group", examples.GROUPS)),
            labelled("Shade", select("corpus-shade", examples.SHADES)),
        ),
        html.P(id="corpus-examples-note", className="note"),
        html.P(id="corpus-told", className="corpus-told", role="status"),
        html.Div(id="corpus-examples"),
    )


def _spread() -> html.Section:
    return panel(
        save_table.title(saved.TABLES, "How it spreads", "corpus-spread", words.SPREAD),
        graph("corpus-spread", "Histograms of the open head over the corpus", STILL_GRAPH),
        html.P(id="corpus-spread-note", className="note"),
    )


def _tokens() -> html.Section:
    return panel(
        save_table.title(saved.TABLES, "Tokens it joins", "corpus-tokens-of", words.TOKENS),
        html.Div(id="corpus-tokens-of", className="corpus-tables"),
    )


def _classes() -> html.Section:
    return panel(
        save_table.title(
            saved.TABLES,
            "Classes of tokens",
            "corpus-classes",
            words.CLASSES,
        ),
        graph("corpus-classes", "Attention between classes over the corpus", STILL_GRAPH),
        html.P(id="corpus-classes-note", className="note"),
    )


def _beside() -> html.Section:
    right = [
        labelled("Right: findings", dbc.Select(id="corpus-b-found", options=[], size="sm")),
        labelled("slice", select("corpus-b-part", [WHOLE])),
        number("corpus-b-layer", "layer", None, limits.LAYER, "same"),
        number("corpus-b-head", "head", None, limits.LAYER, "same"),
    ]
    return panel(
        html.Div(
            [
                html.H2("Side by side", id="corpus-beside-title"),
                hint("corpus-beside", words.BESIDE),
            ],
            className="card-title",
        ),
        html.Div(right, className="lab-fields"),
        html.Div(id="corpus-beside"),
    )


OF_HEAD = (
    ("examples", "Examples", _examples),
    ("spread", "Histograms", _spread),
    ("tokens", "Tokens", _tokens),
    ("classes", "Classes", _classes),
    ("beside", "Side by side", _beside),
)
"""The views of the open head: name, title, what makes it. The first is open."""
