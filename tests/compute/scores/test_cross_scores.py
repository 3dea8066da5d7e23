"""Scores of cross-attention: heads made by hand, and demo-pairs, whose heads are known."""

import numpy as np
import patterns
import pytest
from patterns import CLS, SEP
from stored import comes_back, quiet

from compute import runs, texts
from compute.attention import blocks
from compute.jobs import opening
from compute.scores import clearest, heads
from compute.scores.cross_scores import CROSS_SCORES, KINDS, SHARED

SPECIAL = {CLS, SEP}
WORDS = [list(range(10, 18)), list(range(20, 25))]


def at(places: list[int], s: int) -> np.ndarray:
    return np.eye(s)[places]


def passage(words: list[int]) -> tuple[list[int], list[int], np.ndarray]:
    """Target and source of the same words; three heads: forwards, backwards, at what is read."""
    source, target = [*words, SEP], [CLS, *words]
    s, n = len(source), len(words)
    forwards = [min(i, n) for i in range(n + 1)]
    backwards = [n - 1 - i if i < n else n for i in range(n + 1)]
    itself = [n, *range(n)]
    made = [at(places, s) for places in (forwards, backwards, itself)]
    return target, source, np.array([made])


def run(*words: list[int]) -> runs.Run:
    return patterns.cross(*zip(*map(passage, words), strict=True), SPECIAL)


def test_a_head_that_looks_at_what_is_said_next_has_all_of_it() -> None:
    found = heads.score(run(*WORDS))
    assert found.names == tuple(CROSS_SCORES)
    n = {name: found.n[i, 0] for i, name in enumerate(found.names)}
    # CLS is about to say the first word; the last word has nothing after it.
    assert n["coming"] == n["read"] == 13  # backwards meets one of them in the middle
    assert found.of("coming").mean[0] == pytest.approx([1, 1 / 13, 0], abs=1e-6)
    assert found.of("read").mean[0] == pytest.approx([0, 1 / 13, 1], abs=1e-6)
    assert found.of("special").mean[0, 0] == pytest.approx(2 / 13)  # after the last words


def test_the_order_is_one_forwards_and_minus_one_backwards() -> None:
    order = heads.score(run(*WORDS)).of("order")
    assert order.mean[0] == pytest.approx([1, -1, 1], abs=0.02)
    assert (order.low[0] <= order.mean[0] + 1e-9).all() and (order.high[0] <= 1).all()


def test_a_head_that_looks_everywhere_or_at_one_place_has_no_order() -> None:
    target, source, _ = passage(WORDS[0])
    even, one = np.full((9, 9), 1 / 9), at([3] * 9, 9)
    found = heads.score(patterns.cross([target], [source], [np.array([[even, one]])], SPECIAL))
    assert found.of("order").mean[0, 0] == pytest.approx(0, abs=1e-6)
    assert np.isnan(found.of("order").mean[0, 1])
    assert found.of("relative_entropy").mean[0] == pytest.approx([1, 0], abs=1e-5)


def test_a_long_target_is_cut_into_blocks_without_a_difference(monkeypatch) -> None:
    made = run(*WORDS)
    whole = heads.score(made)
    monkeypatch.setattr(blocks, "SIZE", 60)
    parts = heads.score(made)
    np.testing.assert_allclose(parts.mean, whole.mean, atol=1e-6)
    np.testing.assert_array_equal(parts.n, whole.n)


def test_a_word_that_the_source_lacks_says_nothing() -> None:
    uniform = np.full((1, 1, 3, 4), 1 / 4)
    found = heads.score(patterns.cross([[CLS, 30, 31]], [[10, 11, 12, SEP]], [uniform], SPECIAL))
    assert np.isnan(found.of("coming").mean).all() and np.isnan(found.of("read").mean).all()
    assert np.isfinite(found.of("entropy").mean).all()


def test_kept_in_the_store() -> None:
    comes_back(heads.SCORES, heads.score(run(*WORDS)))


def test_shared_scores_are_one_and_names_are_not_used_twice() -> None:
    within, across, _ = KINDS
    assert set(within) & set(across) == set(SHARED)
    for name, score in CROSS_SCORES.items():
        sentences, formula = score.definition.split("\n")
        assert score.name == name and score.source and formula and sentences.endswith(".")


@pytest.fixture(scope="module")
def opened() -> dict[str, runs.Run]:
    """Half of the pairs copy, half reverse."""
    every, found = texts.load("pairs"), {}
    for task in ("copy:", "reverse:"):
        pairs = zip(every.passages, every.targets, strict=True)
        lines = [f"{s} ⇥ {t}" for s, t in pairs if s.startswith(task)]
        text = texts.from_user("\n".join(lines), name=task)
        texts.save_user(text)
        told = opening.open_run("demo-pairs", text.name, quiet, part="cross")
        found[task] = runs.load(told["key"])
    return found


def test_demo_pairs_has_the_heads_that_it_is_known_for(opened) -> None:
    """As data/models/README.md says: layer 2 in both tasks, L0H0 and L0H1 in copying alone."""
    copied, reversed_ = (heads.score(opened[task]) for task in ("copy:", "reverse:"))
    assert (copied.of("coming").low[2] > 0.9).all() and (reversed_.of("coming").low[2] > 0.9).all()
    assert (copied.of("coming").mean[0, :2] > 0.65).all()
    assert (reversed_.of("coming").mean[0, :2] < 0.1).all()
    assert (copied.of("order").mean[2] > 0.9).all()
    assert (reversed_.of("order").mean[2] < -0.85).all()
    assert copied.of("coming").mean[0, 3] < 0.15


def test_an_example_is_a_place_whose_next_token_the_source_has(opened) -> None:
    found = opened["copy:"]
    token = clearest.example(found, clearest.Clear("coming", 2, 0, 0.98, 1.0))
    said, passage = found.tokens.strings[token + 1], int(found.tokens.passage[token])
    assert said in found.keys.strings[found.key_span(passage)]
