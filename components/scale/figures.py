"""Figures of the scale stage, from arrays. Knows no ids, no files and no callbacks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from components.plots.figures import frame
from components.plots.theme import palette, scale, template
from compute.maps.cloud import Layout
from compute.scale.scales import SCALES

SHOWN = 1500
"""Tokens drawn in each small map."""
SHAPES = 500
"""The same without WebGL, where each point is a part of the page."""
COLUMNS = 4
GAP, TITLE = 0.08, 0.16


@dataclass(frozen=True)
class Grid:
    """The best c of all heads by one criterion: title, c (layers, heads), hover (layers, heads)."""

    title: str
    best: np.ndarray
    details: np.ndarray


@dataclass(frozen=True)
class Line:
    """A criterion of one head over c.

    Attributes
    ----------
    name : str
    fine_x, fine : float (33,)
    values : float (7,)
        At `SCALES`.
    best : float
        The best c between them, NaN if there is none.
    """

    name: str
    fine_x: np.ndarray
    fine: np.ndarray
    values: np.ndarray
    best: float


def nothing(dark: bool) -> go.Figure:
    """Return an empty figure, without axes."""
    off = {"visible": False, "fixedrange": True}
    return go.Figure(layout={"template": template(dark), "xaxis": off, "yaxis": off})


def grids(shown: Sequence[Grid], at: tuple[int, int], dark: bool) -> go.Figure:
    """Draw the best c of all heads: one grid per criterion, published above corrected.

    Parameters
    ----------
    shown : sequence of Grid
        The upper row, then the lower one.
    at : (layer, head)
        The open head, framed in every grid.
    """
    colours, columns = palette(dark), len(shown) // 2
    figure = make_subplots(2, columns, horizontal_spacing=0.05, vertical_spacing=0.14)
    limit = np.log2(max(SCALES))
    layers, heads = shown[0].best.shape
    for i, grid in enumerate(shown):
        (row, column), n = divmod(i, columns), i + 1 if i else ""
        trace = go.Heatmap(
            z=np.log2(grid.best).astype(np.float32),
            zmin=-limit,
            zmax=limit,
            coloraxis="coloraxis",
            xgap=1,
            ygap=1,
            hoverongaps=True,
            name=grid.title,
            customdata=grid.details[..., None],
            hovertemplate="<b>L%{y}H%{x}</b>  %{customdata[0]}<extra></extra>",
        )
        figure.add_trace(trace, row + 1, column + 1)
        figure.add_annotation(
            text=grid.title,
            x=0,
            y=1,
            xref=f"x{n} domain",
            yref=f"y{n} domain",
            xanchor="left",
            yanchor="bottom",
            yshift=14,
            showarrow=False,
            font={"size": 12},
        )
        figure.add_shape(frame(at[:1] * 2, at[1:] * 2, colours.ink), xref=f"x{n}", yref=f"y{n}")
    axis = {"showgrid": False, "ticks": "", "fixedrange": True, "tickfont": {"size": 10}}
    step_x, step_y = max(1, -(-heads // 12)), max(1, -(-layers // 12))
    figure.update_xaxes(
        **axis, side="top", range=[-0.5, heads - 0.5], tickvals=list(range(0, heads, step_x))
    )
    figure.update_yaxes(**axis, range=[layers - 0.5, -0.5], tickvals=list(range(0, layers, step_y)))
    return figure.update_layout(
        template=template(dark),
        plot_bgcolor=colours.missing,
        height=int(np.clip(2 * (58 + 15 * layers) + 44, 300, 900)),
        margin={"l": 20, "r": 4, "t": 40, "b": 44},
        dragmode=False,
        coloraxis={
            "colorscale": scale(colours.difference),
            "cmin": -limit,
            "cmax": limit,
            "colorbar": {
                "orientation": "h",
                "thickness": 8,
                "len": 0.5,
                "y": 0,
                "yanchor": "top",
                "ypad": 12,
                "outlinewidth": 0,
                "tickvals": np.log2(SCALES).tolist(),
                "ticktext": [f"{c:g}" for c in SCALES],
                "tickfont": {"size": 10},
            },
        },
    )


def curves(
    panels: Sequence[tuple[str, Sequence[Line]]],
    norms: tuple[float, float],
    trusts: Mapping[float, float],
    dark: bool,
) -> go.Figure:
    """Draw the criteria of one head over c, one above the other, and the trust of its maps.

    Parameters
    ----------
    panels : sequence of (title, lines)
        Lines are the published form and the corrected one.
    norms : (published, corrected)
        c by the ratio of norms: vertical lines.
    trusts : mapping of c to T
        Empty as long as there are no maps.
    """
    colours = palette(dark)
    rows = len(panels) + 1
    figure = make_subplots(rows, 1, shared_xaxes=True, vertical_spacing=0.07)
    styles = ({"color": colours.faint, "dash": "dash"}, {"color": colours.attention[3]})
    for row, (_, lines) in enumerate(panels, 1):
        for line, style in zip(lines, styles, strict=True):
            for trace in _traces(line, style, row == 1):
                figure.add_trace(trace, row, 1)
    known = {c: score for c, score in sorted(trusts.items()) if np.isfinite(score)}
    figure.add_trace(
        go.Scatter(
            x=list(known),
            y=list(known.values()),
            mode="lines+markers",
            line={"color": colours.query, "width": 1.5},
            name="T",
            showlegend=False,
            hovertemplate="c = %{x:.3g}: T %{y:.2f}<extra></extra>",
        ),
        rows,
        1,
    )
    titles = [title for title, _ in panels] + ["Trust T"]
    for row, title in enumerate(titles, 1):
        figure.update_yaxes(title={"text": title, "font": {"size": 11}}, row=row, col=1)
        for c, style in zip(norms, ("dash", "solid"), strict=True):
            figure.add_vline(x=c, line={"color": colours.key, "width": 1, "dash": style}, row=row)
    figure.update_yaxes(range=[-0.1, 1], row=rows, col=1)
    figure.update_yaxes(fixedrange=True, nticks=5, tickfont={"size": 10})
    ends = np.log10([SCALES[0] / 1.08, SCALES[-1] * 1.08]).tolist()
    figure.update_xaxes(
        type="log",
        range=ends,
        fixedrange=True,
        tickvals=list(SCALES),
        ticktext=[f"{c:g}" for c in SCALES],
    )
    figure.update_xaxes(title={"text": "c (queries · c, keys / c)"}, row=rows, col=1)
    return figure.update_layout(
        template=template(dark),
        margin={"l": 58, "r": 8, "t": 26, "b": 40},
        hovermode="closest",
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
    )


def _traces(line: Line, style: dict, legend: bool) -> list[go.Scatter]:
    shared = {"name": line.name, "legendgroup": line.name, "x": line.fine_x, "y": line.fine}
    hover = f"{line.name}, c = %{{x:.3g}}: %{{y:.3f}}<extra></extra>"
    dots = {"x": list(SCALES), "y": line.values, "showlegend": False, "name": line.name}
    traces = [
        go.Scatter(
            **shared, mode="lines", line=style | {"width": 1.8}, hoverinfo="skip", showlegend=legend
        ),
        go.Scatter(
            **dots, mode="markers", marker={"color": style["color"], "size": 6}, hovertemplate=hover
        ),
    ]
    known = np.isfinite(line.fine)
    if np.isfinite(line.best) and known.any():
        ring = {"size": 12, "symbol": "circle-open", "color": style["color"], "line": {"width": 2}}
        at = np.interp(np.log(line.best), np.log(line.fine_x[known]), line.fine[known])
        traces.append(
            go.Scatter(
                x=[line.best],
                y=[at],
                mode="markers",
                marker=ring,
                showlegend=False,
                hovertemplate=f"best by {line.name}: c = %{{x:.3g}}<extra></extra>",
            )
        )
    return traces


@dataclass(frozen=True)
class Small:
    """A small map: the value that opens it, its title, and where the points lie."""

    value: str
    title: str
    layout: Layout


def small_maps(shown: Sequence[Small], dark: bool, shapes: bool = False) -> go.Figure:
    """Draw maps side by side in one graph; a trace's ``meta`` is the map's `Small.value`.

    Every map is moved and scaled into its cell, alike in both directions; of big texts a sample of
    the tokens is drawn, the same in each.
    """
    colours, figure = palette(dark), go.Figure()
    n, most = len(shown[0].layout.q), SHAPES if shapes else SHOWN
    some, draw = np.arange(n), figure.add_scatter if shapes else figure.add_scattergl
    if n > most:
        some = np.sort(np.random.default_rng(0).choice(n, most, replace=False))
    rows = -(-len(shown) // COLUMNS)
    for i, small in enumerate(shown):
        row, column = divmod(i, COLUMNS)
        left, top = column * (1 + GAP), -row * (1 + GAP + TITLE)
        both = np.concatenate([small.layout.q, small.layout.k])[:, :2]
        low, high = both.min(0), both.max(0)
        room = 0.5 * max(float((high - low).max()), 1e-9) * 1.06
        for role, points, symbol in (
            ("query", small.layout.q, "circle"),
            ("key", small.layout.k, "diamond"),
        ):
            places = (points[some, :2] - (low + high) / 2) / (2 * room)
            draw(
                x=(places[:, 0] + left + 0.5).astype(np.float32),
                y=(places[:, 1] + top - 0.5).astype(np.float32),
                mode="markers",
                name=role,
                meta=small.value,
                hovertemplate=f"{small.title}<extra></extra>",
                marker={
                    "size": 3,
                    "symbol": symbol,
                    "opacity": 0.6,
                    "line": {"width": 0},
                    "color": getattr(colours, role),
                },
            )
        figure.add_annotation(
            text=small.title,
            x=left,
            y=top,
            xanchor="left",
            yanchor="bottom",
            showarrow=False,
            font={"size": 11},
        )
        figure.add_shape(
            type="rect",
            x0=left,
            x1=left + 1,
            y0=top - 1,
            y1=top,
            line={"color": colours.line, "width": 1},
        )
    blank = {"showgrid": False, "showticklabels": False, "ticks": "", "fixedrange": True}
    wide, deep = COLUMNS * (1 + GAP) - GAP, rows * (1 + GAP + TITLE) - GAP
    return figure.update_layout(
        template=template(dark),
        showlegend=False,
        dragmode=False,
        hovermode="closest",
        margin={"l": 2, "r": 2, "t": 2, "b": 2},
        xaxis=blank | {"range": [-0.01, wide + 0.01], "constrain": "domain"},
        yaxis=blank
        | {"range": [TITLE - deep - 0.01, TITLE], "scaleanchor": "x", "constrain": "domain"},
    )
