"""Where a head is strongest: passages made so that it is known, and the head's own score."""

from dataclasses import replace

import numpy as np
import patterns
import pytest
from patterns import CLS, SEP, random_run, shifted
from stored import comes_back, random_cross

from compute.attention import blocks
from compute.attention.exact import of_passage
from compute.scores import heads
from compute.scores import strongest_passages as strongest
from compute.scores.clearest import SCORES
from compute.scores.head_scores import HEAD_SCORES

SHARES = (0.2, 0.9, 0.5)
"""What the head gives to the token before, in each of three passages; the rest is its own."""


def made(causal: bool = False):
    """One head, three passages; in the last the word 12 gets .7 of the word 14's attention."""
    passages = [[CLS, 10, 11, 12, SEP], [CLS, 13, 10, 11, 14, SEP], [CLS, 14, 11, 12, SEP]]
    rows = []
    for ids, share in zip(passages, SHARES, strict=True):
        m = len(ids)
        rows.append((share * shifted(m, -1) + (1 - share) * np.eye(m))[None, None])
    rows[2][0, 0, 1] = [0.1, 0.2, 0, 0.7, 0]
    return patterns.run(passages, rows, causal, {CLS, SEP})


def test_the_order_is_the_one_that_was_made():
    run = made()
    found = strongest.find(run, 0, 0, "previous")
    assert found.value == pytest.approx(SHARES, abs=1e-5)
    assert found.n.tolist() == [2, 3, 2]
    assert found.first(2).tolist() == [1, 2]
    alone = strongest.find(run, 0, 0, "self")
    assert alone.value == pytest.approx([0.8, 0.1, (0.2 + 0.5 + 0.5) / 3], abs=1e-5)
    assert alone.first(9).tolist() == [0, 2, 1]


def test_the_largest_attention_names_its_pair():
    found = strongest.find(made(), 0, 0, strongest.LARGEST)
    assert found.value == pytest.approx([0.2, 0.9, 0.7], abs=1e-5)
    assert (found.query[2], found.key[2]) == (12, 14)  # of the third passage: its tokens 1 and 3
    assert found.n.tolist() == [6, 12, 6]  # pairs of two ordinary tokens
    shades = strongest.shades(made(), 0, 0, strongest.LARGEST, 2)
    assert shades == pytest.approx([0, 0, 0, 0.7, 0], abs=1e-5)


def test_what_a_word_gets_counts_where_the_word_is():
    found = strongest.find(made(), 0, 0, 12)
    assert np.isnan(found.value[1]) and found.n.tolist() == [2, 0, 2]
    # first passage: nobody looks at the last word; third: 14 with .7, and 11 not at all
    assert found.value[[0, 2]] == pytest.approx([0, 0.35], abs=1e-5)
    assert found.first(1).tolist() == [2] and (found.query[2], found.key[2]) == (12, 14)
    assert strongest.shades(made(), 0, 0, 12, 2) == pytest.approx([0, 0.7, 0, 0, 0], abs=1e-5)
    special = strongest.find(made(), 0, 0, CLS)
    assert special.n.tolist() == [3, 4, 3]  # ordinary tokens look, whatever they look at
    assert special.value[1] == pytest.approx(0.9 / 4, abs=1e-5)


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("measure", [name for name in SCORES if name in HEAD_SCORES])
def test_passages_have_the_heads_score_as_their_mean(causal, measure, monkeypatch):
    run, _ = random_run(causal=causal)
    scores = heads.score(run).of(measure).mean
    assert np.isfinite(scores).all()
    for size in (blocks.SIZE, 30):  # as one piece, and a few rows at a time
        monkeypatch.setattr(blocks, "SIZE", size)
        for at in ((0, 0), (1, 2)):
            found = strongest.find(run, *at, measure)
            mean = np.nansum(found.value * found.n) / found.n.sum()
            assert mean == pytest.approx(scores[at], abs=1e-6)
            for passage in np.flatnonzero(found.n):
                shades = strongest.shades(run, *at, measure, int(passage))
                assert shades.sum() == pytest.approx(
                    found.value[passage] * found.n[passage], abs=1e-5
                )


def test_rows_of_a_long_passage_are_put_together(monkeypatch):
    run, _ = random_run(lengths=(9, 14), causal=True)
    whole = strongest.find(run, 1, 0, strongest.LARGEST)
    monkeypatch.setattr(blocks, "SIZE", 20)
    parts = strongest.find(run, 1, 0, strongest.LARGEST)
    for name in ("value", "n", "query", "key"):
        assert np.array_equal(getattr(whole, name), getattr(parts, name))
    for passage in range(2):
        start, weights = run.span(passage).start, of_passage(run, 1, 0, passage)
        at = whole.query[passage] - start, whole.key[passage] - start
        assert weights[at] == pytest.approx(whole.value[passage])
        assert strongest.shades(run, 1, 0, strongest.LARGEST, passage)[at[1]] == weights[at]


def test_of_equal_passages_that_with_more_evidence_comes_first():
    found = strongest.Strongest(
        np.array([1, 1, np.nan, 0.5]), np.array([1, 5, 0, 9]), *[np.zeros(4)] * 2
    )
    assert found.first(9).tolist() == [1, 0, 3]


def test_the_clearest_score_is_the_one_that_stands_out():
    names = ("previous", "duplicate", "induction", "self")
    mean = np.full((4, 2, 2), 0.3)
    mean[0] = [[0.9, 0.88], [0.91, 0.9]]  # here all have much of it
    mean[3] = [[0.6, 0.1], [0.1, 0.1]]  # and here one alone
    scores = heads.Scores(names, mean, mean, mean, np.ones((4, 2)))
    assert strongest.clearest(scores, 0, 0) == strongest.Clearest("self", 0.6, 1, 4)
    assert strongest.clearest(scores, 1, 0).name == "previous"
    nothing = replace(scores, mean=np.full_like(mean, np.nan))
    assert strongest.clearest(nothing, 0, 0) is None


def test_what_is_found_comes_back(cache):
    comes_back(strongest.FOUND, strongest.find(made(), 0, 0, "previous"))
    assert strongest.pairs(made()) == 25 + 36 + 25


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("size", [None, 30])
def test_in_cross_attention_it_looks_from_one_text_to_the_other(size, monkeypatch) -> None:
    """Also where a passage is seen in parts."""
    if size:
        monkeypatch.setattr(blocks, "SIZE", size)
    run = random_cross()
    asking, asked = ~run.tokens.special, ~run.keys.special
    assert strongest.pairs(run) == 6 * 9 * 12
    largest, word = strongest.find(run, 0, 1, strongest.LARGEST), 2  # no special token
    given = strongest.find(run, 0, 1, word)
    for passage in range(6):
        weights = of_passage(run, 0, 1, passage)
        spans = run.span(passage), run.key_span(passage)
        ordinary = asking[spans[0]][:, None] & asked[spans[1]]
        assert largest.value[passage] == pytest.approx(weights[ordinary].max(), abs=1e-6)
        at = np.unravel_index(np.where(ordinary, weights, 0).argmax(), weights.shape)
        assert largest.query[passage] == spans[0].start + at[0]
        assert largest.key[passage] == spans[1].start + at[1]
        shades = strongest.shades(run, 0, 1, strongest.LARGEST, passage)
        assert shades == pytest.approx(np.where(ordinary, weights, 0)[at[0]], abs=1e-6)
        wanted = ordinary & (run.keys.ids[spans[1]] == word)
        if wanted.any():
            sums = np.where(wanted, weights, 0).sum(1)
            assert given.value[passage] == pytest.approx(sums[1:].mean(), abs=1e-6)
            assert strongest.shades(run, 0, 1, word, passage) == pytest.approx(sums, abs=1e-6)
    found = heads.score(run)
    for name in ("coming", "read"):
        one = strongest.find(run, 0, 1, name)
        there = np.isfinite(one.value)
        mean = np.average(one.value[there], weights=one.n[there])
        assert mean == pytest.approx(found.of(name).mean[0, 1], abs=1e-5)
