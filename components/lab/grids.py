"""Small grids of all heads with a title, as the lab lays them side by side."""

import numpy as np
import plotly.graph_objects as go
from dash import html

from components.lab import figures, measurement
from components.parts.controls import drawn


def grid(
    figure: go.Figure, title: str, facts: str, id: str, readout: str = "", note: str = ""
) -> html.Figure:
    """Return a grid under its title; a click in it chooses the read-out that it is of."""
    parts = [
        html.Div([html.H3(title), html.Span(facts, className="facts")]),
        drawn(figure, id),
        *([html.Figcaption(note, className="note")] if note else []),
    ]
    return html.Figure(parts, className="lab-grid", **{"data-readout": readout or None})


def of_readout(scores: measurement.Scores, name: str, dark: bool) -> go.Figure:
    """Return the figure of a read-out; heads that don't differ from the null are dimmed."""
    score, null = scores.of(name)
    return figures.heads(score.mean, dark, measurement.hover(score, null), null.differs == 0)


def best(values: np.ndarray) -> str:
    """Say which head has the largest value (layers, heads)."""
    at = measurement.strongest(values)
    return f"{values[at]:.3f} at L{at[0]}H{at[1]}"
