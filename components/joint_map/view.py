"""What is there of a map: its place and legend, its badge, and the panel of its options."""

import dash_bootstrap_components as dbc
from dash import html

from components.joint_map import help_texts
from components.parts.controls import button, graph, hint, labelled, roles, select
from components.parts.jobs import job_bar
from components.plots.theme import MAP_GRAPH
from components.shown.records import column_name
from compute.maps.property_map import DEFAULT

SCALES = [("none", "as they are"), ("norm", "equal norms")]
VECTORS = [("after", "as attention uses them"), ("before", "before rotation")]
SCALES += [(c, c) for c in ("0.2", "0.4", "0.8", "1.25", "2.5", "5")]


def options() -> html.Div:
    """Return the panel of what is rarely changed."""
    number = {"type": "number", "min": 0, "size": "sm"}
    return html.Div(
        [
            labelled("Dimensions", select("dims-select", [("2", "2-D"), ("3", "3-D")])),
            labelled(
                "Steps",
                dbc.Input(id="steps-input", placeholder="default", step=1, **number | {"min": 1}),
            ),
            labelled("Queries × c, keys ÷ c", select("scale-select", SCALES)),
            labelled(
                "Property",
                dbc.Input(id="property-input", placeholder=DEFAULT, size="sm", debounce=True),
            ),
            html.Div(
                labelled("Vectors", select("rotation-select", VECTORS)),
                id="rotation-field",
                hidden=True,
            ),
            labelled("Lines, at most", dbc.Input(id="lines-most", value=12, step=1, **number)),
            labelled(
                "Lines, from", dbc.Input(id="lines-least", value=0.02, step=0.01, max=1, **number)
            ),
            dbc.Switch(id="hide-special", label="Hide special tokens", value=False),
            dbc.Switch(id="by-value", label="Weight by value norm", value=False),
            dbc.Switch(id="density", label="Density", value=False),
            dbc.Switch(id="all-dots", label="All points as dots", value=False),
            dbc.Switch(id="dim-untrusted", label="Dim points that mislead", value=False),
            button("Held-out trust", "heldout-start"),
            html.Span(id="heldout-note", className="note", role="status"),
            job_bar("heldout"),
            hint("map-options", help_texts.MAP_OPTIONS),
        ],
        id="map-panel",
        className="tool-bar panel",
        hidden=True,
    )


def badge(side: str) -> html.Span:
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


def plot(side: str) -> list:
    """Return the map of a column, and the legend over it."""
    return [
        html.Div(roles(f"map-legend{side}"), className="legend"),
        graph(f"qk-map{side}", f"Joint query-key map of head {column_name(side)}", MAP_GRAPH),
    ]


def instead(side: str) -> html.Div:
    """Return what stands in the place of a map in space that the browser can't draw."""
    said = "This browser does not offer WebGL, which a map in three dimensions needs."
    parts = [html.P(said), button("Draw it in two", f"flat{side}", "primary")]
    return html.Div(parts, id=f"map-instead{side}", className="map-instead", hidden=True)


def note(side: str) -> html.Div:
    """Return the place for what is said of a map under it."""
    return html.Div(id=f"map-note{side}", className="note")
