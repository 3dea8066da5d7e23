"""Pictures of what was found in a corpus: all heads as points, and one head's histograms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from components.plots.figures import whiskers
from components.plots.theme import inert, laid_out, palette, scale
from compute.scores.intervals import Estimate

SIZE = 9  # of a point, in pixels
FAR = 8.0
"""Lift is coloured up to so many times chance, and down to as many times less."""
SCALE = "attention over chance, from ⅛ × to 8 ×"


@dataclass(frozen=True)
class Axis:
    """A number of every head: an axis of the scatter, or its colour.

    Attributes
    ----------
    title : str
    values : Estimate of float (layers, heads)
    ends : (low, high)
        Of a colour scale; what is None follows from the values.
    """

    title: str
    values: Estimate
    ends: tuple[float | None, float | None] = (None, None)


def scatter(x: Axis, y: Axis, colour: Axis, bars: bool, dark: bool) -> go.Figure:
    """Draw every head as a point; a head without a number on an axis is left out.

    Parameters
    ----------
    bars : bool
        Whether the 95 % intervals of both axes are drawn.
    """
    shape = x.values.mean.shape
    there = np.isfinite(x.values.mean) & np.isfinite(y.values.mean)
    heads = np.argwhere(there)
    flat_x, flat_y, shades = (_flat(axis.values, there) for axis in (x, y, colour))
    names = [f"L{layer}H{head}" for layer, head in heads.tolist()]
    colours = palette(dark)
    errors = {}
    if bars:
        faint = {"color": colours.faint, "thickness": 0.8, "width": 0}
        errors = {"error_x": whiskers(flat_x) | faint, "error_y": whiskers(flat_y) | faint}
    trace = go.Scatter(
        x=flat_x.mean.astype(np.float32),
        y=flat_y.mean.astype(np.float32),
        mode="markers",
        text=[
            "<br>".join([f"<b>{name}</b>", *(_said(axis, at) for axis in (x, y, colour))])
            for name, at in zip(names, map(tuple, heads), strict=True)
        ],
        hovertemplate="%{text}<extra></extra>",
        marker=_marker(shades.mean, colour, colours, dark),
        **errors,
    )
    return laid_out(
        trace,
        dark,
        margin={"l": 52, "r": 8, "t": 10, "b": 44},
        hovermode="closest",
        xaxis=_axis(x.title),
        yaxis=_axis(y.title),
        meta={"heads": heads.tolist(), "shape": list(shape)},
    )


def _flat(values: Estimate, there: np.ndarray) -> Estimate:
    return Estimate(*(part[there] for part in values))


def _said(axis: Axis, at: tuple[int, int]) -> str:
    mean, low, high = (part[at] for part in axis.values)
    interval = f" ({low:z.3f} … {high:z.3f})" if np.isfinite(low) else ""
    said = f"{mean:z.3f}{interval}" if np.isfinite(mean) else "no evidence"
    return f"{axis.title}: {said}".replace("-", "−")


def _marker(shades: np.ndarray, colour: Axis, colours, dark: bool) -> dict:
    low, high = colour.ends
    known = shades[np.isfinite(shades)]
    low = float(known.min(initial=0.0)) if low is None else low
    high = float(known.max(initial=low)) if high is None else high
    bar = {
        "title": {"text": colour.title, "side": "right", "font": {"size": 11}},
        "thickness": 8,
        "outlinewidth": 0,
        "nticks": 5,
        "tickfont": {"size": 10},
    }
    return {
        "size": SIZE,
        "color": np.nan_to_num(shades, nan=low).astype(np.float32),
        "cmin": low,
        "cmax": high if high > low else low + 1,
        # without the palest of its colours: a point is no cell, and stands on the page itself
        "colorscale": scale(colours.attention[1:]),
        "showscale": True,
        "colorbar": bar,
        "line": {"width": 0.8, "color": colours.faint},
    }


def _axis(title: str) -> dict:
    return {"title": {"text": title, "standoff": 6}, "zeroline": False, "automargin": True}


@dataclass(frozen=True)
class Histogram:
    """Counts, or sums of attention, by bins.

    Attributes
    ----------
    title : str
    values : float (bins,)
    bins : sequence of str
        What each bin holds, for the hover.
    ticks : mapping of int to str
        The bins that are named below the bars.
    what : str
        What is shared out, "of all tokens", or the unit.
    shared : bool
        Whether shares of the sum are drawn.
    """

    title: str
    values: np.ndarray
    bins: Sequence[str]
    ticks: Mapping[int, str]
    what: str
    shared: bool = True

    def shares(self) -> np.ndarray:
        """Return the share of each bin, float (bins,)."""
        return np.asarray(self.values, float) / (float(np.sum(self.values)) or 1.0)


def histograms(shown: Sequence[Histogram], name: str, dark: bool) -> go.Figure:
    """Draw histograms in two rows: the share of each bin, or its number."""
    figure, layout, colours = go.Figure(), {}, palette(dark)
    columns = -(-len(shown) // 2)
    for number, each in enumerate(shown):
        end = str(number + 1) if number else ""
        row, column = divmod(number, columns)
        figure.add_bar(
            x=list(range(len(each.values))),
            y=each.shares() if each.shared else each.values,
            xaxis=f"x{end}",
            yaxis=f"y{end}",
            marker={"color": colours.attention[3]},
            customdata=[[bin] for bin in each.bins],
            hovertemplate="%{customdata[0]}<br><b>%{y:"
            + (".1%" if each.shared else ".3f")
            + f"}}</b> {each.what}<extra></extra>",
        )
        layout[f"xaxis{end}"] = {
            "domain": _part(column, columns, 0.14 / columns),
            "anchor": f"y{end}",
            "title": {"text": each.title, "standoff": 4},
            "tickvals": list(each.ticks),
            "ticktext": list(each.ticks.values()),
            "tickangle": 0,
            "fixedrange": True,
        }
        layout[f"yaxis{end}"] = {
            "domain": _part(1 - row, 2, 0.12),
            "anchor": f"x{end}",
            "tickformat": ".0%" if each.shared else "",
            "rangemode": "tozero",
            "nticks": 5,
            "fixedrange": True,
        }
    return laid_out(
        figure.data,
        dark,
        showlegend=False,
        bargap=0.12,
        margin={"l": 44, "r": 8, "t": 8, "b": 44},
        meta={"head": name},
        **layout,
    )


def _part(number: int, count: int, between: float) -> list[float]:
    """Return from where to where one of so many parts goes, with room between them."""
    size = (1 + between) / count
    return [number * size, (number + 1) * size - between]


def classes(
    attention: np.ndarray,
    chance: np.ndarray,
    names: Sequence[str],
    details: np.ndarray,
    name: str,
    dark: bool,
) -> go.Figure:
    """Draw attention over chance between classes: rows look at columns.

    Parameters
    ----------
    attention, chance : float (C, C)
        Mean attention from a class to another one, and what equal attention would give.
    details : array of str (C, C)
        What the hover adds.
    """
    lift = np.divide(attention, chance, out=np.full(chance.shape, np.nan), where=chance > 0)
    shown = np.log2(np.clip(lift, 1 / FAR, FAR))
    limit = float(np.log2(FAR))
    marks = [1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8]
    titles = [inert(each) for each in names]
    trace = go.Heatmap(
        z=shown.astype(np.float32),
        zmin=-limit,
        zmax=limit,
        colorscale=scale(palette(dark).difference),
        xgap=1,
        ygap=1,
        x=titles,
        y=titles,
        hoverongaps=True,
        customdata=details[..., None],
        hovertemplate="%{customdata[0]}<extra></extra>",
        text=[[f"{value:.2g} ×" if np.isfinite(value) else "" for value in row] for row in lift],
        texttemplate="%{text}",
        textfont={"size": 10},
        colorbar={
            "title": {"text": "lift", "side": "right"},
            "thickness": 8,
            "outlinewidth": 0,
            "tickvals": np.log2(marks).tolist(),
            "ticktext": ["⅛ ×", "¼ ×", "½ ×", "1 ×", "2 ×", "4 ×", "8 ×"],
        },
    )
    axis = {"showgrid": False, "fixedrange": True, "automargin": True, "tickfont": {"size": 11}}
    return laid_out(
        trace,
        dark,
        plot_bgcolor=palette(dark).missing,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        dragmode=False,
        xaxis=axis | {"side": "top", "title": {"text": "key"}, "type": "category"},
        yaxis=axis | {"autorange": "reversed", "title": {"text": "query"}, "type": "category"},
        meta={"head": name, "scale": SCALE},
    )


def nothing(dark: bool) -> go.Figure:
    """Return a figure without anything in it."""
    hidden = {"visible": False}
    return laid_out([], dark, xaxis=hidden, yaxis=hidden)
