"""What a map of pictures can be coloured by: where a point's patch is, and how it looks."""

import numpy as np

from compute.maps.points import CATEGORIES, COLOURINGS, Colouring, Values
from compute.pictures.grid import Grid
from compute.runs import Run

OWN = 128
"""The grey of a model's own tokens, which are no patch."""


def row(run: Run, layer: int, head: int) -> Values:
    """Colour by the row of the patch, from the top; a model's own tokens have none."""
    return _along(run, run.grid.row, run.grid.rows, "row")


def column(run: Run, layer: int, head: int) -> Values:
    """Colour by the column of the patch, from the left; a model's own tokens have none."""
    return _along(run, run.grid.column, run.grid.columns, "column")


def _along(run: Run, place: np.ndarray, count: int, name: str) -> Values:
    share = np.where(place < 0, np.nan, place / max(count - 1, 1)).astype(np.float32)
    share = np.tile(share, len(run.tokens) // run.grid.length)
    own = "" if not run.grid.before else f" (grey: {', '.join(run.grid.before[:2])} …)"
    own = own if len(run.grid.before) > 2 else own.replace(" …", "")
    return Values(share, share, "scale", f"{name} 1 … {name} {count}{own}")


def mean_colour(run: Run, layer: int, head: int) -> Values:
    """Give each patch the mean of its pixels; a model's own tokens are grey."""
    pixels = mean_colours(run.pictures, run.grid).reshape(-1, 3)
    return Values(pixels, pixels, "colour", "each patch has the mean colour of its pixels")


def picture(run: Run, layer: int, head: int) -> Values:
    """Colour by picture; ten colours in all."""
    numbers = (run.tokens.passage % CATEGORIES).astype(np.float32)
    return Values(numbers, numbers, "category", "equal pictures have equal colours (ten in all)")


def mean_colours(pictures: np.ndarray, grid: Grid) -> np.ndarray:
    """Return the mean colour of each token's patch, uint8 (pictures, tokens, 3).

    Parameters
    ----------
    pictures : uint8 (pictures, height, width, 3)
    """
    tall, wide = pictures.shape[1] // grid.rows, pictures.shape[2] // grid.columns
    found = np.full((len(pictures), grid.length, 3), OWN, np.uint8)
    for number in range(len(pictures)):
        cut = np.asarray(pictures[number])[: grid.rows * tall, : grid.columns * wide]
        patches = cut.reshape(grid.rows, tall, grid.columns, wide, 3)
        means = patches.mean((1, 3)).round().astype(np.uint8)
        found[number, len(grid.before) :] = means.reshape(-1, 3)
    return found


OF_PICTURES: dict[str, Colouring] = {
    "role": COLOURINGS["role"],
    "row": Colouring("Row", row),
    "column": Colouring("Column", column),
    "mean": Colouring("Mean colour", mean_colour),
    "picture": Colouring("Picture", picture),
    "norm": COLOURINGS["norm"],
}
EVERY = COLOURINGS | OF_PICTURES
"""Those of texts, and those of pictures."""


def colouring(name: str, run: Run) -> Colouring:
    """Return what a run is coloured by: by role, where it has no such colours."""
    known = COLOURINGS if run.grid is None else OF_PICTURES
    return known.get(name, known["role"])
