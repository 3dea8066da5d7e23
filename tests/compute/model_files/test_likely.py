"""The line that a config.json of 2019 to 2021 lacks: the one said makes the model open."""

import json
import re

import pytest
import tiny
import torch
from safetensors.torch import load_file

from compute.errors import HeadscopeError
from compute.finding import catalog
from compute.model_files import likely
from compute.models import loading

FAMILIES = "bert roberta distilbert electra albert modernbert deberta deberta-v2 xlm xlnet gpt2"
FAMILIES += " openai-gpt gpt_neo gptj gpt_neox codegen opt bloom falcon mpt llama mistral qwen3"
FAMILIES += " phi3 gemma2 gpt_oss"


def said(folder):
    loading.load.cache_clear()
    with pytest.raises(HeadscopeError) as caught:
        loading.load(catalog.find(str(folder)))
    return re.search(r'Add a line such as "model_type": "(.+)"\.$', str(caught.value))[1]


def old(folder, family, how, **changes):
    """Write a model as it was written then: no model_type, weights by pickle."""
    tiny.save(folder, family)
    tiny.change_config(folder, model_type=None, **changes)
    file = folder / "model.safetensors"
    if how != "safetensors":
        tensors = load_file(file)
        zipped = how == "zip"
        torch.save(tensors, folder / "pytorch_model.bin", _use_new_zipfile_serialization=zipped)
        file.unlink()
    return folder


@pytest.mark.parametrize("family", [each for each in FAMILIES.split() if each in tiny.FAMILIES])
def test_of_the_class_or_of_the_weights(tmp_path, family):
    folder = old(tmp_path / "a", family, "zip")
    assert said(folder) == family
    tiny.change_config(folder, architectures=None)
    alike = {"gemma2": "llama", "mistral": "llama", "gpt_oss": "qwen2"}  # these only settings tell
    assert said(folder) == alike.get(family, family)


@pytest.mark.parametrize("how", ["safetensors", "zip", "legacy"])
@pytest.mark.parametrize(
    ("family", "architecture"),
    [("bert", "ProtBertModel"), ("roberta", "ChemBertaForMaskedLM"), ("gpt2", None)],
)
def test_the_line_that_is_said_opens_the_model(tmp_path, family, architecture, how):
    named = [architecture] if architecture else None
    folder = old(tmp_path / "a", family, how, architectures=named)
    tiny.change_config(folder, model_type=said(folder))
    assert loading.load(catalog.find(str(folder))).info.family == family


@pytest.mark.parametrize(
    ("settings", "family"),
    [
        ({"architectures": ["BertForPreTraining"]}, "bert"),
        ({"architectures": ["RobertaForSequenceClassification"]}, "roberta"),
        ({"architectures": ["EsmForMaskedLM"]}, "esm"),
        ({"architectures": ["T5WithLMHeadModel"]}, "t5"),
        ({"architectures": ["OpenAIGPTLMHeadModel"]}, "openai-gpt"),
        ({"architectures": ["XLMRobertaLMHead"]}, "xlm-roberta"),
        ({"architectures": ["MyDistilBertTagger"]}, "distilbert"),
        ({"architectures": [7], "n_embd": 768, "n_head": 12, "n_layer": 12}, "gpt2"),
        ({"d_ff": 2048, "d_kv": 64, "d_model": 512}, "t5"),
        ({"dim": 768, "n_heads": 12, "n_layers": 6}, "distilbert"),
        ({"token_dropout": True, "hidden_size": 320}, "esm"),
        ({"type_vocab_size": 2, "hidden_size": 768, "max_position_embeddings": 512}, "bert"),
        ({"type_vocab_size": 1, "max_position_embeddings": 514}, "roberta"),
        ({"embedding_size": 128, "hidden_size": 256}, "electra"),
        ({"num_hidden_groups": 1, "embedding_size": 128, "hidden_size": 256}, "albert"),
        ({"rms_norm_eps": 1e-6, "hidden_size": 256}, "llama"),
        ({}, "bert"),
    ],
)
def test_of_settings_alone(tmp_path, settings, family):
    assert likely.family(settings, tmp_path) == family


@pytest.mark.parametrize(
    ("names", "family"),
    [
        (["bert.embeddings.word_embeddings.weight", "cls.predictions.bias"], "bert"),
        (["roberta.encoder.layer.0.attention.self.query.weight"], "roberta"),
        (["esm.encoder.layer.0.attention.self.query.weight"], "esm"),
        (["encoder.layer.0.attention.self.query.weight"], "bert"),
        (["deberta.encoder.layer.0.attention.self.query_proj.weight"], "deberta-v2"),
        (["deberta.encoder.layer.0.attention.self.in_proj.weight"], "deberta"),
        (["encoder.block.0.layer.0.SelfAttention.q.weight"], "t5"),
        (["transformer.h.0.self_attention.query_key_value.weight"], "falcon"),
        (["model.layers.0.self_attn.q_proj.weight"], "llama"),
        (["model.decoder.layers.0.self_attn.q_proj.weight"], "opt"),
    ],
)
def test_of_names_of_weights(tmp_path, names, family):
    content = json.dumps({name: {} for name in names}).encode()
    (tmp_path / "model.safetensors").write_bytes(len(content).to_bytes(8, "little") + content)
    assert likely.family({}, tmp_path) == family


@pytest.mark.parametrize("content", [b"", b"\xff" * 8, b"\x05" + bytes(7) + b"[[[[[", b"PK"])
def test_weights_that_tell_nothing(tmp_path, content):
    (tmp_path / "model.safetensors").write_bytes(content)
    (tmp_path / "pytorch_model.bin").write_bytes(content)
    assert likely.tensor_names(tmp_path) == []
    assert likely.family({"n_head": 12, "n_layer": 12}, tmp_path) == "gpt2"
