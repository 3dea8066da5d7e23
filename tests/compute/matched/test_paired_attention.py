"""Two runs side by side, on rows and columns that both have."""

import dataclasses

import numpy as np
import patterns
import pytest
from patterns import run_of

from compute import runs
from compute.errors import HeadscopeError
from compute.matched import paired_attention
from compute.matched.token_alignment import between, counterparts, firsts, match


def test_attention_between_units_sums_keys_and_averages_queries() -> None:
    weights = np.array([[0.5, 0.2, 0.3], [0.1, 0.6, 0.3], [0, 0, 1]])
    found = between(weights, np.array([0, 0, 2]), 3)
    expected = [[0.7, 0, 0.3], [0, 0, 0], [0, 0, 1]]
    assert found == pytest.approx(np.array(expected))


def test_counterparts_are_the_first_tokens_of_the_same_unit() -> None:
    words = run_of(["[CLS]", "playing", "old", "[SEP]"])
    pieces = run_of(["play", "##ing", "ol", "##d"])
    of_a, of_b = counterparts(match(words, pieces))
    assert of_a.tolist() == [-1, 0, 2, -1]
    assert of_b.tolist() == [1, 1, 2, 2]
    assert firsts(np.array([3, 1, 3, 1]), 5).tolist() == [-1, 1, -1, 0, -1]


def test_two_models_on_the_same_rows() -> None:
    a = run_of(["[CLS]", "playing", "old", "[SEP]"])
    b = run_of(["play", "##ing", "old"])
    one = np.array([[1, 0, 0, 0], [0.2, 0.5, 0.3, 0], [0, 1, 0, 0], [0.25, 0.25, 0.25, 0.25]])
    two = np.array([[0.5, 0.5, 0], [0.25, 0.25, 0.5], [0, 0, 1]])
    found = paired_attention.of_passage(a, b, match(a, b), 0, (one, two))
    assert found.names == ("[CLS] [SEP]", "playing", "old")  # in the order of A's first tokens
    assert found.tokens.tolist() == [0, 1, 2]
    assert np.isnan(found.a[0]).all()  # B has no special tokens
    assert found.a[1] == pytest.approx([0.2, 0.5, 0.3])
    assert found.b[1] == pytest.approx([0, 0.75, 0.25])
    assert found.b[2] == pytest.approx([0, 0, 1])
    assert found.apart == pytest.approx(0.5 * np.mean([0.2 + 0.25 + 0.05, 2]))


def test_equal_tokens_stay_as_they_are_and_left_out_ones_are_empty() -> None:
    run = run_of(["[CLS]", "a", "##b"], ["c", "d"])
    one, two = np.eye(2), np.array([[np.nan, np.nan], [np.nan, 1]])
    found = paired_attention.of_passage(run, run, match(run, run), 1, (one, two))
    assert found.names == ("c", "d")
    assert found.tokens.tolist() == [3, 4]
    assert np.array_equal(found.a, one)
    assert np.isnan(found.b).tolist() == [[True, True], [True, False]]
    assert found.apart == 0


def test_what_only_the_second_run_has_comes_last() -> None:
    a, b = run_of(["x", "y"]), run_of(["[CLS]", "x", "y"])
    weights = np.full((2, 2), 0.5), np.full((3, 3), 1 / 3)
    found = paired_attention.of_passage(a, b, match(a, b), 0, weights)
    assert found.names == ("x", "y", "[CLS]")
    assert found.tokens.tolist() == [0, 1, -1]
    assert np.isnan(found.a[2]).all()
    assert found.b[0] == pytest.approx([1 / 3] * 3)
    assert found.a[0] == pytest.approx([0.5, 0.5, 0])


def test_texts_that_differ_are_told_each_time(monkeypatch) -> None:
    made = {"a": run_of(["x", "y"]), "b": run_of(["x", "z"], ["x", "y"]), "c": run_of(["x", "y"])}
    made = {key: dataclasses.replace(run, key=key) for key, run in made.items()}
    monkeypatch.setattr(runs, "load", made.__getitem__)
    for _ in range(2):
        with pytest.raises(HeadscopeError, match="These are not the same passages"):
            paired_attention.shared("a", "b")
    assert paired_attention.shared("a", "c").equal
    assert paired_attention.crossings("a", "c")[0].tolist() == [0, 1]


def test_a_share_of_attention_that_is_elsewhere() -> None:
    run = patterns.run([[1, 2]], [np.ones((1, 1, 2, 2)) / 2], False)
    both = paired_attention.of_passage(run, run, match(run, run), 0, (np.eye(2), np.eye(2)[::-1]))
    assert both.apart == 1
