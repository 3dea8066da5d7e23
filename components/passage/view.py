"""What is there of a passage: its heatmap with its title, its colours, its words."""

from dash import html

from components.parts import passage_chooser
from components.parts.controls import button, graph, hint, why_link
from components.passage import heat_scale, help_texts, overview, strongest
from components.plots.theme import HEAT_GRAPH
from components.shown.records import column_name


def heatmap(side: str) -> list:
    """Return the heatmap of a column and what belongs to it."""
    id, name = f"attention-heatmap{side}", f"Token attention heatmap of head {column_name(side)}"
    return [
        title(
            *("Attention", f"heatmap-title{side}", id, help_texts.HEATMAP),
            *([] if side else [passage_chooser.chooser(), strongest.menu(), why_link("edge")]),
        ),
        *([] if side else strongest.place()),
        heat_scale.controls(side),
        graph(id, name, HEAT_GRAPH),
        heat_note(id),
        html.Div(
            [
                *([] if side else [overview.place()]),
                html.Div(id=f"passage{side}", className="passage"),
            ],
            className="in-words",
        ),
    ]


def heat_note(plot: str) -> html.Div:
    """Return the place for what the colours mean and what is seen; see assets/passage/heat.js."""
    return html.Div(id=f"{plot}-note", className="note heat-note")


def title(text: str, id: str, plot: str, help_text: list, *more: object) -> html.Div:
    """Return the line over a heatmap, with the button that makes it large."""
    large = button(["⤢ ", html.Span("Enlarge")], f"{plot}-large", class_name="enlarge")
    parts = [html.H2(text, id=id), *more, large, hint(plot, help_text)]
    return html.Div(parts, className="card-title")


def difference() -> list:
    """Return the heatmap of the difference of two heads."""
    plot = "attention-difference"
    return [
        title("Difference", "difference-title", plot, help_texts.DIFFERENCE),
        html.P(id="difference-note", className="note"),
        html.Div(
            [graph(plot, "Attention of A minus attention of B", HEAT_GRAPH), heat_note(plot)],
            id="difference-plot",
        ),
    ]
