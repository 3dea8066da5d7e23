"""The pairs of tokens that each rule finds."""

import numpy as np
import pytest
from patterns import run_of

from compute.attention import blocks
from compute.scores.pattern_rules import RULES, brackets, sentences


def pairs(run, rule: str, offset: int = 0) -> set[tuple[int, int]]:
    """Return (query, key) over the whole text, found in blocks of a few rows."""
    find = RULES[rule].prepare(run, offset)
    out = set()
    for block in blocks.blocks(run, size=30):
        for p, r, m in np.argwhere(find(block)):
            out.add((int(block.asking[p, r]), int(block.places[p, m])))
    return out


def test_offsets_leave_special_tokens_out() -> None:
    run = run_of(["[CLS]", "a", "b", "c", "[SEP]"], ["[CLS]", "d", "[SEP]"])
    assert pairs(run, "previous") == {(2, 1), (3, 2)}
    assert pairs(run, "offset", 2) == {(1, 3)}
    assert pairs(run, "offset", -9) == set()


def test_the_first_token_is_asked_by_all_ordinary_ones() -> None:
    run = run_of(["[CLS]", "a", "b", "[SEP]"])
    assert pairs(run, "first") == {(1, 0), (2, 0)}
    assert pairs(run_of(["a", "b", "c"], causal=True), "first") == {(1, 0), (2, 0)}


def test_same_tokens() -> None:
    run = run_of(["a", "b", "c", "d"])
    run.tokens.ids[:] = [7, 8, 7, 7]
    assert pairs(run, "same") == {(0, 2), (0, 3), (2, 0), (2, 3), (3, 0), (3, 2)}


def test_sentences_end_with_their_quotes() -> None:
    words = ["[CLS]", "Go", ".", '"', "Why", "?", "!", "No", "end", "[SEP]"]
    run = run_of(words, ["[CLS]", "New", "[SEP]"])
    assert sentences(run)[:10].tolist() == [0, 0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert sentences(run)[10:].tolist() == [0, 0, 0]
    found = pairs(run, "next-sentence")
    assert {k for q, k in found if q == 1} == {4, 5, 6}
    assert {k for q, k in found if q == 4} == {7, 8}
    assert pairs(run, "previous-sentence") == {(k, q) for q, k in found}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["f", "(", "a", "[", "0", "]", ")", "x"], [(5, 3), (6, 1)]),
        (["f", "(", "(", ")", "x"], [(3, 2)]),
        (["f", "(", "[", ")", "x"], [(3, 1)]),  # [ was never closed
        (["f", ")", "(", "x", "]"], []),
        (["f", "((", "a", "))", "x"], [(3, 1), (3, 1)]),
        (["·(", "a", "·)", "b", "·c"], [(2, 0)]),
    ],
)
def test_brackets_match_as_in_code(words: list[str], found: list[tuple[int, int]]) -> None:
    assert brackets(run_of(words)) == found
    assert pairs(run_of(words), "brackets") == set(found)


def test_brackets_do_not_match_across_passages() -> None:
    assert brackets(run_of(["a", "("], ["b", ")"])) == []


def test_every_rule_says_what_it_compares_with() -> None:
    for name, rule in RULES.items():
        assert rule.name == name
        assert rule.baseline in ("position", "uniform")
