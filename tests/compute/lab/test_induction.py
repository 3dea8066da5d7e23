"""Induction scores: hand-built circuits, the demo models, and a straight-line recomputation."""

import copy

import circuits
import numpy as np
import pytest
import torch
from circuits import tiny_llama
from stored import comes_back

from compute.errors import HeadscopeError
from compute.finding import catalog
from compute.lab import induction
from compute.models import loading
from compute.models.model import Model
from compute.trials import designs, planned, trial_scores
from compute.trials.designs import OFFSETS


def only(layer: int, head: int, value: float = 1.0) -> np.ndarray:
    grid = np.zeros((2, 2))
    grid[layer, head] = value
    return grid


@pytest.mark.parametrize("design", ["standard", "four"])
def test_causal_circuit(design: str):
    result = induction.measure(circuits.causal_model(), design=design, length=12)
    assert result.readouts["prefix_matching"].mean == pytest.approx(only(1, 0), abs=1e-6)
    assert result.readouts["duplicate"].mean == pytest.approx(0, abs=1e-6)
    assert result.readouts["previous"].mean == pytest.approx(only(0, 0), abs=1e-6)
    spectrum = result.spectra["earlier"].mean
    assert spectrum[OFFSETS.index(1)] == pytest.approx(only(1, 0), abs=1e-6)
    for offset in (-1, 0, 2):  # the places beside the right one
        assert spectrum[OFFSETS.index(offset)][1] == pytest.approx(0, abs=1e-6)


def test_causal_circuit_finds_shuffled_copies_and_nothing_without_a_copy():
    model = circuits.causal_model()
    shuffled = induction.measure(model, design="shuffled", length=12)
    assert shuffled.readouts["prefix_matching"].mean[1, 0] == pytest.approx(1, abs=1e-6)
    null = induction.measure(model, design="unrepeated", length=12)
    assert null.readouts["prefix_matching"].mean[1, 0] < 0.1  # uniform


def test_masked_circuit():
    result = induction.measure(circuits.masked_model(), length=12)
    assert result.readouts["retrieval"].mean == pytest.approx(only(1, 0), abs=1e-6)
    assert result.readouts["before"].mean == pytest.approx(0, abs=1e-6)
    assert result.readouts["after"].mean == pytest.approx(0, abs=1e-6)
    assert result.readouts["previous"].mean == pytest.approx(only(0, 0), abs=1e-6)
    assert result.readouts["next"].mean == pytest.approx(only(0, 1), abs=1e-6)


def test_masked_circuit_between_two_copies_and_without_any():
    model = circuits.masked_model()
    triple = induction.measure(model, design="triple", length=12)
    # At the ends of a copy only one of the others has the same neighbours.
    both = triple.readouts["retrieval"].mean + triple.readouts["later"].mean
    assert both == pytest.approx(only(1, 0), abs=1e-5)
    assert triple.readouts["later"].mean[1, 0] == pytest.approx(0.5, abs=0.05)
    null = induction.measure(model, design="unrepeated", length=12)
    assert null.readouts["retrieval"].mean == pytest.approx(0, abs=0.1)


def test_masked_circuit_in_a_shuffled_copy_goes_to_the_neighbours():
    result = induction.measure(circuits.masked_model(), design="shuffled", length=12)
    scores = {name: value.mean[1, 0] for name, value in result.readouts.items()}
    assert scores["after_left"] > 0.4 and scores["before_right"] > 0.4
    assert scores["retrieval"] < 0.2


def test_demo_gpt(demo_gpt: Model):
    result = induction.measure(demo_gpt, length=32, trials=32)
    score = result.readouts["prefix_matching"].mean
    assert score[1].max() > 0.8
    assert score[[0, 2]].max() < 0.05
    assert result.readouts["previous"].mean[0, 0] > 0.9
    assert result.readouts["duplicate"].mean[1].max() < 0.05


def test_demo_bert(demo_bert: Model):
    result = induction.measure(demo_bert, length=32, trials=64)
    retrieval = result.readouts["retrieval"].mean
    assert retrieval[1, :3].min() > 0.6 and retrieval[2, 1] > 0.6
    assert result.readouts["before"].mean.max() < 0.05
    assert result.readouts["after"].mean.max() < 0.05
    assert result.readouts["previous"].mean[0, 0] > 0.9
    assert result.readouts["next"].mean[0, 1] > 0.9


def test_demo_bert_controls(demo_bert: Model):
    for design in ("shuffled", "unrepeated"):
        result = induction.measure(demo_bert, design=design, length=32, trials=64)
        assert result.readouts["retrieval"].mean.max() < 0.15
    triple = induction.measure(demo_bert, design="triple", length=25, trials=64)
    assert triple.readouts["retrieval"].mean.max() > 0.25
    assert triple.readouts["later"].mean.max() > 0.25


def eager(model: Model, ids: np.ndarray) -> np.ndarray:
    """Return the model's own eager attention (layers, heads, N, N) of one sequence."""
    net = copy.deepcopy(model.net)
    net.set_attn_implementation("eager")
    with torch.inference_mode():
        output = net(input_ids=torch.from_numpy(ids[None]), output_attentions=True)
    return torch.cat(output.attentions).double().numpy()


def mean(values: list[np.ndarray]) -> np.ndarray:
    return np.mean(values, axis=0)


def causal_by_hand(attention: np.ndarray, ids: np.ndarray, start: int) -> dict[str, np.ndarray]:
    """Read one sequence token by token, finding instances by id."""
    found: dict[str, list[np.ndarray]] = {}
    for q in range(start, len(ids)):
        instances = [j for j in range(start, q) if ids[j] == ids[q]]
        if not instances:
            continue
        found.setdefault("previous", []).append(attention[:, :, q, q - 1])
        for offset in OFFSETS:
            places = [j + offset for j in instances if start <= j + offset < q]
            if places:
                found.setdefault(f"earlier{offset:+d}", []).append(
                    sum(attention[:, :, q, j] for j in places)
                )
    return {name: mean(values) for name, values in found.items()}


def masked_by_hand(
    attention: np.ndarray, ids: np.ndarray, start: int, length: int, mask_id: int, design: str
) -> dict[str, np.ndarray]:
    """Read the masked row of one sequence, finding instances by id."""
    words = ids.tolist()
    first, second = words[start : start + length], words[start + length : start + 2 * length]
    (token,) = set(first) - set(second)
    row = attention[:, :, words.index(mask_id)]
    found = {}
    for side, begin in (("earlier", start), ("later", start + 2 * length)):
        if side == "later" and design != "triple":
            continue
        for offset in OFFSETS:
            if 0 <= first.index(token) + offset < length:
                found[f"{side}{offset:+d}"] = row[:, :, begin + first.index(token) + offset]
    if design == "shuffled":
        at = second.index(mask_id)
        left, right = first.index(second[at - 1]), first.index(second[at + 1])
        if left + 1 < length:
            found["after_left"] = row[:, :, start + left + 1]
        if right > 0:
            found["before_right"] = row[:, :, start + right - 1]
    return found


def check_by_hand(model: Model, design: str, **by_hand) -> None:
    """Compare every read-out of a few trials with the eager recomputation.

    In double precision: in single the two ways of computing a layer's output already differ by
    some 1e-6 in the attention of the next.
    """
    model = Model(model.info, copy.deepcopy(model.net).double(), model.tokenizer)
    trials, length, _ = planned.plan(model, design, "corrected", 4, 15, 1)
    scores = trial_scores.read(model, trials)
    for t, ids in enumerate(trials.ids):
        attention = eager(model, ids)
        if model.info.causal:
            expected = causal_by_hand(attention, ids, **by_hand)
        else:
            settings = {"length": length, "mask_id": model.info.mask_id, "design": design}
            expected = masked_by_hand(attention, ids, **settings, **by_hand)
        for r, name in enumerate(trials.rows):
            if name in expected:
                np.testing.assert_allclose(scores[t, r], expected[name], rtol=0, atol=1e-6)
            elif name not in ("previous", "next"):
                assert np.isnan(scores[t, r]).all()


@pytest.mark.parametrize("design", ["standard", "shuffled", "four"])
def test_equal_to_eager_recomputation_causal(design: str, demo_gpt: Model):
    check_by_hand(demo_gpt, design, start=0)
    check_by_hand(tiny_llama(), design, start=1)


@pytest.mark.parametrize("design", ["standard", "shuffled", "triple"])
def test_equal_to_eager_recomputation_masked(design: str, demo_bert: Model):
    check_by_hand(demo_bert, design, start=1)


def test_published_protocol_equal_to_eager_recomputation():
    model = loading.load(catalog.find("minilm"))
    trials, length, _ = planned.plan(model, "standard", "as published", 3, 20, 0)
    scores = trial_scores.read(model, trials)
    for t, ids in enumerate(trials.ids):
        r = int(np.flatnonzero(ids == model.info.mask_id)[0]) - length
        row = eager(model, ids)[:, :, length + r]
        for name, place in (("earlier+0", r), ("earlier-1", r - 1), ("earlier+1", r + 1)):
            expected = row[:, :, place]
            np.testing.assert_allclose(
                scores[t, trials.rows.index(name)], expected, rtol=0, atol=1e-6
            )


def test_batches_do_not_matter(demo_bert: Model, monkeypatch):
    trials, *_ = planned.plan(demo_bert, "standard", "corrected", 6, 10, 0)
    seen = []
    whole = trial_scores.read(demo_bert, trials, lambda done, total: seen.append((done, total)))
    monkeypatch.setattr(trial_scores, "BATCH", 50)
    np.testing.assert_allclose(whole, trial_scores.read(demo_bert, trials), atol=1e-6)
    assert seen == [(6, 6)]


def test_seed_decides_and_the_interval_holds_the_mean(demo_bert: Model):
    first, again = (induction.measure(demo_bert, length=20, trials=20, seed=5) for _ in range(2))
    other = induction.measure(demo_bert, length=20, trials=20, seed=6)
    for name, (value, low, high) in first.readouts.items():
        np.testing.assert_array_equal(value, again.readouts[name].mean)
        np.testing.assert_array_equal(low, again.readouts[name].low)
        assert ((low <= value) & (value <= high)).all()
    assert (first.readouts["retrieval"].mean != other.readouts["retrieval"].mean).any()


def test_kept_in_the_store(demo_bert: Model):
    result = induction.measure(demo_bert, trials=5, length=8)
    assert result.length == 8 and result.design == "standard"
    assert result.spectra["earlier"].mean.shape == (11, 3, 4)
    comes_back(induction.SCORES, result)


def test_lengths(demo_bert: Model, demo_gpt: Model):
    assert planned.plan(demo_gpt, "standard", "corrected", 1, None, 0)[1:] == (50, ())
    assert planned.plan(demo_gpt, "four", "corrected", 1, None, 0)[1:] == (25, ())
    assert planned.plan(demo_bert, "standard", "corrected", 1, None, 0)[1:] == (100, ())
    trials, length, notes = planned.plan(demo_bert, "triple", "corrected", 1, None, 0)
    assert length == 84 and trials.ids.shape == (1, 254)
    assert "84 random tokens instead of 100" in notes[0]


def test_wrong_requests_are_explained(demo_bert: Model, demo_gpt: Model):
    def says(model: Model, message: str, **options) -> None:
        with pytest.raises(HeadscopeError, match=message):
            induction.measure(model, **options)

    says(demo_bert, "length of 128 does not fit.*4 to 127", length=128)
    says(demo_gpt, "length of 3 does not fit", length=3)
    says(demo_gpt, "no design “triple” for causal", design="triple")
    says(demo_bert, "no design “four” for masked", design="four")
    says(demo_gpt, "is causal", protocol="as published")
    says(demo_bert, "has 2,048", protocol="as published", length=50)
    says(demo_bert, "no protocol", protocol="exact")
    says(demo_bert, "one trial", trials=0)
    says(circuits.causal_model(), "ordinary tokens", design="unrepeated", length=30)
    unmasked = circuits.masked_model()
    blind = type(unmasked.info)(**(vars(unmasked.info) | {"mask_id": None}))
    says(Model(blind, unmasked.net, unmasked.tokenizer), "no mask token and is not causal")
    short = type(demo_gpt.info)(**(vars(demo_gpt.info) | {"positions": 7}))
    says(Model(short, demo_gpt.net, demo_gpt.tokenizer), "takes only 7 tokens")


def test_every_design_is_offered_to_some_model():
    assert {*designs.MASKED, *designs.CAUSAL} == set(designs.COPIES)
