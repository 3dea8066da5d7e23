"""Figures from arrays. Knows no ids, no files and no callbacks."""

import numpy as np
import plotly.graph_objects as go

from components.theme import CATEGORIES, palette, scale, template
from compute.points import Values

LABELLED = 72  # a heatmap with more tokens than this gets no token on every tick


def joint_map(
    q: np.ndarray,
    k: np.ndarray,
    values: Values,
    hidden: np.ndarray,
    dark: bool,
    view: str,
    popularity: np.ndarray | None = None,
    trust: tuple[np.ndarray, np.ndarray] | None = None,
) -> go.Figure:
    """Draw the queries and keys of one head; trace 0 holds the queries, trace 1 the keys.

    Point i of either trace is token i, so that a click needs no further data.

    Parameters
    ----------
    q, k : float (n, 2)
    values : Values
        What to colour by.
    hidden : bool (n,)
        Tokens that are left out.
    dark : bool
    view : str
        Zoom and pan are kept as long as this stays the same.
    popularity : float (n,), optional
        Log size of each key's dot.
    trust : two of float (n,), optional
        Of queries and keys, 0 to 1: points that mislead are drawn faintly.
    """
    figure = go.Figure()
    for role, xy, symbol in (("query", q, "circle"), ("key", k, "diamond")):
        shown = np.where(hidden[:, None], np.nan, xy).astype(np.float32)
        size = _size(len(q), popularity if role == "key" else None)
        figure.add_scattergl(
            x=shown[:, 0],
            y=shown[:, 1],
            mode="markers",
            name=role,
            hoverinfo="none",
            marker={"size": size, "symbol": symbol, "line": {"width": 0}}
            | _opacity(role, trust)
            | _colours(role, values, dark),
        )
    blank = {"showgrid": False, "showticklabels": False, "ticks": "", "automargin": False}
    return figure.update_layout(
        template=template(dark),
        showlegend=False,
        dragmode="pan",
        hovermode="closest",
        hoverdistance=12,
        uirevision=view,
        margin={"l": 4, "r": 4, "t": 4, "b": 4},
        xaxis=blank,
        yaxis=blank | {"scaleanchor": "x"},  # distances must be the same in both directions
    )


def joint_space(
    q: np.ndarray,
    k: np.ndarray,
    values: Values,
    hidden: np.ndarray,
    dark: bool,
    view: str,
    popularity: np.ndarray | None = None,
    trust: tuple[np.ndarray, np.ndarray] | None = None,
) -> go.Figure:
    """Draw the same in three dimensions; traces 2 and 3 wait for the page's lines and marks."""
    colours, figure = palette(dark), go.Figure()
    for role, xyz, symbol in (("query", q, "circle"), ("key", k, "diamond")):
        shown = np.where(hidden[:, None], np.nan, xyz).astype(np.float32)
        size = _size(len(q), popularity if role == "key" else None)
        figure.add_scatter3d(
            x=shown[:, 0],
            y=shown[:, 1],
            z=shown[:, 2],
            mode="markers",
            name=role,
            hoverinfo="none",
            marker={"size": np.multiply(size, 0.55), "symbol": symbol, "opacity": 0.8}
            | _colours(role, values, dark),
        )
    nothing = {"x": [], "y": [], "z": [], "hoverinfo": "skip"}
    figure.add_scatter3d(mode="lines", line={"width": 4, "color": colours.ink}, **nothing)
    figure.add_scatter3d(
        mode="markers+text",
        textfont={"color": colours.ink, "size": 12},
        marker={"size": 7, "color": colours.ink, "symbol": "circle-open"},
        **nothing,
    )
    blank = {"showticklabels": False, "title": "", "showspikes": False, "gridcolor": colours.line}
    blank |= {"backgroundcolor": "rgba(0,0,0,0)", "zerolinecolor": colours.line}
    return figure.update_layout(
        template=template(dark),
        showlegend=False,
        uirevision=view,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        scene={"xaxis": blank, "yaxis": blank, "zaxis": blank, "aspectmode": "data"},
    )


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


def add_ghosts(
    figure: go.Figure, q: np.ndarray, k: np.ndarray, names: tuple[str, ...], dark: bool
) -> None:
    """Add new tokens to a map, hollow and named; they come after all other traces."""
    flat = q.shape[1] == 2
    for trace in figure.data[:2]:  # what was there steps back
        trace.marker.opacity = 0.15
    for role, places, symbol in (("query", q, "circle-open"), ("key", k, "diamond-open")):
        colour = getattr(palette(dark), role)
        trace = {
            "x": places[:, 0],
            "y": places[:, 1],
            "mode": "markers+text",
            "text": list(names),
            "textposition": "top center",
            "textfont": {"size": 11, "color": colour},
            "hovertemplate": f"new {role} <b>%{{text}}</b><extra></extra>",
            "name": f"ghost-{role}",
            "marker": {"size": 11 if flat else 6, "symbol": symbol, "color": colour},
        }
        if flat:
            trace["marker"] |= {"line": {"width": 2}}
            trace["unselected"] = {"marker": {"opacity": 1}}
            figure.add_scattergl(**trace)
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
    shades = colours.queries if role == "query" else colours.keys
    levels = np.round(numbers * 255).astype("u1")
    return {"color": levels, "colorscale": scale(shades), "cmin": 0, "cmax": 255}


def heatmap(
    weights: np.ndarray,
    tokens: list[str],
    dark: bool,
    row: int | None = None,
    column: int | None = None,
) -> go.Figure:
    """Draw the attention of one passage: rows are queries, columns are keys.

    Parameters
    ----------
    weights : float (m, m)
    tokens : list of str
    row, column : int, optional
        The query and the key to mark.
    """
    top = float(np.nanmax(weights, initial=0)) or 1.0
    figure = _matrix(weights, tokens, dark, scale(palette(dark).attention), 0, top, "%{z:.3f}")
    return figure.update_layout(shapes=_marks(len(tokens), row, column, dark))


def difference(
    weights: np.ndarray,
    tokens: list[str],
    dark: bool,
    names: tuple[str, str],
    row: int | None = None,
    column: int | None = None,
) -> go.Figure:
    """Draw attention of head A minus that of head B, zero in the middle of the colour scale."""
    top = float(np.nanmax(np.abs(weights), initial=0)) or 1.0
    colours = scale(palette(dark).difference)
    figure = _matrix(weights, tokens, dark, colours, -top, top, "%{z:+.3f}")
    figure.layout.margin.r = 100
    figure.data[0].colorbar.update(
        tickvals=[-top, 0, top], ticktext=[f"{names[1]} +{top:.2g}", "0", f"{names[0]} +{top:.2g}"]
    )
    return figure.update_layout(shapes=_marks(len(tokens), row, column, dark))


def _matrix(
    weights: np.ndarray,
    tokens: list[str],
    dark: bool,
    colours: list,
    low: float,
    high: float,
    number: str,
) -> go.Figure:
    m = len(tokens)
    step = max(1, -(-m // LABELLED))
    trace = go.Heatmap(
        z=weights.astype(np.float32),
        zmin=low,
        zmax=high,
        colorscale=colours,
        hovertemplate=f"query <b>%{{y}}</b> → key <b>%{{x}}</b><br>{number}<extra></extra>",
        colorbar={"thickness": 10, "len": 0.6, "y": 0.5, "outlinewidth": 0, "nticks": 5},
    )
    if LABELLED < m <= 256:  # without a tick of its own a token's name must come with its cells
        names = np.asarray(tokens, dtype=object)
        trace.customdata = np.stack(np.meshgrid(names, names, indexing="ij"), -1)
        trace.hovertemplate = trace.hovertemplate.replace("%{y}", "%{customdata[0]}")
        trace.hovertemplate = trace.hovertemplate.replace("%{x}", "%{customdata[1]}")
    places = list(range(0, m, step))
    names = [tokens[i][:14] for i in places]
    font = 11 if m <= 32 else 9 if m <= 48 else 8
    # Room for the names, reckoned here: Plotly's own way (automargin) lays the figure out thrice.
    room = 10 + 0.62 * font * max((len(name) for name in names), default=0)
    ticks = {
        "tickmode": "array",
        "tickvals": places,
        "ticktext": names,
        "tickfont": {"size": font},
        "showgrid": False,
        "ticks": "",
        "constrain": "domain",
        "range": [-0.5, m - 0.5],
    }
    return go.Figure(trace).update_layout(
        template=template(dark),
        margin={"l": room, "r": 52, "t": room, "b": 4, "autoexpand": False},
        dragmode="zoom",
        hovermode="closest",
        uirevision=f"{m}",
        xaxis=ticks | {"tickangle": -90, "side": "top"},
        yaxis=ticks | {"range": [m - 0.5, -0.5], "scaleanchor": "x", "constraintoward": "top"},
    )


def _marks(m: int, row: int | None, column: int | None, dark: bool) -> list[dict]:
    """Return frames round the marked query's row and the marked key's column."""
    colours, marks = palette(dark), []
    if row is not None:
        line = {"color": colours.query, "width": 2}
        box = {"x0": -0.5, "x1": m - 0.5, "y0": row - 0.5, "y1": row + 0.5}
        marks.append({"type": "rect", "line": line, "name": "marked-row"} | box)
    if column is not None:
        line = {"color": colours.key, "width": 2}
        box = {"x0": column - 0.5, "x1": column + 0.5, "y0": -0.5, "y1": m - 0.5}
        marks.append({"type": "rect", "line": line, "name": "marked-column"} | box)
    return marks


def grid(
    means: np.ndarray,
    low: float,
    high: float,
    dark: bool,
    details: np.ndarray | None = None,
) -> go.Figure:
    """Draw one number per head: layers downwards, heads to the right.

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
    trace = go.Heatmap(
        z=means.astype(np.float32),
        zmin=low,
        zmax=high,
        colorscale=scale(palette(dark).attention),
        xgap=1,
        ygap=1,
        hoverongaps=True,
        customdata=details[..., None],
        hovertemplate="<b>L%{y}H%{x}</b>  %{z:.3f}<br>%{customdata[0]}<extra></extra>",
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
    figure = go.Figure(trace)
    axis = {"showgrid": False, "ticks": "", "fixedrange": True, "tickfont": {"size": 10}}
    return figure.update_layout(
        template=template(dark),
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
