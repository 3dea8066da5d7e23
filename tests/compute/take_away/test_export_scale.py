"""Tables of the scale stage hold the scan and the compared maps."""

import numpy as np
import pytest

from compute.maps.all_scales import AllScales, Criterion
from compute.maps.comparison import Row
from compute.maps.scales import SCALES, fine_scales
from compute.take_away import scale_tables


def scanned() -> AllScales:
    def criterion(seed: int) -> Criterion:
        rng = np.random.default_rng(seed)
        shapes = ((2, 3, len(SCALES)), (2, 3, len(fine_scales())), (2, 3), (2, 3))
        return Criterion(*(rng.random(shape) for shape in shapes))

    norms = np.arange(6.0).reshape(2, 3)
    return AllScales(*(criterion(i) for i in range(4)), norms, norms + 10, {})


def test_what_each_criterion_chooses() -> None:
    found = scanned()
    table = scale_tables.choices(found)
    assert len(table["layer"]) == 6 * 6
    rows = list(zip(*table.values(), strict=True))
    expected = found.counts.grid[1, 2], found.counts.best[1, 2]
    assert (1, 2, "counts", *expected) in rows
    assert (0, 1, "norms_corrected", 11.0, 11.0) in rows


def test_curves_of_a_head() -> None:
    found = scanned()
    table = scale_tables.curves(found, 1, 0)
    seven = np.array(table["of_the_seven"])
    mine = np.array(table["criterion"]) == "weighted_corrected"
    assert np.array(table["c"])[mine & seven].tolist() == list(SCALES)
    values = np.array(table["value"])
    np.testing.assert_array_equal(values[mine & ~seven], found.weighted_corrected.fine[1, 0])


def test_compared_maps() -> None:
    numbers = {"score": 0.5, "recall": {"1": 0.1, "3": 0.2}, "corpus": 0.3, "mixing": None}
    rows = {"pca": Row(numbers, {"score": 0.4}, 2.0), "umap": Row(numbers, None, 3.0)}
    table = scale_tables.maps("method", rows)
    assert table["method"] == ["pca", "umap"] and table["recall_at_3"] == [0.2, 0.2]
    assert table["held_out_trust"] == pytest.approx([0.4, np.nan], nan_ok=True)
    assert np.isnan(table["mixing"]).all() and table["seconds"] == [2.0, 3.0]
