"""TransformerLens' detect_head measure: patterns and scores worked out by hand."""

import numpy as np
import patterns
import pytest
from stored import comes_back

from compute.errors import HeadscopeError
from compute.scores import detect

IDS = np.array([7, 8, 7, 8, 9])


def test_patterns():
    assert np.argwhere(detect.pattern("previous", IDS)).tolist() == [[1, 0], [2, 1], [3, 2], [4, 3]]
    assert np.argwhere(detect.pattern("duplicate", IDS)).tolist() == [[2, 0], [3, 1]]
    assert np.argwhere(detect.pattern("induction", IDS)).tolist() == [[2, 1], [3, 2]]
    # An equal token just before: what follows it is the token itself.
    assert np.argwhere(detect.pattern("induction", np.array([5, 5]))).tolist() == [[1, 1]]
    assert detect.pattern("induction", np.array([5, 6, 5, 6, 5]))[4].tolist() == [0, 1, 0, 1, 0]


def test_scores_by_hand():
    attention = np.array([[1, 0, 0], [0.25, 0.75, 0], [0, 0.5, 0.5]])
    target = detect.pattern("previous", np.array([1, 2, 3]))
    assert detect.likeness(attention, target, "mul") == pytest.approx((0.25 + 0.5) / 3)
    wrong = 1 + 0.75 + 0.75 + 0.5 + 0.5
    assert detect.likeness(attention, target, "abs") == pytest.approx(1 - wrong / 3)


def test_a_head_on_the_pattern_and_one_off_by_one():
    ids = [3, 4, 5, 3, 4, 5]
    induction = np.eye(6)[[0, 1, 2, 1, 2, 3]]
    duplicate = np.eye(6)[[0, 1, 2, 0, 1, 2]]
    both = np.stack([induction, duplicate])[None]
    made = patterns.run([ids, ids[:1]], [both, np.ones((1, 2, 1, 1))], causal=True)
    found = detect.measure(made)
    assert found.of("mul", "induction") == pytest.approx(np.array([[0.5, 0.0]]), abs=1e-6)
    assert found.of("mul", "duplicate") == pytest.approx(np.array([[0.0, 0.5]]), abs=1e-6)
    assert found.of("abs", "induction")[0, 0] == pytest.approx(1 - 3 / 6, abs=1e-6)
    comes_back(detect.DETECTED, found)


def test_what_it_is_not_for():
    square = np.full((1, 1, 2, 2), 0.5)
    with pytest.raises(HeadscopeError, match="not causal"):
        detect.measure(patterns.run([[1, 2]], [square], causal=False))
    with pytest.raises(HeadscopeError, match="single token"):
        detect.measure(patterns.run([[1]], [np.ones((1, 1, 1, 1))], causal=True))
