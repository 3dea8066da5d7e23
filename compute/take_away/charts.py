"""Small pictures in SVG for a page that is read offline and printed: no library, no script."""

from collections.abc import Sequence

import numpy as np

from compute.scores.intervals import Estimate
from compute.take_away.markup import Markup, tag

QUERY, KEY = "#2563c9", "#d9650b"
INK, FAINT, LINE = "#1f2933", "#5b6875", "#e3e8ee"
ATTENTION = ("#f3f6f8", "#bfe0dc", "#5fb4ad", "#16797a", "#063a42")
LEAST = 0.005
"""Weaker attention is drawn as none."""
SMALL = 18
"""Side of a patch that is drawn in a map."""


def scatter(
    queries: np.ndarray,
    keys: np.ndarray,
    names: list[tuple[int, str]],
    size: int = 640,
    *,
    images: bool = False,
) -> Markup:
    """Return a map: queries and keys as dots of their colours, some keys with their token.

    Parameters
    ----------
    queries, keys : float (n, 2)
    names : list of (key, text)
        Keys to label, the most important first; a label that would cover another is left out.
    images : bool
        Whether each text is the address of an image, to be drawn in the key's place.
    """
    both = np.concatenate([queries, keys])
    low, high = np.percentile(both, (0.5, 99.5), axis=0)
    side = max(float((high - low).max()) * 1.08, 1e-9)
    middle = (low + high) / 2

    def at(points: np.ndarray) -> np.ndarray:
        places = (points - middle) / side * np.array([1, -1]) + 0.5
        return np.clip(places, 0.005, 0.995) * size

    dots = [
        tag("path", d=_dots(at(points)), stroke=colour, class_="dots", data_points=len(points))
        for points, colour in ((keys, KEY), (queries, QUERY))
    ]
    named = (_images if images else _labels)(at(keys), names, size)
    return _svg("Map of queries and keys", size, size, *dots, *named)


def spectrum(offsets: np.ndarray, score: Estimate, width: int = 640, height: int = 220) -> Markup:
    """Return bars of mean attention by offset, with their intervals."""
    left, bottom, top = 44, 34, 10
    step = (width - left) / len(offsets)
    most = float(np.nanmax(np.concatenate([score.mean, score.high, [0.01]])))
    tall = height - bottom - top

    def y(value: float) -> float:
        return top + tall * (1 - value / most)

    parts = [_line(left, y(0), width, y(0), LINE), _line(left, y(most), width, y(most), LINE)]
    for value in (0.0, most):
        parts.append(_text(left - 6, y(value) + 4, f"{value:.2g}", "end"))
    for i, (offset, mean, low, high) in enumerate(zip(offsets, *score, strict=True)):
        middle = left + (i + 0.5) * step
        parts.append(_text(middle, height - bottom + 16, f"{int(offset):+d}" if offset else "0"))
        if np.isnan(mean):
            continue
        title = f"offset {int(offset):+d}: {mean:.3f}{_interval(low, high)}"
        bar = {"x": middle - step * 0.32, "width": step * 0.64, "fill": "#16797a"}
        height_ = y(0) - y(float(mean))
        parts.append(tag("rect", tag("title", title), y=y(float(mean)), height=height_, **bar))
        if np.isfinite(low):
            parts.append(_line(middle, y(float(low)), middle, y(float(high)), INK))
    parts.append(_text(left + (width - left) / 2, height - 2, "offset of the key"))
    return _svg("Mean attention by offset", width, height, *parts)


def heatmap(
    rows: Sequence[str], columns: Sequence[str], weights: np.ndarray, cell: int = 15
) -> Markup:
    """Return attention as squares: rows are queries, columns keys; each says its number."""
    margin = 10 + min(110, 7 * max(len(t) for t in (*rows, *columns)))
    width, height = cell * len(columns), cell * len(rows)
    parts = [tag("rect", x=margin, y=margin, width=width, height=height, fill=ATTENTION[0])]
    for i, token in enumerate(rows):
        place = margin + (i + 0.7) * cell
        parts.append(_text(margin - 5, place, _short(token), "end", QUERY))
    for j, token in enumerate(columns):
        place = margin + (j + 0.7) * cell
        turn = f"rotate(-90 {place} {margin - 5})"
        parts.append(_text(place, margin - 5, _short(token), "start", KEY, transform=turn))
    for i, j in np.argwhere(weights >= LEAST):
        title = f"{rows[i]} → {columns[j]}: {weights[i, j]:.3f}"
        box = {"x": margin + int(j) * cell, "y": margin + int(i) * cell}
        colour = shade(float(weights[i, j]))
        parts.append(tag("rect", tag("title", title), width=cell, height=cell, fill=colour, **box))
    return _svg("Attention of a passage", margin + width + 2, margin + height + 2, *parts)


def key_of_shades(width: int = 240) -> Markup:
    """Return the scale of attention that heatmaps are drawn in."""
    steps = 60
    parts = [
        tag("rect", x=i * width / steps, y=0, width=width / steps + 0.5, height=10, fill=shade(v))
        for i, v in enumerate(np.linspace(0, 1, steps).tolist())
    ]
    parts += [_text(0, 24, "0", "start"), _text(width, 24, "1", "end")]
    return _svg("Scale of attention", width, 28, *parts, _text(width / 2, 24, "attention"))


def shade(value: float) -> str:
    """Return the colour of an attention weight, 0 to 1."""
    place = min(max(value, 0.0), 1.0) * (len(ATTENTION) - 1)
    low = min(int(place), len(ATTENTION) - 2)
    pair = [[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in ATTENTION[low : low + 2]]
    mixed = (round(a + (b - a) * (place - low)) for a, b in zip(*pair, strict=True))
    return "#" + "".join(f"{c:02x}" for c in mixed)


def _svg(title: str, width: int, height: int, *parts: Markup) -> Markup:
    box = f"0 0 {width} {height}"
    return tag(
        "svg", tag("title", title), *parts, viewBox=box, width=width, height=height, role="img"
    )


def _dots(places: np.ndarray) -> str:
    """Return a path of zero-length strokes: round ends make them dots, in few bytes."""
    return "".join(f"M{x:.1f} {y:.1f}h0" for x, y in places.tolist())


def _labels(places: np.ndarray, names: list[tuple[int, str]], size: int) -> list[Markup]:
    drawn: list[tuple[float, float, float, float]] = []
    parts = []
    for key, name in names:
        x, y = (float(v) for v in places[key])
        text = _short(name)
        box = (x, y - 12, min(x + 4 + 7 * len(text), size), y + 2)
        if any(box[0] < d[2] and d[0] < box[2] and box[1] < d[3] and d[1] < box[3] for d in drawn):
            continue
        drawn.append(box)
        anchor = "start" if x < size * 0.85 else "end"
        parts.append(_text(x + 3, y - 3, text, anchor, INK, class_="name"))
    return parts


def _images(places: np.ndarray, images: list[tuple[int, str]], size: int) -> list[Markup]:
    drawn: list[np.ndarray] = []
    parts = []
    for key, url in images:
        corner = np.clip(places[key] - SMALL / 2, 1, size - SMALL - 1)
        if any(np.abs(corner - other).max() < SMALL + 3 for other in drawn):
            continue
        drawn.append(corner)
        box = {"x": float(corner[0]), "y": float(corner[1]), "width": SMALL, "height": SMALL}
        parts += [image(url, **box), tag("rect", **box, fill="none", stroke=KEY, stroke_width=2)]
    return parts


def laid_over(
    picture: str, attention: str, size: tuple[float, float], marked: tuple[float, ...] | None
) -> Markup:
    """Return a picture with an image of attention laid over, and perhaps a patch framed.

    Parameters
    ----------
    picture, attention : str
        Addresses that hold the images; the second has one pixel a patch.
    size : tuple of float
        Width and height of what is drawn.
    marked : tuple of float, optional
        Left, top, width and height of the patch.
    """
    box = {"x": 0, "y": 0, "width": size[0], "height": size[1]}
    parts = [image(picture, **box), image(attention, **box, style="image-rendering: pixelated")]
    if marked is not None:
        frame = dict(zip(("x", "y", "width", "height"), marked, strict=True))
        parts.append(tag("rect", **frame, fill="none", stroke=QUERY, stroke_width=2))
    return _svg("Attention over a picture", *size, *parts)


def image(url: str, **box: object) -> Markup:
    """Return an image that is all in its address."""
    return tag("image", href=url, preserveAspectRatio="none", **box)


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> Markup:
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=colour)


def _text(
    x: float, y: float, content: str, anchor: str = "middle", colour: str = FAINT, **more: str
) -> Markup:
    return tag("text", content, x=float(x), y=float(y), text_anchor=anchor, fill=colour, **more)


def _short(token: str) -> str:
    return token if len(token) <= 14 else token[:13] + "…"


def _interval(low: float, high: float) -> str:
    return f" ({low:.3f} to {high:.3f})" if np.isfinite(low) else ""
