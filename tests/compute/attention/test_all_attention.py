"""Pictures of all heads' attention over one passage."""

from itertools import pairwise

import numpy as np
import pytest
from stored import comes_back, random_cross, random_run

from compute import attention
from compute.attention import all_attention, exact

pytestmark = pytest.mark.usefixtures("cache")


def test_every_pair_has_a_pixel_while_the_passage_is_short() -> None:
    run = random_run(2, 3)
    found = all_attention.of_all_heads(run, 2)
    assert found.shape == (2, 3, 12, 12) and found.dtype == np.uint8
    for at in np.ndindex(2, 3):
        shown = (found[at] / all_attention.LEVELS) ** 2
        expected = attention.of_passage(run, *at, 2)
        np.testing.assert_allclose(shown, expected, atol=1 / all_attention.LEVELS)
        faint = expected < 0.01  # small numbers stay apart: the square root is sent
        np.testing.assert_allclose(shown[faint], expected[faint], atol=1 / 2500)


def test_in_a_longer_passage_a_pixel_is_the_largest_of_its_pairs() -> None:
    weights = np.zeros((7, 7))
    weights[2, 5], weights[6, 0], weights[0, 0] = 0.5, 0.25, 0.125
    starts = [0, 2, 4, 7]  # of three parts of 2, 2 and 3 tokens
    expected = [[weights[a:b, c:d].max() for c, d in pairwise(starts)] for a, b in pairwise(starts)]
    np.testing.assert_array_equal(all_attention.pooled(weights, 3, 3), expected)
    np.testing.assert_array_equal(all_attention.pooled(weights, 7, 7), weights)


def test_all_pictures_together_stay_small() -> None:
    assert all_attention.side(12) == 128
    for heads in (72, 270, 384, 1200):
        side = all_attention.side(heads)
        assert 24 <= side <= 128 and heads * side**2 <= all_attention.BYTES
    run = random_run(1, 2, passages=2, length=300)
    assert all_attention.of_all_heads(run, 1).shape == (1, 2, 128, 128)


@pytest.mark.parametrize("make", [random_run, random_cross])
def test_a_long_passage_is_looked_through_some_rows_at_a_time(make, monkeypatch) -> None:
    run = make()
    monkeypatch.setattr(all_attention, "SIDE", (5, 5))
    whole = all_attention.of_all_heads(run, 2)
    monkeypatch.setattr(all_attention, "WHOLE", 3)
    monkeypatch.setattr(exact, "WHOLE", 3)  # the whole of it must not be asked for
    monkeypatch.setattr(exact, "CELLS", 24)
    told = []
    found = all_attention.of_all_heads(run, 2, lambda *state: told.append(state))
    assert all_attention.is_long(run, 2) and told[-1] == (6, 6)
    assert found.shape == (2, 3, 5, 5)
    np.testing.assert_allclose(found.astype(int), whole, atol=1)  # sums of other order
    comes_back(all_attention.KEPT, all_attention.Kept(found))
