"""What is said of heads whose use of a property is known, or known to be none."""

from dataclasses import replace

import numpy as np
import planted
import pytest
from shuffled import shuffled
from stored import comes_back, quiet, random_cross

from compute import runs
from compute.errors import HeadscopeError
from compute.jobs import opening
from compute.properties import asking, chance, every_head, finding, numbers, removal, verdicts


def measured(run, said: str) -> numbers.Finding:
    return finding.measure(asking.ask(run, said), 0, 0)


def test_a_planted_plane_is_used() -> None:
    found = measured(planted.same_word(), "same@0")
    assert (found.verdict, found.rank, found.dims) == ("uses", 2, planted.DIMS)
    assert found.above >= 2 and found.share == pytest.approx(1, abs=0.06)
    # Equal words have 9, others -9/5 in the mean over the other five.
    assert found.advantage == pytest.approx(9 * 6 / 5, rel=0.08)
    assert found.auc > 0.95
    assert found.attention > 3 * found.removed and found.random_mean > 0.6 * found.attention
    assert found.low <= found.effect <= found.high
    assert found.effect == pytest.approx(found.attention - found.removed)
    assert "It uses it: without 2 of 8 directions" in verdicts.sentence(found)


def test_what_separates_without_an_effect_is_said_to_have_none() -> None:
    found = measured(planted.without_effect(), "regex:^[0-2]$")
    assert found.advantage == pytest.approx(4, abs=0.2) and found.auc > 0.9 and found.above == 1
    assert found.attention == pytest.approx(0.5, abs=0.1)
    assert found.removed == pytest.approx(found.attention, abs=1e-4)
    assert found.verdict == "effectless" and "no causal effect" in verdicts.sentence(found)
    assert "keys is as before (" in verdicts.sentence(found)
    for change, said in ((-0.3, "even rises"), (0.3, "falls no more clearly than by chance")):
        changed = replace(found, effect=change * found.attention)
        assert f"keys {said} (" in verdicts.sentence(changed)


@pytest.mark.parametrize(
    ("low", "high", "how"),
    [
        (-0.2, 0.2, "no closer than"),
        (0.1, 0.4, "hardly closer than"),
        (-0.4, -0.1, "farther apart"),
    ],
)
def test_what_is_not_above_chance_is_said_by_its_interval(low, high, how) -> None:
    found = measured(planted.without_effect(), "regex:^[0-2]$")
    by_chance = replace(found, verdict="chance", advantage_low=low, advantage_high=high)
    assert f"such pairs are {how}" in verdicts.sentence(by_chance)


def test_what_the_principal_components_do_as_well_is_not_specific() -> None:
    found = measured(planted.same_word(spread=0.1), "same@0")
    assert found.rank == 2 and found.principal == pytest.approx(found.removed, abs=0.02)
    assert found.verdict == "unspecific" and "principal components" in verdicts.sentence(found)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("said", ["same@-1", "regex:^[01]$", "mod:3"])
def test_an_unrelated_head_passes_nothing(said: str, seed: int) -> None:
    found = measured(planted.unrelated(seed), said)
    assert found.verdict in ("chance", "hardly")


@pytest.mark.parametrize("said", ["same@-1", "regex:^[01]$"])
def test_chance_is_passed_by_chance_as_often_as_it_should_be(said: str) -> None:
    passed = 0
    for seed in range(60):
        question = asking.ask(planted.unrelated(seed), said)
        q, k = question.run.head(0, 0)
        fit, _ = question.pairs(0)
        middle = finding.centre(question.marks, question.units, q, k)
        q, k = q - middle.q, k - middle.k
        some = chance.largest(q, k, question.exchanged(0))
        passed += finding.contrast(q, k, fit).s[0] > np.quantile(some, chance.QUANTILE)
    assert passed <= 4


def test_a_head_that_looks_elsewhere_is_not_explained() -> None:
    run = planted.without_effect()
    run = planted.special(run, run.tokens.position == 0)
    q = np.zeros_like(run.q)
    q[..., 0] = 60
    found = measured(replace(run, q=q), "same@0")
    assert found.attention < 0.001 and found.verdict == "hardly"
    assert verdicts.sentence(found).startswith("It hardly looks there: 0.000")


def test_few_pairs_are_counted_and_nothing_is_claimed() -> None:
    found = measured(planted.same_word(planted.ids(12, 6)), "same@0")
    assert found.verdict == "few" and min(found.fitted, found.held) < verdicts.FEWEST
    assert f"{found.fitted} matching pairs" in verdicts.sentence(found) and np.isnan(found.effect)


def test_one_long_passage_works() -> None:
    found = measured(planted.same_word(planted.ids(1, 600)), "same@0")
    assert (found.verdict, found.rank) == ("uses", 2)


def test_directions_are_taken_out_of_the_queries_alone() -> None:
    run = planted.same_word(planted.ids(12, 10))
    question = asking.ask(run, "same@0")
    rows = removal.rows_of(question, 0)
    axes = planted.plane()[:, :2].astype(np.float32)
    found = removal.removed(question, 0, 0, axes, rows)
    q, k = run.q[0, 0], run.k[0, 0]
    plain, without, n = 0.0, 0.0, 0
    for p in range(1, 12, 2):
        span = slice(10 * p, 10 * p + 10)
        word = run.tokens.ids[span]
        match = (word[:, None] == word) & ~np.eye(10, dtype=bool)
        for asking_q, add in ((q, "plain"), (q - q @ axes @ axes.T, "without")):
            logits = asking_q[span] @ k[span].T
            weights = np.exp(logits - logits.max(1, keepdims=True))
            weights /= weights.sum(1, keepdims=True)
            total = (weights * match).sum()
            plain, without = (
                (plain + total, without) if add == "plain" else (plain, without + total)
            )
        n += match.any(1).sum()
    assert found.counts.sum() == n
    assert found.means[:2] == pytest.approx([plain / n, without / n], abs=1e-5)


def test_all_heads_are_listed_by_what_they_lose() -> None:
    one, other = planted.same_word(), planted.same_word(seed=3, spread=0.1)
    noise = planted.unrelated(0, planted.ids(), planted.DIMS)
    q, k = (np.concatenate([getattr(r, s) for r in (noise, other, one)], 1) for s in "qk")
    run = planted.of(planted.ids(), q[0], k[0])
    question, told = asking.ask(run, "same@0"), []
    found = every_head.measure(question, lambda *done: told.append(done))
    listed = every_head.rows(found)
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert {row.head: row.verdict for row in listed} == {2: "uses", 1: "unspecific", 0: "chance"}
    assert listed[-1].head == 0
    assert [row.mean for row in listed[:2]] == sorted((r.mean for r in listed[:2]), reverse=True)
    alone = finding.measure(question, 0, 2)
    assert numbers.numbers_of(alone) == next(r.numbers for r in listed if r.head == 2)


def test_layers_that_are_not_stored_are_left_out() -> None:
    run = planted.same_word(planted.ids(12, 6))
    run = replace(run, model=replace(run.model, layers=2), pattern=(0, 0), scaling=(1.0, 1.0))
    found = every_head.measure(asking.ask(replace(run, held=(0,)), "same@0"))
    assert found.verdict[:, 0].tolist() == [0, -1] and len(every_head.rows(found)) == 1


def test_same_words_give_the_same_numbers() -> None:
    first, second = (measured(planted.same_word(), "same@0") for _ in range(2))
    assert np.array_equal(first.singular, second.singular)
    assert replace(first, singular=second.singular) == second


@pytest.mark.usefixtures("cache")
def test_findings_come_back_from_the_store() -> None:
    question = asking.ask(planted.same_word(), "same@0")
    found = finding.ensure(question, 0, 0)
    assert finding.FINDINGS.has(finding.key("planted", 0, 0, question.marks))
    comes_back(finding.FINDINGS, found)
    comes_back(every_head.PROPERTIES, every_head.measure(question))


@pytest.mark.usefixtures("cache")
def test_what_was_not_measured_comes_back_too() -> None:
    few = measured(planted.same_word(planted.ids(12, 6)), "same@0")
    comes_back(finding.FINDINGS, few)


@pytest.mark.usefixtures("cache")
def test_what_properties_do_not_explain_is_refused() -> None:
    with pytest.raises(HeadscopeError, match="cross-attention"):
        asking.ask(random_cross(), "same@0")
    run = planted.same_word()
    with pytest.raises(HeadscopeError, match="adds to q·k"):
        asking.ask(replace(run, added=np.zeros(1)), "same@0")
    with pytest.raises(HeadscopeError, match="has no head L0H1"):
        finding.measure(asking.ask(run, "same@0"), 0, 1)


def test_labels_come_from_a_file(tmp_path) -> None:
    file = tmp_path / "labels.csv"
    file.write_text("token,label\n0,low\n1,low\n2,high\n")
    run = planted.same_word()
    by_name = asking.ask(run, f"file:{file}:low").marks
    assert (by_name.offers == np.where(run.tokens.ids < 2, 0, -1)).all()
    both = asking.ask(run, f"file:{file}").marks
    assert both.pairwise and set(both.asks[run.tokens.ids > 2]) == {-1}
    with pytest.raises(HeadscopeError, match="can't be read"):
        asking.ask(run, "file:nowhere.csv")


def test_an_induction_head_meets_by_the_token_before(shared_cache) -> None:
    question = asking.ask(shuffled("demo-gpt"), "same@-1")
    found = finding.measure(question, 1, 0)
    assert found.rank in (5, 6, 7) and found.above >= 5
    assert found.advantage == pytest.approx(21.3, abs=0.6)
    assert found.share == pytest.approx(0.95, abs=0.03)
    assert found.auc == pytest.approx(0.993, abs=0.005)
    assert found.attention == pytest.approx(0.927, abs=0.01)
    assert found.removed == pytest.approx(0.06, abs=0.01)
    # Its queries live in some 8 dimensions, so that their principal components do the same.
    assert found.principal == pytest.approx(0.06, abs=0.01) and found.verdict == "unspecific"
    other = finding.measure(question, 2, 0)
    assert other.verdict == "chance" and other.advantage < 0 and other.auc < 0.5


@pytest.mark.hub
def test_heads_of_smollm2_meet_as_the_study_has_it() -> None:
    try:
        question = asking.ask(shuffled("smollm2"), "same@-1")
    except HeadscopeError as error:
        pytest.skip(str(error))
    rows = (((18, 6), 10.2, 0.80, 0.676), ((17, 3), 11.4, 0.89, 0.599))
    for at, advantage, share, attention in rows:
        found = finding.measure(question, *at)
        assert found.rank == pytest.approx(13, abs=2)
        assert found.advantage == pytest.approx(advantage, abs=0.8)
        assert found.share == pytest.approx(share, abs=0.08)
        assert found.attention == pytest.approx(attention, abs=0.06)
        assert found.removed < 0.06 and found.random_mean > 0.4
    unrelated = finding.measure(question, 3, 3)
    assert unrelated.above == 0 and unrelated.verdict in ("chance", "hardly")


@pytest.mark.hub
@pytest.mark.parametrize(
    ("at", "said", "verdict"),
    [((1, 1), "class:punctuation", "uses"), ((28, 0), "class:capitalised", "effectless")],
)
def test_keys_of_a_class_in_smollm2(at: tuple[int, int], said: str, verdict: str) -> None:
    try:
        told = opening.open_run("smollm2", "prose", quiet)
    except HeadscopeError as error:
        pytest.skip(str(error))
    found = finding.measure(asking.ask(runs.load(told["key"]), said), *at)
    assert (found.verdict, found.rank) == (verdict, 1)
