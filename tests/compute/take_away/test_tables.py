"""Tables of the lab and of the scale stage, from results made by hand."""

import math

import numpy as np
import pytest

from compute.lab.copying import Copying
from compute.lab.cumulative import Curve
from compute.lab.icl import Icl
from compute.scale.all_scales import AllScales, Criterion
from compute.scale.comparison import Row
from compute.scale.scales import SCALES, fine_scales
from compute.scores.detect import MEASURES, PATTERNS, Detected
from compute.scores.intervals import Effect, Estimate
from compute.take_away import scale_tables, tables


def test_transformerlens_measure_has_a_row_per_head_pattern_and_measure() -> None:
    values = np.zeros((len(MEASURES), len(PATTERNS), 2, 3))
    values[MEASURES.index("abs"), PATTERNS.index("induction")] = np.arange(6.0).reshape(2, 3)
    rows = list(tables.of_detected(Detected(*values)))
    assert len(rows) == 6 * 6 and all(len(row) == len(tables.SCORES) for row in rows)
    assert [r[3] for r in rows if r[2] == "detect_head:abs:induction"] == list(range(6))
    assert all(math.isnan(number) for number in rows[0][4:])


def test_curve_copying_and_context() -> None:
    def estimate(*shape: int) -> Estimate:
        mean = np.arange(float(np.prod(shape))).reshape(shape)
        return Estimate(mean, mean - 1, mean + 1)

    order, draws = ((1, 3), (0, 0)), np.zeros((3, 2))
    made = ("zero", "standard", 5, 10, 0, ())
    curve = Curve(order, (0, 1, 2), estimate(3), estimate(3), (0, 1, 1), draws, *made)
    assert list(tables.of_curve(curve))[2] == (2, 2.0, 1.0, 3.0, 1, 2.0, 1.0, 3.0)
    copying = Copying(estimate(1, 2), estimate(1, 2), 4, 0)
    assert list(tables.of_copying(copying))[1] == (0, 1, 1.0, 0.0, 2.0, 1.0, 0.0, 2.0)
    score = Effect(3.0, 2.0, -1.0, -1.5, -0.5)
    rows = list(tables.of_icl(Icl(score, 50, 500, None, 100, "prose", ())))
    assert rows == [("500 less 50 tokens of context", 3.0, 2.0, -1.0, -1.5, -0.5)]
    rows = list(tables.of_icl(Icl(score, 50, 500, score, 100, "prose", ())))
    assert rows[1] == ("as published", *score)


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
