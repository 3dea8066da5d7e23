"""Figures of maps hold the places, colours and trust that they were given."""

import numpy as np
import pytest

from components.joint_map import figures
from compute.maps.points import Values

N = 5
Q, K = np.random.default_rng(0).normal(size=(2, N, 2)).astype(np.float32)
ROLE = Values(np.ones(N, np.float32), np.ones(N, np.float32), "role", "")


def test_point_i_of_both_traces_is_token_i_and_hidden_ones_are_not_drawn():
    hidden = np.array([True, False, False, False, True])
    figure = figures.joint_map(Q, K, ROLE, [hidden] * 2, False, "view")
    queries, keys = figure.data[:2]
    assert (queries.name, keys.name) == ("query", "key")
    assert np.isnan(queries.x[hidden]).all() and np.isnan(keys.y[hidden]).all()
    assert np.allclose(queries.x[~hidden], Q[~hidden, 0])
    assert np.allclose(keys.y[~hidden], K[~hidden, 1])
    assert queries.marker.color != keys.marker.color
    assert figure.layout.yaxis.scaleanchor == "x", "so that distances are not distorted"


def test_queries_and_keys_can_be_of_other_tokens():
    keys = np.concatenate([K, K + 1, K + 2])
    out = [np.arange(N) == 1, np.arange(3 * N) == 7]
    values = Values(np.zeros(N, np.float32), np.ones(3 * N, np.float32), "scale", "")
    figure = figures.joint_map(Q, keys, values, out, False, "", np.arange(3 * N) / 9)
    for trace, places, hidden in zip(figure.data, (Q, keys), out, strict=False):
        assert np.array_equal(np.isnan(trace.x), hidden)
        assert np.allclose(np.stack([trace.x, trace.y], 1)[~hidden], places[~hidden])
        assert len(trace.marker.color) == len(places)
    assert len(figure.data[1].marker.size) == 3 * N


@pytest.mark.parametrize("dark", [False, True])
def test_queries_and_keys_keep_their_colours(dark):
    flat = figures.joint_map(Q, K, ROLE, [np.zeros(N, bool)] * 2, dark, "")
    space = np.concatenate([Q, Q[:, :1]], 1)
    deep = figures.joint_map(space, space, ROLE, [np.zeros(N, bool)] * 2, dark, "")
    assert [t.marker.color for t in flat.data[:2]] == [t.marker.color for t in deep.data[:2]]


def test_points_that_mislead_are_fainter():
    trust = np.array([1, 0.5, 0, np.nan, 1])
    figure = figures.joint_map(Q, K, ROLE, [np.zeros(N, bool)] * 2, False, "", None, (trust, trust))
    opacity, over = (figure.data[i].marker.opacity for i in (0, 2))
    assert not opacity[::2].any(), "what is drawn over keys is seen once"
    opacity[::2] = over
    assert opacity[0] > opacity[1] > opacity[2]
    assert opacity[3] == opacity[0], "what cannot be measured is not blamed"


def test_popular_keys_are_larger():
    figure = figures.joint_map(
        Q, K, ROLE, [np.zeros(N, bool)] * 2, False, "", np.array([0.0, 0, 0, 2, -2])
    )
    sizes = figure.data[1].marker.size
    assert sizes[3] > sizes[0] > sizes[4]
