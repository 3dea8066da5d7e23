"""Grids and bars from arrays. Knows no ids, no files and no callbacks."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from components.plots.theme import laid_out, palette, scale
from compute.scores.intervals import Estimate

LEAST_AXIS = 0.1
"""An axis of attention goes up to there at least: what is tiny doesn't look large."""


def frame(rows: tuple[int, int], columns: tuple[int, int], colour: str, width: float = 2) -> dict:
    """Return a frame round cells of a heatmap: from the first to the last, with both."""
    (y0, y1), (x0, x1) = rows, columns
    box = {"x0": x0 - 0.5, "x1": x1 + 0.5, "y0": y0 - 0.5, "y1": y1 + 0.5}
    return {"type": "rect", "line": {"color": colour, "width": width}} | box


def grid(
    means: np.ndarray,
    low: float,
    high: float,
    dark: bool,
    details: np.ndarray | None = None,
) -> go.Figure:
    """Draw one number per head: layers downwards, heads to the right.

    Where the scale begins below zero, zero is its middle.

    Parameters
    ----------
    means : float (layers, heads)
        NaN where a head has no value.
    low, high : float
        Ends of the colour scale.
    details : array of str (layers, heads), optional
        What the hover adds under the number.
    """
    layers, heads = means.shape
    shown = np.where(np.isfinite(means), [[""]], "no evidence in this text<br>")
    details = shown if details is None else np.char.add(shown.astype(str), details.astype(str))
    colours, sign = (palette(dark).difference, "+") if low < 0 else (palette(dark).attention, "")
    trace = go.Heatmap(
        z=means.astype(np.float32),
        zmin=low,
        zmax=high,
        colorscale=scale(colours),
        xgap=1,
        ygap=1,
        hoverongaps=True,
        customdata=details[..., None],
        # Ticks say "L0" and "H0", so a template of them would say "LL0HH0".
        text=[[f"L{layer}H{head}" for head in range(heads)] for layer in range(layers)],
        hovertemplate="<b>%{text}</b>  %{z:" + sign + ".3f}<br>%{customdata[0]}<extra></extra>",
        colorbar={
            "orientation": "h",
            "thickness": 7,
            "outlinewidth": 0,
            "y": 0,
            "yanchor": "top",
            "ypad": 4,
            "xpad": 0,
            "nticks": 4,
            "tickfont": {"size": 10},
        },
    )
    axis = {"showgrid": False, "ticks": "", "fixedrange": True, "tickfont": {"size": 10}}
    return laid_out(
        trace,
        dark,
        plot_bgcolor=palette(dark).missing,
        margin={"l": 26, "r": 4, "t": 18, "b": 30},
        dragmode=False,
        xaxis=axis | _places(heads, 12, "H") | {"side": "top", "range": [-0.5, heads - 0.5]},
        yaxis=axis | _places(layers, 16, "L") | {"range": [layers - 0.5, -0.5]},
    )


def _places(count: int, most: int, letter: str) -> dict:
    step = max(1, -(-count // most))
    places = list(range(0, count, step))
    return {"tickvals": places, "ticktext": [f"{letter}{i}" if not i else str(i) for i in places]}


def intervals(values: Estimate) -> np.ndarray:
    """Return the 95 % intervals as words, array of str; empty where there is none."""
    texts = np.full(values.low.shape, "", object)
    for at in map(tuple, np.argwhere(np.isfinite(values.low))):
        texts[at] = f"95 % interval {values.low[at]:z.3f} … {values.high[at]:z.3f}"
    return texts.astype(str)


def whiskers(values: Estimate) -> dict:
    """Return how Plotly draws the intervals of some values."""
    return {
        "type": "data",
        "symmetric": False,
        "array": np.nan_to_num(values.high - values.mean),
        "arrayminus": np.nan_to_num(values.mean - values.low),
        "thickness": 1.2,
        "width": 3,
    }


def spectrum(
    offsets: Sequence[int],
    sides: Mapping[str, Estimate],
    dark: bool,
    title: str,
    most: float | None = None,
) -> go.Figure:
    """Draw attention at each offset with its 95 % interval.

    Parameters
    ----------
    offsets : sequence of int
    sides : mapping of str to Estimate of float (offsets,)
        One, or two side by side, by their names.
    title : str
        What the offsets are from.
    most : float, optional
        Where the axis ends, at `LEAST_AXIS` or above; by default at what is drawn.
    """
    colours, figure = palette(dark), go.Figure()
    for (name, values), colour in zip(
        sides.items(), (colours.attention[3], colours.key), strict=False
    ):
        figure.add_bar(
            x=offsets,
            y=values.mean,
            name=name,
            marker={"color": colour},
            error_y=whiskers(values) | {"color": colours.ink},
            customdata=intervals(values)[:, None],
            hovertemplate="offset %{x}: <b>%{y:.3f}</b><br>%{customdata[0]}<extra></extra>",
        )
    if most is None:
        most = max(float(np.nanmax(values.high, initial=0)) for values in sides.values())
    return laid_out(
        figure.data,
        dark,
        margin={"l": 48, "r": 8, "t": 8, "b": 40},
        bargap=0.25,
        showlegend=len(sides) > 1,
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
        xaxis={
            "title": {"text": title},
            "tickvals": list(offsets),
            "ticktext": [f"{o:+d}" if o else "0" for o in offsets],
            "fixedrange": True,
        },
        yaxis={
            "title": {"text": "attention"},
            "range": [0, max(LEAST_AXIS, 1.08 * most)],
            "fixedrange": True,
        },
    )
