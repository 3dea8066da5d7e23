"""Nulls: sequences without a repeat, untrained heads, and z against them."""

from unittest.mock import Mock

import circuits
import numpy as np
import psutil
import pytest
import torch
from stored import comes_back

from compute.errors import HeadscopeError
from compute.finding import catalog
from compute.lab import induction, nulls
from compute.lab.readouts import main_readout
from compute.models import loading
from compute.models.model import Model
from compute.trials import planned


def both(model: Model, **options) -> tuple[induction.Induction, nulls.Nulls]:
    result = induction.measure(model, **options)
    return result, nulls.measure(model, result, options)


@pytest.mark.parametrize("design", ["standard", "shuffled", "triple"])
def test_without_repeat_only_the_tokens_change(design: str):
    model = circuits.masked_model()
    trials, *_ = planned.plan(model, design, "corrected", 20, 11, 0)
    bare = planned.without_repeat(model, trials, "corrected", 0)
    np.testing.assert_array_equal(bare.queries, trials.queries)
    np.testing.assert_array_equal(bare.keys, trials.keys)
    kept = np.isin(trials.ids, [circuits.CLS, circuits.SEP, circuits.MASK])
    np.testing.assert_array_equal(bare.ids[kept], trials.ids[kept])
    for row, specials in zip(bare.ids, kept, strict=True):
        assert len(set(row[~specials])) == (~specials).sum()
        assert row[~specials].min() >= len(circuits.SPECIALS)


def test_published_trials_keep_their_prefix_and_masks():
    model = loading.load(catalog.find("minilm"))
    trials, *_ = planned.plan(model, "standard", "as published", 4, 30, 0)
    bare = planned.without_repeat(model, trials, "as published", 0)
    assert (bare.ids[:, 0] == 102).all()
    places = np.arange(4), trials.queries[:, 0]
    assert (bare.ids[places] == model.info.mask_id).all()
    assert all(len(set(row)) == len(row) for row in bare.ids)


def test_vocabulary_too_small_for_no_repeat():
    model = circuits.causal_model()
    trials, *_ = planned.plan(model, "four", "corrected", 2, 12, 0)
    with pytest.raises(HeadscopeError, match="only 37 ordinary tokens, and 48"):
        planned.without_repeat(model, trials, "corrected", 0)


def test_only_the_heads_of_the_circuit_differ():
    _, found = both(circuits.causal_model(), length=12)
    matching = found.readouts["prefix_matching"]
    assert matching.differs.tolist() == [[0, 0], [1, 0]]
    assert matching.z[1, 0] > 10
    # Without its previous-token match the head looks everywhere alike.
    assert 0 < matching.no_repeat[1, 0] < 0.2
    np.testing.assert_array_equal(matching.no_repeat[0], 0)
    # The previous-token head is one with or without a repeat: that null would hide it.
    previous = found.readouts["previous"]
    assert previous.z_no_repeat[0, 0] == pytest.approx(0, abs=1)
    assert previous.z[0, 0] > 10 and previous.differs[0, 0]
    assert found.spectra["earlier"].z.shape == (11, 2, 2)


def test_z_by_hand():
    model = circuits.masked_model()
    result, found = both(model, length=12, trials=30)
    score, null = result.readouts["retrieval"], found.readouts["retrieval"]
    assert score.mean[1, 0] == pytest.approx(1, abs=1e-6)
    trials, *_ = planned.plan(model, "standard", "corrected", 30, 12, 0)
    bare = planned.without_repeat(model, trials, "corrected", 0)
    from compute.trials import trial_scores

    row = trial_scores.read(model, bare)[:, trials.rows.index("earlier+0"), 1, 0]
    error = row.std() / 30**0.5
    expected = (1 - row.mean()) / (error**2 + nulls.LEAST**2) ** 0.5
    assert null.z_no_repeat[1, 0] == pytest.approx(expected, rel=0.1)
    assert null.no_repeat[1, 0] == pytest.approx(row.mean())
    nearer = np.minimum(np.abs(null.z_no_repeat), np.abs(null.z_untrained))
    np.testing.assert_array_equal(np.abs(null.z), nearer)


@pytest.mark.parametrize(("spec", "layers"), [("demo-gpt", [1]), ("demo-bert", [1, 2])])
def test_demo_models(spec: str, layers: list[int]):
    model = loading.load(catalog.find(spec))
    result, found = both(model, length=32)
    main = main_readout(model.info.causal)
    null = found.readouts[main]
    assert null.no_repeat.max() < 0.05 and null.untrained.max() < 0.05
    assert null.z[layers].min() > found.threshold
    assert (result.readouts[main].mean[null.z > found.threshold] > 0.1).all()


def test_threshold():
    assert nulls.threshold(1) == pytest.approx(1.96, abs=0.001)
    assert nulls.threshold(144) == pytest.approx(3.58, abs=0.01)


def test_kept_in_the_store():
    _, found = both(circuits.causal_model(), trials=4, length=8)
    comes_back(nulls.NULLS, found)


def test_a_second_model_is_drawn_in_single_precision(monkeypatch):
    model = circuits.causal_model()
    size = sum(parameter.numel() for parameter in model.net.parameters())
    model.net.to(torch.bfloat16)
    for free, fits in ((4 * size, False), (6 * size, True)):
        monkeypatch.setattr(psutil, "virtual_memory", lambda free=free: Mock(available=free))
        assert nulls._fits(model) == fits


def test_without_room_for_a_second_model(monkeypatch):
    monkeypatch.setattr(nulls, "_fits", lambda model: False)
    _, found = both(circuits.causal_model(), length=12, trials=10)
    null = found.readouts["prefix_matching"]
    assert np.isnan(null.z_untrained).all() and "no memory" in found.notes[0]
    assert null.z[1, 0] > 10
