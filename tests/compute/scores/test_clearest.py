"""Which head a page opens on, where the heads do exactly what the test says."""

from dataclasses import replace

import numpy as np
import patterns
import pytest
from patterns import CLS, SEP, shifted

from compute.scores import clearest, heads
from compute.scores.clearest import Clear


def mixed(matrix: np.ndarray, share: float) -> np.ndarray:
    """Give a share of each row to where a matrix looks, the rest to all alike."""
    return share * matrix + (1 - share) / len(matrix)


def run_of(*heads_: np.ndarray, words: tuple[str, ...] = ()):
    """Return three equal passages of distinct tokens between special ones, one layer of heads."""
    m = len(heads_[0])
    ids = [[CLS, *range(10, m + 8), SEP]] * 3
    made = patterns.run(ids, [np.array([heads_])] * 3, False, {CLS, SEP})
    if not words:
        return made
    return replace(made, tokens=replace(made.tokens, strings=words * 3))


def found_in(*heads_: np.ndarray) -> list[Clear]:
    return clearest.clear(heads.score(run_of(*heads_)))


M = 12
EVEN, BEFORE, ITSELF = np.full((M, M), 1 / M), shifted(M, -1), np.eye(M)


def test_the_head_that_stands_out_is_chosen():
    [best] = found_in(EVEN, EVEN, mixed(BEFORE, 0.9), mixed(BEFORE, 0.1), EVEN)
    assert (best.score, best.layer, best.head) == ("previous", 0, 2)
    assert best.value == pytest.approx(0.9 + 0.1 / M)
    shares = np.array([0, 0, 0.9, 0.1, 0])
    assert best.z == pytest.approx((0.9 - shares.mean()) / shares.std())


def test_of_two_scores_the_one_that_fewer_heads_have_goes_first():
    made = [mixed(ITSELF, 0.97), mixed(ITSELF, 0.95), mixed(ITSELF, 0.9), mixed(BEFORE, 0.8)]
    first, *others = found_in(*made, EVEN, EVEN, EVEN)
    assert (first.score, first.head) == ("previous", 3)
    assert [(each.score, each.head) for each in others] == [("self", 0)]


@pytest.mark.parametrize(
    "made",
    [
        (EVEN, EVEN, EVEN),  # nothing is looked at
        (EVEN, mixed(BEFORE, 0.4), EVEN),  # the most, but less than half
        (BEFORE, BEFORE, BEFORE),  # all alike
        (shifted(M, -M), EVEN, EVEN),  # [CLS] alone
        (BEFORE,),  # a single head stands out of nothing
    ],
)
def test_where_no_head_is_clear_none_is_chosen(made):
    assert found_in(*made) == []
    assert clearest.choose([], []) is None


def test_maps_that_mislead_come_last():
    one, two = Clear("previous", 0, 1, 0.9, 3.0), Clear("self", 2, 1, 0.8, 2.0)
    for trust, expected in (
        ((None, None), one),
        ((0.9, 0.9), one),
        ((None, 0.9), one),
        ((0.84, None), two),
        ((0.84, 0.85), two),
        ((0.3, 0.2), one),
    ):
        assert clearest.choose([one, two], trust) is expected


def test_the_example_is_a_word_that_looks_most_at_a_word():
    at = Clear("previous", 0, 0, 0.9, 3.0)
    words = ("[CLS]", "a", "·bird", "·sang", "##ing", ",", "·two", "·red", "x", "y", "z", "[SEP]")
    plain = mixed(BEFORE, 0.9)
    assert clearest.example(run_of(plain, words=words), at) == 3  # "sang" after "bird"
    strong = plain.copy()
    strong[7] = BEFORE[7]  # "red" after "two"
    strong[9] = BEFORE[9]  # "y" after "x": no words
    assert clearest.example(run_of(strong, words=words), at) == 7
    letters = tuple("abcdefghijkl")
    assert clearest.example(run_of(strong, words=letters), at) == 7  # without words any token


def test_special_tokens_are_no_example():
    at = Clear("previous", 0, 0, 0.9, 3.0)
    ids = [[CLS, 10, SEP]]
    made = patterns.run(ids, [np.array([[shifted(3, -1)]])], False, {CLS, SEP})
    assert clearest.example(made, at) is None  # the only ordinary token follows [CLS]
