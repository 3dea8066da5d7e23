"""Answers as they are kept, as a table, and which of their effects are said to be above chance."""

from dataclasses import replace

import numpy as np
import pytest

from compute import store
from compute.why import results
from compute.why.results import EXPLAINED, Explained
from compute.why.rows import COLUMNS, rows


def answer(passages: int = 6, seed: int = 0) -> Explained:
    """One earlier layer of two heads, of which the first was measured: 3.0 in every passage."""
    rng = np.random.default_rng(seed)
    one, shape = np.ones((2, passages)), (2, passages, 1, 2)
    effects = 3 + rng.normal(0, 0.2, (passages, 1, 3))
    return Explained(
        *("edges", 1, 0, 9, "mean", np.arange(passages)),
        contrast=np.full(passages, 10.0),
        attention=np.full(passages, 0.5),
        complete=True,
        gap=0 * one,
        token=one,
        position=2 * one,
        rest=3 * one,
        heads=np.broadcast_to([1.5, 0.5], shape),
        mlps=2 * np.ones((2, passages, 1)),
        places=np.zeros((2, 1, 2, 4)),
        sources=np.zeros((2, 1, 2, 0)),
        said=np.zeros((2, 3, 1, 2)),
        measured=np.array([[0, 0]]),
        effects=effects,
        changes=np.full((passages, 1, 3), 0.25),
        others=np.zeros((passages, 1, 3)),
    )


def test_rows_of_a_side_add_up_to_the_contrast() -> None:
    found = list(rows(answer()))
    assert all(len(row) == len(COLUMNS) for row in found)
    for side in ("query", "key"):
        own = [row for row in found if row[0] == side]
        assert sum(row[4] for row in own) == pytest.approx(10.0)
        assert {row[1] for row in own} == {"token", "position", "mlp", "rest", "head"}
    both = [row for row in found if row[0] == "both"]
    (only,) = both  # the head that was measured
    assert only[1:5] == ("head", 0, 0, None)
    assert only[6] < only[5] < only[7] and only[5] == pytest.approx(3, abs=0.3)
    assert only[8] == 0.25
    unmeasured = [row for row in found if row[1:4] == ("head", 0, 1)]
    assert len(unmeasured) == 2 and all(row[5:] == (None,) * 4 for row in unmeasured)


def test_what_does_not_add_up_has_a_row() -> None:
    gap = replace(answer(), complete=False, gap=np.full((2, 6), 0.7))
    found = [row[4] for row in rows(gap) if row[1] == "not attributed"]
    assert found == pytest.approx([0.7, 0.7])


def test_one_passage_has_no_interval() -> None:
    found = [row for row in rows(answer(1)) if row[0] == "both"]
    assert found[0][5] is not None and found[0][6:8] == (None, None)


def test_effects_are_above_chance_with_enough_passages_only() -> None:
    assert results.above(answer()).all()
    assert not results.above(answer(4)).any()


def test_effects_that_other_edges_have_too_are_not_above() -> None:
    found = answer()
    alike = replace(found, others=found.effects + np.array([-1, 1] * 3)[:, None, None])
    assert not results.above(alike).any()
    none = replace(found, others=np.full_like(found.effects, np.nan))
    assert results.above(none).all()  # there was nothing to compare with


def test_effects_below_those_of_other_edges_are_not_above() -> None:
    """The other edges lose three times as much: the difference is clear, but the other way."""
    found = answer()
    assert not results.above(replace(found, others=3 * found.effects)).any()
    assert results.above(replace(found, others=0.3 * found.effects)).all()


def test_effects_around_nothing_are_seldom_above() -> None:
    """Of 200 heads without effect, in 12 passages, some 5 % pass either interval; 15 % at most."""
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(12, 200, 3))
    found = replace(answer(12), effects=noise, others=np.full_like(noise, np.nan))
    assert results.above(found).mean() < 0.15


def test_an_answer_comes_back_as_it_was(own_cache) -> None:
    name = store.key("an answer")
    EXPLAINED.put(name, replace(answer(), notes=("One.", "Two.")))
    kept = EXPLAINED.get(name)
    assert kept.notes == ("One.", "Two.") and kept.complete is True
    for name in ("effects", "heads", "measured", "sources"):
        assert np.array_equal(getattr(kept, name), getattr(answer(), name))


def test_the_strongest_is_first() -> None:
    found = answer()
    two = np.concatenate([found.effects, -2 * found.effects], 1)
    both = replace(found, effects=two, measured=np.array([[0, 0], [0, 1]]))
    assert results.strongest(both).tolist() == [1, 0]
