"""GGUF files: what is read from one is what the model that made it computes, to the bit."""

import json

import gguf_files
import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from compute.capture import passes
from compute.errors import HeadscopeError
from compute.finding import catalog
from compute.gguf import conversion, headers
from compute.models import loading

TEXT = "the cat sat on the cat, the cat sat"


def load(file):
    return loading.load(catalog.find(str(file)))


def attention(net, ids):
    seen = []
    passes.run(net, {"input_ids": ids}, on_call=lambda call: seen.append(call.attention()))
    return torch.stack(seen, 1)


def eager(net, ids):
    net.set_attn_implementation("eager")
    with torch.inference_mode():
        return torch.stack(net(ids, output_attentions=True).attentions, 1)


@pytest.mark.parametrize(
    ("family", "kind"),
    [
        ("llama", "Q4_1"),
        ("llama", "F16"),
        ("gpt2", "F32"),
        ("qwen2", "Q8_0"),
        *((family, "F32") for family in sorted({*gguf_files.CONFIGS} - {"llama", "gpt2", "qwen2"})),
    ],
)
def test_attention_is_that_of_the_model_which_made_the_file(tmp_path, family, kind):
    made = gguf_files.write(tmp_path / "tiny.gguf", family, kind)
    model = load(tmp_path / "tiny.gguf")
    assert (model.info.layers, model.info.heads) == (2, 4)
    assert type(model.net) is type(made)
    assert model.info.causal and model.info.name == "tiny"
    ids = torch.tensor([model.tokenizer(TEXT)["input_ids"]])
    words = [model.tokenizer.decode([token]) for token in ids[0, -3:].tolist()]
    assert [word.strip() for word in words] == ["the", "cat", "sat"]
    assert ids.shape[1] < 16
    expected = eager(made, ids)
    torch.testing.assert_close(attention(model.net, ids), expected, rtol=0, atol=1e-6)
    assert expected.amax(-1).std() > 0.05  # far from uniform


def test_the_encoder_of_a_t5(tmp_path):
    made = gguf_files.write_t5(tmp_path / "tiny.gguf")
    model = load(tmp_path / "tiny.gguf")
    assert (model.info.family, model.info.task) == ("t5", "encoder")
    ids = torch.tensor([model.tokenizer("the cat sat on a cat")["input_ids"]])
    assert ids.shape[1] == 7
    with torch.inference_mode():
        assert torch.equal(model.net(ids)[0], made(ids)[0])


def test_the_conversion_is_what_transformers_reads_by_itself(tmp_path):
    file = tmp_path / "tiny.gguf"
    gguf_files.write(file, "llama", "Q8_0")
    source = catalog.find(str(file))
    catalog.fetch(source)
    where = {"gguf_file": file.name, "local_files_only": True}
    plain = AutoModelForCausalLM.from_pretrained(tmp_path, **where, dtype=torch.float32)
    model = load(file)
    ours, theirs = model.net.state_dict(), plain.state_dict()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    known = AutoTokenizer.from_pretrained(tmp_path, **where)
    assert model.tokenizer(TEXT)["input_ids"] == known(TEXT)["input_ids"]


def test_a_file_is_converted_once_and_known_by_its_content(tmp_path, monkeypatch):
    file = tmp_path / "a.gguf"
    gguf_files.write(file, "gpt2")
    source = catalog.find(str(file))
    assert "0.0 GiB on the disk and 0.3 GiB of memory" in catalog.to_do(source)
    catalog.fetch(source)
    assert catalog.to_do(source) == ""
    monkeypatch.setattr(conversion, "convert", None)
    moved = file.rename(tmp_path / "b.bin")  # what it is, its first bytes tell
    again = catalog.find(str(moved))
    assert (again.identity, again.folder) == (source.identity, source.folder)
    catalog.fetch(again)
    assert load(moved).info.name == "b"


def test_settings_that_transformers_leaves_out_are_taken_over(tmp_path):
    gguf_files.write(tmp_path / "a.gguf", "qwen3")
    assert load(tmp_path / "a.gguf").info.head_dim == 32
    scaled = {"arch__rope__scaling__type": "linear", "arch__rope__scaling__factor": 4.0}
    made = gguf_files.write(tmp_path / "b.gguf", "llama", **scaled)
    model = load(tmp_path / "b.gguf")
    rope = model.net.config.rope_parameters
    assert (rope["rope_type"], rope["factor"]) == ("linear", 4.0)
    ids = torch.tensor([model.tokenizer(TEXT)["input_ids"]])
    assert not torch.allclose(attention(model.net, ids), eager(made, ids), atol=1e-3)


def test_llama_3_divides_its_frequencies(tmp_path):
    config = {"rope_type": "llama3", "rope_theta": 500_000.0, "factor": 8.0}
    config |= {"low_freq_factor": 1.0, "high_freq_factor": 4.0}
    config |= {"original_max_position_embeddings": 8192}
    file = tmp_path / "a.gguf"
    made = gguf_files.write(file, "llama", rope=config)
    assert load(file).net.config.rope_parameters == config
    ids = torch.arange(20, 60)[None]
    torch.testing.assert_close(attention(load(file).net, ids), eager(made, ids), rtol=0, atol=1e-6)
    gguf_files.write(file, "llama", rope=config | {"low_freq_factor": 2.0})
    assert "otherwise than Llama 3" in refused(file)


def refused(file):
    with pytest.raises(HeadscopeError) as caught:
        load(file)
    said = str(caught.value)
    assert said.count(". ") <= 2 and len(said) < 500
    assert not list(catalog.find(str(file)).folder.parent.glob(".*"))  # nothing is left behind
    return said


@pytest.mark.parametrize(
    ("family", "changes", "said"),
    [
        ("llama", {"general__architecture": "rwkv7"}, "of the family rwkv7"),
        ("llama", {"general__architecture": "\u202erw\0kv\n"}, "of the family rwkv,"),
        ("llama", {"general__architecture": "mamba"}, "has no attention heads"),
        ("llama", {"tokenizer__ggml__tokens": None}, "has no tokenizer"),
        ("llama", {"tokenizer__ggml__model": "bert"}, "its tokenizer"),
        ("gemma2", {"tokenizer__ggml__tokens": ["a", "x" * 10**6]}, "broken or was cut short"),
        ("llama", {"tokenizer__ggml__tokens": [1, 2, 3]}, "broken or was cut short"),
        ("llama", {"tokenizer__ggml__merges": ["no such", "pair"]}, "its tokenizer"),
        ("llama", {"tokenizer__ggml__bos_token_id": 10**6}, "its tokenizer"),
        ("llama", {"arch__block_count": 3}, "tensors of the model are missing"),
        ("llama", {"arch__block_count": 1}, "does not use"),
        ("llama", {"arch__block_count": 10**6}, "at most 10,000"),
        ("llama", {"arch__block_count": 9_000}, "far larger model than its weight files hold"),
        ("llama", {"arch__embedding_length": 2**30}, "far larger model"),
        ("llama", {"arch__embedding_length": None}, "choose the version"),
        ("llama", {"arch__attention__head_count": 0}, "choose the version"),
        ("llama", {"arch__rope__scaling__type": "yarn"}, "scales its positions (yarn)"),
        ("llama", {"split__count": 3}, "one of 3 files"),
    ],
)
def test_what_a_file_says_of_itself_is_not_believed(tmp_path, family, changes, said):
    file = tmp_path / "tiny.gguf"
    gguf_files.write(file, family, **changes)
    assert said.lower() in refused(file).lower()


def test_a_file_cut_short_anywhere_is_told(tmp_path):
    whole = tmp_path / "whole.gguf"
    gguf_files.write(whole, "gpt2")
    content = whole.read_bytes()
    header = headers.read(whole, "whole")
    first = min(tensor.start for tensor in header.tensors)
    cut = tmp_path / "cut.gguf"
    for end in (4, 12, 23, 24, 100, first // 2, first - 1, first + 1, len(content) - 40):
        cut.write_bytes(content[:end])
        assert "GGUF file" in refused(cut), end


def number(value, size=8):
    return value.to_bytes(size, "little")


@pytest.mark.parametrize(
    "content",
    [
        number(2**63) + number(1),
        number(1) + number(2**63),
        number(0) + number(1) + number(2**62) + b"name",
        number(0) + number(1) + number(1) + b"a" + number(99, 4),
        number(0) + number(1) + number(1) + b"a" + number(9, 4) + number(4, 4) + number(2**62),
        number(0) + number(1) + number(1) + b"a" + number(9, 4) + number(8, 4) + number(2**40),
        number(0) + number(1) + number(1) + b"a" + number(9, 4) + number(9, 4) + number(2),
        number(0) + number(1) + number(1) + b"\xff" + number(0, 4) + b"1",
        number(1) + number(0) + number(1) + b"a" + number(2**31, 4),
        number(1) + number(0) + number(1) + b"a" + number(2, 4) + number(2**40) * 2 + bytes(12),
        number(1) + number(0) + number(1) + b"a" + number(1, 4) + number(0) + bytes(12),
        (number(2) + number(0) + 2 * (number(1) + b"a" + number(1, 4) + number(1) + bytes(12))),
    ],
)
def test_absurd_counts_and_sizes_end_at_once(tmp_path, content):
    file = tmp_path / "tiny.gguf"
    file.write_bytes(b"GGUF" + number(3, 4) + content + bytes(64))
    with pytest.raises(HeadscopeError, match="broken or was cut short"):
        headers.read(file, "tiny")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not a GGUF file"),
        (b"GGML" + bytes(40), "not a GGUF file"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        (b"GGUF" + number(1, 4) + bytes(40), "of version 1"),
        (b"GGUF" + (3).to_bytes(4, "big") + bytes(40), "the other way round"),
    ],
)
def test_files_that_are_no_gguf_files(tmp_path, content, said):
    file = tmp_path / "tiny.gguf"
    file.write_bytes(content)
    with pytest.raises(HeadscopeError, match=said):
        catalog.fetch(catalog.find(str(file)))


def test_what_lies_beside_a_file_is_not_read(tmp_path):
    file = tmp_path / "tiny.gguf"
    gguf_files.write(file, "gpt2")
    adapter = {"base_model_name_or_path": "/etc", "peft_type": "LORA"}
    (tmp_path / "adapter_config.json").write_text(json.dumps(adapter))
    (tmp_path / "config.json").write_text("{")
    (tmp_path / "tokenizer.json").write_text("{")
    assert load(file).info.family == "gpt2"


def test_without_room_nothing_is_begun(tmp_path, monkeypatch):
    file = tmp_path / "tiny.gguf"
    gguf_files.write(file, "gpt2")
    with monkeypatch.context() as patch:
        patch.setattr(conversion.memory, "free", lambda: 2**20)
        assert "0.0 GiB of memory are free" in refused(file)
    with monkeypatch.context() as patch:
        patch.setenv("HEADSCOPE_CACHE_LIMIT", str(2**30))
        assert "with --cache-limit 2" in refused(file)
    monkeypatch.setattr(conversion.shutil, "disk_usage", lambda _: _Free())
    assert "Make room, or set HEADSCOPE_CACHE" in refused(file)


class _Free:
    free = 2**20


def test_libraries_that_are_missing_are_named(tmp_path, monkeypatch):
    gguf_files.write(tmp_path / "tiny.gguf", "gpt2")
    monkeypatch.setattr(conversion, "LIBRARIES", ("no_such_library",))
    assert "pip install gguf accelerate" in refused(tmp_path / "tiny.gguf")


def test_numbers_of_a_header(tmp_path):
    gguf_files.write(tmp_path / "tiny.gguf", "llama", "Q8_0", arch__list=[1, 2, 3])
    header = headers.read(tmp_path / "tiny.gguf", "tiny")
    assert header.architecture == "llama" and header.values["llama.list"].items == (1, 2, 3)
    assert header.numbers == sum(p.numel() for p in gguf_files.net("llama").parameters())
    assert np.prod(header.tensors[0].shape) == header.tensors[0].numbers
