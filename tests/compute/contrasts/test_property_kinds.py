"""Of which pairs a named property holds, on a text that can be counted by hand."""

from dataclasses import replace

import numpy as np
import patterns
import pytest

from compute.contrasts import kinds, marks
from compute.errors import HeadscopeError
from compute.runs.labels import Labels

# Two passages; the first token of each is special.
WORDS = ["[S]", "Ann", "saw", ",", "ann", "Ann", "[S]", "a", "saw"]
NUMBERS = [0, 1, 2, 3, 4, 1, 0, 5, 2]


def text():
    made = patterns.tokens([NUMBERS[:6], NUMBERS[6:]], {0})
    return replace(made, strings=tuple(WORDS))


def pairs(found: marks.Marks) -> set[tuple[int, int]]:
    """Return the matching pairs of the first passage."""
    i, j = np.arange(6)[:, None], np.arange(6)[None, :]
    return set(zip(*map(list, np.nonzero(found.holds(i, j) & found.counts(i, j))), strict=True))


def of(said: str) -> marks.Marks:
    tokens = text()
    return kinds.of(said, tokens, tokens.special)


def test_the_same_token_and_the_token_before() -> None:
    assert pairs(of("same@0")) == {(1, 5), (5, 1)}
    assert pairs(of("same@-1")) == {(5, 2)}  # the token before "saw" is the last one
    assert pairs(of("same@1")) == {(1, 4)}
    assert of("same@-1").words == "the token before the key is the query's token"
    assert of("same@2").words == "the token 2 places after the key is the query's token"


def test_an_offset_does_not_reach_into_the_passage_before() -> None:
    found = of("same@-3")
    assert found.offers[6:].tolist() == [-1, -1, -1] and found.offers[3] == 0


def test_first_letters_leave_the_same_token_out() -> None:
    assert pairs(of("first-letter")) == {(1, 4), (4, 1), (4, 5), (5, 4)}


def test_positions_by_their_rest() -> None:
    found = of("mod:3")
    assert pairs(found) == {(1, 4), (4, 1), (2, 5), (5, 2)}
    assert found.by_place and found.pairwise


def test_classes_are_of_keys_alone() -> None:
    found = of("class:punctuation")
    assert pairs(found) == {(i, 3) for i in range(1, 6)}
    assert not found.pairwise
    assert pairs(of("class:special")) == {(i, 0) for i in range(1, 6)}
    assert pairs(of("regex:^[A-Z]")) == {(i, j) for i in range(1, 6) for j in (1, 5)}


def test_own_labels_are_of_keys_or_of_both() -> None:
    tokens = text()
    labels = Labels(("name", "verb", "other", "special"), np.array([3, 0, 1, 2, 0, 0, 3, 2, 1]))
    one = marks.of_labels("file", tokens, tokens.special, labels, "verb")
    assert pairs(one) == {(i, 2) for i in range(1, 6)}
    both = marks.of_labels("file", tokens, tokens.special, labels, "")
    assert pairs(both) == {(i, j) for i in (1, 4, 5) for j in (1, 4, 5) if i != j}
    with pytest.raises(HeadscopeError, match="there are name, verb"):
        marks.of_labels("file", tokens, tokens.special, labels, "noun")


def test_two_selected_sets() -> None:
    tokens = text()
    found = marks.of_sets(tokens, tokens.special, np.array([1, 5]), np.array([0, 3]))
    assert pairs(found) == {(1, 0), (1, 3), (5, 0), (5, 3)} and found.pairwise
    every = marks.of_sets(tokens, tokens.special, np.arange(9), np.array([3]))
    assert not every.pairwise
    with pytest.raises(HeadscopeError, match="one of both is missing"):
        marks.of_sets(tokens, tokens.special, np.array([]), np.array([3]))


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("nothing", "such as same@-1, first-letter"),
        ("same", "no whole number"),
        ("same@x", "no whole number"),
        ("same@9999", "from −500 to 500"),
        ("mod:1", "from 2 to"),
        ("class:verbs", "there are special, first"),
        ("class:digits", "No token of this text"),
        ("regex:", "no pattern"),
        ("regex:[", "no regular expression"),
        ("regex:.", "Every token"),
        ("first-letter:a", "takes nothing"),
    ],
)
def test_what_is_no_property_is_said(said: str, what: str) -> None:
    with pytest.raises(HeadscopeError, match=what.replace("+", r"\+")):
        of(said)


@pytest.mark.parametrize("kind", kinds.KINDS.values(), ids=lambda kind: kind.name)
def test_every_form_is_one_of_its_kind(kind: kinds.Kind) -> None:
    assert kinds.read(kind.form)[0] is kind


def test_other_marks_have_another_name() -> None:
    names = [of(said).digest for said in ("same@-1", "same@0", "class:punctuation", "mod:3")]
    assert len(set(names)) == 4 and of("same@0").digest == names[1]
