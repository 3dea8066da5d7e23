"""Encoder–decoders: three runs whose attention is the model's own, whatever decoder and target."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers as tf
from stored import quiet
from tiny import tokenizer

from compute import attention, runs, texts
from compute.attention import exact, heat_scales, windows
from compute.errors import HeadscopeError
from compute.jobs import opening
from compute.maps import projection
from compute.maps.cloud import cloud
from compute.models.model import PARTS
from compute.runs import pair_vectors, written
from compute.trust import trust

_T5 = {"d_model": 32, "d_kv": 8, "d_ff": 48, "num_layers": 2, "num_heads": 4, "vocab_size": 60}
_BART = {"d_model": 32, "vocab_size": 60, "max_position_embeddings": 64}
_BART |= {"encoder_layers": 2, "decoder_layers": 3, "encoder_ffn_dim": 48, "decoder_ffn_dim": 48}
_BART |= {"encoder_attention_heads": 2, "decoder_attention_heads": 4}
_IDS = {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3, "decoder_start_token_id": 3}
_LED = {**_BART, "attention_window": 4, "max_encoder_position_embeddings": 64}
FAMILIES = {
    "t5": lambda: tf.T5ForConditionalGeneration(
        tf.T5Config(**_T5, num_decoder_layers=3, **(_IDS | {"decoder_start_token_id": 0}))
    ),
    "mt5": lambda: tf.MT5ForConditionalGeneration(
        tf.MT5Config(**_T5, **(_IDS | {"decoder_start_token_id": 0}))
    ),
    "bart": lambda: tf.BartForConditionalGeneration(
        tf.BartConfig(**_BART, **_IDS, forced_eos_token_id=None)
    ),
    "mbart": lambda: tf.MBartForConditionalGeneration(tf.MBartConfig(**_BART, **_IDS)),
    "pegasus": lambda: tf.PegasusForConditionalGeneration(tf.PegasusConfig(**_BART, **_IDS)),
    "marian": lambda: tf.MarianMTModel(tf.MarianConfig(**_BART, **_IDS)),
    # Outside the attention interface: products are followed to their softmax, of two sizes.
    "mvp": lambda: tf.MvpForConditionalGeneration(
        tf.MvpConfig(**_BART, **_IDS, forced_eos_token_id=None)
    ),
}
TEXT = """the cat sat on a mat and the dog ran to the red house ⇥ old men sing
where old men sing of rain
a dog ⇥ the cat sat on the mat and the dog ran to where old men sing of rain and rain
the red house"""


@pytest.fixture(scope="module", autouse=True)
def own_cache(shared_cache: Path) -> Path:
    """One for all tests: each family is opened once."""
    return shared_cache


def saved(net: tf.PreTrainedModel, folder: Path) -> str:
    net.save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return str(folder)


@dataclass(frozen=True)
class Opened:
    """A family's model in a folder, and its three runs by their parts."""

    spec: str
    family: type[tf.PreTrainedModel]
    runs: dict[str, runs.Run]

    def net(self) -> tf.PreTrainedModel:
        """Return the model as it comes from the disk."""
        return self.family.from_pretrained(self.spec)


@pytest.fixture(scope="module", params=sorted(FAMILIES))
def opened(request, own_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    torch.manual_seed(0)
    net = FAMILIES[request.param]().eval()
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    spec = saved(net, tmp_path_factory.mktemp("models") / request.param)
    text = texts.from_user(TEXT)
    texts.save_user(text)
    told = {part: opening.open_run(spec, text.name, quiet, part=part) for part in PARTS}
    return Opened(spec, type(net), {part: runs.load(each["key"]) for part, each in told.items()})


def test_attention_of_each_part_is_the_models_own(opened) -> None:
    net, found = opened.net(), opened.runs
    net.set_attn_implementation("eager")
    for passage in range(4):
        source = found["encoder"].tokens.ids[found["encoder"].span(passage)]
        target = found["decoder"].tokens.ids[found["decoder"].span(passage)]
        with torch.inference_mode():
            own = net(
                input_ids=torch.tensor(source[None].astype(int)),
                decoder_input_ids=torch.tensor(target[None].astype(int)),
                output_attentions=True,
            )
        for part, run in found.items():
            assert run.model.part == part
            for layer, head in np.ndindex(run.model.layers, run.model.heads):
                mine = attention.of_passage(run, layer, head, passage)
                theirs = own[f"{part}_attentions"][layer][0, head].numpy()
                assert mine.shape == theirs.shape
                assert np.abs(mine - theirs).max() <= 1e-6, (part, layer, head)


def test_cross_attention_has_queries_of_the_target_and_keys_of_the_source(opened) -> None:
    found = opened.runs
    cross, source, target = found["cross"], found["encoder"], found["decoder"]
    assert cross.tokens.strings == target.tokens.strings
    assert cross.keys.strings == source.tokens.strings
    assert not cross.square
    assert cross.q.shape[2] == len(target.tokens) != cross.k.shape[2]
    points = cloud(cross, 0, 0)
    for method in ("attention", "pca", "biplot", "exact"):
        layout = projection.fit(points, method, options={"steps": 20} if method[0] == "a" else None)
        assert layout.q.shape == (len(cross.tokens), 2)
        assert layout.k.shape == (len(cross.keys), 2)
        assert np.isfinite(layout.q).all() and np.isfinite(layout.k).all()
        assert trust.trust(points, layout).k.shape == (len(cross.keys),)


def test_a_part_of_cross_attention_has_rows_and_columns_of_its_own(opened, monkeypatch) -> None:
    cross = opened.runs["cross"]
    monkeypatch.setattr(exact, "CELLS", 1)  # a row at a time
    part = slice(1, 4), slice(2, 9)
    whole = attention.of_passage(cross, 1, 1, 0)
    drawn = replace(windows.around(cross, 0), rows=part[0], columns=part[1])
    found = windows.weights(cross, 1, 1, drawn)
    np.testing.assert_allclose(found, whole[part], atol=1e-7)
    ordinary = attention.without_special(cross, 0, whole)
    found = windows.weights(
        cross, 1, 1, drawn, lambda w, rows: attention.without_special(cross, 0, w, rows)
    )
    np.testing.assert_allclose(found, ordinary[part], atol=1e-7)
    shown = heat_scales.of_passage(cross, 1, 0, found, (1, 2))
    assert shown.allowed.shape == found.shape and len(shown.sinks) == 7
    assert shown.sinks.tolist() == cross.keys.special[cross.key_span(0)][2:9].tolist()
    monkeypatch.setattr(exact, "WHOLE", 3)
    with pytest.raises(HeadscopeError, match=r"between \d+ and \d+ tokens of passage 1 "):
        attention.of_passage(cross, 1, 1, 0)


@pytest.mark.parametrize("opened", ["t5"], indirect=True)
def test_sources_and_targets_are_cut_where_that_is_asked_for(opened, monkeypatch) -> None:
    monkeypatch.setenv("HEADSCOPE_LONGEST", "12")
    said = []
    text = texts.from_user(TEXT)
    told = opening.open_run(opened.spec, text.name, lambda r: said.append(r[1]), part="cross")
    cut = runs.load(told["key"])
    assert np.diff(cut.keys.starts).max() == np.diff(cut.tokens.starts).max() == 12
    assert cut.key != opened.runs["cross"].key and len(cut.notes) == 3
    estimate = r"Reading .* in 2 \+ 3 \+ 3 layers: 1 MiB of vectors, about 1 s …"
    assert any(re.fullmatch(estimate, each) for each in said)
    monkeypatch.setenv("HEADSCOPE_LONGEST", "11")
    monkeypatch.setenv("HEADSCOPE_LAYERS", "1")
    whole = opening.open_run(opened.spec, text.name, quiet, part="cross")
    assert whole["held"] is None and whole["notes"][-1] == pair_vectors.WHOLE


def test_where_there_is_no_target_the_model_writes_it(opened) -> None:
    net, found = opened.net(), opened.runs
    target, source = found["decoder"], found["encoder"]
    for passage in (1, 3):  # two that it writes together, one padded
        ids = torch.tensor(source.tokens.ids[source.span(passage)][None].astype(int))
        made = net.generate(ids, max_new_tokens=64, do_sample=False, num_beams=1, use_cache=False)
        read = target.tokens.ids[target.span(passage)].tolist()
        assert made[0].tolist()[: len(read)] == read
        assert len(made[0]) - len(read) in (0, 1)  # its end is not read again
    assert any("Targets of 2 passages were written by" in note for note in target.notes)
    given = target.tokens.strings[target.span(0)]
    assert [s for s in given if s in ("old", "men", "sing")] == ["old", "men", "sing"]


def test_settings_for_writing_that_have_a_say_are_named(load) -> None:
    model = load("t5")  # only its settings are read
    model = replace(model, net=tf.T5ForConditionalGeneration(tf.T5Config(**_T5, **_IDS)))
    assert written.chosen_by(model) == "the likeliest next token each time"
    model.net.generation_config.update(no_repeat_ngram_size=3, min_length=0, length_penalty=2.0)
    allowed = "the likeliest next token that its settings for writing allow (no_repeat_ngram_size)"
    assert written.chosen_by(model) == allowed


def test_a_part_that_cant_be_seen_is_named(tmp_path: Path) -> None:
    """LED's encoder looks through windows."""
    spec = saved(tf.LEDForConditionalGeneration(tf.LEDConfig(**_LED, **_IDS)), tmp_path)
    with pytest.raises(HeadscopeError, match="can't see the attention of the encoder"):
        opening.open_run(spec, "pairs", quiet, part="cross")


def test_a_decoder_whose_start_nobody_tells_is_refused_with_what_to_add(tmp_path: Path) -> None:
    told = {name: value for name, value in _IDS.items() if name == "pad_token_id"}
    config = tf.T5Config(**_T5, **told, eos_token_id=3, bos_token_id=None)
    spec = saved(tf.T5ForConditionalGeneration(config), tmp_path)
    with pytest.raises(HeadscopeError, match="add decoder_start_token_id"):
        opening.open_run(spec, "pairs", quiet, part="cross")


def test_what_a_model_writes_fits_into_it_or_it_is_said_why_it_cant_write(tmp_path: Path) -> None:
    short = _BART | {"max_position_embeddings": 24}
    net = tf.BartForConditionalGeneration(tf.BartConfig(**short, **_IDS))
    net.generation_config.num_return_sequences = 3
    net.generation_config.num_beams = 3
    spec = saved(net, tmp_path)
    text = texts.from_user("the cat sat on a mat\nold men sing")
    texts.save_user(text)
    run = runs.load(opening.open_run(spec, text.name, quiet, part="decoder")["key"])
    assert len(run.tokens.starts) == 3 and np.diff(run.tokens.starts).max() <= 24
    assert run.notes[-1].endswith("at most 24 tokens.")
    net.generation_config.encoder_repetition_penalty = -1.0
    spec = saved(net, tmp_path / "odd")
    with pytest.raises(HeadscopeError, match="can't write targets: its own code fails"):
        opening.open_run(spec, text.name, quiet, part="decoder")


def test_demo_pairs_writes_the_targets_that_its_text_has(own_cache) -> None:
    known = texts.load("pairs")
    some = texts.from_user("\n".join(known.passages[:6]), by="line")
    texts.save_user(some)
    told = opening.open_run("demo-pairs", some.name, quiet, part="decoder")
    run, given = runs.load(told["key"]), known.targets[:6]
    assert [" ".join(run.tokens.strings[run.span(p)][1:]) for p in range(6)] == list(given)
