"""What was found in a corpus, as tables."""

import corpora_made as made
from drawn import rows

from compute.take_away import corpus_tables


def test_scores_are_by_slice() -> None:
    found = made.found("some")
    every = rows(corpus_tables.scores(found))
    assert len(every) == found.mean.size
    row = next(r for r in every if (r["slice"], r["score"], r["layer"], r["head"])
               == ("prose", "largest", "1", "2"))  # fmt: skip
    assert float(row["mean"]) == found.mean[2, 2, 1, 2] and row["n"] == "7000"
    nothing = next(r for r in every if r["score"] == "distance")
    assert nothing["mean"] == "" and nothing["low"] == ""


def test_examples_have_a_row_for_each_key_of_each_word() -> None:
    found = made.view(examples=(made.example(9, 0.8), made.example(None, 0.5)))
    every = rows(corpus_tables.examples(found))
    first = [row for row in every if row["example"] == "0"]
    assert [row["token"] for row in first] == [
        "[CLS]",
        "the",
        "cat",
        "saw",
        "saw",
        "the",
        "dog",
        "[SEP]",
    ]
    assert [row["role"] for row in first] == ["", "", "", "query", "query", "", "", ""]
    assert (first[3]["key"], first[3]["attention"]) == ("2", "0.8")
    assert first[0]["key"] == "" and first[0]["tenth"] == "10" and first[0]["slice"] == "code"
    assert every[len(first)]["tenth"] == ""


def test_histograms_tokens_pairs_and_classes_are_tables() -> None:
    found = made.view()
    bins = rows(corpus_tables.histograms(found))
    assert len(bins) == 20 + 36 + 14 + 14
    assert {"histogram": "largest", "bin": "0", "value": "3"} in bins
    tokens = rows(corpus_tables.tokens(found))
    assert [row["role"] for row in tokens] == ["query", "key", "key"]
    assert tokens[1] == {"role": "key", "token": "cat", "lift": "2.25", "mean": "0.5", "count": "9"}
    assert rows(corpus_tables.pairs(found))[0]["attention"] == "8.4"
    classes = rows(corpus_tables.classes(found))
    assert classes[1] == {"query": "word", "key": "<i>sign", "attention": "0.1", "chance": "0.2"}
