"""Values that points can be coloured by."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from stored import random_cross

from compute.maps import points
from tests.patterns import run

EVEN = np.full((1, 1, 3, 3), 1 / 3)
PASSAGES = [[7, 8, 7], [9, 7, 8]]


def made():
    return run(PASSAGES, [EVEN, EVEN], causal=False)


def test_every_colouring_gives_one_value_a_point():
    for colouring in points.COLOURINGS.values():
        values = colouring.of(made(), 0, 0)
        assert values.q.shape == values.k.shape == (6,)
        if values.kind == "scale":
            assert min(values.q.min(), values.k.min()) >= 0
            assert max(values.q.max(), values.k.max()) <= 1
        if values.kind == "category":
            assert set(values.q) <= set(range(points.CATEGORIES))


@pytest.mark.usefixtures("cache")
def test_in_cross_attention_each_side_has_its_own_values():
    data = random_cross(passages=2, targets=3, sources=5)
    values = {name: each.of(data, 0, 0) for name, each in points.COLOURINGS.items()}
    for each in values.values():
        assert (each.q.shape, each.k.shape) == ((6,), (10,))
        assert max(each.q.max(), each.k.max()) <= (1 if each.kind == "scale" else 9)
    assert values["position"].q.tolist() == [0, 0.5, 1] * 2
    assert values["position"].k.tolist() == [0, 0.25, 0.5, 0.75, 1] * 2
    assert values["mod5"].k.tolist() == [0, 1, 2, 3, 4] * 2
    assert values["passage"].k.tolist() == [0] * 5 + [1] * 5
    times = [Counter(side.strings) for side in (data.tokens, data.keys)]
    most = max(max(each.values()) for each in times)
    expected = [np.log(times[0][t]) / np.log(most) for t in data.tokens.strings]
    assert values["frequency"].q == pytest.approx(expected)
    assert f"… {most} times" in values["frequency"].legend
    assert "keys in the sources" in values["frequency"].legend


@pytest.mark.usefixtures("cache")
def test_a_token_of_source_and_target_has_one_colour():
    data = random_cross(passages=2, targets=3, sources=5)
    words = (f"t{i}" for i in data.keys.ids)
    data = replace(data, source=replace(data.keys, strings=tuple(words)))
    values, seen = points.token(data, 0, 0), {}
    for side, colours in ((data.tokens, values.q), (data.keys, values.k)):
        for word, colour in zip(side.strings, colours.tolist(), strict=True):
            assert seen.setdefault(word, colour) == colour
            assert f"“{word}”" in values.names[int(colour)] or "+" in values.names[int(colour)]
    assert len(set(seen.values())) == len(seen) == 7


def test_position_runs_from_first_to_last_token():
    assert points.position(made(), 0, 0).q.tolist() == [0, 0.5, 1, 0, 0.5, 1]


def test_equal_tokens_have_equal_colours_and_frequencies():
    for colouring in (points.token, points.frequency):
        q = colouring(made(), 0, 0).q
        assert q[0] == q[2] == q[4] and q[1] == q[5] and q[0] != q[3]
    assert points.frequency(made(), 0, 0).q.tolist()[0] == 1, "the most frequent token"


def test_norms_share_one_scale():
    data = made()
    values = points.norm(data, 0, 0)
    q, k = data.head(0, 0)
    joint = np.concatenate([np.linalg.norm(q, axis=1), np.linalg.norm(k, axis=1)])
    expected = (joint - joint.min()) / (joint.max() - joint.min())
    assert np.concatenate([values.q, values.k]) == pytest.approx(expected, abs=1e-6)


def test_density_counts_points_and_leaves_empty_cells_empty():
    q = np.array([[0.0, 0.0], [0.0, 0.0], [np.nan, np.nan]])
    k = np.array([[1.0, 1.0], [0.0, 1.0], [1.0, 1.0]])
    x, y, counts = points.density(q, k, bins=2, blur=0)
    assert x.tolist() == y.tolist() == [0.25, 0.75]
    assert counts[0, 0] == pytest.approx(2**0.5) and np.isnan(counts[0, 1])
    assert counts[1, 0] == 1 and counts[1, 1] == pytest.approx(2**0.5), "row is y, column is x"
