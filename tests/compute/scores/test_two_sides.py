"""Averages, rules, classes and likeness of cross-attention: two lists of tokens, by hand."""

from dataclasses import replace

import numpy as np
import patterns
import pytest
from patterns import CLS, SEP

from compute.attention import blocks
from compute.attention.exact import of_passage
from compute.errors import HeadscopeError
from compute.runs import Run, labels
from compute.scores import aggregate, classes, head_similarity, strongest_passages
from compute.scores import patterns as rules
from compute.scores.pattern_rules import RULES, rules_of

SPECIAL = {CLS, SEP}
TARGETS = [[CLS, 10, 11, 12, 13], [CLS, 20, 21], [CLS, 12, 11, 10, 13, 14, 15]]
SOURCES = [[10, 11, SEP], [20, 21, 22, 23, SEP], [10, 11, 12, 13, SEP]]


@pytest.fixture
def run() -> Run:
    rng = np.random.default_rng(3)
    made = []
    for target, source in zip(TARGETS, SOURCES, strict=True):
        weights = rng.random((2, 3, len(target), len(source)))
        made.append(weights / weights.sum(-1, keepdims=True))
    return patterns.cross(TARGETS, SOURCES, made, SPECIAL)


def pairs(run: Run):
    """Yield what a loop over single tokens sees: passage, query, key, their ids, attention."""
    for p, (target, source) in enumerate(zip(TARGETS, SOURCES, strict=True)):
        weights = of_passage(run, 1, 2, p)
        for (i, a), (j, b) in ((x, y) for x in enumerate(target) for y in enumerate(source)):
            yield p, i, j, a, b, float(weights[i, j])


@pytest.mark.parametrize("size", [None, 12])
def test_averages_count_places_in_target_and_source(run, size, monkeypatch) -> None:
    if size:
        monkeypatch.setattr(blocks, "SIZE", size)
    found = aggregate.of(run)
    assert found.positions.shape == (2, 3, 7, 5) and found.sums.shape == (2, 3, 13)
    sums, cells = np.zeros(13), np.zeros((7, 5))
    for _, i, j, a, b, weight in pairs(run):
        cells[i, j] += weight
        if not {a, b} & SPECIAL:
            sums[j - i + 6] += weight
    np.testing.assert_allclose(found.sums[1, 2], sums, atol=1e-5)
    seen = np.nan_to_num(found.positions[1, 2]) * found.counted[1]
    np.testing.assert_allclose(seen, cells, atol=1e-5)
    assert found.queries.tolist() == [4 + 2 + 6]


@pytest.mark.parametrize("size", [None, 12])
@pytest.mark.parametrize("name", ["same", "coming", "first", "offset"])
def test_rules_find_their_pairs_in_two_texts(run, name, size, monkeypatch) -> None:
    if size:
        monkeypatch.setattr(blocks, "SIZE", size)
    found = rules.rank(run, rules.Pattern(name, -1), aggregate.of(run))
    got, asked = 0.0, set()
    for p, i, j, a, b, weight in pairs(run):
        after = [*TARGETS[p], None][i + 1]
        belongs = {
            "same": a == b and a not in SPECIAL,
            "coming": after == b,
            "first": j == 0 and a not in SPECIAL,
            "offset": j - i == -1 and not {a, b} & SPECIAL,
        }
        if belongs[name]:
            got += weight
            asked.add((p, i))
    assert found.n[1] == len(asked)
    assert found.mean[1, 2] == pytest.approx(got / len(asked), abs=1e-6)


def test_rules_of_one_text_are_not_of_two_and_the_other_way_round(run) -> None:
    assert set(rules_of(False)) == {"offset", "same", "coming", "first"}
    assert set(rules_of(True)) == set(RULES) - {"coming", *rules_of(True, pictures=True)}
    averages = aggregate.of(run)
    with pytest.raises(HeadscopeError, match="pattern within one text"):
        rules.rank(run, rules.Pattern("previous"), averages)
    square, _ = patterns.random_run()
    with pytest.raises(HeadscopeError, match="pattern of cross-attention"):
        rules.rank(square, rules.Pattern("coming"), aggregate.of(square))


def test_passages_are_ordered_by_scores_of_their_own_kind_alone(run) -> None:
    assert strongest_passages.find(run, 0, 0, "coming").n.tolist() == [2, 2, 4]
    with pytest.raises(HeadscopeError, match="no score of this attention"):
        strongest_passages.find(run, 0, 0, "previous")
    with pytest.raises(HeadscopeError, match="no score of this attention"):
        strongest_passages.find(patterns.random_run()[0], 0, 0, "coming")


def test_painted_cells_lie_in_a_passage_of_two_sizes(run) -> None:
    averages = aggregate.of(run)
    painted = rules.Pattern("painted", passage=0, cells=((4, 1, 1.0),))
    found = rules.rank(run, painted, averages)
    assert found.mean[1, 2] == pytest.approx(of_passage(run, 1, 2, 0)[4, 1], abs=1e-6)
    outside = replace(painted, cells=((1, 4, 1.0),))
    with pytest.raises(HeadscopeError, match="5 tokens in its target and 3 in its source"):
        rules.rank(run, outside, averages)


def test_classes_are_of_queries_in_the_target_and_keys_in_the_source(run) -> None:
    found = labels.by_rules(run, "low = 1\\d\nhigh = 2\\d")
    measured = classes.of(run, found)
    names = {"low": range(10, 20), "high": range(20, 30), "special": SPECIAL}
    assert dict(zip(measured.names, measured.tokens, strict=True)) == {
        "low": 6,
        "high": 4,
        "special": 3,
    }
    mean, _, _ = classes.cell(measured, "low", "special")
    looks = [w for *_, a, b, w in pairs(run) if a in names["low"] and b in names["special"]]
    assert mean.mean[1, 2] == pytest.approx(sum(looks) / 10, abs=1e-6)
    with pytest.raises(HeadscopeError, match="Label it again"):
        classes.of(run, labels.Labels(("a",), np.zeros(15, np.int64)))


def test_a_file_of_places_says_on_which_side_they_are(run) -> None:
    content = "role,passage,position,label\nquery,1,2,mine\nkey,1,4,end\nkey,1,1,mine\n"
    found = labels.by_csv(run, content)
    name = [found.names[number] for number in found.of]
    keys = [found.names[number] for number in found.keys]
    assert name.index("mine") == 7 and name.count("mine") == 1
    assert keys[4] == "mine" and keys[7] == "end" and len(keys) == 13
    with pytest.raises(HeadscopeError, match="Line 2 of the label file"):
        labels.by_csv(run, "passage,position,label\n1,2,mine\n")
    by_token = labels.by_csv(run, "token,label\n11,eleven\n")
    assert [by_token.names[i] for i in by_token.keys].count("eleven") == 2
    assert by_token.digest != found.digest


def test_heads_of_cross_attention_are_alike_as_far_as_their_rows_are(run) -> None:
    found = head_similarity.all_pairs(run, run)
    assert found.queries == found.of == 12
    total = 0.0
    for p, target in enumerate(TARGETS):
        one, two = (of_passage(run, *at, p).astype(float) for at in ((0, 1), (1, 2)))
        mixed = (one + two) / 2
        entropy = [-(x * np.log2(np.maximum(x, 1e-30))).sum(1) for x in (one, two, mixed)]
        apart = entropy[2] - (entropy[0] + entropy[1]) / 2
        total += apart[np.array(target) != CLS].sum()
    assert found.divergence[0, 1, 1, 2] == pytest.approx(total / 12, abs=1e-5)
    square, _ = patterns.random_run()
    with pytest.raises(HeadscopeError, match="within one text"):
        head_similarity.all_pairs(run, square)
