"""Maps from arrays, in two and three dimensions. Knows no ids, no files and no callbacks."""

from collections.abc import Sequence
from copy import deepcopy

import numpy as np
import plotly.graph_objects as go

from components.plots.theme import CATEGORIES, laid_out, palette, scale
from compute.maps.points import Values

SYMBOLS = {"query": "circle", "key": "diamond"}
OVER = "query-over"
"""The queries that are drawn over keys."""
IN_SPACE = {"query": 0.55, "key": 0.38}
"""Sizes there: Plotly draws diamonds larger than circles of the same size."""

BLANK = {"showgrid": False, "showticklabels": False, "ticks": "", "automargin": False}
PLANE = {
    "dragmode": "pan",
    "hovermode": "closest",
    "hoverdistance": 12,
    "margin": {"l": 4, "r": 4, "t": 4, "b": 4},
    "xaxis": BLANK,
    "yaxis": BLANK | {"scaleanchor": "x"},  # distances must be the same in both directions
}
"""The layout of a flat map."""


def joint_map(
    q: np.ndarray,
    k: np.ndarray,
    values: Values,
    hidden: Sequence[np.ndarray],
    dark: bool,
    view: str,
    popularity: np.ndarray | None = None,
    trust: tuple[np.ndarray, np.ndarray] | None = None,
    shapes: bool = False,
) -> go.Figure:
    """Draw the queries and keys of one head, in a plane or in space.

    Trace 0 holds the queries, trace 1 the keys. In a plane trace 2 has every second query once
    more, over the keys, which else would hide the queries where points are many.

    Point i of either is token i of its side, so that a click needs no further data.

    Parameters
    ----------
    q : float (n, 2) or (n, 3)
    k : float (s, 2) or (s, 3)
        Of as many tokens, but in cross-attention.
    values : Values
        What to colour by.
    hidden : two of bool (n,), (s,)
        Tokens that are left out: as queries, and as keys.
    dark : bool
    view : str
        Zoom and pan are kept as long as this stays the same.
    popularity : float (s,), optional
        Log size of each key's dot.
    trust : two of float (n,), (s,), optional
        Of queries and keys, 0 to 1: in a plane points that mislead are drawn faintly.
    shapes : bool
        Draw a plane without WebGL.
    """
    traces, flat = [], q.shape[1] == 2
    for role, places, out in zip(SYMBOLS, (q, k), hidden, strict=True):
        shown = np.where(out[:, None], np.nan, places).astype(np.float32)
        size = _size(len(q), popularity if role == "key" else None)
        trace = dict(zip("xyz", shown.T, strict=False)) | {"name": role, "mode": "markers"}
        marker = {"symbol": SYMBOLS[role]} | _colours(role, values, dark)
        if flat:
            marker |= {"size": size, "line": {"width": 0}} | _opacity(role, trust)
            traces.append(flat_trace(shapes)(**trace, hoverinfo="none", marker=marker))
        else:
            marker |= {"size": np.multiply(size, IN_SPACE[role]), "opacity": 0.8}
            traces.append(go.Scatter3d(**trace, hoverinfo="none", marker=marker))
    if flat:
        traces.append(_over(traces[0]))
        return laid_out(traces, dark, showlegend=False, uirevision=view, **PLANE)
    space = {"scene": _scene(_aspect(q, k), dark), "margin": {"l": 0, "r": 0, "t": 0, "b": 0}}
    traces += _waiting(dark)
    return laid_out(traces, dark, showlegend=False, uirevision=view, **space)


def _over(queries: go.Scatter | go.Scattergl) -> go.Scatter | go.Scattergl:
    """Return every second query, for the eye alone.

    Where opacity says something, these are seen only once.
    """
    trace = deepcopy(queries)
    if isinstance(queries.marker.opacity, np.ndarray):
        seen = np.arange(len(queries.marker.opacity)) % 2
        queries.marker.opacity = queries.marker.opacity * seen.astype(np.float32)
    for part, names in ((trace, ("x", "y")), (trace.marker, ("color", "opacity"))):
        for name in names:
            if isinstance(part[name], np.ndarray | tuple):
                part[name] = part[name][::2]
    return trace.update(name=OVER, hoverinfo="skip")


def flat_trace(shapes: bool) -> type:
    """Return the trace that draws points in a plane: by WebGL, or as shapes of an SVG."""
    return go.Scatter if shapes else go.Scattergl


def _waiting(dark: bool) -> list[go.Scatter3d]:
    """Return traces 2 and 3 of a space, which wait for the page's lines and marks."""
    colours = palette(dark)
    nothing = {"x": [], "y": [], "z": [], "hoverinfo": "skip"}
    marks = {
        "mode": "markers+text",
        "textfont": {"color": colours.ink, "size": 12},
        "marker": {"size": 7, "color": colours.ink, "symbol": "circle-open"},
    }
    line = {"width": 4, "color": colours.ink}
    return [go.Scatter3d(mode="lines", line=line, **nothing), go.Scatter3d(**marks, **nothing)]


def _scene(aspect: str, dark: bool) -> dict:
    colours = palette(dark)
    blank = {"showticklabels": False, "title": "", "showspikes": False, "gridcolor": colours.line}
    blank |= {"backgroundcolor": "rgba(0,0,0,0)", "zerolinecolor": colours.line}
    return {"xaxis": blank, "yaxis": blank, "zaxis": blank, "aspectmode": aspect}


def _aspect(q: np.ndarray, k: np.ndarray) -> str:
    """Return how a space is proportioned: true to the data, unless that is flat or a line."""
    extent = np.ptp(np.concatenate([q, k]), axis=0)
    return "data" if extent.min() > 1e-6 * max(extent.max(), 1e-30) else "cube"


def _opacity(role: str, trust: tuple[np.ndarray, np.ndarray] | None) -> dict:
    if trust is None:
        return {"opacity": 0.8}
    share = np.nan_to_num(trust[0] if role == "query" else trust[1], nan=1.0)
    return {"opacity": (0.06 + 0.8 * np.clip(share, 0, 1) ** 2).astype(np.float32)}


def _size(n: int, popularity: np.ndarray | None) -> float | np.ndarray:
    """Return the diameter of dots in pixels; the area shows popularity where there is one."""
    size = float(np.clip(9 - np.log10(max(n, 1)) * 1.1, 2.5, 8))
    if popularity is None:
        return size
    return np.clip(size * np.exp((popularity - np.median(popularity)) / 2), 2, 40)


def add_density(
    figure: go.Figure, x: np.ndarray, y: np.ndarray, counts: np.ndarray, dark: bool
) -> None:
    """Shade a flat map by how many points lie in each cell, under the points."""
    colours = scale(palette(dark).attention[1:])
    figure.add_heatmap(
        x=x, y=y, z=counts, colorscale=colours, showscale=False, hoverinfo="skip", name="density"
    )
    for trace in _dots(figure):
        trace.marker.size, trace.marker.opacity = 2, 0.35
        if trace.name == OVER:
            trace.visible = False


def _dots(figure: go.Figure) -> list:
    """Return the traces of the text's points."""
    return [trace for trace in figure.data if trace.name in ("query", "key", OVER)]


def nothing(dark: bool) -> go.Figure:
    """Return a figure without anything, where the browser can't draw what is asked for."""
    return laid_out([], dark, xaxis={"visible": False}, yaxis={"visible": False})


def look_at(figure: go.Figure, window: tuple[float, float, float, float]) -> None:
    """Show a part of a flat map at first: left, right, bottom, top; the page keeps it in view."""
    left, right, bottom, top = window
    figure.layout.xaxis.range, figure.layout.yaxis.range = [left, right], [bottom, top]
    figure.layout.meta |= {"window": window}


def add_ghosts(
    figure: go.Figure,
    q: np.ndarray,
    k: np.ndarray,
    dark: bool,
    shapes: bool = False,
) -> None:
    """Add new tokens to a map, hollow, after all other traces; the page names them."""
    flat = q.shape[1] == 2
    for trace in _dots(figure):  # what was there steps back
        trace.marker.opacity = 0.15
        if trace.name == OVER:
            trace.visible = False
    for image in figure.layout.images:
        image.opacity = 0.4
    for role, places in (("query", q), ("key", k)):
        colour = getattr(palette(dark), role)
        trace = {
            "x": places[:, 0],
            "y": places[:, 1],
            "mode": "markers",
            "hoverinfo": "none",  # the page's own card tells of it
            "name": f"ghost-{role}",
            "marker": {
                "size": 11 if flat else 6,
                "symbol": f"{SYMBOLS[role]}-open",
                "color": colour,
            },
        }
        if flat:
            trace["marker"] |= {"line": {"width": 2}}
            trace["unselected"] = {"marker": {"opacity": 1}}
            figure.add_trace(flat_trace(shapes)(**trace))
        else:
            figure.add_scatter3d(z=places[:, 2], **trace)


def _colours(role: str, values: Values, dark: bool) -> dict:
    colours = palette(dark)
    if values.kind == "role":
        return {"color": getattr(colours, role)}
    numbers = values.q if role == "query" else values.k
    if values.kind == "category":
        last = len(CATEGORIES) - 1
        steps = [[i / last, colour] for i, colour in enumerate(CATEGORIES)]
        return {"color": numbers.astype("u1"), "colorscale": steps, "cmin": 0, "cmax": last}
    if values.kind == "colour":
        return {"color": [f"rgb({r},{g},{b})" for r, g, b in numbers.tolist()]}
    shades = colours.queries if role == "query" else colours.keys
    if not np.isnan(numbers).any():
        levels = np.round(numbers * 255).astype("u1")
        return {"color": levels, "colorscale": scale(shades), "cmin": 0, "cmax": 255}
    # The last level is of what has no place on the scale.
    levels = np.nan_to_num(np.round(numbers * 254), nan=255).astype("u1")
    steps = [[place * 254 / 255, shade] for place, shade in scale(shades)]
    steps += [[254.5 / 255, shades[-1]], [254.5 / 255, colours.faint], [1, colours.faint]]
    return {"color": levels, "colorscale": steps, "cmin": 0, "cmax": 255}
