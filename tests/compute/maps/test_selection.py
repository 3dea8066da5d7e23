"""What selected points attend to in sum."""

import numpy as np
import pytest

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
