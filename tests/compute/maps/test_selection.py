"""What selected points attend to in sum."""

import numpy as np
import pytest
from stored import random_cross

from compute import attention
from compute.maps.selection import summarise
from tests.patterns import run

FIRST = np.array([[0.25, 0.75], [1.0, 0.0]])
SECOND = np.array([[0.5, 0.5], [0.0, 1.0]])


def test_shares_are_means_over_the_selected_queries():
    data = run([[7, 8], [8, 9]], [FIRST[None, None], SECOND[None, None]], causal=False)
    found = summarise(data, 0, 0, np.array([0, 3]), np.array([2]))
    assert (found.queries, found.keys) == (2, 1)
    assert dict(found.tokens) == {"7": 1, "9": 1, "8": 1}
    given = dict(found.given)
    assert given["8"] == pytest.approx(0.75 / 2, abs=1e-5)
    assert given["9"] == pytest.approx(1 / 2, abs=1e-5)
    assert sum(given.values()) == pytest.approx(1, abs=1e-5)
    assert dict(found.received)["8"] == pytest.approx(0.5, abs=1e-5), (
        "token 2 is looked at by itself"
    )


def test_nothing_selected_is_nothing_said():
    data = run([[7, 8]], [FIRST[None, None]], causal=False)
    none = np.array([], int)
    found = summarise(data, 0, 0, none, none)
    assert found.given == found.received == found.tokens == ()


@pytest.mark.usefixtures("cache")
def test_in_cross_attention_queries_attend_to_tokens_of_the_other_text():
    data = random_cross()
    found = summarise(data, 0, 1, np.array([20]), np.array([71]))  # of passages 3 and 6
    row = attention.of_passage(data, 0, 1, 2)[2]
    column = attention.of_passage(data, 0, 1, 5)[:, 11]
    assert dict(found.tokens) == {data.tokens.strings[20]: 1, data.keys.strings[71]: 1}
    for counted, weights, names in (
        (found.given, row, data.keys.strings[24:36]),
        (found.received, column, data.tokens.strings[45:54]),
    ):
        expected = {n: weights[[n == name for name in names]].sum() for n in names}
        assert dict(counted) == pytest.approx(expected, abs=1e-5)
    assert np.isnan(found.within)
    inside = summarise(data, 0, 1, np.array([20]), np.array([24, 25]))
    assert inside.within == pytest.approx(row[:2].sum(), abs=1e-5)
