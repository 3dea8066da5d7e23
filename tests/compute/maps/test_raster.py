"""Points counted in a grid, and the part of the plane that a map shows."""

import numpy as np

from compute.maps import points
from compute.maps.raster import raster

PLACES = np.array([[0, 0], [0.1, 0], [9.9, 10], [np.nan, 1], [10, 0]])
WINDOW = (0.0, 240.0, 0.0, 240.0)  # cells of one unit


def test_points_are_counted_where_they_are() -> None:
    grid = raster(PLACES, WINDOW)
    counts = grid.sums()
    assert grid.shape == (11, 11) and counts.sum() == 4  # the fifth is not drawn
    assert counts[10, 0] == 2 and counts[0, 9] == 1 and counts[10, 10] == 1
    assert grid.sums(np.array([1, 0.5, 1, 9, 1]))[10, 0] == 1.5


def test_what_a_cell_is_like() -> None:
    grid = raster(PLACES, WINDOW)
    means = grid.means(np.array([[0.0], [1], [5], [7], [2]]))
    assert means.shape == (11, 11, 1) and means[10, 0, 0] == 0.5 and means[0, 9, 0] == 5
    assert grid.commonest(np.array([1, 1, 2, 0, 0]), 3)[[10, 0, 10], [0, 9, 10]].tolist() == [
        1,
        2,
        0,
    ]


def test_a_grid_over_far_points_stays_small() -> None:
    far = raster(np.array([[0, 0], [1e9, 5.0]]), WINDOW)
    assert max(far.shape) <= 1201 and far.sums().sum() == 2
    nowhere = raster(np.full((3, 2), np.nan), WINDOW)
    assert nowhere.sums().sum() == 0
    assert raster(np.zeros((3, 2)), (0.0, 0.0, 0.0, 0.0)).sums().sum() == 3


def test_a_map_shows_its_middle_first() -> None:
    rng = np.random.default_rng(0)
    q, k = rng.uniform(size=(2, 1000, 2))
    whole = points.window(q, k)
    assert whole[0] < q[:, 0].min() and whole[1] > q[:, 0].max()  # nothing is far away: all of it
    q[:3] = 1000
    left, right, bottom, top = points.window(q, k)
    assert -0.5 < left < 0.01 and 0.99 < right < 1.5 and -0.5 < bottom < 0.01 and 0.99 < top < 1.5
    q[0] = np.nan
    assert points.window(q, k)[1] < 1.5
    assert points.window(np.full((2, 2), np.nan), np.full((2, 2), np.nan)) == (-1, 1, -1, 1)
