"""Matching pairs and their controls: at the same places, without the property, and in view."""

import numpy as np
import planted
import pytest

from compute.capture import sight
from compute.contrasts import kinds, pairs
from compute.contrasts.units import units
from compute.errors import HeadscopeError


def drawn(said: str, words: np.ndarray, half: int, causal: bool = True):
    run = planted.of(words, *np.zeros((2, 1, words.size, 2)), causal)
    marks = kinds.of(said, run.tokens, run.tokens.sinks(causal))
    parts = units(run.tokens.starts)
    rng = np.random.default_rng(0)
    return marks, parts, pairs.draw(marks, parts, run.sights[0], half, rng), run


@pytest.mark.parametrize("said", ["same@-1", "same@0", "regex:^[01]$"])
@pytest.mark.parametrize("half", [0, 1])
def test_controls_are_at_the_same_places_of_other_passages(said: str, half: int) -> None:
    words = planted.ids()
    length = words.shape[1]
    marks, _, found, _ = drawn(said, words, half)
    assert len(found) > 100
    i, j = found.i[found.of], found.j[found.of]
    assert (found.other_i % length == i % length).all() and (
        found.other_j % length == j % length
    ).all()
    for a, b in ((found.i, found.j), (found.other_i, found.other_j)):
        assert (a // length == b // length).all() and (a // length % 2 == half).all()
        assert (b <= a).all() and marks.counts(a, b).all()
    assert (found.other_i // length != i // length).all()
    assert marks.holds(found.i, found.j).all()
    assert not marks.holds(found.other_i, found.other_j).any()
    np.testing.assert_allclose(np.bincount(found.of, found.weight), 1)


def test_all_matching_pairs_are_found_where_they_are_few() -> None:
    words = planted.ids(14, 8)
    marks, _, found, run = drawn("same@0", words, 0)
    n = np.arange(words.size)
    seen = (n[:, None] // 8 == n // 8) & (n[:, None] // 8 % 2 == 0) & (n <= n[:, None])
    all_of_them = marks.holds(n[:, None], n) & marks.counts(n[:, None], n) & seen
    assert found.found == all_of_them.sum()
    assert len(found) <= found.found and not run.tokens.special.any()


def test_of_places_controls_are_keys_close_by() -> None:
    words = planted.ids()
    _, _, found, _ = drawn("mod:3", words, 0)
    assert (found.other_i == found.i[found.of]).all()
    far = np.abs(found.other_j - found.j[found.of])
    assert far.max() <= pairs.NEAR and (far % 3 != 0).all()


def test_a_long_passage_has_controls_as_far_apart() -> None:
    words = planted.ids(1, 400)
    _, parts, found, _ = drawn("same@0", words, 1)
    assert not parts.of_passages and len(found) > 100
    assert (found.other_i - found.other_j == (found.i - found.j)[found.of]).all()
    for side in (found.i, found.j, found.other_i, found.other_j):
        assert side.min() >= 200


def test_a_window_hides_far_keys() -> None:
    words, length = planted.ids(), planted.LENGTH
    run = planted.of(words, *np.zeros((2, 1, words.size, 2)))
    near = np.abs(np.subtract.outer(np.arange(length), np.arange(length))) <= 3
    marks = kinds.of("same@0", run.tokens, run.tokens.sinks(False))
    rng = np.random.default_rng(0)
    found = pairs.draw(marks, units(run.tokens.starts), sight.of(near), 0, rng)
    assert np.abs(found.i - found.j).max() == 3 == np.abs(found.other_i - found.other_j).max()


def test_passages_take_turns_and_few_long_ones_are_halved() -> None:
    parts = units(np.arange(0, 130, 10))
    assert parts.of_passages and parts.half.tolist() == [0, 1] * 6
    one = units(np.array([0, 1000]))
    assert one.half.tolist() == [0] * 8 + [1] * 8 and set(one.stop - one.start) == {62}
    assert one.of(np.array([0, 61, 62, 500])).tolist() == [0, 0, 1, 8]


@pytest.mark.parametrize(
    ("starts", "what"), [([0, 100], "1 passage of at most 100"), ([0, 20, 40], "2 passages")]
)
def test_texts_that_are_too_short_are_refused(starts: list[int], what: str) -> None:
    with pytest.raises(HeadscopeError, match=what):
        units(np.array(starts))


def test_of_very_many_pairs_some_are_looked_at(monkeypatch) -> None:
    words = planted.ids()
    monkeypatch.setattr(pairs, "CELLS", (2000,))
    _, _, some, _ = drawn("same@0", words, 0)
    monkeypatch.setattr(pairs, "CELLS", (2000, 2**20))
    _, _, every, _ = drawn("same@0", words, 0)
    assert 0 < some.found < every.found / 2 and len(every) == every.found
