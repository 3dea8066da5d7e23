"""Draws boards: six shapes in six colours on light paper, each in its cell."""

import numpy as np

GRID = 8  # cells a side
CELL = 8  # pixels a side
SIDE = GRID * CELL
SHAPES = ("disc", "square", "triangle", "cross", "ring", "diamond")
COLOURS = {
    "red": (0.80, 0.15, 0.15),
    "orange": (0.95, 0.60, 0.10),
    "green": (0.15, 0.60, 0.25),
    "blue": (0.15, 0.35, 0.80),
    "purple": (0.55, 0.20, 0.65),
    "black": (0.10, 0.10, 0.10),
}
PAPER = (0.88, 1.0)  # darkest and lightest
GRAIN = 0.02  # standard deviation of the paper's and the ink's noise
_FINE = 8  # points a pixel's side that are looked at to smooth an edge


def draw(kinds: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return pictures of boards.

    Each object is moved by at most one pixel, so that two of a kind need not be equal to the pixel.

    Parameters
    ----------
    kinds : int64 (n, 64)
        As in `scenes.Scenes`.

    Returns
    -------
    float32 (n, 64, 64, 3)
        Red, green, blue between 0 and 1, rows from the top.
    """
    count = len(kinds)
    masks, inks = _MASKS, np.array(list(COLOURS.values()))
    cells = rng.uniform(*PAPER, (count, 1, 1, 1, 1)) * np.ones((count, GRID * GRID, CELL, CELL, 3))
    board, cell = np.nonzero(kinds >= 0)
    shape, colour = np.divmod(kinds[board, cell], len(COLOURS))
    down, right = rng.integers(0, 2, (2, len(board)))
    mask = masks[shape, down, right][..., None]
    cells[board, cell] = cells[board, cell] * (1 - mask) + inks[colour][:, None, None] * mask
    pictures = cells.reshape(count, GRID, GRID, CELL, CELL, 3).transpose(0, 1, 3, 2, 4, 5)
    pictures = pictures.reshape(count, SIDE, SIDE, 3)
    pictures = pictures + GRAIN * rng.standard_normal(pictures.shape)
    return pictures.clip(0, 1).astype(np.float32)


def as_bytes(pictures: np.ndarray) -> np.ndarray:
    """Return pictures as a file holds them: uint8, 0 to 255."""
    return np.rint(pictures * 255).astype(np.uint8)


def _inside(shape: str, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Tell which points belong to a shape; x to the right, y down, the shape within ±1."""
    radius = np.hypot(x, y)
    return {
        "disc": radius <= 0.95,
        "square": np.maximum(abs(x), abs(y)) <= 0.85,
        "triangle": (y <= 0.85) & (2 * abs(x) <= y + 1),
        "cross": (np.minimum(abs(x), abs(y)) <= 0.3) & (np.maximum(abs(x), abs(y)) <= 1),
        "ring": (radius <= 1) & (radius >= 0.55),
        "diamond": abs(x) + abs(y) <= 1,
    }[shape]


def _make_masks() -> np.ndarray:
    """Return which share of a pixel a shape covers, (shapes, moved down, moved right, 8, 8)."""
    size = CELL - 1
    at = (np.arange(size * _FINE) + 0.5) / (size * _FINE) * 2 - 1
    y, x = np.meshgrid(at, at, indexing="ij")
    masks = np.zeros((len(SHAPES), 2, 2, CELL, CELL))
    for number, shape in enumerate(SHAPES):
        fine = _inside(shape, x, y).reshape(size, _FINE, size, _FINE)
        covered = fine.mean((1, 3))
        for down in range(2):
            for right in range(2):
                masks[number, down, right, down : down + size, right : right + size] = covered
    return masks


_MASKS = _make_masks()
