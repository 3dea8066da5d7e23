"""Figures hold the numbers they were given."""

import numpy as np

from components.plots import figures
from compute.scores.intervals import Estimate


def test_the_grid_leaves_heads_without_evidence_empty():
    means = np.array([[0.5, np.nan], [0.1, 1.0]])
    trace = figures.grid(means, 0, 1, False).data[0]
    assert np.isnan(trace.z[0][1]) and trace.z[1][1] == 1
    assert "no evidence" in trace.customdata[0][1][0]


def test_the_hover_names_heads_once_also_where_ticks_carry_letters():
    figure = figures.grid(np.zeros((2, 3)), 0, 1, False)
    assert figure.layout.yaxis.ticktext[0] == "L0"
    assert figure.data[0].text[0][2] == "L0H2" and "%{text}" in figure.data[0].hovertemplate
    assert "%{y}" not in figure.data[0].hovertemplate


def test_what_is_tiny_does_not_fill_an_axis() -> None:
    tiny = Estimate(*(np.full(3, value) for value in (0.001, 0.0, 0.002)))
    drawn = figures.spectrum((-1, 0, 1), {"": tiny}, False, "offset")
    assert drawn.layout.yaxis.range == (0, figures.LEAST_AXIS)
