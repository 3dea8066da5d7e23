"""The words of examples: which are listed, how dark they are, what of a long passage is shown."""

import json

import corpora_made as made
import numpy as np
import pytest
from dash import html
from drawn import inside, said

from components.corpus import examples


def passage_of(row: html.Article) -> dict:
    """Return what the browser draws of a row."""
    [found] = [getattr(part, "data-passage", None) for part in inside(row)
               if hasattr(part, "data-passage")]  # fmt: skip
    return json.loads(found)


def test_groups_are_the_strongest_one_of_each_tenth_or_one_tenth() -> None:
    found = made.view()
    peaks = {g: [e.peak for _, e in examples.chosen(found, g)] for g in ("top", "every", "4", "2")}
    assert peaks["top"] == [0.9, 0.8] and peaks["4"] == [0.5] and peaks["2"] == []
    assert peaks["every"] == [n / 10 for n in range(10, 0, -1) if n != 3]
    assert "tenth 3" not in said(examples.listed(found, "every", "looks", "L0H0"))
    assert "No kept passage" in said(examples.listed(found, "2", "looks", "L0H0"))
    assert examples.said(found, "4") == "Passages whose largest attention is from 0.40 to 0.50."
    assert [number for number, _ in examples.chosen(found, "9")] == [10]  # its place among all


def test_of_many_passages_the_first_are_listed() -> None:
    found = made.view(examples=tuple(made.example(9, 1 - n / 100) for n in range(30)))
    assert len(examples.listed(found, "9", "looks", "L0H0")) == examples.MOST
    assert "10 of the 30 in the sample." in examples.said(found, "9")


@pytest.mark.parametrize(
    ("shade", "expected"),
    [
        ("looks", [0, 0.1, 0.8, 0, 0, 0, 0]),
        ("gets", [0, 0.125, 1, 0, 0.5, 0, 0]),
        ("gives", [0, 0, 0, 0.9, 0, 0.4, 0]),
    ],
)
def test_words_are_shaded_by_what_they_give_or_get(shade: str, expected: list) -> None:
    found = examples.shades(made.example(9, 0.8), shade)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_row_names_the_pair_and_brings_its_links_along() -> None:
    [row, _] = examples.listed(made.view(), "top", "looks", "L1H2")
    assert "0.90 · “saw” → “cat”" in said(row) and "code" in said(row)
    drawn = passage_of(row)
    assert drawn["words"] == ["[CLS]", "the", "cat", "saw", "the", "dog", "[SEP]"]
    assert drawn["place"] == 3 and drawn["shades"] == [0, 10, 90, 0, 0, 0, 0]
    assert drawn["special"] == [0, 6] and drawn["near"] == list(range(7))
    assert drawn["links"] == [[], [], [], [2, 900, 1, 100], [], [4, 450], []]


def test_of_a_long_passage_the_words_around_the_pair_are_shown() -> None:
    words = " ".join(["[CLS]", "the", "cat", "saw", *["word"] * 200, "[SEP]"])
    found = made.view(examples=(made.example(None, 0.5, words),))
    [row] = examples.listed(found, "top", "looks", "L0H0")
    assert passage_of(row)["near"] == list(range(4 + examples.AROUND))
    apart = made.example(None, 0.5, words)
    apart.keys[3, 0] = 150  # what it looks at is far away: the words around both
    [row] = examples.listed(made.view(examples=(apart,)), "top", "looks", "L0H0")
    around = range(150 - examples.AROUND, 151 + examples.AROUND)
    assert passage_of(row)["near"] == [*range(16), *around]


def test_the_page_gets_few_components_however_long_passages_are() -> None:
    words = " ".join(["[CLS]", "the", "cat", "saw", *["word"] * 500])
    found = made.view(examples=(made.example(None, 0.5, words),) * examples.MOST)
    listed = examples.listed(found, "top", "looks", "L0H0")
    assert len(inside(listed)) < 25 * examples.MOST


def test_a_query_that_looks_at_nothing_is_shown_alone() -> None:
    alone = made.example(None, 0.004)
    alone.weights[:] = 0
    [row] = examples.listed(made.view(examples=(alone,)), "top", "gets", "L0H0")
    assert "“saw”" in said(row) and "→" not in said(row)
    assert not examples.shades(alone, "gets").any()
