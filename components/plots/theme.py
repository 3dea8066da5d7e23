"""Colours, the lean figure template in light and dark, and the config every graph shares."""

from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any

import plotly.graph_objects as go


@dataclass(frozen=True)
class Palette:
    """The colours of one theme. Queries and keys keep theirs everywhere."""

    ink: str
    faint: str
    line: str
    query: str
    key: str
    queries: list[str]
    keys: list[str]
    attention: list[str]
    difference: list[str]
    missing: str
    sinks: list[str]


LIGHT = Palette(
    ink="#1f2933",
    faint="#5b6875",
    line="#e3e8ee",
    query="#2563c9",
    key="#d9650b",
    queries=["#b9d3f7", "#5b93e8", "#2563c9", "#0f2f6b"],
    keys=["#fbd3ad", "#f1974a", "#d9650b", "#6e2f00"],
    attention=["#f3f6f8", "#bfe0dc", "#5fb4ad", "#16797a", "#063a42"],
    difference=["#7b2a8f", "#c79ad3", "#f5f6f7", "#84c6bd", "#0d6e6a"],
    missing="#eceff3",
    sinks=["#f7f7f7", "#5f5f5f"],
)
DARK = Palette(
    ink="#dfe5ec",
    faint="#98a4b1",
    line="#2b333d",
    query="#6ea8ff",
    key="#ffa04d",
    queries=["#24406e", "#4a7fd6", "#6ea8ff", "#d5e5ff"],
    keys=["#6b3c12", "#d1782a", "#ffa04d", "#ffe3c7"],
    attention=["#151b22", "#123f43", "#1c7f7c", "#63c9b6", "#e2fff6"],
    difference=["#d59be3", "#7a3f8c", "#1a2028", "#1f7a74", "#7fe0d0"],
    missing="#242b34",
    sinks=["#1e1e1e", "#c4c4c4"],
)
# Okabe and Ito's colours, which stay apart for colour-blind readers, and two more.
CATEGORIES = [
    "#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9",
    "#cc79a7", "#b8a800", "#7a5195", "#8c6d46", "#5f7d8c",
]  # fmt: skip
# No upload button, no logo, no camera: that would leave out what lies over a plot; see
# assets/page/save_picture.js for the control that doesn't. The mouse wheel zooms maps.
GRAPH = {
    "displaylogo": False,
    "showSendToCloud": False,
    "doubleClick": "reset",
    "modeBarButtonsToRemove": ["toImage"],
}
MAP_GRAPH = GRAPH | {
    "scrollZoom": True,
    "doubleClick": False,  # assets/joint_map/section.js does it
    "modeBarButtonsToRemove": ["toImage", "autoScale2d"],
}
STILL_GRAPH = GRAPH | {"displayModeBar": False}
HEAT_GRAPH = STILL_GRAPH | {"showTips": False}  # a line under it says how to zoom


def palette(dark: bool) -> Palette:
    """Return the colours of the theme."""
    return DARK if dark else LIGHT


def scale(colours: list[str]) -> list[list]:
    """Return Plotly's form of a continuous colour scale."""
    last = len(colours) - 1
    return [[i / last, colour] for i, colour in enumerate(colours)]


def laid_out(traces: object, dark: bool, **layout: Any) -> go.Figure:
    """Return a figure of traces, in the page's colours.

    All of the layout at once: to update one takes Plotly five times as long.
    """
    return go.Figure(traces, {"template": template(dark)} | layout)


@cache
def template(dark: bool) -> go.layout.Template:
    """Return a template of some 0.4 kB; Plotly's default one weighs 7 kB in every figure."""
    colours = palette(dark)
    axis = {"gridcolor": colours.line, "zeroline": False, "linecolor": colours.line}
    return go.layout.Template(
        layout={
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"color": colours.ink, "size": 12},
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
            "xaxis": axis,
            "yaxis": axis,
            "hoverlabel": {"font": {"size": 12}},
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": colours.faint},
        }
    )


def inert(text: str) -> str:
    """Return text that Plotly shows as it is, and takes no part of for a link or bold letters.

    For names that others chose: tokens, classes, models.
    """
    return escape(text, quote=False)
