"""The causal check of a head as dots on one axis, and all heads as a grid by the effect."""

import numpy as np
import plotly.graph_objects as go

from components.parts.numbers import signed
from components.plots import figures
from components.plots.theme import laid_out, palette
from components.properties import words
from compute.properties.every_head import Property
from compute.properties.numbers import Finding
from compute.properties.verdicts import VERDICTS


def check(found: Finding, dark: bool) -> go.Figure:
    """Draw the attention on matching keys: whole, without the property, without other directions.

    Parameters
    ----------
    found : Finding
        With an attention.
    """
    colours = palette(dark)
    names = words.without(found)
    values = (found.attention, found.removed, found.random_mean, found.principal)
    shades = (colours.ink, colours.query, colours.faint, colours.faint)
    most = max(*values, found.random_high)
    spread = go.Scatter(
        x=[found.random_low, found.random_high],
        y=[names[2]] * 2,
        mode="lines",
        line={"color": colours.faint, "width": 5},
        opacity=0.45,
        hovertemplate=f"{len(found.random)} draws: from {found.random_low:.3f} to "
        f"{found.random_high:.3f}<extra></extra>",
    )
    dots = go.Scatter(
        x=values,
        y=names,
        mode="markers+text",
        marker={"color": shades, "size": 12, "symbol": ["circle", "diamond", "circle", "square"]},
        text=[f"{value:.3f}" for value in values],
        textposition="top center",
        cliponaxis=False,
        hovertemplate="%{y}: %{x:.3f}<extra></extra>",
    )
    return laid_out(
        [spread, dots],
        dark,
        showlegend=False,
        margin={"l": 8, "r": 16, "t": 14, "b": 38},
        xaxis={
            "title": {"text": "attention on matching keys"},
            "range": [-0.02 * most, 1.08 * max(most, figures.LEAST_AXIS)],
            "fixedrange": True,
        },
        yaxis={
            **{"type": "category", "categoryorder": "array", "categoryarray": names},
            **{"range": [3.5, -0.6], "automargin": True, "fixedrange": True},
        },
        dragmode=False,
        shapes=[
            {
                **{"type": "line", "x0": found.attention, "x1": found.attention, "yref": "paper"},
                **{"y0": 0, "y1": 1, "line": {"color": colours.faint, "dash": "dot", "width": 1}},
            }
        ],
    )


def grid(found: Property, dark: bool) -> go.Figure:
    """Draw how much attention on matching keys each head loses without the property."""
    effect, shape = found.of("effect"), found.verdict.shape
    before, after = found.of("attention"), found.of("removed")
    details = np.full(shape, "not stored", object)
    titles = [verdict.title for verdict in VERDICTS.values()]
    for at in np.ndindex(shape):
        if found.verdict[at] >= 0:
            change = f"<br>attention {before[at]:.3f} → {after[at]:.3f}"
            details[at] = titles[found.verdict[at]] + (change if np.isfinite(effect[at]) else "")
    limit = max(0.05, float(np.nanmax(abs(effect), initial=0)))
    figure = figures.grid(effect, -limit, limit, dark)
    figure.data[0].customdata = np.dstack([details.astype(str), _losses(effect)])
    figure.data[
        0
    ].hovertemplate = "<b>%{text}</b>  %{customdata[1]}<br>%{customdata[0]}<extra></extra>"
    figure.update_layout(height=74 + max(40, min(26 * shape[0], 560)))
    return figure


def _losses(effect: np.ndarray) -> np.ndarray:
    return np.vectorize(
        lambda value: f"loses {signed(value, 3)}" if np.isfinite(value) else "", otypes=[str]
    )(effect)
