"""Divergence of heads that attend exactly as the test says."""

import dataclasses

import numpy as np
import patterns
import pytest
from patterns import CLS, SEP, random_run, run_of, shifted
from stored import comes_back

from compute.errors import HeadscopeError
from compute.scores import aggregate, head_similarity

HALVES = 1.5 - 0.75 * np.log2(3)
"""Divergence in bits of (1, 0) and (1/2, 1/2)."""


def three_heads() -> patterns.Run:
    """One token back; itself; half and half."""
    passages = [[CLS, *range(10, 18), SEP], [CLS, *range(20, 26), SEP], [CLS, *range(30, 33), SEP]]
    made = []
    for ids in passages:
        back, itself = shifted(len(ids), -1), np.eye(len(ids))
        made.append(np.array([[back, itself, (back + itself) / 2]]))
    return patterns.run(passages, made, False, {CLS, SEP})


def test_known_divergences() -> None:
    assert pytest.approx(0.3113, abs=1e-4) == HALVES
    run = three_heads()
    found = head_similarity.all_pairs(run, run)
    expected = [[0, 1, HALVES], [1, 0, HALVES], [HALVES, HALVES, 0]]
    assert found.divergence[0, :, 0] == pytest.approx(np.array(expected), abs=1e-5)
    assert (found.queries, found.of) == (17, 17)
    assert found.same


def test_a_sample_of_queries(monkeypatch) -> None:
    run, _ = random_run()
    found = head_similarity.all_pairs(run, run)
    assert found.divergence[1, 2, 0, 1] == found.divergence[0, 1, 1, 2]
    monkeypatch.setattr(head_similarity, "QUERIES", 5)
    some = head_similarity.all_pairs(run, run)
    assert (some.queries, some.of) == (5, found.of)
    assert np.array_equal(some.divergence, head_similarity.all_pairs(run, run).divergence)


def test_passages_with_more_attention_than_is_held_are_refused(monkeypatch) -> None:
    run = three_heads()
    monkeypatch.setattr(head_similarity, "LONG", 9)
    assert head_similarity.all_pairs(run, run).of == 17, "few heads"
    monkeypatch.setattr(head_similarity, "CELLS", 3 * 10**2 - 1)
    with pytest.raises(HeadscopeError, match=r"has 10 tokens: .* at most 9 tokens\."):
        head_similarity.all_pairs(run, run)


def test_most_and_least_like() -> None:
    run = three_heads()
    found = head_similarity.all_pairs(run, run)
    assert [n.head for n in head_similarity.nearest(found, 0, 0)] == [2, 1]
    assert [n.head for n in head_similarity.nearest(found, 0, 0, 1, most=False)] == [1]


def test_a_head_is_found_again_in_another_run() -> None:
    run = three_heads()
    turned = dataclasses.replace(run, key="turned", q=run.q[:, [0, 2, 1]])
    across = head_similarity.all_pairs(run, turned)
    assert not across.same
    assert [n.head for n in head_similarity.nearest(across, 0, 1, 1)] == [2]
    assert head_similarity.nearest(across, 0, 0, 1)[0].head == 0  # itself, in another model


def test_across_tokenizers_attention_goes_to_whole_units() -> None:
    # "playing dogs": the same attention on words, cut into pieces in the second model.
    words = run_of(["[CLS]", "playing", "dogs", "bark", "[SEP]"])
    pieces = run_of(["[CLS]", "play", "##ing", "dogs", "bark", "[SEP]"])
    whole = np.zeros((5, 5))
    whole[1, 2], whole[2, 1], whole[3, 0], whole[0, 0], whole[4, 4] = 1, 1, 1, 1, 1
    cut = np.zeros((6, 6))
    cut[1, 3] = cut[2, 3] = cut[0, 0] = cut[4, 0] = cut[5, 5] = 1
    cut[3, 1] = cut[3, 2] = 0.5
    a = with_attention(words, whole)
    b = with_attention(pieces, cut)
    found = head_similarity.all_pairs(a, b)
    assert found.queries == 3
    assert found.divergence[0, 0, 0, 0] == pytest.approx(0, abs=1e-6)
    # One piece of a query word looks elsewhere: its word looks half there.
    cut[2, 3], cut[2, 4] = 0, 1
    found = head_similarity.all_pairs(a, with_attention(pieces, cut))
    assert found.divergence[0, 0, 0, 0] == pytest.approx(HALVES / 3, abs=1e-5)


def with_attention(run, matrix: np.ndarray):
    made = patterns.run([list(range(len(matrix)))], [matrix[None, None]], False)
    return dataclasses.replace(made, key=f"{len(matrix)}", tokens=run.tokens)


def test_heads_with_a_sink_of_their_own_share_it_as_a_key() -> None:
    run = three_heads()
    resting = dataclasses.replace(run, key="b", sinks=np.full((1, 3), 50.0, np.float32))
    found = head_similarity.all_pairs(run, resting)
    assert found.divergence[0, 0, 0, 0] == pytest.approx(1, abs=1e-5)
    found = head_similarity.all_pairs(resting, resting)
    assert found.divergence[0, 0, 0, 1] == pytest.approx(0, abs=1e-5)


def test_one_head_on_two_texts() -> None:
    a = aggregate.of(three_heads())
    passages = [[CLS, *range(40, 52), SEP]]
    back, itself = shifted(14, -1), np.eye(14)
    b = aggregate.of(patterns.run(passages, [np.array([[back, back, itself]])], False, {CLS, SEP}))
    found = head_similarity.across_texts(a, b)
    assert found[0, 0] == pytest.approx(
        0, abs=0.02
    )  # [CLS] for want of a token: more in short ones
    assert found[0, 1] == pytest.approx(1, abs=1e-5)
    assert found[0, 2] == pytest.approx(HALVES, abs=0.1)
    other, _ = random_run()
    with pytest.raises(HeadscopeError, match="different heads"):
        head_similarity.across_texts(a, aggregate.of(other))


def test_kept_and_found_again() -> None:
    run = three_heads()
    found = head_similarity.all_pairs(run, run)
    assert (found.queries, found.of, found.same) == (17, 17, True)
    comes_back(head_similarity.LIKENESS, found)
