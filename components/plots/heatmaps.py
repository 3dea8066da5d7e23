"""Heatmaps of the attention of a passage, from arrays. Knows no ids, no files and no callbacks."""

import numpy as np
import plotly.graph_objects as go

from components.plots.figures import frame
from components.plots.theme import inert, laid_out, palette, scale
from compute.attention.heat_scales import FLOOR, HeatScale, Shown

LONGEST = 14  # letters of a token's name beside its row
FRAMED = 72  # marked rows of longer passages get no frame: it would hide them
SIZE = (470, 440)  # pixels of a plot where nothing better is known
BELOW = 8  # pixels under the cells
OWN_CARD = "none"  # the page's own card tells of a cell: assets/heads/card.js


def heatmap(
    shown: Shown,
    tokens: list[str],
    colours: HeatScale,
    dark: bool,
    row: int | None = None,
    column: int | None = None,
    size: tuple[int, int] | None = None,
    keys: list[str] | None = None,
) -> go.Figure:
    """Draw the attention of one passage: rows are queries, columns are keys.

    Parameters
    ----------
    shown : Shown
    tokens : list of str
        Names of the rows, and of the columns but where `keys` are given.
    colours : HeatScale
    row, column : int, optional
        The query and the key to mark.
    size : pair of int, optional
        Width and height of the plot in pixels: how many names there is room for.
    keys : list of str, optional
        Names of the columns, where these are other tokens than the rows.
    """
    trace, bar = _cells(shown, colours, dark)
    traces = [trace]
    if colours.kind == "log":
        traces.append(_log_bar(colours, bar, dark))
    else:
        trace.colorbar = bar
    if not colours.sinks:
        traces += _greys(shown.weights, shown.sinks, dark)
    return _matrix(traces, bar, (tokens, keys or tokens), dark, size, (row, column))


def plain(
    weights: np.ndarray, tokens: list[str], dark: bool, keys: list[str] | None = None
) -> go.Figure:
    """Draw attention with square cells, from 0 to the largest; names as in `heatmap`."""
    shown = Shown(weights, np.ones(weights.shape, bool), np.zeros(weights.shape[1], bool))
    top = float(np.nanmax(weights, initial=0)) or 1.0
    figure = heatmap(shown, tokens, HeatScale("most", top), dark, keys=keys)
    figure.update_layout(meta={"scale": f"0 to {top:.2g}, the largest here."})
    figure.update_xaxes(constrain="domain")
    return figure.update_yaxes(scaleanchor="x", constrain="domain", constraintoward="top")


def difference(
    weights: np.ndarray,
    tokens: list[str],
    colours: HeatScale,
    dark: bool,
    row: int | None = None,
    column: int | None = None,
    sinks: np.ndarray | None = None,
    size: tuple[int, int] | None = None,
    keys: list[str] | None = None,
) -> go.Figure:
    """Draw attention of head A minus that of head B, zero in the middle of the colours.

    Parameters
    ----------
    weights : float (m, s)
        The difference.
    tokens, keys
        As in `heatmap`.
    colours : HeatScale
        Ends on both sides at its `top`.
    sinks : bool (s,), optional
        Columns that are grey.
    """
    top = colours.top
    ends = ("≤ ", "≥ ") if colours.kind == "clip" else ("", "")
    names = [f"{ends[0]}−{top:.2g}", "0", f"{ends[1]}+{top:.2g}"]
    bar = _bar("A − B", [-top, 0, top], names)
    trace = go.Heatmap(
        z=weights.astype(np.float32),
        zmin=-top,
        zmax=top,
        colorscale=scale(palette(dark).difference),
        hoverinfo=OWN_CARD,
        colorbar=bar,
    )
    greys = [] if sinks is None else _greys(np.abs(weights), sinks, dark)
    names = tokens, keys or tokens
    return _matrix([trace, *greys], bar, names, dark, size, (row, column))


def _cells(shown: Shown, colours: HeatScale, dark: bool) -> tuple[go.Heatmap, dict]:
    """Return the cells, and the bar of their colours."""
    weights, top = shown.weights.astype(np.float32), colours.top
    trace = go.Heatmap(z=weights, zmin=0, zmax=top, hoverinfo=OWN_CARD)
    trace.colorscale = scale(palette(dark).attention)
    if colours.kind == "row":
        tops = shown.tops(colours.sinks)
        trace.update(z=colours.shades(weights, tops[:, None]).astype(np.float32), zmax=1)
        trace.update(customdata=weights)
    if colours.kind == "log":
        trace.update(colorscale=_log_scale(colours, dark), showscale=False)
        low, high = np.log10([FLOOR, top])
        decades = [10.0**e for e in range(round(low), int(np.ceil(high - 0.2)))]
        names = [f"≤ {FLOOR:g}", *(f"{value:g}" for value in decades[1:]), f"{top:.2g}"]
        return trace, _bar("attention, logarithmic", [*np.log10(decades), high], names)
    most = f"≥ {top:.2g}" if colours.kind == "clip" else f"{top:.2g}"
    title = "share of the row's largest" if colours.kind == "row" else "attention"
    return trace, _bar(title, [0, top / 2, top], ["0", f"{top / 2:.2g}", most])


def _log_scale(colours: HeatScale, dark: bool) -> list[list]:
    """Return Plotly's colours of attention from 0 to the top, so that equal factors look alike."""
    at = np.geomspace(FLOOR, colours.top, 64)
    inks = [_between(palette(dark).attention, shade) for shade in colours.shades(at)]
    stops = [[float(a / colours.top), ink] for a, ink in zip(at, inks, strict=True)]
    stops[-1][0] = 1.0
    return [[0.0, inks[0]], *stops]


def _log_bar(colours: HeatScale, bar: dict, dark: bool) -> go.Scatter:
    """Return a trace without points: its bar is even in logarithms, which a heatmap's can't be."""
    low, high = np.log10([FLOOR, colours.top])
    marker = {"color": [low], "cmin": low, "cmax": high, "showscale": True, "colorbar": bar}
    marker["colorscale"] = scale(palette(dark).attention)
    return go.Scatter(x=[None], y=[None], mode="markers", marker=marker, hoverinfo="skip")


def _between(inks: list[str], shade: float) -> str:
    """Return a colour of a scale that is given by some."""
    place = shade * (len(inks) - 1)
    first = min(int(place), len(inks) - 2)
    ends = [[int(ink[i : i + 2], 16) for i in (1, 3, 5)] for ink in inks[first : first + 2]]
    mixed = [round(a + (b - a) * (place - first)) for a, b in zip(*ends, strict=True)]
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _greys(weights: np.ndarray, sinks: np.ndarray, dark: bool) -> list[go.Heatmap]:
    """Return the columns of the sinks once more, in grey: they have no part in the scale."""
    at = np.flatnonzero(sinks)
    return [
        go.Heatmap(
            z=weights[:, run].astype(np.float32),
            x0=int(run[0]),
            dx=1,
            zmin=0,
            zmax=1,
            colorscale=scale(palette(dark).sinks),
            showscale=False,
            hoverinfo="skip",
        )
        for run in np.split(at, np.flatnonzero(np.diff(at) > 1) + 1)
        if len(run)
    ]


def _bar(title: str, places: list[float], names: list[str]) -> dict:
    look = {"thickness": 10, "len": 0.75, "y": 0.5, "outlinewidth": 0, "xpad": 6}
    words = {"text": title, "side": "right", "font": {"size": 11}}
    return look | {"title": words, "tickvals": places, "ticktext": names, "tickfont": {"size": 11}}


def _matrix(
    traces: list,
    bar: dict,
    tokens: tuple[list[str], list[str]],
    dark: bool,
    size: tuple[int, int] | None,
    marked: tuple[int | None, int | None],
) -> go.Figure:
    """Lay a matrix out, with names of rows and columns."""
    counts = rows, columns = [len(side) for side in tokens]
    right = 42 + 6.8 * max(map(len, bar["ticktext"]))
    width, height = size or SIZE
    font = _font(max(counts), height)
    names = [_names(side) for side in tokens]
    # Room for the names, reckoned here: Plotly's own way (automargin) lays the figure out thrice.
    left, top = (16 + 0.62 * font * max(map(len, side), default=0) for side in names)
    steps = _step(rows, font, height - top - BELOW), _step(columns, font, width - left - right)
    # Every place has a name, in the card under the mouse too. Zoomed in, or where the plot has
    # another size, assets/passage/ticks.js sees to how many of them stand beside it.
    ticks = {
        "tickmode": "linear",
        "tick0": 0,
        "tickformat": "d",
        "tickfont": {"size": font},
        "ticklabelstandoff": 2,
        "tickcolor": palette(dark).faint,
        "ticks": "outside",
        "ticklen": 4,
        "showgrid": False,
    }
    ends = [
        ticks | {"dtick": step, "labelalias": {str(i): inert(name) for i, name in enumerate(side)}}
        for step, side in zip(steps, names, strict=True)
    ]
    return laid_out(
        traces,
        dark,
        shapes=_marks(counts, *marked, dark),
        margin={"l": left, "r": right, "t": top, "b": BELOW, "autoexpand": False},
        dragmode="zoom",
        hovermode="closest",
        showlegend=False,
        uirevision=f"{rows} {columns}",
        xaxis=ends[1] | {"tickangle": -90, "side": "top", "range": [-0.5, columns - 0.5]},
        yaxis=ends[0] | {"range": [rows - 0.5, -0.5]},
    )


def _names(tokens: list[str]) -> list[str]:
    return [n if len(n) <= LONGEST else f"{n[: LONGEST - 1]}…" for n in tokens]


def _font(m: int, height: int) -> int:
    """Return the largest size at which each of m rows has its name, if there is a legible one."""
    rows = height - 100  # the names of columns take some of it
    return next((size for size in (11, 10, 9, 8) if _step(m, size, rows) == 1), 9)


def _step(m: int, font: int, room: float) -> int:
    """Return of how many names there is room for one; as `every` in assets/passage/ticks.js."""
    return max(1, int(np.ceil(1.15 * font * m / max(room, 1))))


def _marks(counts: list[int], row: int | None, column: int | None, dark: bool) -> list[dict]:
    """Return marks at both ends of the marked query's row and of the marked key's column.

    They stand beside the cells. A thin frame joins them where cells are large enough.
    """
    inks, marks = palette(dark), []
    rows, columns = counts
    if row is not None:
        marks += [_mark("y", row, end, rows, inks.query) for end in (0, 1)]
    if column is not None:
        marks += [_mark("x", column, end, columns, inks.key) for end in (0, 1)]
    if row is not None and rows <= FRAMED:
        marks.append(frame((row, row), (0, columns - 1), inks.query, 1) | {"name": "framed-row"})
    if column is not None and columns <= FRAMED:
        whole = (0, rows - 1), (column, column)
        marks.append(frame(*whole, inks.key, 1) | {"name": "framed-column"})
    return marks


def _mark(along: str, place: int, end: int, m: int, colour: str) -> dict:
    """Return a bar beside the plot, at one end of a row (`along` y) or of a column.

    At least six pixels long, however small the cell is.
    """
    across = "x" if along == "y" else "y"
    side = -1 if (end == 0) == (across == "x") else 1  # pixels of y go downwards
    outside = sorted([side * 1, side * 6])
    where = {f"{across}ref": f"{across} domain", f"{across}anchor": end}
    where |= {f"{across}sizemode": "pixel", f"{across}0": outside[0], f"{across}1": outside[1]}
    if m > FRAMED:
        where |= {f"{along}sizemode": "pixel", f"{along}anchor": place}
        where |= {f"{along}0": -3, f"{along}1": 3}
    else:
        where |= {f"{along}0": place - 0.5, f"{along}1": place + 0.5}
    name = "marked-row" if along == "y" else "marked-column"
    return {"type": "rect", "name": name, "fillcolor": colour, "line": {"width": 0}} | where
