"""What is said of a map: how it is drawn, under it, and what its colours mean, over it."""

from dash import html

from components.plots.theme import CATEGORIES, palette
from components.shown.records import Looks
from compute.maps.points import Values

DOTS = 60_000
"""So many points are drawn as dots; with more they cover each other, and drawing takes seconds."""

SHAPES = 20_000
"""The same without WebGL: each point is a part of the page then."""


def shaded(count: int, looks: Looks, dims: int) -> bool:
    """Tell whether so many points are drawn as density."""
    return dims == 2 and not looks.dots and count > (SHAPES if looks.shapes else DOTS)


def how(note: str, count: int, looks: Looks, dims: int) -> str | list:
    """Return a map's note with how it is drawn, where that is not as usual.

    Parameters
    ----------
    note : str
        What is said of its layout.
    count : int
        Points.
    looks : Looks
    dims : int
    """
    if dims == 3:
        return note
    few, parts = SHAPES if looks.shapes else DOTS, [note]
    if looks.shapes:
        parts.append("Drawn without WebGL, which this browser lacks.")
    if shaded(count, looks, dims):
        parts.append(
            f"{count:,} points are drawn as density, in their mean colour; the mouse finds the "
            "nearest."
        )
        parts.append(_press("Draw every point"))
    elif count > few and looks.dots:
        parts.append(
            f"{count:,} points are slow to draw" + (" without it." if looks.shapes else ".")
        )
        parts.append(_press("Draw density"))
    said = [part for part in parts if part]
    return " ".join(said) if all(isinstance(part, str) for part in said) else _spaced(said)


def sides(square: bool) -> str:
    """Say whose queries and keys a map shows, where these are of different tokens."""
    if square:
        return ""
    return (
        "Cross-attention: queries are tokens that the decoder reads, keys those of the encoder. "
        "A query looks at the keys of its own passage."
    )


def laid(residual: float, apart: bool, anyway: bool) -> str:
    """Say how B's map lies over that of A.

    Parameters
    ----------
    residual : float
    apart : bool
        Whether the maps have next to nothing in common.
    anyway : bool
        Whether it is laid over A all the same.
    """
    if not apart:
        return f"Laid over A, residual {residual:.2f}."
    why = (
        "its shape has next to nothing in common with A's "
        f"(residual {residual:.2f}; 0 is the same picture, 1 nothing in common)."
    )
    return f"Laid over A, though {why}" if anyway else f"Drawn on its own: {why}"


def legend(values: Values, dark: bool) -> list:
    """Say what the colours mean; between the ends of a scale stand the colours themselves."""
    if values.kind == "category" and values.names:
        return [f" · {values.legend}: ", *map(_category, CATEGORIES, values.names)]
    low, between, high = values.legend.partition(" … ")
    if values.kind != "scale" or not between:
        return [f" · {values.legend}"] if values.legend else []
    bars = []
    for shades in (palette(dark).queries, palette(dark).keys):
        blend = f"linear-gradient(90deg, {', '.join(shades)})"
        bars.append(html.Span(className="shades", style={"background": blend}))
    return [f" · {low} ", *bars, f" {high}"]


def _category(colour: str, name: str) -> html.Span:
    chip = html.Span(className="chip", style={"background": colour})
    return html.Span([chip, name], className="category")


def _press(text: str) -> html.Button:
    """Return a button that presses the switch between dots and density."""
    return html.Button(text, className="link", **{"data-press": "all-dots"})


def _spaced(parts: list) -> list:
    return [each for part in parts for each in (part, " ")][:-1]
