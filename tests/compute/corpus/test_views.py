"""What one head does over a corpus, from what is kept."""

import numpy as np
import pytest

from compute.corpus import views


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({99: 7}, np.linspace(0.99, 1, 11)),
        ({0: 5, 3: 5}, [*np.linspace(0, 0.01, 6), *np.linspace(0.032, 0.04, 5)]),
        ({n: 2 for n in range(100)}, np.linspace(0, 1, 11)),
    ],
)
def test_deciles_end_inside_the_bins_that_hold_passages(counts: dict, expected: list) -> None:
    found = np.zeros(100, np.int64)
    for number, count in counts.items():
        found[number] = count
    np.testing.assert_allclose(views._bounds(found), expected, atol=1e-12)


def test_no_passage_has_no_decile() -> None:
    assert np.isnan(views._bounds(np.zeros(100, np.int64))).all()
