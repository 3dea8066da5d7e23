"""Bars of the parts of a contrast, and grids of what earlier heads changed."""

import numpy as np
import plotly.graph_objects as go

from components.plots import figures
from components.plots.theme import laid_out, palette
from components.why.words import signed
from compute.why.results import Explained, over_passages

SIDES = ("query", "key")
_PARTS = ("token embeddings", "position embeddings", "earlier heads", "MLPs", "the same always")


def bars(found: Explained, dark: bool) -> go.Figure:
    """Draw both splits: one bar per part and side, with the whole contrast as a line."""
    values = [_parts(found, side) for side in range(len(SIDES))]
    names = [*_PARTS, *([] if found.complete else ["not attributed"])]
    colours = palette(dark)
    traces = [
        go.Bar(
            name=f"{side} side",
            y=names,
            x=values[at][: len(names)],
            orientation="h",
            marker={"color": getattr(colours, side)},
            text=[signed(value) for value in values[at][: len(names)]],
            textposition="outside",
            cliponaxis=False,
            hovertemplate=f"%{{y}}, {side} side: %{{x:.3f}} logits<extra></extra>",
        )
        for at, side in enumerate(SIDES)
    ]
    contrast = float(found.contrast.mean())
    return laid_out(
        traces,
        dark,
        barmode="group",
        bargap=0.35,
        margin={"l": 8, "r": 12, "t": 30, "b": 34},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        xaxis={"title": {"text": "logits of the contrast"}, "zeroline": True, "fixedrange": True},
        yaxis={
            **{"autorange": "reversed", "automargin": True, "fixedrange": True},
            **{"ticklabelstandoff": 14},  # small bars below zero have their numbers there
        },
        dragmode=False,
        shapes=[
            {
                **{"type": "line", "x0": contrast, "x1": contrast, "yref": "paper"},
                **{"y0": 0, "y1": 1, "line": {"color": colours.faint, "dash": "dot", "width": 1}},
            }
        ],
        annotations=[
            {
                **{"x": contrast, "y": 1, "yref": "paper", "yanchor": "bottom"},
                **{"text": f"whole: {signed(contrast)}", "showarrow": False},
                "font": {"color": colours.faint, "size": 11},
            }
        ],
    )


def _parts(found: Explained, side: int) -> list[float]:
    parts = (found.token, found.position, found.heads, found.mlps, found.rest, found.gap)
    return [float(part[side].reshape(len(found.passages), -1).sum(1).mean()) for part in parts]


def effects(found: Explained, side: int, dark: bool) -> go.Figure:
    """Draw what each measured head changed on one side; the others are empty."""
    layers, heads = found.heads.shape[2:]
    values, details = np.full((layers, heads), np.nan), np.full((layers, heads), "", object)
    direct = found.heads[side].mean(0)
    if len(found.measured):
        of = over_passages(found.effects)
        changes = over_passages(found.changes).mean
        for n, at in enumerate(map(tuple, found.measured)):
            values[at] = of.mean[n, side]
            known = np.isfinite(of.low[n, side])
            interval = f"95 % interval {of.low[n, side]:z.3f} … {of.high[n, side]:z.3f}<br>"
            details[at] = (interval if known else "") + (
                f"attention {changes[n, side]:+.3f}<br>directly written {direct[at]:+.3f}"
            )
    for at in np.ndindex(layers, heads):
        if np.isnan(values[at]):
            details[at] = f"not taken out<br>directly written {direct[at]:+.3f}"
    limit = max(0.05, float(np.nanmax(abs(values), initial=0)))
    figure = figures.grid(values, -limit, limit, dark)
    text = np.char.replace(details.astype(str), "-", "−")
    figure.data[0].customdata = text[..., None]
    figure.update_layout(height=74 + max(40, min(26 * layers, 420)))
    return figure
