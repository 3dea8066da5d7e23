"""Tokens of one text in two models, joined by characters."""

import numpy as np
import pytest
from patterns import run_of

from compute.errors import HeadscopeError
from compute.matched.token_alignment import grouped, match


def units(a: list[str], b: list[str], **causal) -> tuple[list[int], list[int]]:
    found = match(run_of(a, **causal), run_of(b, **causal))
    return found.a.tolist(), found.b.tolist()


def test_equal_tokens_are_units_each() -> None:
    run = run_of(["[CLS]", "a", "##b", "[SEP]"], ["[CLS]", "c", "[SEP]"])
    found = match(run, run)
    assert found.equal
    assert found.a.tolist() == found.b.tolist() == list(range(7))
    assert found.starts.tolist() == [0, 4, 7]
    assert found.ordinary.tolist() == [False, True, True, False, False, True, False]


def test_pieces_join_to_what_both_have() -> None:
    a = ["[CLS]", "the", "play", "##ing", "dog", "##s", "[SEP]"]
    b = ["The", "·pl", "aying", "·dogs", "·"]
    found = match(run_of(a), run_of(b))
    # the | playing | dogs, then all special tokens together
    assert found.a.tolist() == [3, 0, 1, 1, 2, 2, 3]
    assert found.b.tolist() == [0, 1, 1, 2, 2]
    assert not found.equal
    assert found.ordinary.tolist() == [True, True, True, False]


def test_special_tokens_in_the_same_places_stay_apart() -> None:
    a = ["[CLS]", "ab", "c", "[SEP]"]
    b = ["[CLS]", "a", "##bc", "[SEP]"]
    assert units(a, b) == ([1, 0, 0, 2], [1, 0, 0, 2])


def test_case_accents_and_half_characters() -> None:
    assert units(["cafe", "s"], ["·Caf", "é", "·s"]) == ([0, 1], [0, 0, 1])
    assert units(["a", "’", "b"], ["a", "<E2>", "<80><99>", "b"]) == ([0, 1, 2], [0, 1, 1, 2])


def test_unknown_characters_do_not_break_the_rest() -> None:
    a = ["one", "two", "[UNK]", "three", "four", "five"]
    b = ["·one", "·two", "·☃", "·three", "·four", "·five"]
    own, other = units(a, b)
    assert own == other == [0, 1, 2, 3, 4, 5]


def test_the_first_token_of_a_causal_model_is_no_ordinary_unit() -> None:
    found = match(run_of(["a", "b", "c"], causal=True), run_of(["[CLS]", "a", "b", "c", "[SEP]"]))
    assert found.ordinary.tolist() == [False, True, True, False]


def test_other_texts_are_refused() -> None:
    with pytest.raises(HeadscopeError, match=r"content \(passage 2 differs"):
        match(run_of(["a", "b"], ["c", "d"]), run_of(["a", "b"], ["x", "y"]))
    with pytest.raises(HeadscopeError, match="not the same passages: 2 of “” in made by hand, 1"):
        match(run_of(["a"], ["b"]), run_of(["a"]))


def test_means_by_unit() -> None:
    values = np.array([[1.0, 2], [3, 4], [5, 6]])
    found = grouped(values, np.array([0, 0, 2]), 3)
    assert found[0].tolist() == [2, 3]
    assert np.isnan(found[1]).all()
    assert found[2].tolist() == [5, 6]
