"""Weights stored with fewer bits: made numbers exactly, or a sentence that says what is missing."""

import importlib.util
from types import SimpleNamespace

import pytest
import tiny
import torch
import transformers as tf
from safetensors.torch import load_file, save_file
from transformers.integrations.mxfp4 import convert_moe_packed_tensors

from compute.errors import HeadscopeError
from compute.finding import catalog
from compute.models import loading, quantised

BLOCK = 16


def load(folder):
    return loading.load(catalog.find(str(folder)))


def refused(folder):
    with pytest.raises(HeadscopeError) as caught:
        load(folder)
    assert str(caught.value).count(". ") <= 1
    return str(caught.value)


def rewrite(folder, change, **settings):
    """Store tensors otherwise; return what they are as numbers."""
    file = folder / "model.safetensors"
    stored, numbers = {}, {}
    for name, tensor in load_file(file).items():
        more, numbers[name] = change(name, tensor) or ({name: tensor}, tensor)
        stored |= more
    save_file(stored, file, metadata={"format": "pt"})
    tiny.change_config(folder, quantization_config=settings)
    return numbers


def in_fp8(name, tensor):
    if "_proj" not in name:
        return None
    rows, columns = (-(-size // BLOCK) for size in tensor.shape)
    scale = torch.rand(rows, columns) + 0.5
    each = scale.repeat_interleave(BLOCK, 0).repeat_interleave(BLOCK, 1)
    each = each[: tensor.shape[0], : tensor.shape[1]]
    packed = (tensor / each).to(torch.float8_e4m3fn)
    return {name: packed, f"{name}_scale_inv": scale}, packed.float() * each


def in_mxfp4(name, tensor):
    if not name.endswith(("gate_up_proj", "down_proj")):
        return None
    experts, inner, outer = tensor.shape
    blocks = torch.randint(0, 256, (experts, outer, inner // 32, 16), dtype=torch.uint8)
    scales = torch.randint(120, 126, (experts, outer, inner // 32), dtype=torch.uint8)
    numbers = convert_moe_packed_tensors(blocks, scales, dtype=torch.float32)
    return {f"{name}_blocks": blocks, f"{name}_scales": scales}, numbers


def assert_holds(folder, numbers):
    model = load(folder)
    held = model.net.state_dict()
    assert held.keys() == numbers.keys()
    assert all(torch.equal(held[name], numbers[name].float()) for name in held)
    assert {p.dtype for p in model.net.parameters()} == {torch.float32}


def test_fp8_is_made_numbers_exactly(tmp_path):
    folder = tiny.save(tmp_path / "model", "llama")
    about = {"activation_scheme": "dynamic", "weight_block_size": [BLOCK, BLOCK]}
    assert_holds(folder, rewrite(folder, in_fp8, quant_method="fp8", **about))


def test_mxfp4_is_made_numbers_exactly(tmp_path):
    sizes = tiny._LLAMA | {"hidden_size": 64, "intermediate_size": 64}
    config = tf.GptOssConfig(**sizes, **tiny._MOE, sliding_window=5, layer_types=tiny._SPARSE)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        tf.GptOssForCausalLM(config).save_pretrained(tmp_path)
        tiny.tokenizer().save_pretrained(tmp_path)
        left = ["model.layers.*.self_attn", "model.layers.*.mlp.router", "lm_head"]
        numbers = rewrite(tmp_path, in_mxfp4, quant_method="mxfp4", modules_to_not_convert=left)
    assert_holds(tmp_path, numbers)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"quant_method": "bitsandbytes", "load_in_4bit": True}, "the library bitsandbytes (pip"),
        ({"load_in_8bit": True}, "with bitsandbytes"),
        (
            {"quant_method": "gptq", "bits": 4},
            "takes a GPU and the library optimum and the library",
        ),
        ({"quant_method": "awq", "bits": 4}, "pip install gptqmodel"),
        ({"quant_method": "compressed-tensors"}, "pip install compressed-tensors"),
        ({"quant_method": "own"}, "quantised (own)"),
        ({"quant_method": ["fp8"]}, "can't read"),
        ({"bits": 4}, "can't read"),
        ("fp8", "is broken"),
        ({"quant_method": "fp8", "modules_to_not_convert": ["(.*)*x"]}, "can't read"),
        ({"quant_method": "fp8", "modules_to_not_convert": [".*.*.*x"]}, "can't read"),
        ({"quant_method": "fp8", "modules_to_not_convert": ["a|(b+c)+d"]}, "can't read"),
    ],
)
def test_what_is_missing_is_said(tmp_path, monkeypatch, settings, said):
    missing = ("bitsandbytes", "optimum", "gptqmodel", "compressed_tensors")
    there = importlib.util.find_spec
    finder = SimpleNamespace(find_spec=lambda name: None if name in missing else there(name))
    monkeypatch.setattr(quantised.importlib, "util", finder)
    folder = tiny.save(tmp_path / "model", "llama")
    tiny.change_config(folder, quantization_config=settings)
    assert said in refused(folder)


def test_usual_names_of_layers_are_taken():
    names = ["re:.*lm_head", "re:.*self_attn.(q|k|v)_proj$", "model.layers.*.mlp.gate", "lm_head"]
    assert quantised._is_plain({"ignore": names, "config_groups": {"group_0": {"targets": names}}})


@pytest.mark.hub
@pytest.mark.parametrize("bits", [4, 8])
def test_bitsandbytes_computes_with_what_is_stored(tmp_path, bits):
    pytest.importorskip("bitsandbytes")
    config = tf.LlamaConfig(**tiny._LLAMA | {"hidden_size": 64, "intermediate_size": 64})
    tf.LlamaForCausalLM(config).save_pretrained(tmp_path / "plain")
    how = tf.BitsAndBytesConfig(**{f"load_in_{bits}bit": True})
    kept = {"quantization_config": how, "device_map": {"": "cpu"}}
    net = tf.AutoModelForCausalLM.from_pretrained(tmp_path / "plain", **kept)
    net.save_pretrained(tmp_path / "model")
    tiny.tokenizer().save_pretrained(tmp_path / "model")
    model = load(tmp_path / "model")
    ids = torch.tensor([[2, 5, 9, 7, 5, 9, 3]])
    assert {p.dtype for p in model.net.parameters()} > {torch.float32}
    with torch.inference_mode():
        assert torch.allclose(model.net(ids).logits, net(ids).logits, atol=1e-3)
