"""Rows of the lab's tables, from results made by hand."""

import math

import numpy as np

from compute.lab.copying import Copying
from compute.lab.cumulative import Curve
from compute.lab.effects import Effect
from compute.lab.icl import Icl
from compute.scores.detect import MEASURES, PATTERNS, Detected
from compute.scores.intervals import Estimate
from compute.take_away import tables


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
