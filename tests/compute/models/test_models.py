import pickle
from types import SimpleNamespace

import pytest
import tiny
import torch
import transformers as tf
from safetensors.torch import load_file, save_file

from compute.capture import passes
from compute.errors import HeadscopeError
from compute.finding import catalog
from compute.models import loading
from compute.models.model import PARTS, vocabulary_size


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "model"


def load(folder):
    return loading.load(catalog.find(str(folder)))


def refused(folder):
    with pytest.raises(HeadscopeError) as caught:
        load(folder)
    assert str(caught.value).count(". ") <= 1 and str(caught.value).endswith(".")
    return str(caught.value)


def test_minilm_is_the_published_encoder_in_float32():
    model = loading.load(catalog.find("minilm"))
    info = model.info
    assert (info.task, info.family, info.layers, info.heads) == ("encoder", "bert", 6, 12)
    assert (info.head_dim, info.causal, info.positions, info.mask_id) == (32, False, 512, 103)
    assert {p.dtype for p in model.net.parameters()} == {torch.float32}
    assert not model.net.training


@pytest.mark.parametrize(("spec", "task"), [("demo-bert", "masked"), ("demo-gpt", "causal")])
def test_demo_models(spec, task):
    info = loading.load(catalog.find(spec)).info
    assert (info.task, info.layers, info.heads, info.positions) == (task, 3, 4, 256)
    assert info.causal == (task == "causal")
    assert "trained for this purpose" in info.note


def test_grouped_query_model(folder):
    info = load(tiny.save(folder, "llama")).info
    assert (info.heads, info.kv_heads, info.head_dim, info.causal) == (4, 2, 8, True)


def test_roberta_loses_two_positions_to_its_offset(folder):
    model = load(tiny.save(folder, "roberta"))
    assert model.info.positions == 62
    with torch.inference_mode():
        model.net(input_ids=torch.full((1, 62), 7))
    with pytest.raises((IndexError, RuntimeError), match="out of bounds"):
        model.net(input_ids=torch.full((1, 63), 7))


def test_positions_that_are_kept_as_integers_are_counted(folder):
    config = tf.IBertConfig(**_SMALL, num_hidden_layers=2, max_position_embeddings=64)
    tf.IBertModel(config).save_pretrained(folder)
    tiny.tokenizer().save_pretrained(folder)
    assert load(folder).info.positions == 62


def test_last_model_is_remembered(folder):
    assert load(tiny.save(folder, "bert")) is load(folder)


def test_weights_without_prediction_head_make_an_encoder(folder):
    tiny.save(folder, "bert")
    drop(folder, "cls.")
    model = load(folder)
    assert model.info.task == "encoder" and type(model.net) is tf.BertModel


def test_old_files_that_name_no_architecture(folder):
    tiny.save(folder, "bert")
    tiny.change_config(folder, architectures=None)
    assert load(folder).info.task == "masked"
    drop(folder, "cls.")
    assert load(folder).info.task == "encoder"


def test_encoder_alone_of_an_encoder_decoder_family(folder):
    info = load(tiny.save(folder, "t5")).info
    assert (info.task, info.family, info.layers, info.causal) == ("encoder", "t5", 3, False)


def test_captured_pass_returns_what_the_model_returns():
    model = loading.load(catalog.find("demo-gpt"))
    ids = torch.arange(20, 60).reshape(2, 20)
    heads = []
    with torch.inference_mode():
        expected = model.net(input_ids=ids).logits
    inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    found = passes.run(model.net, inputs, on_call=lambda call: heads.append(call.query.shape[1]))
    torch.testing.assert_close(found.logits, expected, atol=1e-4, rtol=1e-5)
    assert heads == [4, 4, 4]


def test_missing_weights_of_a_layer_are_refused_not_drawn_at_random(folder):
    tiny.save(folder, "bert")
    drop(folder, "bert.encoder.layer.1.attention.self.query")
    assert "missing" in refused(folder)


def drop(folder, start):
    file = folder / "model.safetensors"
    tensors = {k: v for k, v in load_file(file).items() if not k.startswith(start)}
    assert len(tensors) < len(load_file(file))
    save_file(tensors, file, metadata={"format": "pt"})


def test_torch_weights_of_plain_tensors_are_read(folder):
    tiny.save(folder, "gpt2")
    file = folder / "model.safetensors"
    torch.save(load_file(file), folder / "pytorch_model.bin")
    file.unlink()
    assert load(folder).info.family == "gpt2"


def test_pickle_with_code_is_not_run(folder, tmp_path):
    tiny.save(folder, "gpt2")
    (folder / "model.safetensors").unlink()
    witness = tmp_path / "was-run"

    class Harm:
        def __reduce__(self):
            return (open, (str(witness), "w"))

    torch.save({"transformer.wte.weight": Harm()}, folder / "pytorch_model.bin")
    assert "could run code" in refused(folder)
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Harm(), protocol=2))
    refused(folder)
    assert not witness.exists()


def test_broken_weights(folder):
    tiny.save(folder, "bert")
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-1000])
    assert "broken" in refused(folder)


def test_weights_that_are_not_numbers(folder):
    tiny.save(folder, "gpt2")
    file = folder / "model.safetensors"
    tensors = load_file(file)
    tensors["transformer.h.1.attn.c_attn.weight"][0, 0] = float("nan")
    save_file(tensors, file, metadata={"format": "pt"})
    assert "damaged" in refused(folder)


_SMALL = {"vocab_size": 60, "hidden_size": 32, "num_attention_heads": 4, "intermediate_size": 48}
UNSEEN = {
    "fnet": lambda: tf.FNetModel(
        tf.FNetConfig(vocab_size=60, hidden_size=32, num_hidden_layers=1, intermediate_size=48)
    ),
    "yoso": lambda: tf.YosoModel(tf.YosoConfig(**_SMALL, num_hidden_layers=1)),
    "mamba": lambda: tf.MambaModel(
        tf.MambaConfig(vocab_size=60, hidden_size=32, num_hidden_layers=1)
    ),
}


@pytest.mark.parametrize("family", UNSEEN)
def test_families_whose_attention_cannot_be_seen_are_named(folder, family):
    UNSEEN[family]().save_pretrained(folder)
    tiny.tokenizer().save_pretrained(folder)
    message = refused(folder)
    assert f"family {family}" in message and "attention" in message


def test_a_model_of_images_is_told_apart(folder):
    config = tf.ViTConfig(image_size=8, patch_size=4, **_SMALL, num_hidden_layers=1)
    tf.ViTModel(config).save_pretrained(folder)
    tiny.tokenizer().save_pretrained(folder)
    assert "has no preprocessor_config.json" in refused(folder)


def test_encoder_with_decoder(folder):
    config = tf.T5Config(d_model=32, d_kv=8, d_ff=48, num_layers=1, num_heads=4, vocab_size=60)
    tf.T5ForConditionalGeneration(config).save_pretrained(folder)
    tiny.tokenizer().save_pretrained(folder)
    parts = load(folder).parts
    assert {name: info.part for name, info in parts.items()} == dict(zip(PARTS, PARTS, strict=True))


def test_no_tokenizer(folder):
    tiny.net("bert").save_pretrained(folder)
    assert "tokenizer" in refused(folder)
    (folder / "tokenizer_config.json").write_text("{}")
    assert "tokenizer" in refused(folder)
    (folder / "tokenizer.json").write_text("{")
    assert "tokenizer" in refused(folder)


def test_fresh_weights_depend_on_the_seed_alone(folder):
    model = load(tiny.save(folder, "bert"))
    state = torch.random.get_rng_state()
    a, again, b = loading.fresh(model, 1), loading.fresh(model, 1), loading.fresh(model, 2)
    assert torch.equal(state, torch.random.get_rng_state())
    name = "bert.encoder.layer.1.attention.self.query.weight"
    weights = [m.net.state_dict()[name] for m in (a, again, b, model)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2]) and not torch.equal(weights[0], weights[3])
    assert not a.net.training
    assert a.info.identity != b.info.identity != model.info.identity


def test_a_model_without_one_table_of_tokens_tells_its_vocabulary_by_its_settings():
    net = tiny.net("bert")
    assert vocabulary_size(net) == len(net.get_input_embeddings().weight) == 60
    without = SimpleNamespace(get_input_embeddings=_has_none, config=net.config)
    assert vocabulary_size(without) == 60
    assert vocabulary_size(SimpleNamespace(get_input_embeddings=_has_none, config=None)) is None


def _has_none():
    raise NotImplementedError("as CANINE, which hashes characters")
