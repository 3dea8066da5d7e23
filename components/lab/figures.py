"""Figures of the induction lab, from arrays. Knows no ids, no files and no callbacks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from components.plots import figures, heatmaps
from components.plots.theme import CATEGORIES, inert, laid_out, palette
from compute.scores.intervals import Estimate
from compute.trials.designs import OFFSETS

OUTSIDE = 0.62  # of a cell, from its middle to its frame: the frame hides nothing of the cell


def heads(
    means: np.ndarray, dark: bool, details: np.ndarray, dimmed: np.ndarray | None = None
) -> go.Figure:
    """Draw a read-out of all heads on the scale 0 to 1.

    Parameters
    ----------
    means : float (layers, heads)
    details : array of str (layers, heads)
        What the hover adds under the number.
    dimmed : bool (layers, heads), optional
        Heads that do not differ from the null: a veil lies over them.
    """
    figure = figures.grid(means, 0, 1, dark, details).update_traces(showscale=False)
    return _small(figure, dimmed, dark, len(means), 4)


def change(
    means: np.ndarray, limit: float, dark: bool, details: np.ndarray, dimmed: np.ndarray
) -> go.Figure:
    """Draw how much every head's score changed; zero is the middle of the scale.

    Parameters
    ----------
    means : float (layers, heads)
        NaN for heads that were switched off.
    limit : float
        Both ends of the scale.
    details, dimmed
        See `heads`; here dimmed are changes whose interval holds zero.
    """
    figure = figures.grid(means, -limit, limit, dark).update_traces(customdata=details[..., None])
    return _small(figure, dimmed, dark, len(means), 26)


def _small(
    figure: go.Figure, dimmed: np.ndarray | None, dark: bool, layers: int, foot: int
) -> go.Figure:
    """Lay a veil over what is dimmed, and fit the height to the layers."""
    if dimmed is not None and dimmed.any():
        colour = palette(dark).missing
        figure.add_heatmap(
            z=np.where(dimmed, 1.0, np.nan).astype(np.float32),
            colorscale=[[0, colour], [1, colour]],
            opacity=0.7,
            showscale=False,
            hoverinfo="skip",
            xgap=1,
            ygap=1,
        )
    height = int(np.clip(26 + 20 * layers, 92, 330)) + foot
    return figure.update_layout(height=height, margin={"l": 26, "r": 4, "t": 18, "b": foot})


def spectrum(spectra: Mapping[str, Estimate], at: tuple[int, int], dark: bool) -> go.Figure:
    """Draw the attention of a head at the offsets from the token's other instances.

    The axis ends at the most that any head has, so that heads can be compared.

    Parameters
    ----------
    spectra : mapping of str to Estimate of float (11, layers, heads)
        ``earlier``, and ``later`` where the design has it.
    at : (layer, head)
    """
    sides = {
        f"{side} instance": Estimate(*(part[:, *at] for part in values))
        for side, values in spectra.items()
    }
    most = max(float(np.nanmax(values.high, initial=0)) for values in spectra.values())
    title = "offset from the other instance"
    figure = figures.spectrum(OFFSETS, sides, dark, title, most)
    return figure.update_layout(margin_l=40)


def matrix(
    weights: np.ndarray, tokens: Sequence[str], cells: np.ndarray | None, dark: bool
) -> go.Figure:
    """Draw the attention of one head in one trial, with what a read-out reads framed.

    Parameters
    ----------
    weights : float (N, N)
    tokens : sequence of str
    cells : int (c, 2), or None
        Pairs (query, key); None frames nothing.
    """
    figure = heatmaps.plain(np.asarray(weights, np.float32), list(tokens), dark)
    if cells is None:
        return figure
    corners = np.array([(-1, -1), (-1, 1), (1, 1), (1, -1), (-1, -1), (np.nan, np.nan)])
    # A single cell of a long trial is smaller than a frame's line: that is to be seen from afar.
    corners *= OUTSIDE if len(cells) != 1 else max(OUTSIDE, 0.016 * len(tokens))
    places = (cells[:, None, :] + corners).reshape(-1, 2)
    figure.add_scatter(
        x=places[:, 1],
        y=places[:, 0],
        mode="lines",
        hoverinfo="skip",
        name="read here",
        line={"width": 1.8 if len(cells) == 1 else 1, "color": palette(dark).key},
    )
    return figure.update_layout(showlegend=False)


@dataclass(frozen=True)
class Curve:
    """A line, each point with its 95 % interval."""

    name: str
    x: np.ndarray
    line: Estimate


def curves(lines: Sequence[Curve], dark: bool, x_title: str, y_title: str) -> go.Figure:
    """Draw lines with their 95 % intervals, one colour each."""
    figure = go.Figure()
    for i, curve in enumerate(lines):
        colour = CATEGORIES[i % len(CATEGORIES)]
        figure.add_scatter(
            x=curve.x,
            y=curve.line.mean,
            name=inert(curve.name),
            mode="lines+markers",
            line={"color": colour, "width": 2},
            error_y=figures.whiskers(curve.line),
            customdata=figures.intervals(curve.line)[:, None],
            hovertemplate=f"{inert(curve.name)}<br>%{{x}}: <b>%{{y:.3f}}</b><br>%{{customdata[0]}}"
            "<extra></extra>",
        )
    return laid_out(
        figure.data,
        dark,
        margin={"l": 48, "r": 12, "t": 30, "b": 44},
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
        xaxis={"title": {"text": x_title}, "fixedrange": True},
        yaxis={"title": {"text": y_title}, "fixedrange": True, "rangemode": "tozero"},
    )
