"""Points of a flat map, counted in the cells of a grid: what stands for them where there are many.

The part of the plane that `points.window` returns has `ACROSS` cells from side to side; the grid
goes on over all points that are drawn, in at most `MOST` cells a side.
"""

from dataclasses import dataclass

import numpy as np

ACROSS = 240
MOST = 1200


@dataclass(frozen=True)
class Raster:
    """A grid of square cells, and where points are in it.

    Attributes
    ----------
    left, top : float
        Its corner.
    size : float
        Side of a cell.
    shape : tuple of int
        Rows, from high to low y, and columns.
    cell : int (m,)
        The cell of each point, row by row; −1 of a point that is not drawn.
    """

    left: float
    top: float
    size: float
    shape: tuple[int, int]
    cell: np.ndarray

    def sums(self, weights: np.ndarray | None = None) -> np.ndarray:
        """Return how many points each cell has, or the sum of weights, (rows, columns)."""
        drawn = self.cell >= 0
        weights = None if weights is None else weights[drawn]
        found = np.bincount(self.cell[drawn], weights, self.shape[0] * self.shape[1])
        return found.reshape(self.shape)

    def means(self, values: np.ndarray) -> np.ndarray:
        """Return the mean of values (m, c) in each cell, 0 in empty ones: (rows, columns, c)."""
        count = np.maximum(self.sums(), 1)
        return np.stack([self.sums(column) / count for column in values.T], -1)

    def commonest(self, kinds: np.ndarray, count: int) -> np.ndarray:
        """Return which of so many kinds most points of a cell are of; of equals the first."""
        each = [self.sums((kinds == kind).astype(float)) for kind in range(count)]
        return np.argmax(each, axis=0)


def raster(places: np.ndarray, window: tuple[float, float, float, float]) -> Raster:
    """Lay a grid over points.

    Parameters
    ----------
    places : float (m, 2)
        NaN where a point is not drawn.
    window : tuple of float
        Left, right, bottom and top of what is seen at first.
    """
    drawn = np.isfinite(places).all(1)
    low, high = (
        (end(places[drawn], axis=0) if drawn.any() else np.zeros(2)) for end in (np.min, np.max)
    )
    extent = max(float((high - low).max()), 1e-12)
    size = max((window[1] - window[0]) / ACROSS, (window[3] - window[2]) / ACROSS, extent / MOST)
    columns, rows = (int((high[axis] - low[axis]) / size) + 1 for axis in (0, 1))
    cell = np.full(len(places), -1)
    x, y = ((places[drawn] - [low[0], high[1]]) * [1 / size, -1 / size]).astype(int).T
    cell[drawn] = np.clip(y, 0, rows - 1) * columns + np.clip(x, 0, columns - 1)
    return Raster(float(low[0]), float(high[1]), size, (rows, columns), cell)
