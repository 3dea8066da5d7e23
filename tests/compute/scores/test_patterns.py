"""Heads found by painted cells and by rules, made so that the ranking is known."""

import dataclasses

import numpy as np
import patterns as made
import pytest
from patterns import run_of
from stored import comes_back

from compute.attention import blocks
from compute.attention.blocks import attention
from compute.errors import HeadscopeError
from compute.scores import aggregate, by_position
from compute.scores import patterns as ask

CLS, SEP, OPEN, CLOSE = 2, 3, 8, 9
PASSAGES = [
    [CLS, 20, OPEN, 21, 22, CLOSE, 23, SEP],
    [CLS, OPEN, 24, CLOSE, 25, OPEN, 26, 27, 28, CLOSE, 29, SEP],
    [CLS, 30, 31, OPEN, 32, 33, 34, CLOSE, SEP],
]
PAIRS = [{5: 2}, {3: 1, 9: 5}, {7: 3}]


def painted(mask: np.ndarray, passage: int) -> ask.Pattern:
    cells = tuple((int(i), int(j), float(mask[i, j])) for i, j in np.argwhere(mask))
    return ask.Pattern(ask.PAINTED, passage=passage, cells=cells)


def bracket_head(p: int) -> np.ndarray:
    """Closing brackets look at their openers, the others at [CLS]."""
    m = len(PASSAGES[p])
    return np.eye(m)[[PAIRS[p].get(i, 0) for i in range(m)]]


def back(p: int, far: int) -> np.ndarray:
    m = len(PASSAGES[p])
    return np.eye(m)[np.maximum(np.arange(m) - far, 0)]


def even(p: int) -> np.ndarray:
    m = len(PASSAGES[p])
    return np.full((m, m), 1 / m)


def run_with(*heads, causal: bool = False):
    attention = [np.array([[head(p) for head in heads]]) for p in range(3)]
    run = made.run(PASSAGES, attention, causal, {CLS, SEP})
    shown = {OPEN: "(", CLOSE: ")"}
    strings = tuple(shown.get(int(i), str(i)) for i in run.tokens.ids)
    return dataclasses.replace(run, tokens=dataclasses.replace(run.tokens, strings=strings))


def ranked(run, pattern: ask.Pattern) -> ask.Ranking:
    return ask.rank(run, pattern, aggregate.of(run))


@pytest.mark.parametrize("size", [25, blocks.SIZE])
def test_the_bracket_head_comes_first_and_a_head_of_equal_offsets_gains_nothing(size, monkeypatch):
    monkeypatch.setattr(blocks, "SIZE", size)
    run = run_with(even, lambda p: back(p, 3), bracket_head)
    found = ranked(run, ask.Pattern("brackets"))
    assert found.baseline == "position"
    assert found.n.tolist() == [4]
    assert found.mean[0] == pytest.approx([(1 / 8 + 2 / 12 + 1 / 9) / 4, 1 / 4, 1], abs=1e-5)
    order = ask.rows(found)
    assert order[0].head == 2
    assert order[0].excess > 0.6
    assert order[0].excess_low <= order[0].excess <= order[0].excess_high
    # Two heads that know only position: what was to be expected of them. The second looks at
    # [CLS] for want of a token three back, and so is expected to do a bit of that everywhere.
    assert found.excess[0, 1] == pytest.approx(0, abs=0.08)
    assert found.excess[0, 0] == pytest.approx(0, abs=0.02)


def test_position_alone_gives_position_heads_back() -> None:
    run = run_with(
        lambda p: back(p, 1),
        lambda p: back(p, 0),
        lambda p: np.eye(len(PASSAGES[p]))[[0] * len(PASSAGES[p])],
    )
    averages = aggregate.of(run)
    ordinary = ~run.tokens.sinks(False)
    for block in blocks.blocks(run):
        real = attention(run, 0, block)
        seen = blocks.visible(run, 0, block)
        without = by_position.expected(run, averages, 0, block, seen, real.sum(-1))
        assert without.sum(-1) == pytest.approx(real.sum(-1), abs=1e-5)
        rows = ordinary[block.asking]
        rows[:, 1] = False  # the first ordinary token looks at [CLS] for want of another
        for head in (1, 2):
            assert without[:, head][rows] == pytest.approx(real[:, head][rows], abs=1e-5)
        assert without[:, 0][rows][:, 1:] == pytest.approx(real[:, 0][rows][:, 1:], abs=0.15)


def test_painted_cells_of_one_passage() -> None:
    run = run_with(even, bracket_head, lambda p: back(p, 3))
    mask = np.zeros((12, 12))
    mask[9, 5] = 1
    found = ranked(run, painted(mask, 1))
    assert found.n.tolist() == [1]
    assert found.mean[0] == pytest.approx([1 / 12, 1, 0], abs=1e-5)
    assert ask.rows(found)[0].head == 1
    assert np.isnan(found.low).all()
    # Half a weight is half the attention.
    half = ranked(run, painted(mask * 0.5, 1))
    assert half.mean[0, 1] == pytest.approx(0.5, abs=1e-5)
    assert half.excess[0] == pytest.approx(found.excess[0] / 2, abs=1e-6)


def test_a_rule_that_is_a_position_is_compared_with_equal_attention() -> None:
    run = run_with(even, lambda p: back(p, 1), lambda p: back(p, 2))
    found = ranked(run, ask.Pattern("previous"))
    assert found.baseline == "uniform"
    assert found.excess[0, 0] == pytest.approx(0, abs=1e-6)
    assert found.mean[0, 1] == pytest.approx(1, abs=1e-6)
    assert found.mean[0, 2] == pytest.approx(0, abs=1e-6)
    assert ask.rows(found)[0].head == 1
    one = ranked(run, ask.Pattern("offset", offset=-2, passage=2))
    assert one.n.tolist() == [5]
    assert one.mean[0] == pytest.approx([1 / 9, 0, 1], abs=1e-6)


def test_causal_models_count_only_keys_in_view() -> None:
    lower = lambda p: np.tril(even(p)) / np.tril(even(p)).sum(1, keepdims=True)  # noqa: E731
    run = run_with(lower, causal=True)
    mask = np.zeros((8, 8))
    mask[2, 5] = mask[5, 2] = 1
    found = ranked(run, painted(mask, 0))
    assert found.n.tolist() == [1]
    assert found.mean[0, 0] == pytest.approx(1 / 6, abs=1e-5)
    with pytest.raises(HeadscopeError, match="looks only back"):
        ranked(run, painted(np.triu(mask), 0))
    with pytest.raises(HeadscopeError, match="looks only back"):
        ranked(run, ask.Pattern("offset", offset=2))


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        (painted(np.zeros((8, 8)), 0), "Nothing is painted"),
        (ask.Pattern("painted", passage=0), "Nothing is painted"),
        (ask.Pattern("painted", cells=((1, 1, 1.0),)), "Nothing is painted"),
        (painted(np.eye(12), 0), "outside passage 0, which has 8 tokens"),
        (ask.Pattern("same", passage=3), "no passage 3: the text has 0 to 2"),
        (ask.Pattern("zigzag"), "no pattern “zigzag”"),
        (ask.Pattern("next-sentence"), "no pair of tokens for “next sentence”"),
    ],
)
def test_patterns_that_are_none(pattern: ask.Pattern, says: str) -> None:
    with pytest.raises(HeadscopeError, match=says):
        ranked(run_with(even), pattern)


def test_kept_under_a_name_of_the_pattern() -> None:
    pattern = ask.Pattern("brackets")
    assert ask.key("made", pattern) != ask.key("made", ask.Pattern("brackets", passage=1))
    comes_back(ask.RANKINGS, ranked(run_with(even, bracket_head), pattern))


def test_brackets_in_a_text_without_any() -> None:
    with pytest.raises(HeadscopeError, match="Choose another pattern or text"):
        ranked(run_of(["a", "b"]), ask.Pattern("brackets"))
