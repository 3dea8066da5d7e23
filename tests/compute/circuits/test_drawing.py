"""Small drawings of graphs: every head has its room, and no arrow goes through any of them."""

from itertools import combinations, pairwise

import numpy as np
import pytest

from compute.circuits import drawing, ordering, spacing
from compute.circuits.drawing import BOX, Drawing, draw


def random_graph(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 25))
    cells = rng.choice(8 * 12, count, replace=False)
    heads = np.stack(np.divmod(np.sort(cells), 12), 1)
    pairs = np.argwhere(heads[:, None, 0] < heads[None, :, 0])
    some = rng.choice(len(pairs), min(len(pairs), 30), replace=False)
    return heads, pairs[some], rng.integers(0, 2, len(some))


def crosses(a: np.ndarray, b: np.ndarray, low: np.ndarray, high: np.ndarray) -> bool:
    """Whether a stretch goes through the inside of a box (Liang and Barsky 1984)."""
    start, end = 0.0, 1.0
    for from_, step, least, most in zip(a, b - a, low, high, strict=True):
        if step == 0:
            if not least < from_ < most:
                return False
            continue
        ends = sorted(((least - from_) / step, (most - from_) / step))
        start, end = max(start, ends[0]), min(end, ends[1])
    return end - start > 1e-9


def overlaps(found: Drawing) -> bool:
    return any((abs(a - b) < np.array(BOX) - 1e-9).all() for a, b in combinations(found.centres, 2))


@pytest.mark.parametrize("seed", range(40))
def test_no_arrow_goes_through_a_head(seed: int) -> None:
    heads, ends, sides = random_graph(seed)
    found = draw(heads, ends, sides)
    assert not overlaps(found)
    for (builder, looking), side, route in zip(ends, sides, found.routes, strict=True):
        # From the top of one to the bottom of the other, left for the query, right for the key.
        assert route[0] == pytest.approx(found.centres[builder] + [0, BOX[1] / 2])
        port = (1 if side else -1) * drawing.PORT * BOX[0]
        assert route[-1] == pytest.approx(found.centres[looking] + [port, -BOX[1] / 2])
        assert (np.diff(route[:, 1]) > 0).all()  # always upward
        for centre in found.centres:
            low, high = centre - np.array(BOX) / 2, centre + np.array(BOX) / 2
            assert not any(crosses(a, b, low, high) for a, b in pairwise(route))
    every = np.concatenate([found.centres, *found.routes])
    assert (every >= 0).all() and (every <= [found.width, found.height]).all()


def test_layers_go_upward_and_those_without_heads_take_no_room() -> None:
    heads = np.array([[3, 1], [17, 0], [17, 5], [29, 2]])
    found = draw(heads, np.array([[0, 3], [1, 3]]), np.array([0, 1]))
    assert found.layers.tolist() == [3, 17, 29]
    assert np.diff(found.levels).tolist() == pytest.approx([drawing.RISE] * 2)
    assert found.centres[:, 1].tolist() == [found.levels[row] for row in (0, 1, 1, 2)]
    assert [len(route) for route in found.routes] == [4, 2]


def test_arrows_from_one_head_to_one_side_share_their_lane() -> None:
    heads = np.array([[0, 0], [1, 0], [2, 0], [2, 1]])
    ends = np.array([[0, 2], [0, 3], [0, 3], [1, 2]])
    found = draw(heads, ends, np.array([1, 1, 0, 1]))
    keys, other, query, _ = found.routes
    assert keys[:3].tolist() == other[:3].tolist() and keys[3].tolist() != other[3].tolist()
    assert query[1].tolist() != other[1].tolist()


def test_heads_are_ordered_so_that_arrows_need_not_cross() -> None:
    """Each of four heads has a builder of its own, listed the other way round."""
    heads = np.array([[0, h] for h in range(4)] + [[1, h] for h in range(4)])
    ends = np.array([[h, 7 - h] for h in range(4)])
    found = draw(heads, ends, np.ones(4, int))
    low, high = found.centres[ends[:, 0], 0], found.centres[ends[:, 1], 0]
    assert (np.argsort(low) == np.argsort(high)).all()
    assert low == pytest.approx(high)  # straight up


def test_a_single_builder_stands_in_the_middle() -> None:
    heads = np.array([[0, 0], [1, 0], [1, 1], [1, 2]])
    found = draw(heads, np.array([[0, 1], [0, 2], [0, 3]]), np.ones(3, int))
    assert found.centres[0, 0] == pytest.approx(found.centres[1:, 0].mean())
    assert found.width == pytest.approx(3 * BOX[0] + 2 * drawing.GAP)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_heads_without_arrows_stand_side_by_side(count: int) -> None:
    heads = np.array([[4, h] for h in range(count)], int).reshape(-1, 2)
    found = draw(heads, np.zeros((0, 2), int), np.zeros(0, int))
    assert found.routes == () and len(found.centres) == count and not overlaps(found)
    assert found.height == (BOX[1] if count else 0)


def test_places_keep_their_distance_and_are_as_near_as_can_be() -> None:
    wanted, widths = np.array([0.0, 0.0, 9.0]), np.ones(3)
    assert spacing.spaced(wanted, widths, 0.5) == pytest.approx([-0.75, 0.75, 9.0])
    rng = np.random.default_rng(0)
    wanted, widths = rng.normal(0, 2, 12), rng.uniform(0.1, 1, 12)
    found = spacing.spaced(wanted, widths, 0.1)
    least = (widths[:-1] + widths[1:]) / 2 + 0.1
    assert (np.diff(found) >= least - 1e-9).all()
    for _ in range(200):  # nothing allowed is nearer
        other = np.sort(wanted + rng.normal(0, 1, 12))
        other = other[0] + np.concatenate([[0], np.cumsum(np.maximum(np.diff(other), least))])
        assert ((found - wanted) ** 2).sum() <= ((other - wanted) ** 2).sum() + 1e-9


def test_an_order_without_crossings_is_found_through_lanes() -> None:
    rows = [[(0, 0), (0, 1)], [(1, 2), (1, -1, 0)], [(2, 3), (2, 4)]]
    links = [[((0, 0), (1, -1, 0)), ((0, 1), (1, 2))], [((1, -1, 0), (2, 3)), ((1, 2), (2, 4))]]
    found = ordering.ordered(rows, links)
    places = [{each: at for at, each in enumerate(row)} for row in found]
    for at, pairs in enumerate(links):
        (a, b), (c, d) = pairs
        apart = (places[at][a] - places[at][c]) * (places[at + 1][b] - places[at + 1][d])
        assert apart > 0
