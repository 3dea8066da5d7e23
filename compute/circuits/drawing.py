"""Where the heads and arrows of a graph stand in a small drawing, layers upward.

A row for each layer that occurs. Arrows that pass a layer get a lane there, between the heads: they
go straight through the row, and bend between rows alone, where no head is. Those from one head to
the same side of others share their lanes, and part below the heads that they help.
"""

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from compute.circuits.ordering import Links, Place, ordered
from compute.circuits.spacing import spaced

BOX = (1.0, 0.5)
"""Width and height of a head; all lengths are in widths of a head."""
LANE = 0.16
"""Width of the lane of arrows that pass a row."""
GAP = 0.2
"""Between heads and lanes of a row."""
RISE = 1.4
"""From row to row."""
PORT = 0.25
"""Of the width: how far from the middle of a head an arrow to its query (left) or key ends."""
ROUNDS = 12
"""How often rows are drawn towards their neighbours."""


@dataclass(frozen=True)
class Drawing:
    """A graph of n heads in r rows; from 0 to `width` and `height`, upward.

    Attributes
    ----------
    width, height : float
    layers : int64 (r,)
        Of each row, the lowest first.
    levels : float64 (r,)
        The heights of their middles.
    centres : float64 (n, 2)
        Of the heads, whose boxes are `BOX`.
    routes : tuple of float64 (k, 2)
        The points of each arrow, from its builder's top to the bottom of the head that it helps.
    """

    width: float
    height: float
    layers: np.ndarray
    levels: np.ndarray
    centres: np.ndarray
    routes: tuple[np.ndarray, ...]


def draw(heads: np.ndarray, ends: np.ndarray, sides: np.ndarray) -> Drawing:
    """Return where the parts of a graph stand.

    Parameters
    ----------
    heads : int64 (n, 2)
        Layer and head.
    ends : int64 (m, 2)
        From and to of each arrow, as rows of `heads`; from an earlier layer to a later one.
    sides : int64 (m,)
        0 for arrows to the query, 1 for those to the key.
    """
    layers, levels = np.unique(heads[:, 0], return_inverse=True)
    paths = [_path(*each, levels) for each in zip(ends, sides, strict=True)]
    rows = _rows(levels, paths)
    links = _links(len(rows), paths)
    rows = ordered(rows, links)
    across = _across(rows, links)
    heights = BOX[1] / 2 + RISE * np.arange(len(rows))
    left = min([across[at] - _width(at) / 2 for at in across], default=0.0)
    right = max([across[at] + _width(at) / 2 for at in across], default=0.0)
    centres = [(across[int(level), at] - left, heights[level]) for at, level in enumerate(levels)]
    routes = [_route(path, side, across, left) for path, side in zip(paths, sides, strict=True)]
    return Drawing(
        float(right - left),
        float(heights[-1] + BOX[1] / 2) if len(rows) else 0.0,
        layers,
        heights,
        np.array(centres).reshape(-1, 2),
        tuple(routes),
    )


def _path(ends: np.ndarray, side: int, levels: np.ndarray) -> list[Place]:
    """Return what an arrow goes through: a head (row, head), lanes (row, head, side), a head."""
    low, high = (int(levels[end]) for end in ends)
    builder, looking = ends.tolist()
    lanes = [(row, builder, int(side)) for row in range(low + 1, high)]
    return [(low, builder), *lanes, (high, looking)]


def _rows(levels: np.ndarray, paths: list[list[Place]]) -> list[list[Place]]:
    heads = [(level, at) for at, level in enumerate(levels.tolist())]
    lanes = dict.fromkeys(place for path in paths for place in path[1:-1])
    rows: dict[int, list[Place]] = defaultdict(list)
    for place in [*heads, *lanes]:
        rows[place[0]].append(place)
    return [rows[level] for level in sorted(rows)]


def _links(rows: int, paths: list[list[Place]]) -> list[Links]:
    links: list[list[tuple[Place, Place]]] = [[] for _ in range(max(0, rows - 1))]
    for low, high in dict.fromkeys(pair for path in paths for pair in pairwise(path)):
        links[low[0]].append((low, high))
    return links


def _across(rows: list[list[Place]], links: list[Links]) -> dict[Place, float]:
    """Return where everything stands in its row: near what it is linked to."""
    near: dict[Place, list[Place]] = defaultdict(list)
    for pairs in links:
        for low, high in pairs:
            near[low].append(high)
            near[high].append(low)
    across = {}
    for row in rows:
        widths = np.array([_width(place) for place in row])
        across |= zip(row, spaced(np.zeros(len(row)), widths, GAP).tolist(), strict=True)
    for turn in range(ROUNDS):
        for row in rows if turn % 2 else rows[::-1]:
            wanted = [
                np.mean([across[other] for other in near[place]]) if near[place] else across[place]
                for place in row
            ]
            widths = np.array([_width(place) for place in row])
            across |= zip(row, spaced(np.array(wanted), widths, GAP).tolist(), strict=True)
    return across


def _route(path: list[Place], side: int, across: dict[Place, float], left: float) -> np.ndarray:
    """Return the points of an arrow: straight up through each row that it passes."""
    half = BOX[1] / 2
    points = [(across[path[0]], path[0][0] * RISE + 2 * half)]
    for lane in path[1:-1]:
        points += [(across[lane], lane[0] * RISE), (across[lane], lane[0] * RISE + 2 * half)]
    port = PORT * BOX[0] * (1 if side else -1)
    points.append((across[path[-1]] + port, path[-1][0] * RISE))
    return np.array(points) - [left, 0.0]


def _width(place: Place) -> float:
    return BOX[0] if len(place) == 2 else LANE
