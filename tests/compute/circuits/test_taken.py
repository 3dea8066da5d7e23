"""Heads taken out of circuits written by hand: who loses contrast by it, and who steps in."""

from dataclasses import replace

import circuits
import numpy as np
import pytest

from compute import store
from compute.circuits import feeding, rising, taking
from compute.circuits.behaviours import Behaviour
from compute.circuits.taken import TAKEN, Taken
from compute.models.model import Model
from compute.why import induction_edges


def induction(model: Model, sequences: int = 6) -> Behaviour:
    return Behaviour(*induction_edges.everywhere(model, 0, sequences, 8))


def made(changes: float = -0.5, others: float = 0.0, passages: int = 6) -> Taken:
    """L0H0 of two layers of two heads was taken out; each later head changes by so much."""
    noise = np.random.default_rng(0).normal(0, 0.01, (passages, 2, 2, 1))
    shape = (passages, 2, 2, 3)
    values = [noise + np.full(shape, size) for size in (2.0, changes, 0.0, others)]
    for value in values:
        value[:, 0] = np.nan
    ones = np.ones(shape[:3])
    return Taken("edges", ((0, 0),), "mean", np.arange(passages), 10 * ones, 0.1 * ones, *values)


def test_the_builder_feeds_the_key_of_the_induction_head_alone() -> None:
    model = circuits.causal_model()
    found = taking.measure(model, induction(model), [(0, 0)])
    (only,) = feeding.fed(found)
    assert only[:3] == (1, 0, "key")
    # Without it every key is the same: all of the contrast is gone.
    assert only.effect == pytest.approx(found.contrast[:, 1, 0].mean(), rel=1e-5)
    assert only.share == pytest.approx(1, rel=1e-5)
    assert only.low <= only.effect <= only.high
    assert np.isnan(found.effects[:, 0]).all()


def test_a_head_that_writes_nothing_feeds_nobody() -> None:
    model = circuits.causal_model()
    assert feeding.fed(taking.measure(model, induction(model), [(0, 1)])) == []


@pytest.mark.parametrize(("heads", "rise"), [([(1, 0)], 1), ([(1, 1)], 0), ([(0, 0), (1, 0)], 0)])
def test_a_backup_head_rises_when_what_it_stands_in_for_is_gone(heads, rise: int) -> None:
    """L2H0 looks only where L1H0 didn't say that it is there; and needs L0H0 as that does."""
    model = circuits.causal_model(backup=True)
    found = taking.measure(model, induction(model), heads, "zero")
    there = rising.rising(found)
    assert [one[:2] for one in there] == [(2, 0)] * rise
    for one in there:
        assert one[2:] == pytest.approx((0, 1, 1, 1, 1), abs=1e-5)
    assert np.isnan(rising.changes(found).mean[heads[-1]])


def test_passages_are_counted() -> None:
    model, told = circuits.causal_model(), []
    taking.measure(model, induction(model, 2), [(0, 0)], progress=lambda *at: told.append(at))
    assert told == [(1, 2), (2, 2)]


def test_rises_have_a_size_an_interval_a_null_and_enough_passages() -> None:
    found = made()
    assert rising.rises(found).tolist() == [[False] * 2, [True] * 2]
    assert rising.rising(found)[0].after == pytest.approx(0.6, abs=0.05)
    for nothing in (
        made(changes=0.5),  # falls
        made(changes=-0.015),  # too little
        made(others=-0.5),  # rises just as much elsewhere
        made(passages=4),
    ):
        assert not rising.rises(nothing).any()
    nowhere = replace(found, others_changes=np.full_like(found.others_changes, np.nan))
    assert rising.rises(nowhere)[1].all()  # there was nothing to compare with


def test_heads_that_were_taken_out_do_not_rise() -> None:
    found = replace(made(), heads=((0, 0), (1, 1)))
    assert [one[:2] for one in rising.rising(found)] == [(1, 0)]


def test_the_fed_lose_a_share_of_what_they_have() -> None:
    found = made()
    assert {one[:3] for one in feeding.fed(found)} == {
        (1, head, side) for head in (0, 1) for side in ("query", "key")
    }
    assert feeding.fed(replace(found, contrast=found.contrast * 10)) == []  # 2 % of it
    assert feeding.fed(replace(found, others=found.effects)) == []  # as much elsewhere
    assert feeding.fed(made(passages=4)) == []


def test_what_was_taken_comes_back_as_it_was(cache) -> None:
    name = store.key("some")
    TAKEN.put(name, replace(made(), notes=("One.",)))
    kept = TAKEN.get(name)
    assert kept.heads == ((0, 0),) and kept.notes == ("One.",)
    assert np.array_equal(kept.others_changes, made().others_changes, equal_nan=True)
