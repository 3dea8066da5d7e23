"""Ablation: hand-built circuits whose effects are known, the demo models, controls, the curve."""

from dataclasses import replace
from types import SimpleNamespace

import circuits
import numpy as np
import pytest
import tiny
import torch
from stored import comes_back

from compute import texts
from compute.errors import HeadscopeError
from compute.finding import catalog
from compute.lab import ablation, ablation_setup, controls, cumulative, losses
from compute.models import loading
from compute.models.model import Model
from compute.trials import head_ablation, planned

TEXT = texts.from_user(
    "And the king said unto the man, Go in peace; and the man went in peace unto the king.\n"
    "The hacker wrote the program, and the program printed the name of the hacker."
)


@pytest.mark.parametrize(
    ("make", "heads", "readout"),
    [
        (circuits.causal_model, [(0, 0)], "prefix_matching"),
        (circuits.masked_model, [(0, 0), (0, 1)], "retrieval"),
    ],
)
@pytest.mark.parametrize("method", head_ablation.ABLATIONS)
def test_induction_needs_the_heads_it_is_composed_of(make, heads, readout, method):
    model = make()
    result = ablation.measure(model, heads, length=12, trials=20, method=method)
    change = result.scores[readout]
    assert change.before[1, 0] == pytest.approx(1, abs=1e-6)
    assert change.after[1, 0] < 0.2
    assert change.change.mean[1, 0] == pytest.approx(change.after[1, 0] - 1, abs=1e-6)
    assert change.change.low[1, 0] <= change.change.mean[1, 0] <= change.change.high[1, 0] < 0
    # Heads of the same layer, and those that never heed the repeat, stay as they were.
    assert change.change.mean[0] == pytest.approx(0, abs=1e-6)
    assert change.change.mean[1, 1] == pytest.approx(0, abs=1e-6)


def test_a_head_without_effect_changes_nothing():
    result = ablation.measure(circuits.causal_model(), [(1, 1)], length=12, trials=5)
    for change in result.scores.values():
        np.testing.assert_array_equal(change.before, change.after)
        assert change.change.mean == pytest.approx(0)


def test_loss_is_that_of_the_model_itself(demo_gpt: Model, demo_bert: Model):
    for model in (demo_gpt, demo_bert):
        trials, *_ = planned.plan(model, "standard", "corrected", 3, 10, 0)
        nats = np.concatenate([losses.measure(model, b) for b in losses.repeated(model, trials)])
        start = 0 if model.info.causal else 1
        for row, ids in enumerate(trials.ids):
            with torch.inference_mode():
                logits = model.net(input_ids=torch.from_numpy(ids[None])).logits[0].double()
            logs = torch.log_softmax(logits, -1).numpy()
            if model.info.causal:
                expected = [-logs[q - 1, ids[q]] for q in range(11, 20)]
            else:
                place = int(np.flatnonzero(ids == model.info.mask_id)[0])
                expected = [-logs[place, ids[place - 10]]]
                assert start + 10 <= place < start + 20
            np.testing.assert_allclose(nats[row], expected, atol=1e-4)


def test_loss_on_a_text_leaves_out_padding_and_special_tokens(demo_gpt: Model, demo_bert: Model):
    for model in (demo_gpt, demo_bert):
        tokens, _ = ablation_setup.tokens(model, TEXT)
        together = list(losses.of_text(model, tokens, seed=0))
        nats = np.concatenate([losses.measure(model, b).ravel() for b in together])
        predicted = np.isfinite(nats).sum()
        ordinary = int((~tokens.special).sum())
        if model.info.causal:
            assert predicted == ordinary - int((~tokens.special[tokens.starts[:-1]]).sum())
            batch = together[0]
            alone = losses.Batch(batch.ids[:1], None, batch.places[:1], batch.truth[:1])
            if batch.attention is not None:
                alone = losses.Batch(
                    batch.ids[:1, : batch.attention[0].sum()], None, batch.places[:1],
                    batch.truth[:1],
                )  # fmt: skip
            known = losses.measure(model, batch)[0]
            np.testing.assert_allclose(losses.measure(model, alone)[0], known, atol=1e-4)
        else:
            assert ordinary / losses.EVERY - 2 <= predicted <= ordinary / losses.EVERY + 2
            masked = np.concatenate([(b.ids == model.info.mask_id).ravel() for b in together])
            assert masked.sum() == predicted


def test_passages_of_other_lengths_share_no_pass_where_padding_is_read(demo_gpt: Model):
    tokens, _ = ablation_setup.tokens(demo_gpt, TEXT)
    model = replace(demo_gpt, info=replace(demo_gpt.info, pads=False))
    found = list(losses.of_text(model, tokens, seed=0))
    assert all(batch.attention is None for batch in found)
    assert sum(batch.ids.size for batch in found) == len(tokens)
    assert any(b.attention is not None for b in losses.of_text(demo_gpt, tokens, seed=0))


def test_mean_outputs_by_hand(demo_bert: Model):
    trials, *_ = planned.plan(demo_bert, "standard", "corrected", 3, 8, 0)
    bare = planned.without_repeat(demo_bert, trials, "corrected", 0)
    known = head_ablation.means(demo_bert, bare)
    outputs: dict[int, torch.Tensor] = {}

    def keep(layer: int, output: torch.Tensor) -> torch.Tensor:
        outputs[layer] = output.clone()
        return output

    from compute.capture import passes

    inputs = {"input_ids": torch.from_numpy(bare.ids)}
    passes.run(demo_bert.net, inputs, on_call=lambda call: None, ablate=keep)
    masks = torch.from_numpy(bare.ids == demo_bert.info.mask_id)
    torch.testing.assert_close(known.masked[2], outputs[2][masks].mean(0))
    torch.testing.assert_close(known.places[1][3], outputs[1][:, 3].mean(0))
    torch.testing.assert_close(known.overall[1], outputs[1][~masks].mean(0))
    ablate = head_ablation.silence(((1, 2),), known, bare.ids, demo_bert.info.mask_id)
    changed = ablate(1, outputs[1])
    torch.testing.assert_close(changed[:, :, [0, 1, 3]], outputs[1][:, :, [0, 1, 3]])
    torch.testing.assert_close(changed[masks][:, 2], known.masked[1, 2].expand(3, -1))
    assert ablate(0, outputs[0]) is outputs[0]


def test_mean_outputs_of_layers_with_heads_of_different_sizes():
    model = Model(circuits.info(3, 4, True, 16), tiny.net("gemma4"), tiny.tokenizer())
    ids = np.random.default_rng(0).integers(5, 20, (3, 9))
    known = head_ablation.means(model, SimpleNamespace(ids=ids))
    outputs: list[torch.Tensor] = []

    def keep(layer: int, output: torch.Tensor) -> torch.Tensor:
        outputs.append(output.clone())
        return head_ablation.silence(((layer, 1),), known)(layer, output)

    from compute.capture import passes

    inputs = {"input_ids": torch.from_numpy(ids)}
    passes.run(model.net.base_model, inputs, on_call=lambda call: None, ablate=keep)
    assert [output.shape[-1] for output in outputs] == [8, 16, 16]
    torch.testing.assert_close(known.overall[0, :, :8], outputs[0].mean((0, 1)))
    assert known.overall.shape == (3, 4, 16) and not known.overall[0, :, 8:].any()
    changed = head_ablation.silence(((0, 1),), known)(0, outputs[0])
    torch.testing.assert_close(changed[2, 5, 1], known.overall[0, 1, :8])


def test_demo_gpt(demo_gpt: Model):
    """The claims of reference measurements: one induction head matters, siblings stay."""
    result = ablation.measure(demo_gpt, [(1, 3)], TEXT, length=32, trials=16)
    repeated = result.losses["repeated"]
    assert repeated.before < 1 and repeated.change > 0.5 and repeated.low > 0.4
    assert repeated.change == pytest.approx(repeated.after - repeated.before)
    siblings = result.scores["prefix_matching"].change.mean[1, :3]
    np.testing.assert_array_equal(siblings, 0)
    assert set(result.losses) == {"repeated", "text"}
    # Layer 0 scores 0 and matters most: no control may come from there.
    assert [layer for layer, _ in result.controls] == [2]
    assert abs(result.control_losses["repeated"].change) < 0.05
    composed = ablation.measure(demo_gpt, [(0, 0)], length=32, trials=8)
    assert composed.scores["prefix_matching"].after.max() < 0.1
    assert composed.losses["repeated"].after > 6


def test_demo_bert(demo_bert: Model):
    both = ablation.measure(demo_bert, [(0, 0), (0, 1)], length=32)
    assert both.scores["retrieval"].after.max() < 0.05
    assert both.losses["repeated"].change > 4
    one = ablation.measure(demo_bert, [(1, 1)], length=32)
    assert 0.05 < one.losses["repeated"].change < 2
    assert set(one.controls) <= {(0, 2), (0, 3), (2, 0), (2, 2), (2, 3)}
    # No head takes over: siblings cannot see each other, layer 2 hardly changes.
    assert np.abs(one.scores["retrieval"].change.mean).max() < 0.2


def test_controls_are_as_many_as_the_heads(demo_gpt: Model):
    score = np.zeros((3, 4))
    score[1] = 0.9
    settings = {"method": "zero", "design": "standard", "trials": 8, "length": 16, "seed": 0}
    chosen, note = controls.choose(demo_gpt, ((1, 0), (1, 1)), score, settings)
    assert len(chosen) == 2 and {layer for layer, _ in chosen} == {2}
    assert "2 of 2 wanted, 0 in the same layers" in note
    chosen, note = controls.choose(demo_gpt, ((2, 0), (2, 1)), score, settings)
    assert set(chosen) == {(2, 2), (2, 3)} and "2 in the same layers" in note
    alike = np.ones((3, 4))
    assert controls.choose(demo_gpt, ((2, 0),), alike, settings)[0] == ()


@pytest.mark.parametrize("kind", ["demo-gpt", "demo-bert"])
def test_cumulative_curve(kind: str):
    model = loading.load(catalog.find(kind))
    curve = cumulative.measure(model, length=32, trials=12)
    assert curve.counts == (0, 1, 2, 4, 8) and len(curve.order) == 8
    assert curve.top.mean[0] < 1.5 < 4 < curve.top.mean[3]
    assert (np.diff(curve.top.mean[:4]) > 0).all()
    known = ~np.isnan(curve.random.mean)
    # Siblings are induction heads too: at one or two heads the two choices may come close.
    assert (curve.top.mean[known] > curve.random.mean[known] - 0.2).all()
    assert known[:3].all() and not known[4]
    assert curve.random_counts[:2] == (0, 1) and "too few other heads" in curve.notes[0]
    np.testing.assert_allclose(curve.draws.mean(1)[known], curve.random.mean[known])
    comes_back(cumulative.CURVES, curve)


def test_random_heads_are_others_of_the_same_layers():
    rng = np.random.default_rng(0)
    for draw in cumulative._others(((0, 1), (0, 2), (3, 0)), (4, 5), rng):
        assert sorted(layer for layer, _ in draw) == [0, 0, 3]
        assert len(set(draw)) == 3 and not set(draw) & {(0, 1), (0, 2), (3, 0)}


def test_kept_in_the_store(demo_gpt: Model):
    made = ablation.measure(demo_gpt, [(1, 0)], TEXT, length=8, trials=3, method="mean")
    assert made.heads == ((1, 0),) and made.text == TEXT.title
    comes_back(ablation.ABLATIONS, made)


def test_model_without_a_head_that_predicts():
    model = loading.load(catalog.find("minilm"))
    result = ablation.measure(model, [(3, 5)], TEXT, length=10, trials=2)
    assert result.losses == {} and "no head that predicts tokens" in result.notes[-1]
    assert result.scores["retrieval"].before.shape == (6, 12)
    with pytest.raises(HeadscopeError, match="no loss to follow"):
        cumulative.measure(model)


def test_names_of_heads(demo_gpt: Model):
    def heads(text: str) -> head_ablation.Heads:
        return head_ablation.parse(text, demo_gpt.info)

    assert heads("L1H3, L1H2") == ((1, 2), (1, 3))
    assert heads("l2 L0H1,L0H1") == ((0, 1), (2, 0), (2, 1), (2, 2), (2, 3))
    assert head_ablation.names(((0, 1), (2, 3))) == "L0H1, L2H3"
    for wrong, words in (
        ("L3H0", "no head L3H0: its layers are 0 to 2, its heads 0 to 3"),
        ("L3", "no head L3H0"),
        ("L1H4", "no head L1H4"),
        ("1.3", "names no head"),
        ("", "names no head"),
    ):
        with pytest.raises(HeadscopeError, match=words):
            heads(wrong)
    with pytest.raises(HeadscopeError, match="No head was chosen"):
        ablation.measure(demo_gpt, [])
    keys = [
        ablation.key("x", w, None, {}) for w in ([(1, 2), (1, 3)], [[1, 3], [1, 2]], [(1, None)])
    ]
    assert keys[0] == keys[1] != keys[2]


def test_wrong_requests_are_explained(demo_gpt: Model):
    for words, options in (
        ("no ablation “half”", {"method": "half"}),
        ("no repeat to predict", {"design": "shuffled"}),
        ("does not fit", {"length": 1000}),
    ):
        with pytest.raises(HeadscopeError, match=words):
            ablation.measure(demo_gpt, [(1, 0)], **options)


def test_a_long_text_is_cut(demo_gpt: Model):
    long = texts.from_user("\n".join(["the king went unto the city of the king"] * 600))
    tokens, notes = ablation_setup.tokens(demo_gpt, long)
    assert len(tokens) <= losses.MOST and "passages" in notes[-1]
    assert tokens.starts[-1] == len(tokens)
