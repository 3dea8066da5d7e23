"""Maps of very many points: density in their colours, instead of dots over each other."""

import base64
import struct
import zlib

import numpy as np
import plotly.graph_objects as go
from plotly.colors import hex_to_rgb

from components.joint_map.figures import PLANE
from components.plots.theme import CATEGORIES, laid_out, palette
from compute.maps.points import Values
from compute.maps.raster import Raster

FAINTEST = 0.35
"""How opaque a cell with one point is; that with most points is not transparent at all."""


def density_map(
    q: np.ndarray,
    k: np.ndarray,
    values: Values,
    grid: Raster,
    dark: bool,
    view: str,
    trust: tuple[np.ndarray, np.ndarray] | None = None,
) -> go.Figure:
    """Draw a flat map as density.

    The colour of a cell is the mean of its points' colours, of categories that of most of them; so
    neither queries nor keys cover the others. Traces 0 and 1 hold the points, undrawn: the page
    finds the nearest one to the mouse, and marks what is selected.

    Parameters
    ----------
    q, k : float (n, 2), (s, 2)
        NaN where a point is not drawn.
    values : Values
        What to colour by.
    grid : Raster
        Of queries and keys, in this order.
    dark : bool
    view : str
        Zoom and pan are kept as long as this stays the same.
    trust : two of float (n,), (s,), optional
        Of queries and keys, 0 to 1: a point counts for so much.
    """
    figure = go.Figure()
    for role, places in (("query", q), ("key", k)):
        x, y = places.astype(np.float32).T
        figure.add_scatter(x=x, y=y, name=role, mode="markers", visible="legendonly")
    ends = [grid.left, grid.left + grid.size * grid.shape[1]]
    heights = [grid.top - grid.size * grid.shape[0], grid.top]
    figure.add_scatter(  # by this Plotly knows how far the map goes
        x=ends, y=heights, mode="markers", marker={"opacity": 0}, hoverinfo="skip", name="extent"
    )
    figure.add_layout_image(
        source=_png(_pixels(values, grid, dark, trust)),
        xref="x",
        yref="y",
        x=ends[0],
        y=heights[1],
        sizex=ends[1] - ends[0],
        sizey=heights[1] - heights[0],
        sizing="stretch",
        layer="below",
    )
    return laid_out(
        figure.data,
        dark,
        images=figure.layout.images,
        **PLANE,
        showlegend=False,
        uirevision=view,
        clickanywhere=True,  # the page looks which point is the nearest
        hoveranywhere=True,
    )


def _pixels(values: Values, grid: Raster, dark: bool, trust) -> np.ndarray:
    """Return the colours of all cells, and how opaque they are: uint8 (rows, columns, 4)."""
    if values.kind == "category":
        kinds = np.concatenate([values.q, values.k]).astype(int)
        colours = _rgb(CATEGORIES)[grid.commonest(kinds, len(CATEGORIES))]
    else:
        colours = grid.means(np.concatenate([_points(values, role, dark) for role in "qk"]))
    counts = grid.sums(None if trust is None else np.nan_to_num(np.concatenate(trust), nan=1.0))
    full = np.log1p(counts) / np.log1p(max(float(counts.max(initial=0)), 1e-9))
    opaque = np.where(counts > 0, FAINTEST + (1 - FAINTEST) * full, 0)
    return np.concatenate([colours, 255 * opaque[..., None]], -1).round().astype("u1")


def _points(values: Values, role: str, dark: bool) -> np.ndarray:
    """Return the colour of each query or key, float (n, 3)."""
    colours, numbers = palette(dark), values.q if role == "q" else values.k
    if values.kind == "role":
        return np.tile(_rgb([colours.query if role == "q" else colours.key]), (len(numbers), 1))
    if values.kind == "colour":
        return numbers.astype(float)
    shades = _rgb(colours.queries if role == "q" else colours.keys)
    steps = np.linspace(0, 1, len(shades))
    found = np.stack([np.interp(numbers, steps, column) for column in shades.T], -1)
    return np.where(np.isnan(numbers)[:, None], _rgb([colours.faint]), found)


def _rgb(colours: list[str]) -> np.ndarray:
    return np.array([hex_to_rgb(colour) for colour in colours], float)


def _png(pixels: np.ndarray) -> str:
    """Return pixels, uint8 (rows, columns, 4), as the address of a PNG that holds them."""
    rows, columns, _ = pixels.shape
    lines = np.zeros((rows, 1 + 4 * columns), np.uint8)  # each begins with 0: it is as it is
    lines[:, 1:] = pixels.reshape(rows, -1)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 6, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines.tobytes(), 3)),
        (b"IEND", b""),
    )
    file = b"\x89PNG\r\n\x1a\n"
    for name, content in parts:
        sum_ = zlib.crc32(name + content)
        file += struct.pack(">I", len(content)) + name + content + struct.pack(">I", sum_)
    return f"data:image/png;base64,{base64.b64encode(file).decode()}"
