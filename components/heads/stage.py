"""The workspace for one head, or two side by side: maps, heatmaps, difference."""

import dash_bootstrap_components as dbc
from dash import dcc, html

from components.heads import (
    compare,
    head_similarity,
    heat_scale,
    kept_selections,
    maps,
    sentences,
    strongest,
)
from components.notes import controls as notes
from components.parts import help_texts, passage_chooser
from components.parts.controls import button, field, graph, hint, labelled, roles, search, select
from components.parts.jobs import job_bar
from components.parts.theme import HEAT_GRAPH, MAP_GRAPH
from compute.maps import points, projection

# Only the browser reads them.
STORES = ("progress-frame", "links", "lasso", "tokens-ghost", "tokens-ghost-b")
SCALES = [("none", "as they are"), ("norm", "equal norms")]
VECTORS = [("after", "as attention uses them"), ("before", "before rotation")]
SCALES += [(c, c) for c in ("0.2", "0.4", "0.8", "1.25", "2.5", "5")]


def head_view() -> html.Div:
    """Return the workspace."""
    methods = [(name, method.title) for name, method in projection.METHODS.items()]
    colourings = [(name, colouring.title) for name, colouring in points.COLOURINGS.items()]
    tools = [
        labelled("Map", select("method-select", methods)),
        labelled("Colour", select("colour-select", colourings)),
        search("token-search", "token-count"),
        dbc.Switch(id="labels", label="Labels", value=False),
        field(
            "Add a sentence",
            "ghost-input",
            "Add a sentence to the map",
            quiet=True,
            debounce=True,
            maxlength=2000,
        ),
        sentences.remove(),
        job_bar("ghost"),
        button("More", "map-more"),
    ]
    return html.Div(
        [
            *(dcc.Store(id=id) for id in (*STORES, *compare.STORES)),
            html.Div(tools, className="tool-bar"),
            _options(),
            html.Div([_view(""), _view("-b")], className="views"),
            html.Section(id="lasso-panel", className="panel", hidden=True),
            kept_selections.panel(),
            html.Section(className="panel difference", id="difference", hidden=True),
        ],
        className="workspace",
    )


def _stores_of_b() -> list[dcc.Store]:
    late = ("progress-frame-b", "frame-b", "links-b")
    return [*maps.JOBS[1].stores(), *(dcc.Store(id=id) for id in late)]


def second_view() -> dict[str, list]:
    """Return what is drawn while two heads are compared, by the id of its place."""
    return {
        "alike-panel": head_similarity.panel(),
        "map-place-b": [*_stores_of_b(), *_map("-b")],
        "map-note-place-b": [_note("-b")],
        "heatmap-panel-b": _heatmap("-b"),
        "difference": [
            _title("Difference", "difference-title", "attention-difference", help_texts.DIFFERENCE),
            html.P(id="difference-note", className="note"),
            html.Div(
                [
                    graph(
                        "attention-difference", "Attention of A minus attention of B", HEAT_GRAPH
                    ),
                    _heat_note("attention-difference"),
                ],
                id="difference-plot",
            ),
        ],
    }


def _options() -> html.Div:
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


def _badge(side: str) -> html.Span:
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


def _view(side: str) -> html.Div:
    head = [
        html.Span(_name(side), className="side-name"),
        labelled("Layer", select(f"layer-select{side}", [("0", "0")])),
        labelled("Head", select(f"head-select{side}", [("0", "0")])),
        _badge(side),
        hint(f"qk-map{side}", help_texts.MAP),
    ]
    note = html.Div(id="map-note-place-b", className="place") if side else _note("")
    foot = [*compare.align_switch(side), note, job_bar(f"map{side}")]
    map_parts = [
        compare.title_line(side),
        html.Div(head, className="card-title"),
        notes.note(side),
        html.Div(
            [notes.buttons(side), html.Div(id=f"head-facts{side}", className="facts")],
            className="head-line",
        ),
        *([] if side else [_first_note()]),
        *([html.Div(id="map-place-b", className="place")] if side else _map("")),
        _instead(side),
        html.Div(foot, className="map-foot"),
    ]
    heatmap = html.Section(
        None if side else _heatmap(""),
        id=f"heatmap-panel{side}",
        className="panel heatmap-panel",
    )
    return html.Div(
        [html.Section(map_parts, className="panel map-panel"), heatmap],
        className="view view-b" if side else "view",
    )


def _first_note() -> html.Div:
    """Return the place for why the page opened on this head (assets/grid/first_head.js)."""
    close = html.Button(id="first-close", className="btn-close", **{"aria-label": "Close"})
    return html.Div(
        [html.Span(id="first-why", role="status"), close],
        id="first-note",
        className="first-note",
        hidden=True,
    )


def _map(side: str) -> list:
    return [
        html.Div(roles(f"map-legend{side}"), className="legend"),
        graph(f"qk-map{side}", f"Joint query-key map of head {_name(side)}", MAP_GRAPH),
    ]


def _instead(side: str) -> html.Div:
    """Return what stands in the place of a map in space that the browser can't draw."""
    said = "This browser does not offer WebGL, which a map in three dimensions needs."
    parts = [html.P(said), button("Draw it in two", f"flat{side}", "primary")]
    return html.Div(parts, id=f"map-instead{side}", className="map-instead", hidden=True)


def _note(side: str) -> html.Div:
    return html.Div(id=f"map-note{side}", className="note")


def _heatmap(side: str) -> list:
    id, name = f"attention-heatmap{side}", f"Token attention heatmap of head {_name(side)}"
    return [
        _title(
            *("Attention", f"heatmap-title{side}", id, help_texts.HEATMAP),
            *([] if side else [passage_chooser.chooser(), strongest.menu()]),
        ),
        *([] if side else strongest.place()),
        heat_scale.controls(side),
        graph(id, name, HEAT_GRAPH),
        _heat_note(id),
        html.Div(id=f"passage{side}", className="passage"),
    ]


def _heat_note(plot: str) -> html.Div:
    """Return the place for what the colours mean and what is seen; see assets/heads/heat.js."""
    return html.Div(id=f"{plot}-note", className="note heat-note")


def _title(text: str, id: str, plot: str, help_text: list, *more: object) -> html.Div:
    large = button(["⤢ ", html.Span("Enlarge")], f"{plot}-large", class_name="enlarge")
    parts = [html.H2(text, id=id), *more, large, hint(plot, help_text)]
    return html.Div(parts, className="card-title")


def _name(side: str) -> str:
    return "B" if side else "A"
