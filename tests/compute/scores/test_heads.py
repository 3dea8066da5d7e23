"""Scores of heads that attend exactly as the test says."""

from dataclasses import replace

import numpy as np
import patterns
import pytest
from patterns import CLS, SEP, random_run, shifted
from stored import comes_back

from compute.attention import blocks
from compute.attention.exact import of_passage
from compute.capture import sight
from compute.scores import heads
from compute.scores.head_scores import HEAD_SCORES


def looking(ids: list[int], offset: int, causal: bool) -> np.ndarray:
    """Every token looks `offset` places from its first other occurrence, else at the first."""
    matrix = np.zeros((len(ids), len(ids)))
    for i, token in enumerate(ids):
        others = [j for j, t in enumerate(ids) if t == token and j != i and (j < i or not causal)]
        others = [j + offset for j in others if 0 <= j + offset < len(ids)]
        others = [j for j in others if j <= i or not causal]
        matrix[i, others[0] if others else 0] = 1
    return matrix


def scores_of(ids: list[int], causal: bool, special: set[int]) -> heads.Scores:
    """Five heads: previous, self, duplicate, induction, one place beside induction."""
    m = len(ids)
    made = [shifted(m, -1), np.eye(m), *(looking(ids, o, causal) for o in (0, 1, 2))]
    return heads.score(patterns.run([ids], [np.array([made])], causal, special))


@pytest.mark.parametrize("causal", [True, False])
def test_textbook_heads_score_one_and_their_neighbours_zero(causal: bool):
    # Two copies of distinct tokens between special ones: every token of the second has its copy.
    ids = [CLS, *range(10, 18), *range(10, 18), SEP]
    scores = scores_of(ids, causal, {CLS, SEP})
    previous, itself, duplicate, induction, beside = range(5)
    grid = {name: scores.of(name).mean[0] for name in HEAD_SCORES}
    assert grid["previous"][previous] == pytest.approx(1)
    assert grid["self"][itself] == pytest.approx(1)
    assert grid["duplicate"][duplicate] == pytest.approx(1)
    assert grid["induction"][induction] == pytest.approx(1)
    assert grid["induction"][[previous, itself, duplicate, beside]] == pytest.approx(0)
    assert grid["duplicate"][[previous, itself, induction, beside]] == pytest.approx(0)
    assert grid["previous"][[itself, duplicate, beside]] == pytest.approx(0)
    assert grid["entropy"] == pytest.approx(0)
    assert grid["relative_entropy"] == pytest.approx(0)
    assert grid["distance"][previous] == pytest.approx(1)
    assert grid["spread"][previous] == pytest.approx(0, abs=1e-3)
    assert grid["distance"][duplicate] == pytest.approx(8)
    assert grid["distance"][itself] == pytest.approx(0)


def test_counts_of_tokens():
    ids = [CLS, *range(10, 18), *range(10, 18), SEP]
    causal = dict(zip(HEAD_SCORES, scores_of(ids, True, {CLS, SEP}).n[:, 0], strict=True))
    both = dict(zip(HEAD_SCORES, scores_of(ids, False, {CLS, SEP}).n[:, 0], strict=True))
    known = {
        "previous": 15,  # the first ordinary token has only [CLS] before it
        "duplicate": 8,
        "induction": 8,
        "self": 16,
        "entropy": 16,
        "relative_entropy": 16,
        "special": 16,
        "first": 16,
        "distance": 16,
        "spread": 16,
    }
    assert {name: causal[name] for name in known} == known
    assert both["duplicate"] == 16
    assert both["induction"] == 15  # what follows the last token's occurrence is [SEP]
    assert both["first"] == 0


def test_shares_of_a_uniform_head():
    ids = [CLS, 10, 11, 12, 10, SEP]
    uniform = np.full((1, 1, 6, 6), 1 / 6)
    scores = heads.score(patterns.run([ids], [uniform], False, {CLS, SEP}))
    grid = {name: scores.of(name).mean[0, 0] for name in HEAD_SCORES}
    assert grid["previous"] == pytest.approx(1 / 6)
    assert grid["special"] == pytest.approx(1 / 3)
    assert grid["entropy"] == pytest.approx(np.log(6))
    assert grid["relative_entropy"] == pytest.approx(1)
    distances = np.abs(np.arange(4)[:, None] - np.arange(4))
    assert grid["distance"] == pytest.approx(distances.mean())
    assert grid["spread"] == pytest.approx(distances.std())
    assert np.isnan(grid["first"])


def test_no_evidence_is_nan_and_never_zero():
    ids = [10, 11, 12, 13]
    uniform = np.full((1, 2, 4, 4), 0.25)
    scores = heads.score(patterns.run([ids], [uniform], False))
    for name in ("duplicate", "induction", "special", "first"):
        assert np.isnan(scores.of(name).mean).all()
        assert scores.n[scores.names.index(name)] == 0
    assert np.isfinite(scores.of("previous").mean).all()
    assert np.isnan(scores.of("previous").low).all()  # one passage says nothing of spread


def test_keys_out_of_a_local_layers_sight_are_no_evidence():
    ids = [10, 11, 12, 13, 10]
    window = np.abs(np.arange(5)[:, None] - np.arange(5)) <= 1
    sights = sight.full(5, 5), sight.of(window)
    local = np.where(window, 1.0, 0.0) / window.sum(1, keepdims=True)
    attention = np.stack([np.full((1, 5, 5), 0.2), local[None]])
    run = patterns.run([ids], [attention], False, sights=sights, pattern=(0, 1))
    duplicate = heads.score(run).of("duplicate").mean[:, 0]
    assert duplicate[0] == pytest.approx(0.2)
    assert np.isnan(duplicate[1])


def by_hand(run, layer: int, head: int, causal: bool) -> dict[str, float]:
    """Recompute the scores pair by pair from the passages' attention."""
    found: dict[str, list[float]] = {name: [] for name in HEAD_SCORES}
    weight = distance = square = 0.0
    for p in range(len(run.tokens.starts) - 1):
        attention = of_passage(run, layer, head, p).astype(float)
        ids, m = run.tokens.ids[run.span(p)], len(attention)
        ordinary = [j for j in range(1, m - 1)]
        for i in ordinary:
            row = attention[i]
            seen = range(i + 1) if causal else range(m)
            others = [j for j in ordinary if ids[j] == ids[i] and j != i and (j < i or not causal)]
            after = [j + 1 for j in others if j + 1 in ordinary and j + 1 != i]
            if i - 1 in ordinary:
                found["previous"].append(row[i - 1])
            if others:
                found["duplicate"].append(sum(row[j] for j in others))
            if after:
                found["induction"].append(sum(row[j] for j in after))
            found["self"].append(row[i])
            found["special"].append(row[0] + row[m - 1])
            if causal:
                found["first"].append(row[0])
            entropy = -sum(row[j] * np.log(row[j]) for j in seen if row[j] > 0)
            found["entropy"].append(entropy)
            found["relative_entropy"].append(entropy / np.log(len(seen)))
            for j in ordinary:
                weight += row[j]
                distance += row[j] * abs(i - j)
                square += row[j] * abs(i - j) ** 2
    result = {name: float(np.mean(v)) for name, v in found.items() if v}
    result["distance"] = distance / weight
    result["spread"] = np.sqrt(square / weight - result["distance"] ** 2)
    return result


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("block", [50, blocks.SIZE])
def test_equal_to_a_pair_by_pair_recomputation(causal: bool, block: int, monkeypatch):
    monkeypatch.setattr(blocks, "SIZE", block)  # 50: long passages are cut into rows
    run, _ = random_run((9, 14, 9, 11, 32), causal)
    scores = heads.score(run)
    for layer in range(2):
        for head in range(3):
            for name, value in by_hand(run, layer, head, causal).items():
                assert scores.of(name).mean[layer, head] == pytest.approx(value, abs=2e-5), name


def test_grouped_queries_and_own_sinks():
    rng = np.random.default_rng(1)
    passages = [[CLS, 5, 6, 5, 7, 6, SEP], [CLS, 5, 5, 6, SEP]]
    blank = [np.full((1, 4, len(ids), len(ids)), 1 / len(ids)) for ids in passages]
    run = patterns.run(passages, blank, False, {CLS, SEP})
    changed = {
        "model": patterns.info(1, 4, False, 8, kv_heads=2),
        "q": rng.normal(size=(1, 4, len(run.tokens), 8)).astype(np.float32),
        "k": rng.normal(size=(1, 2, len(run.tokens), 8)).astype(np.float32),
        "scaling": (0.5,),
        "sinks": rng.normal(size=(1, 4)).astype(np.float32),
        "softcap": 5.0,
    }
    run = type(run)(**(vars(run) | changed))
    scores = heads.score(run)
    for head in range(4):
        expected = by_hand(run, 0, head, False)
        for name in ("previous", "duplicate", "induction", "special", "distance", "spread"):
            assert scores.of(name).mean[0, head] == pytest.approx(expected[name], abs=1e-5)


def test_interval_holds_the_mean_and_is_the_same_again():
    run, _ = random_run((9, 14, 9, 11, 32))
    scores, again = heads.score(run), heads.score(run)
    for name in ("previous", "induction", "distance"):
        mean, low, high = scores.of(name)
        assert (low < mean).all() and (mean < high).all()
    np.testing.assert_array_equal(scores.low, again.low)


def test_progress_ends_at_all_of_it():
    seen = []
    heads.score(random_run(causal=True)[0], lambda done, total: seen.append((done, total)))
    assert seen == [(i + 1, len(seen)) for i in range(len(seen))]


def test_kept_in_the_store():
    scores = heads.score(random_run(causal=True)[0])
    assert scores.names == tuple(HEAD_SCORES)
    comes_back(heads.SCORES, scores)


def test_kept_scores_without_a_new_one_are_measured_again(monkeypatch):
    run, _ = random_run(causal=True)
    heads.SCORES.ensure(heads.key("some-run"), lambda: heads.score(run))
    added = replace(HEAD_SCORES["self"], name="added")
    monkeypatch.setitem(HEAD_SCORES, "added", added)
    assert heads.SCORES.get(heads.key("some-run")) is None
    heads.SCORES.ensure(heads.key("some-run"), lambda: heads.score(run))
    again = heads.SCORES.get(heads.key("some-run"))
    np.testing.assert_array_equal(again.of("added").mean, again.of("self").mean)


def test_every_score_says_what_it_is():
    for name, score in HEAD_SCORES.items():
        sentences, formula = score.definition.split("\n")
        assert score.name == name and score.title and score.source and formula
        assert sentences.endswith(".")
