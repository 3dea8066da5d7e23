"""The workspace for one head, or two side by side: maps, heatmaps, difference."""

import dash_bootstrap_components as dbc
from dash import dcc, html

from components.compare import column_b, head_similarity
from components.grid import first_head
from components.heads import facts, other_layers, part_chooser
from components.joint_map import help_texts, maps
from components.joint_map import view as joint_map
from components.lasso import kept
from components.notes import controls as notes
from components.parts import colour_chooser
from components.parts.controls import button, hint, labelled, search, select, why_link
from components.parts.jobs import job_bar
from components.passage import view as passage
from components.pictures import every_head
from components.sentence import sentences
from components.shown.records import column_name
from compute.maps import projection

# Only the browser reads them.
STORES = ("progress-frame", "links", "lasso", "tokens-ghost", "tokens-ghost-b", "picture-heads")
STORES += ("overview-sent",)


def head_view() -> html.Div:
    """Return the workspace."""
    methods = [(name, method.title) for name, method in projection.METHODS.items()]
    tools = [
        labelled("Map", select("method-select", methods)),
        colour_chooser.chooser("colour-select"),
        search("token-search", "token-count"),
        dbc.Switch(id="labels", label="Labels", value=False),
        *sentences.controls(),
        button("More", "map-more"),
    ]
    return html.Div(
        [
            *(dcc.Store(id=id) for id in (*STORES, *column_b.STORES)),
            html.Div(tools, className="tool-bar"),
            joint_map.options(),
            html.Div([_view(""), _view("-b")], className="views"),
            html.Section(id="lasso-panel", className="panel", hidden=True),
            kept.panel(),
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
        "map-place-b": [*_stores_of_b(), *joint_map.plot("-b")],
        "map-note-place-b": [joint_map.note("-b")],
        "heatmap-panel-b": passage.heatmap("-b"),
        "difference": passage.difference(),
    }


def _view(side: str) -> html.Div:
    head = [
        html.Span(column_name(side), className="side-name"),
        part_chooser.chooser(side),
        labelled("Layer", select(f"layer-select{side}", [("0", "0")])),
        *([] if side else [other_layers.opener()]),
        labelled("Head", select(f"head-select{side}", [("0", "0")])),
        html.Span(
            [joint_map.badge(side), hint(f"qk-map{side}", help_texts.MAP)], className="trusted"
        ),
        *([] if side else [why_link("head")]),
    ]
    note = html.Div(id="map-note-place-b", className="place") if side else joint_map.note("")
    foot = [*column_b.align_switch(side), note, job_bar(f"map{side}")]
    map_parts = [
        column_b.title_line(side),
        html.Div(head, className="card-title"),
        notes.note(side),
        html.Div(
            [notes.buttons(side), facts.place(side)],
            className="head-line",
        ),
        *([] if side else [first_head.note()]),
        *([html.Div(id="map-place-b", className="place")] if side else joint_map.plot("")),
        joint_map.instead(side),
        html.Div(foot, className="map-foot"),
    ]
    heatmap = html.Section(
        None if side else passage.heatmap(""),
        id=f"heatmap-panel{side}",
        className="panel heatmap-panel",
    )
    return html.Div(
        [
            html.Section(map_parts, className="panel map-panel"),
            heatmap,
            *([] if side else [every_head.panel()]),
        ],
        className="view view-b" if side else "view",
    )
