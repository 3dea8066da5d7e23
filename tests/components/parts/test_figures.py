"""Figures hold the numbers they were given."""

import numpy as np
import pytest

from components.heads import map_figures
from components.parts import figures
from compute.maps.points import Values
from compute.scores.intervals import Estimate

N = 5
Q, K = np.random.default_rng(0).normal(size=(2, N, 2)).astype(np.float32)
ROLE = Values(np.ones(N, np.float32), np.ones(N, np.float32), "role", "")
TOKENS = ["[CLS]", "the", "cat", "sat", "[SEP]"]
WEIGHTS = np.random.default_rng(1).dirichlet(np.ones(N), N)


def test_point_i_of_both_traces_is_token_i_and_hidden_ones_are_not_drawn():
    hidden = np.array([True, False, False, False, True])
    figure = map_figures.joint_map(Q, K, ROLE, hidden, False, "view")
    queries, keys = figure.data[:2]
    assert (queries.name, keys.name) == ("query", "key")
    assert np.isnan(queries.x[hidden]).all() and np.isnan(keys.y[hidden]).all()
    assert np.allclose(queries.x[~hidden], Q[~hidden, 0])
    assert np.allclose(keys.y[~hidden], K[~hidden, 1])
    assert queries.marker.color != keys.marker.color
    assert figure.layout.yaxis.scaleanchor == "x", "so that distances are not distorted"


@pytest.mark.parametrize("dark", [False, True])
def test_queries_and_keys_keep_their_colours(dark):
    flat = map_figures.joint_map(Q, K, ROLE, np.zeros(N, bool), dark, "")
    space = np.concatenate([Q, Q[:, :1]], 1)
    deep = map_figures.joint_map(space, space, ROLE, np.zeros(N, bool), dark, "")
    assert [t.marker.color for t in flat.data[:2]] == [t.marker.color for t in deep.data[:2]]


def test_points_that_mislead_are_fainter():
    trust = np.array([1, 0.5, 0, np.nan, 1])
    figure = map_figures.joint_map(Q, K, ROLE, np.zeros(N, bool), False, "", None, (trust, trust))
    opacity, over = (figure.data[i].marker.opacity for i in (0, 2))
    assert not opacity[::2].any(), "what is drawn over keys is seen once"
    opacity[::2] = over
    assert opacity[0] > opacity[1] > opacity[2]
    assert opacity[3] == opacity[0], "what cannot be measured is not blamed"


def test_popular_keys_are_larger():
    figure = map_figures.joint_map(
        Q, K, ROLE, np.zeros(N, bool), False, "", np.array([0.0, 0, 0, 2, -2])
    )
    sizes = figure.data[1].marker.size
    assert sizes[3] > sizes[0] > sizes[4]


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
