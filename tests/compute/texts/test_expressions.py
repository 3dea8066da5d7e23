"""Patterns of a person's own mean what they mean in Python, and end in time."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compute.errors import HeadscopeError
from compute.texts import expressions

SLOW = "(" + ".*" * 30 + ")*#"
PIECES = ["a", "b", ".", "[ab]", "[^a]", r"\w", r"\d", "(?:a|b)", "(a)", "^", "$", r"\b", "é", "ß"]
ENDS = ["", "*", "+", "?", "{2}", "{1,2}", "*?", "|"]
DOCUMENTED = ["(?i)he|she|it", r"[.,;:!?]+", r"\d+([.,]\d+)?", "(?i:the)|An?", r"[^\W\d_]+"]


def matches(pattern: str, strings: list[str], budget: float = 5.0) -> dict[str, int]:
    return expressions.first_match([expressions.read("“x” (line 1)", pattern)], strings, budget)


def refused(pattern: str, strings: list[str] = (), budget: float = 5.0) -> str:
    with pytest.raises(HeadscopeError) as caught:
        matches(pattern, list(strings), budget)
    assert "“x” (line 1)" in str(caught.value)
    return str(caught.value)


@given(
    st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(ENDS)), min_size=1, max_size=5),
    st.booleans(),
    st.lists(st.text("abAé1 ßS\n", max_size=5), max_size=8),
)
def test_patterns_mean_what_they_mean_in_python(parts, ignore_case, strings) -> None:
    pattern = "(?i)" * ignore_case + "".join(piece + end for piece, end in parts)
    try:
        known = re.compile(pattern)
    except re.error:
        assert "no regular expression" in refused(pattern)
        return
    assert set(matches(pattern, strings)) == {s for s in strings if known.fullmatch(s)}


@pytest.mark.parametrize("pattern", DOCUMENTED)
def test_documented_patterns(pattern: str) -> None:
    words = ["he", "She", "IT", "the", "The", "A", "an", "An", "3.5", "1,000", ",", "...", "Wörter"]
    assert set(matches(pattern, words)) == {w for w in words if re.fullmatch(pattern, w)}


def test_a_pattern_that_never_ends_is_stopped_and_named() -> None:
    began = time.monotonic()
    for string in ("a" * 30, "a#" * 20 + "a", "#a" * 30):
        assert matches(SLOW, [string]) in ({}, {string: 0})
    said = refused("(?:aa?){1,5000}b", ["other", "a" * 60], budget=0.5)
    assert "longer than 0.5 s" in said and "Simplify" in said
    assert time.monotonic() - began < 5


def test_the_time_is_that_of_all_strings_together() -> None:
    strings = [f"{'a' * 25}#{i}" for i in range(10_000)]
    began = time.monotonic()
    refused("(?:aa?){1,5000}b", strings, budget=0.5)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "pattern", ["((a{1000}){1000}){1000}", "(?:(?:a{0,500}){0,500}){0,500}b", "(?=(a{999}){999})b"]
)
def test_a_pattern_that_would_fill_the_memory_is_refused(pattern: str) -> None:
    assert "repeats too much" in refused(pattern)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(", "no regular expression"),
        ("a" * 1001, "1,001 characters"),
        ("(" * 400 + ")" * 400, "x"),
        (r"\p{L}", "no regular expression"),
        ("a{99999999999}", "no regular expression"),
    ],
)
def test_what_cannot_be_read_is_told(pattern: str, said: str) -> None:
    assert said in refused(pattern)
