"""A head's attention over a whole long passage as a small picture."""

from itertools import pairwise

import numpy as np
import pytest
from stored import comes_back, random_cross, random_run

from compute import attention
from compute.attention import exact, overviews
from compute.attention.overviews import LEVELS
from compute.errors import HeadscopeError

pytestmark = pytest.mark.usefixtures("cache")


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(overviews, "SIDE", 5)
    monkeypatch.setattr(exact, "CELLS", 3 * 12)  # three rows at a time: over a pixel's edge


def blocks_of(weights: np.ndarray) -> np.ndarray:
    """The largest of each block, one by one."""
    ends = [np.arange(side + 1) * n // side for n in weights.shape for side in [min(n, 5)]]
    pairs = [list(pairwise(each)) for each in ends]
    return np.array([[weights[a:b, c:d].max() for c, d in pairs[1]] for a, b in pairs[0]])


@pytest.mark.parametrize("make", [random_run, lambda: random_run(causal=False), random_cross])
def test_a_pixel_is_the_largest_of_its_pairs(make):
    run, told = make(), []
    found = overviews.of_passage(run, 1, 0, 2, lambda *state: told.append(state))
    expected = blocks_of(attention.of_passage(run, 1, 0, 2))
    assert found.levels.shape == (5, 5) and found.levels.dtype == np.uint8
    np.testing.assert_allclose(found.levels, LEVELS * np.sqrt(expected), atol=0.51)
    length = len(run.tokens.strings) // 6
    assert told[-1] == (length, length) and overviews.pairs(run, 2) == length * 12


def test_it_comes_back_and_a_head_that_is_not_there_is_refused():
    run = random_run()
    comes_back(overviews.OVERVIEWS, overviews.of_passage(run, 0, 1, 0))
    with pytest.raises(HeadscopeError, match="has no"):
        overviews.of_passage(run, 5, 0, 0)
