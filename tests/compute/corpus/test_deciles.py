"""Where the deciles of the passages' largest attention end."""

import numpy as np

from compute.corpus import views


def test_deciles_of_even_numbers_are_even() -> None:
    np.testing.assert_allclose(views._bounds(np.full(20, 3)), np.linspace(0, 1, 11))


def test_where_all_passages_are_alike_the_deciles_are_there() -> None:
    counts = np.zeros(20, int)
    counts[19] = 7
    np.testing.assert_allclose(views._bounds(counts), np.linspace(0.95, 1, 11))


def test_no_decile_ends_where_there_is_nothing() -> None:
    counts = np.zeros(10, int)
    counts[[0, 9]] = 3, 7
    found = views._bounds(counts)
    np.testing.assert_allclose(found[:3], [0, 1 / 30, 2 / 30])
    assert (found[4:] > 0.9).all() and found[-1] == 1
    assert np.isnan(views._bounds(np.zeros(10, int))).all()
