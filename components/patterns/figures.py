"""Figures of the stage "Patterns", from arrays. Knows no ids, no files and no callbacks."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from components.plots import figures, heatmaps
from components.plots.theme import inert, laid_out, palette, scale

LIFTS = 3.0  # doublings at either end of the scale of lift


def passage(weights: np.ndarray, tokens: list[str], keys: list[str], dark: bool) -> go.Figure:
    """Draw a passage's attention as a place to paint on: nothing in it can be dragged."""
    figure = heatmaps.plain(weights, tokens, dark, keys)
    figure.update_layout(dragmode=False)
    figure.update_xaxes(fixedrange=True)
    return figure.update_yaxes(fixedrange=True)


def positions(means: np.ndarray, width: int, dark: bool) -> go.Figure:
    """Draw attention averaged by position of query and key.

    Parameters
    ----------
    means : float (cells of queries, cells of keys)
    width : int
        Positions per cell.
    """
    rows, columns = (np.arange(cells) * width for cells in means.shape)
    top = float(np.nanquantile(means, 0.995)) if np.isfinite(means).any() else 1.0
    trace = go.Heatmap(
        z=means.astype(np.float32),
        x=columns,
        y=rows,
        zmin=0,
        zmax=max(top, 1e-6),
        colorscale=scale(palette(dark).attention),
        hoverongaps=False,
        hovertemplate="query at %{y} → key at %{x}<br><b>%{z:.3f}</b><extra></extra>",
        colorbar={"thickness": 10, "len": 0.6, "y": 0.5, "outlinewidth": 0, "nticks": 5},
    )
    axis = {"showgrid": False, "ticks": "", "constrain": "domain"}
    return laid_out(
        trace,
        dark,
        plot_bgcolor=palette(dark).missing,
        margin={"l": 48, "r": 52, "t": 8, "b": 40},
        xaxis=axis | {"title": {"text": "position of the key"}},
        yaxis=axis
        | {"title": {"text": "position of the query"}, "autorange": "reversed", "scaleanchor": "x"},
    )


def classes(
    mean: np.ndarray,
    lift: np.ndarray,
    names: Sequence[str],
    counts: tuple[Sequence[int], Sequence[int]],
    few: np.ndarray,
    details: np.ndarray,
    by_lift: bool,
    dark: bool,
    marked: tuple[int, int] | None,
) -> go.Figure:
    """Draw attention from class to class.

    Parameters
    ----------
    mean, lift : float (C, C)
        From the row's class to the column's.
    names : sequence of str
    counts : two of sequence of int
        How many queries the rows have, and how many keys the columns: they stand by the names.
    few : bool (C, C)
        Cells that rest on few tokens: they are hatched.
    details : array of str (C, C)
        What the hover adds.
    by_lift : bool
        Colour by lift, white at 1, instead of by attention.
    marked : (row, column) or None
        The cell that ranks heads.
    """
    colours = palette(dark)
    if by_lift:
        with np.errstate(divide="ignore"):
            z = np.clip(np.log2(lift), -LIFTS, LIFTS)
        ends, shades, text = (-LIFTS, LIFTS), scale(colours.difference), _written(lift, "×")
        bar = {"tickvals": [-3, -2, -1, 0, 1, 2, 3]}
        bar["ticktext"] = ["⅛ ×", "¼ ×", "½ ×", "1 ×", "2 ×", "4 ×", "8 ×"]
    else:
        top = float(np.nanmax(mean, initial=0)) or 1.0
        z, ends, shades, text, bar = mean, (0, top), scale(colours.attention), _written(mean), {}
    trace = go.Heatmap(
        z=z.astype(np.float32),
        zmin=ends[0],
        zmax=ends[1],
        colorscale=shades,
        xgap=1,
        ygap=1,
        text=text,
        texttemplate="%{text}" if len(names) <= 12 else None,
        customdata=details[..., None],
        hovertemplate="%{customdata[0]}<extra></extra>",
        colorbar={"thickness": 10, "len": 0.7, "y": 0.5, "outlinewidth": 0} | bar,
    )
    size, c = 11, len(names)
    rows, columns = (
        [f"{name} ({n:,})" for name, n in zip(names, some, strict=True)] for some in counts
    )
    room = 14 + 6.6 * max(len(name) for name in (*rows, *columns))
    axis = {
        "tickvals": list(range(c)),
        "showgrid": False,
        "ticks": "",
    }
    axis |= {"fixedrange": True, "tickfont": {"size": size}}
    shapes = []
    if marked:
        row, column = ((at, at) for at in marked)
        shapes = [figures.frame(row, column, colours.ink, 2.5)]
    return laid_out(
        [trace, *_hatching(few, dark)],
        dark,
        plot_bgcolor=colours.missing,
        showlegend=False,
        dragmode=False,
        meta={"names": list(names)},
        shapes=shapes,
        margin={"l": room + 18, "r": 60, "t": room + 18, "b": 6, "autoexpand": False},
        xaxis=axis
        | {
            "side": "top",
            "tickangle": -90,
            "range": [-0.5, c - 0.5],
            "title": {"text": "key", "standoff": 6},
        }
        | {"ticktext": [inert(name) for name in columns]},
        yaxis=axis
        | {"range": [c - 0.5, -0.5], "title": {"text": "query", "standoff": 6}}
        | {"ticktext": [inert(name) for name in rows]},
    )


def _hatching(cells: np.ndarray, dark: bool) -> list[go.Scatter]:
    """Return strokes over some cells (C, C), past the numbers in their middles."""
    places = np.argwhere(cells)
    if not len(places):
        return []
    x, y = [], []
    for row, column in places:
        for shift in (-0.72, -0.36, 0.36, 0.72):
            ends = max(-0.48, -0.48 - shift), min(0.48, 0.48 - shift)
            x += [column + ends[0], column + ends[1], None]
            y += [row + ends[0] + shift, row + ends[1] + shift, None]
    colours, shared = palette(dark), {"mode": "lines", "hoverinfo": "skip", "x": x, "y": y}
    return [  # a light edge and a dark core: to be seen on pale cells and on full ones
        go.Scatter(**shared, line={"color": colours.missing, "width": 3}),
        go.Scatter(**shared, line={"color": colours.faint, "width": 1}),
    ]


def _written(values: np.ndarray, unit: str = "") -> np.ndarray:
    def short(value: float) -> str:
        if not np.isfinite(value):
            return ""
        return f"<0.01{unit}" if 0 < value < 0.01 else f"{value:.2g}{unit}"

    return np.array([short(v) for v in values.ravel()], object).reshape(values.shape)
