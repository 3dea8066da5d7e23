import numpy as np
import pytest

from compute.capture import bias, sight

T, HEADS = 8, 2
PLACE = np.arange(T)
SLOPES = np.array([0.5, 0.25])[:, None, None]
CAUSAL, FULL = sight.causal(T), sight.full(T, T)
RNG = np.random.default_rng(0)


def t5():
    return RNG.normal(size=(HEADS, 2 * T - 1))[:, PLACE[None, :] - PLACE[:, None] + T - 1]


def alibi():
    return np.broadcast_to(SLOPES * PLACE, (HEADS, T, T))  # of the key alone, as Bloom adds it


def shifted_alibi():
    return alibi() + RNG.normal(size=(HEADS, T, 1))


@pytest.mark.parametrize(("make", "seen"), [(t5, FULL), (t5, CAUSAL), (shifted_alibi, CAUSAL)])
def test_what_depends_on_the_distance_is_kept_by_distance(make, seen):
    values = make()
    found = bias.of(values, seen)
    assert found.values.shape == (HEADS, 2 * T - 1)
    _holds(found, values, seen)


@pytest.mark.parametrize("seen", [FULL, CAUSAL])
def test_what_depends_on_the_key_alone_is_kept_as_it_is(seen):
    values = alibi()
    found = bias.of(values, seen)
    assert found.values.shape == (HEADS, 1, T)
    assert np.array_equal(found.cells(T), values)
    _holds(found, values, seen)


def _holds(found, values, seen):
    assert bias.same(found.cells(T), values, seen)
    weights = [_softmax(each, seen) for each in (found.cells(T), values)]
    assert np.allclose(*weights, atol=1e-7)
    assert np.array_equal(found.cells(T, slice(2, 5), 1), found.cells(T)[1, 2:5])
    assert np.array_equal(found.cells(5), found.cells(T)[:, :5, :5])


def test_other_biases_are_kept_for_each_pair():
    values = RNG.normal(size=(HEADS, T, T)).astype(np.float32)
    found = bias.of(values, CAUSAL)
    assert found.values.shape == (HEADS, T, T)
    assert np.array_equal(found.cells(T)[:, CAUSAL.cells(T)], values[:, CAUSAL.cells(T)])


def test_a_number_added_to_a_row_changes_nothing_and_one_cell_does():
    values = RNG.normal(size=(HEADS, T, T))
    shifted = values + RNG.normal(size=(HEADS, T, 1))
    assert bias.same(values, shifted, CAUSAL)
    changed = shifted.copy()
    changed[1, 5, 2] += 0.01
    assert not bias.same(values, changed, CAUSAL)
    changed = shifted.copy()
    changed[1, 2, 5] += 0.01  # which is hidden
    assert bias.same(values, changed, CAUSAL)
    assert not bias.same(values, values[:, :5, :5], CAUSAL)


def _softmax(values, seen):
    weights = np.where(seen.cells(T), np.exp(values), 0)
    return weights / weights.sum(-1, keepdims=True)
