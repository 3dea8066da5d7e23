"""The drawing of a graph of heads: boxes in rows, a row for each layer, and arrows upward."""

from itertools import pairwise

import numpy as np
import plotly.graph_objects as go

from components.circuits.words import arrow_said, node_said
from components.plots.theme import Palette, laid_out, palette
from compute.circuits import drawing
from compute.circuits.drawing import BOX, Drawing
from compute.circuits.graph import Graph, Node, arrows, nodes

UNIT, TALLEST = 74, 620
"""Pixels of the width of a head, and of the whole drawing at most in height."""
_THIN, _THICK = 1.5, 7.0
"""Pixels: the weakest arrow that could be, and the strongest one."""
_BENDS = 24
"""Points of an arrow from a row to the next."""
_TIP = 0.08
"""How far below a head the middle of an arrow's tip is."""
_ABOVE, _BELOW = 40, 8
"""Pixels of the legend over the drawing, and of room under it."""


def graph(found: Graph, shown: tuple[int, int], run: str, of_text: bool, dark: bool) -> go.Figure:
    """Draw a graph; the head that is `shown` has a frame.

    Parameters
    ----------
    run : str
        Whose key the saved picture is held against.
    of_text : bool
        Whether its edges are of the open text: then the caption says of which.
    """
    colours, placed = palette(dark), drawing.draw(found.heads, found.ends, found.sides)
    known = nodes(found)
    unit = min(UNIT, TALLEST / max(placed.height, 1))
    return laid_out(
        [_nodes(known, placed, colours), *_arrows(found, placed, colours), *_legend(colours)],
        dark,
        height=_ABOVE + _BELOW + (placed.height + 0.4) * unit,
        margin={"l": 4, "r": 4, "t": _ABOVE, "b": _BELOW},
        legend={
            **{"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0},
            **{"itemclick": False, "itemdoubleclick": False},
        },
        xaxis=_axis([-1.0, placed.width + 0.2]) | {"constraintoward": "left"},
        yaxis=_axis([-0.2, placed.height + 0.2]) | {"scaleanchor": "x", "constraintoward": "top"},
        hovermode="closest",
        hoverlabel={"align": "left"},
        dragmode=False,
        shapes=[_box(*each, shown, colours) for each in zip(known, placed.centres, strict=True)],
        annotations=[
            _layer(*each, colours) for each in zip(placed.layers, placed.levels, strict=True)
        ],
        meta={"run": run, "text": of_text},
    )


def _axis(ends: list[float]) -> dict:
    return {"visible": False, "range": ends, "fixedrange": True, "constrain": "domain"}


def _nodes(known: list[Node], placed: Drawing, colours: Palette) -> go.Scatter:
    """Return the names of heads; what is seen of a box is a shape, this hears the mouse."""
    return go.Scatter(
        x=placed.centres[:, 0],
        y=placed.centres[:, 1],
        mode="markers+text",
        text=[f"L{node.layer}H{node.head}" for node in known],
        textfont={"color": colours.ink},
        marker={"size": 40, "opacity": 0, "symbol": "square"},
        customdata=[[node.layer, node.head] for node in known],
        hovertext=[node_said(node) for node in known],
        hoverinfo="text",
        hoverlabel={"bgcolor": colours.faint},  # not the colour of queries
        showlegend=False,
    )


def _arrows(found: Graph, placed: Drawing, colours: Palette) -> list[go.Scatter]:
    most = float(found.effects.max(initial=0))
    made = []
    for one, route in zip(arrows(found), placed.routes, strict=True):
        colour, points = getattr(colours, one.side), _bent(route)
        sizes = np.zeros(len(points))
        width = _THIN + (_THICK - _THIN) * one.effect / most
        sizes[-1] = 7 + width
        made.append(
            go.Scatter(
                x=points[:, 0],
                y=points[:, 1],
                mode="lines+markers",
                line={"color": colour, "width": width},
                marker={
                    "symbol": "triangle-up",
                    "size": sizes,
                    "color": colour,
                    "opacity": 1,
                    "line": {"width": 0},
                },
                hovertemplate=f"{arrow_said(one)}<extra></extra>",
                showlegend=False,
            )
        )
    return made


def _bent(route: np.ndarray) -> np.ndarray:
    """Return points (n, 2) along an arrow: upright at every row, so that it bends between rows."""
    route = route.copy()
    route[-1, 1] -= _TIP
    steps = np.linspace(0, 1, _BENDS)
    across = steps * steps * (3 - 2 * steps)
    parts = [start + (end - start) * np.stack([across, steps], 1) for start, end in pairwise(route)]
    return np.concatenate(parts)


def _legend(colours: Palette) -> list[go.Scatter]:
    lines = [
        go.Scatter(name=name, mode="lines", line={"color": colour, "width": 4})
        for name, colour in (("builds its query", colours.query), ("builds its key", colours.key))
    ]
    boxes = [
        go.Scatter(
            name=name,
            mode="markers",
            marker={
                **{"symbol": "square", "size": 12, "color": colour},
                "line": {"color": colours.faint, "width": 1},
            },
        )
        for name, colour in (
            ("looks along the edges", colours.attention[1]),
            ("only builds", colours.missing),
        )
    ]
    for each in (*lines, *boxes):
        each.x = each.y = [None]
    return [*lines, *boxes]


def _box(node: Node, centre: np.ndarray, shown: tuple[int, int], colours: Palette) -> dict:
    low, high = centre - np.array(BOX) / 2, centre + np.array(BOX) / 2
    is_open = (node.layer, node.head) == shown
    return {
        **{"type": "rect", "layer": "below"},
        **{"x0": low[0], "x1": high[0], "y0": low[1], "y1": high[1]},
        "fillcolor": colours.missing if node.role == "builds" else colours.attention[1],
        "line": {"color": colours.ink if is_open else colours.faint, "width": 3 if is_open else 1},
    }


def _layer(layer: int, level: float, colours: Palette) -> dict:
    return {
        **{"x": -0.2, "y": float(level), "xanchor": "right", "showarrow": False},
        **{"text": f"layer {layer}", "font": {"color": colours.faint, "size": 11}},
    }
