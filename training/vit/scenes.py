"""What is on a board: objects, their places, and what there is to say about each patch."""

from typing import NamedTuple

import numpy as np

from training.vit.drawing import COLOURS, GRID, SHAPES

CLASSES = ("no twins", "twins in one row", "twins in one column", "twins elsewhere")
NONE, ROW, COLUMN, ELSEWHERE = range(4)
FEWEST, MOST = 6, 9  # objects
NOBODY = GRID  # the row and the column of the twin of who has none
EMPTY = -1
KINDS = len(SHAPES) * len(COLOURS)


class Scenes(NamedTuple):
    """Some boards, cells row by row.

    Attributes
    ----------
    kinds : int64 (n, 64)
        The kind of object in each cell, ``shape * len(COLOURS) + colour``; `EMPTY` where none is.
    twins : int64 (n, 2)
        The cells of the twins; -1 where there are none.
    labels : int64 (n,)
        Places in `CLASSES`.
    """

    kinds: np.ndarray
    twins: np.ndarray
    labels: np.ndarray


def draw_scenes(rng: np.random.Generator, count: int) -> Scenes:
    """Return random boards, each class a quarter of them on average."""
    kinds = np.full((count, GRID * GRID), EMPTY)
    twins = np.full((count, 2), -1)
    labels = rng.integers(0, len(CLASSES), count)
    for board, pair, label in zip(kinds, twins, labels, strict=True):
        objects = int(rng.integers(FEWEST, MOST + 1))
        kind = rng.choice(KINDS, objects, replace=False)
        cells = rng.choice(GRID * GRID, objects, replace=False)
        if label != NONE:
            one, two = _two_cells(rng, label)
            others = cells[(cells != one) & (cells != two)][: objects - 2]
            cells = np.concatenate([[one, two], others])
            kind = np.concatenate([kind[:1], kind])[: len(cells)]
            pair[:] = one, two
        board[cells] = kind
    return Scenes(kinds, twins, labels)


def counts(scenes: Scenes) -> tuple[np.ndarray, np.ndarray]:
    """Return how many objects are in the row, and in the column, of each cell; int64 (n, 64)."""
    there = (scenes.kinds != EMPTY).reshape(-1, GRID, GRID)
    rows, columns = (
        np.broadcast_to(there.sum(axis, keepdims=True), there.shape) for axis in (2, 1)
    )
    return rows.reshape(len(there), -1), columns.reshape(len(there), -1)


def twin_places(scenes: Scenes) -> tuple[np.ndarray, np.ndarray]:
    """Return the row and the column of each cell's twin, or `NOBODY`; int64 (n, 64)."""
    rows = np.full(scenes.kinds.shape, NOBODY)
    columns = rows.copy()
    board = np.flatnonzero(scenes.labels != NONE)
    one, two = scenes.twins[board].T
    for here, there in ((one, two), (two, one)):
        rows[board, here], columns[board, here] = np.divmod(there, GRID)
    return rows, columns


def _two_cells(rng: np.random.Generator, label: int) -> tuple[int, int]:
    """Return two cells, the second in the first one's row or column, or in neither."""
    row, column = rng.integers(0, GRID, 2)
    other_row, other_column = ((here + rng.integers(1, GRID)) % GRID for here in (row, column))
    if label == ROW:
        other_row = row
    elif label == COLUMN:
        other_column = column
    return int(row * GRID + column), int(other_row * GRID + other_column)
