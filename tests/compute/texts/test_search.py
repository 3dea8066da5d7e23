import numpy as np
import pytest

from compute.texts import search
from compute.texts.tokens import Tokens


def tokens(*strings: str) -> Tokens:
    n = len(strings)
    zeros = np.zeros(n, np.int32)
    return Tokens(strings, zeros, zeros, np.arange(n, dtype=np.int32), zeros.astype(bool))


@pytest.mark.parametrize(
    ("word", "places", "whole"),
    [
        ("cat", [0, 3], True),
        (" Cat ", [0, 3], True),
        ("ing", [2], True),
        ("og", [1, 4], False),
        ("##ing", [2], True),
        ("zebra", [], False),
        ("  ", [], True),
    ],
)
def test_a_word_is_found_whole_or_inside_others(word, places, whole):
    found, is_whole = search.find(tokens("cat", "·dog", "##ing", "·Cat", "·catalog"), word)
    assert (found.tolist(), is_whole) == (places, whole)
