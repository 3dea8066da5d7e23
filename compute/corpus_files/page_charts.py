"""Histograms on a head's page, as pictures in SVG whose colours the style sheet says."""

import numpy as np

from compute.corpus.views import HeadView
from compute.corpus_files import columns
from compute.take_away.markup import Markup, join, tag

WIDTH, HEIGHT, BOTTOM, TOP = 420, 136, 20, 16
_CHARTS = (
    ("largest", "Tokens by the most that they give to one ordinary token", ""),
    ("entropy", "Tokens by the entropy of their attention", "nats"),
    ("distance", "Attention by the distance of the key", "tokens"),
    ("position", "Attention by the position of the key in its passage", "tokens"),
    ("loss", "Mean loss of the next token, in nats, by the largest attention", ""),
)


def histograms(view: HeadView) -> Markup:
    """Return the histograms of a head that hold anything."""
    parts = []
    edges = columns.edges()
    for name, title, unit in _CHARTS:
        values = np.asarray(getattr(view, name), np.float64)
        if np.nansum(values) > 0:
            parts.append(_figure(title, values, edges[name], unit, name == "loss"))
    return tag("div", *parts, class_="side") if parts else tag("p", "There is nothing to show.")


def _figure(title: str, values: np.ndarray, edges: np.ndarray, unit: str, mean: bool) -> Markup:
    """Return bars: shares of all, or means, which say their bin and number when pointed at."""
    shown = values if mean else values / np.nansum(values)
    last = int(np.flatnonzero(np.nan_to_num(values))[-1]) + 1
    most = float(np.nanmax(shown))
    step = WIDTH / last
    tall = HEIGHT - BOTTOM - TOP
    parts = [tag("title", title)]
    for at in range(last):
        value = 0.0 if np.isnan(shown[at]) else float(shown[at])
        high = tall * value / most
        number = f"{value:.3f}" if mean else f"{value:.1%}"
        said = f"{_bin(edges[at], edges[at + 1], unit)}: {number}"
        box = {
            "x": at * step + 1,
            "y": TOP + tall - high,
            "width": max(step - 2, 1),
            "height": high,
        }
        parts.append(tag("rect", tag("title", said), class_="bar", **box))
        if at % (1 + last // 8) == 0:
            place = {"x": at * step + 1, "y": HEIGHT - BOTTOM + 14}
            parts.append(tag("text", f"{edges[at]:g}", class_="tick", **place))
    parts.append(
        tag("text", f"{most:.3f}" if mean else f"{most:.0%}", class_="tick", x=0, y=TOP - 4)
    )
    line = tag("line", x1=0, x2=WIDTH, y1=TOP + tall, y2=TOP + tall, class_="axis")
    box = f"0 0 {WIDTH} {HEIGHT}"
    picture = tag("svg", *parts, line, viewBox=box, width=WIDTH, height=HEIGHT, role="img")
    return tag("figure", tag("figcaption", join([title, f", {unit}" if unit else ""])), picture)


def _bin(low: float, high: float, unit: str) -> str:
    if unit == "tokens":
        whole = int(low)
        if np.isnan(high):
            return f"{whole:,} tokens and more"
        return f"{whole:,}" if high == low + 1 else f"{whole:,} to {int(high) - 1:,}"
    return f"{low:.2f} to {high:.2f} {unit}".rstrip()
