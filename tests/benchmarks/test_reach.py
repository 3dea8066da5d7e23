"""The table of all families: whether its builder builds, and whether it would see what is wrong."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from reaching import families, ours, pictures, printed, shrink, special, table, table_pairs, truth
from reaching import pairs as truth_of_pairs
from reaching.families import Case
from transformers import CONFIG_MAPPING


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path / "cache"))
    return tmp_path


def test_every_family_of_the_auto_classes_has_a_row():
    cases = families.cases(*families.TEXT)
    of = {task: {c.family for c in cases if c.task == task} for task in families.TEXT}
    assert {"bert", "deberta-v2", "xlm"} <= of["masked"] and len(of["masked"]) >= 50
    assert {"gptj", "llama", "bloom"} <= of["causal"] and len(of["causal"]) >= 180
    assert {"t5", "squeezebert"} <= of["encoder"] and len(of["encoder"]) >= 30
    assert not special.NOT_BUILT.keys() - {case.family for case in cases}
    assert Case("falcon", "causal", "alibi") in cases and len(cases) == len(set(cases))


@pytest.mark.parametrize(
    "family, task",
    [("bert", "causal"), ("gptj", "causal"), ("deberta-v2", "masked"), ("gemma2", "causal"),
     ("t5", "encoder"), ("deepseek_v3", "causal"), ("bailing_hybrid", "causal")],
)  # fmt: skip
def test_models_are_tiny_and_their_attention_far_from_flat(family, task, place):
    case = Case(family, task)
    net = families.net(case)
    assert sum(parameter.numel() for parameter in net.parameters()) < 200_000
    net.set_attn_implementation("eager")
    own = truth.told(net, [np.arange(5, 27), np.arange(30, 39)])
    assert own.kind == "attention" and own.attention[0][0].shape[0] == shrink.HEADS
    peaks = np.concatenate([layer[:, -1].max(-1) for layer in own.attention[0]])
    assert peaks.mean() > 0.12  # flat would be 1/22


def test_each_kind_of_layer_stays():
    made = shrink.shrunk(CONFIG_MAPPING["gemma3_text"]().to_dict())
    assert sorted(set(made["layer_types"])) == ["full_attention", "sliding_attention"]
    assert made["num_hidden_layers"] == len(made["layer_types"]) == shrink.LAYERS
    assert made["sliding_window"] == shrink.WINDOW and made["num_key_value_heads"] == 2


def test_a_family_is_exact_with_a_head_off_as_by_hand(place):
    found = table.row(Case("gpt2", "causal"), place)
    assert found.outcome == "exact" and 0 < found.difference <= table.BAR
    assert (found.ablation, found.induction) == ("as by hand", "works")
    assert found.shape == "3 × 4 (4) × 8" and not table.is_fault(found)


def test_a_family_without_attention_is_refused_in_its_own_name(place):
    found = table.row(Case("mamba", "causal"), place)
    assert found.outcome == "refused" and found.why.startswith("mamba ")
    assert not table.is_fault(found) and not list(place.glob("mamba*"))


def test_wrong_attention_is_called_wrong(place, monkeypatch):
    right = table.ours.attentions

    def other_head_first(run):
        return [[layer[::-1] for layer in layers] for layers in right(run)]

    monkeypatch.setattr(table.ours, "attentions", other_head_first)
    found = table.row(Case("gpt2", "causal"), place)
    assert found.outcome == "wrong" and found.difference > 0.1 and table.is_fault(found)
    assert "by hand it differs" in found.ablation or "the layer itself" in found.ablation


def test_a_crash_is_told_with_its_place(place, monkeypatch):
    monkeypatch.setattr(table.ours, "extract", lambda model: [][1])
    found = table.row(Case("gpt2", "causal"), place)
    assert found.outcome == "crash" and found.why.startswith("IndexError") and table.is_fault(found)


ROWS = np.array([[[1, 0], [0.25, 0.75]]], dtype=np.float32)  # one head
CASE = Case("some", "causal")


def judged(mine, own, kind="attention"):
    return table.judge(CASE, [[mine]], truth.Own([[own]], kind))


def test_judging():
    assert judged(ROWS, ROWS).outcome == "exact"
    off = judged(ROWS + np.float32(2e-6), ROWS)
    assert off.outcome == "wrong" and off.difference == pytest.approx(2e-6, rel=0.1)
    assert judged(ROWS[:, :1], ROWS).difference == float("inf")
    assert judged(np.full_like(ROWS, np.nan), ROWS).outcome == "wrong"
    assert table.judge(CASE, [[ROWS]], truth.Own([[]], "none")).outcome == "unproven"
    twice = table.judge(CASE, [[ROWS, ROWS]], truth.Own([[ROWS]], "attention"))
    assert twice.outcome == "wrong" and "2 layers are shown" in twice.why


def test_sinks_that_a_model_does_not_tell_of_are_taken_off():
    share = np.array([[[0.5], [0.8]]], dtype=np.float32)
    assert judged(ROWS * share, ROWS).outcome == "exact"
    assert judged(ROWS[:, ::-1] * share, ROWS).outcome == "wrong"


def test_what_torch_computes_in_one_step_is_the_eager_attention():
    net = families.net(Case("gpt2", "causal"))
    ids = [np.arange(5, 27), np.arange(30, 39)]
    one = truth.fused(net, ids)
    net.set_attn_implementation("eager")
    other = truth.told(net, ids)
    assert one.kind == "attention" and len(one.attention[0]) == shrink.LAYERS
    assert table.difference(one.attention[1], other.attention[1]) < 1e-5


def test_scores_are_put_through_the_softmax():
    scores = np.log(np.maximum(ROWS, 1e-30))[None]
    kind, layers = truth.judged([scores - 3], [2])
    assert kind == "scores" and np.allclose(layers[0][0], ROWS)
    assert truth.judged([ROWS[None]], [2])[0] == "attention"
    assert truth.judged([], [2]) == ("none", [])


def test_an_encoder_decoder_tells_of_its_three_parts(place):
    case, pairs = Case("bart", "seq2seq"), truth_of_pairs.some()
    families.save(place / "bart", case)
    own = truth_of_pairs.own(place / "bart", case, pairs)
    shapes = {part: [layer.shape for layer in found.attention[1]] for part, found in own.items()}
    assert shapes["encoder"] == [(2, 8, 8)] * 2  # fewer layers and heads than the decoder
    assert shapes["decoder"] == [(4, 16, 16)] * 3 and shapes["cross"] == [(4, 16, 8)] * 3
    assert all(found.kind == "attention" and not found.alone for found in own.values())
    rows = [layer.sum(-1) for found in own.values() for layer in found.attention[1]]
    assert np.allclose(np.concatenate([row.ravel() for row in rows]), 1, atol=1e-6)


def test_whisper_tells_of_frames_and_tokens(place):
    case = Case("whisper", "speech")
    families.save(place / "whisper", case)
    mels = families.settings(case).num_mel_bins
    own = truth_of_pairs.own(place / "whisper", case, truth_of_pairs.sounds(mels))
    assert own["cross"].attention[0][0].shape == (4, 10, shrink.POSITIONS)
    assert own["encoder"].kind == own["decoder"].kind == own["cross"].kind == "attention"


def test_attention_told_as_a_band_is_unrolled(place):
    case = Case("longformer", "masked")
    families.save(place / "long", case)
    own = truth.own(truth.load(place / "long", case, "eager"), [np.arange(5, 27), np.arange(3)])
    layer = own.attention[0][0]
    assert own.kind == "attention" and layer.shape == (4, 22, 22)
    distance = np.abs(np.subtract.outer(np.arange(22), np.arange(22)))
    assert not layer[:, distance > shrink.WINDOW // 2].any() and (layer[:, distance == 3] > 0).any()
    assert np.allclose(layer.sum(-1), 1, atol=1e-5)


def test_a_model_of_pictures_tells_of_its_patches(place):
    families.save(place / "deit", Case("deit", "picture"))
    own = pictures.own(place / "deit", Case("deit", "picture"), pictures.some())
    assert own.kind == "attention" and len(own.attention) == pictures.COUNT
    tokens = 2 + (pictures.SIDE // shrink.PATCH) ** 2
    assert [layer.shape for layer in own.attention[0]] == [(4, tokens, tokens)] * shrink.LAYERS


def test_the_table_names_the_exact_families_and_the_others_by_reason():
    row = table.Row(CASE, "exact", 2e-7, ablation="as by hand", induction="works")
    masked = replace(row, case=Case("some", "masked"), difference=4e-7)
    other = replace(row, case=Case("other", "causal"), outcome="refused", why="other is not so.")
    third = replace(other, case=Case("third", "causal"), why="third is not so.")
    lines = printed.markdown([row, masked, other, third])
    assert "**Exact**, 4e-07 at most (1): some." in lines
    assert "| other, third | refused: … is not so. |" in lines
    assert table.summary([row, masked, other]) == "2 exact, 1 refused"
    assert printed.line(replace(row, outcome="wrong")).startswith("! some")


def test_an_encoder_decoder_is_judged_part_by_part(place, monkeypatch):
    found = table_pairs.row(Case("bart", "seq2seq"), place)
    assert found.outcome == "exact" and found.difference <= table.BAR and not found.why
    assert found.shape == "encoder 2 × 2 × 16, decoder 3 × 4 × 8, cross 3 × 4 × 8"
    right = ours.attentions

    def wrong(run):
        there = right(run)
        if run.model.part == "cross":
            there[1][2] = there[1][2][:, :, ::-1]  # one layer of one passage
        return there

    monkeypatch.setattr(ours, "attentions", wrong)
    assert table_pairs.row(Case("bart", "seq2seq"), place).outcome == "wrong"


def test_an_encoder_decoder_that_cant_be_read_is_refused_in_words(place):
    found = table_pairs.row(Case("led", "seq2seq"), place)
    assert found.outcome == "refused" and "the attention of the encoder" in found.why
