"""What a dossier shows of pictures: each with attention laid over, and patches as they look."""

import numpy as np

from compute.pictures.grid import Grid
from compute.runs import Run
from compute.take_away import charts
from compute.take_away.dossier import Passage
from compute.take_away.markup import Markup, tag

WIDTH = 280.0
TOLD = (
    "Where the head does most that position does not explain: the mean Jensen–Shannon divergence "
    "(0 to 1) of its attention from what its offsets and resting places over all pictures would "
    "give. To the left what patches get from all others on average, to the right where one patch "
    "looks, framed: that with the largest attention to another. The stronger the colour, the more "
    "attention, by the square root; the largest, whose number is said, has the full colour."
)


def patches(run: Run, keys: list[int]) -> list[tuple[int, str]]:
    """Return how the patches of some keys look, each with the address that holds the image."""
    from compute.pictures import encoding  # Pillow only when it is needed

    grid, own = run.grid, len(run.grid.before)
    boxes = grid.boxes(*run.pictures.shape[1:3])
    found = []
    for key in keys:
        number, place = divmod(key, grid.length)
        if place >= own:
            top, left, bottom, right = boxes[place - own]
            seen = np.asarray(run.pictures[number][top:bottom, left:right])
            found.append((key, encoding.url(encoding.png(seen))))
    return found


def passage(shown: Passage, grid: Grid) -> Markup:
    """Return a picture twice: with what all its patches look at, and with what one does."""
    beyond = "not measured" if np.isnan(shown.beyond) else f"{shown.beyond:.3f}"
    own = len(grid.before)
    among = shown.attention[own:, own:]
    others = np.where(np.eye(len(among), dtype=bool), 0, among)
    query, key = np.unravel_index(others.argmax(), others.shape)
    mean = others.sum(0) / max(len(others) - 1, 1)
    told = (
        f"Picture {shown.number + 1}, “{shown.label}”; beyond position: {beyond}. Left: at most "
        f"{mean.max():.3f}, {_named(grid, int(mean.argmax()))}. Right: {_named(grid, int(query))} "
        f"looks at {_named(grid, int(key))} with {others[query, key]:.3f}."
    )
    if own:
        rest = shown.attention[own + query, :own].sum()
        told += f" Its attention to {', '.join(grid.before)}, {rest:.3f}, is not drawn."
    parts = [_laid(shown, grid, mean, None), " ", _laid(shown, grid, among[query], int(query))]
    return tag("figure", *parts, tag("figcaption", told), class_="pair")


def _laid(shown: Passage, grid: Grid, weights: np.ndarray, marked: int | None) -> Markup:
    from compute.pictures import encoding

    laid = encoding.url(encoding.laid_over(weights.reshape(grid.rows, grid.columns)))
    height, width = shown.picture.shape[:2]
    scale, frame = WIDTH / width, None
    if marked is not None:
        top, left, bottom, right = (grid.boxes(height, width)[marked] * scale).tolist()
        frame = left, top, right - left, bottom - top
    picture = encoding.url(encoding.png(shown.picture))
    return charts.laid_over(picture, laid, (WIDTH, height * scale), frame)


def _named(grid: Grid, patch: int) -> str:
    row, column = divmod(patch, grid.columns)
    return f"row {row + 1}, column {column + 1}"
