"""Attention between classes of tokens, by heads that attend exactly as the test says."""

import numpy as np
import patterns
import pytest
from stored import comes_back

from compute.attention import blocks
from compute.errors import HeadscopeError
from compute.runs.labels import Labels
from compute.scores import classes

CLS, SEP, NOUN, PRONOUN, OTHER = 2, 3, 10, 20, 30
PASSAGES = [
    [CLS, NOUN, OTHER, PRONOUN, OTHER, SEP],
    [CLS, OTHER, NOUN, OTHER, NOUN, PRONOUN, PRONOUN, SEP],
    [CLS, PRONOUN, OTHER, NOUN, SEP],
]
NAMES = ("noun", "pronoun", "other", "special")
NUMBER = {NOUN: 0, PRONOUN: 1, OTHER: 2, CLS: 3, SEP: 3}


def labels() -> Labels:
    return Labels(NAMES, np.array([NUMBER[t] for p in PASSAGES for t in p]))


def to_class(ids: list[int], source: int, goal: int) -> np.ndarray:
    """Tokens of `source` share their attention out among `goal`; the others look at [CLS]."""
    matrix = np.zeros((len(ids), len(ids)))
    goals = [j for j, t in enumerate(ids) if t == goal]
    for i, token in enumerate(ids):
        if token == source:
            matrix[i, goals] = 1 / len(goals)
        else:
            matrix[i, 0] = 1
    return matrix


def made_run(*heads, causal: bool = False):
    attention = [np.array([[head(ids) for head in heads]]) for ids in PASSAGES]
    return patterns.run(PASSAGES, attention, causal, {CLS, SEP})


def uniform(ids: list[int]) -> np.ndarray:
    return np.full((len(ids), len(ids)), 1 / len(ids))


@pytest.mark.parametrize("size", [30, blocks.SIZE])
def test_the_head_from_nouns_to_pronouns_is_found(size: int, monkeypatch) -> None:
    monkeypatch.setattr(blocks, "SIZE", size)
    run = made_run(
        uniform, lambda p: to_class(p, NOUN, PRONOUN), lambda p: to_class(p, PRONOUN, NOUN)
    )
    found = classes.of(run, labels())
    assert found.tokens.tolist() == [4, 4, 5, 6]
    assert found.n[0].tolist() == [4, 4, 5, 6]
    noun, pronoun, other = range(3)
    assert found.mean[0, 1, noun] == pytest.approx([0, 1, 0, 0], abs=1e-6)
    assert found.mean[0, 1, other] == pytest.approx([0, 0, 0, 1], abs=1e-6)
    assert found.low[0, 1, noun, pronoun] == pytest.approx(1, abs=1e-6)
    # Uniform attention is chance itself: of 6, 8 and 5 tokens 1, 2 and 1 are pronouns.
    chance = (1 / 6 + 2 * 2 / 8 + 1 / 5) / 4
    assert found.chance[0, noun, pronoun] == pytest.approx(chance, abs=1e-6)
    assert found.lift[0, 0] == pytest.approx(1, abs=1e-5)
    assert found.lift[0, 1, noun, pronoun] == pytest.approx(1 / chance, abs=1e-4)
    best = classes.rank(found, "noun", "pronoun", by="lift", least=1.5)
    assert [(row.layer, row.head) for row in best] == [(0, 1)]
    assert best[0].n == 4
    assert best[0].lift_low <= best[0].lift <= best[0].lift_high
    assert [row.head for row in classes.rank(found, "pronoun", "noun")] == [2, 0, 1]


def test_rows_of_means_and_of_chance_sum_to_one() -> None:
    rng = np.random.default_rng(0)

    def random(ids: list[int]) -> np.ndarray:
        a = np.tril(rng.random((len(ids), len(ids))))
        return a / a.sum(1, keepdims=True)

    found = classes.of(made_run(random, random, causal=True), labels())
    assert found.mean.sum(-1) == pytest.approx(1, abs=1e-5)
    assert found.chance.sum(-1) == pytest.approx(1, abs=1e-5)


def test_without_sinks_chance_and_attention_are_those_of_the_others() -> None:
    half = lambda p: 0.5 * to_class(p, NOUN, PRONOUN) + 0.5 * np.eye(len(p))[[0] * len(p)]  # noqa: E731
    found = classes.of(made_run(half, uniform), labels(), sinks=False)
    noun, pronoun, _, special = range(4)
    assert found.mean[0, 0, noun, pronoun] == pytest.approx(1, abs=1e-5)
    chance = (1 / 4 + 2 * 2 / 6 + 1 / 3) / 4
    assert found.chance[0, noun, pronoun] == pytest.approx(chance, abs=1e-6)
    assert found.lift[0, 1, noun, pronoun] == pytest.approx(1, abs=1e-5)
    assert found.mean[..., special] == pytest.approx(0)
    assert np.isnan(found.lift[..., special]).all()


def test_the_interval_is_the_bootstrap_of_passages_and_cells_know_what_they_rest_on() -> None:
    """Nouns look at a pronoun in the first passage, and at none in the others."""
    first = PASSAGES[0]
    run = made_run(lambda p: to_class(p, NOUN, PRONOUN if p == first else CLS))
    found, at = classes.of(run, labels()), (0, 0, 0, 1)
    nouns, got = np.array([1, 2, 1]), np.array([1, 0, 0])
    assert found.mean[at] == pytest.approx(1 / 4, abs=1e-6)
    rng = np.random.default_rng(classes.SEED)
    drawn = rng.multinomial(3, [1 / 3] * 3, size=1000)
    wanted = np.percentile(drawn @ got / (drawn @ nouns), [2.5, 97.5])
    assert [found.low[at], found.high[at]] == pytest.approx(wanted.tolist(), abs=1e-6)
    assert wanted[0] == 0 and wanted[1] > 0.5
    # 4 nouns, 4 pronouns, 5 others, 6 special: the fewer of queries and keys
    assert found.rests_on(0)[:3].tolist() == [[4, 4, 4, 4], [4, 4, 4, 4], [4, 4, 5, 5]]


def test_classes_that_do_not_exist_and_labels_of_another_text() -> None:
    found = classes.of(made_run(uniform), labels())
    with pytest.raises(HeadscopeError, match="no class “verb” here; there are noun, pronoun"):
        classes.rank(found, "noun", "verb")
    with pytest.raises(HeadscopeError, match="labels are for 3 tokens, and this text has 19"):
        classes.of(made_run(uniform), Labels(("a",), np.zeros(3, np.int64)))


def test_kept_under_a_name_of_the_labels() -> None:
    name = classes.key("made", labels())
    assert name != classes.key("made", labels(), sinks=False)
    assert name != classes.key("made", Labels(NAMES, np.zeros(19, np.int64)))
    comes_back(classes.CLASSES, classes.of(made_run(uniform), labels()))
