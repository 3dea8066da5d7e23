"""LoRA adapters: merged exactly, and never more than their weights and a few numbers believed."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import tiny
import torch
from lora import adapted
from safetensors.torch import load_file, save_file
from transformers import AutoModelForSequenceClassification

from compute.capture import passes
from compute.errors import HeadscopeError
from compute.finding import adapters, catalog, hub, known
from compute.finding.adapters import ADAPTER, ADAPTER_WEIGHTS
from compute.jobs import opening
from compute.model_files import folders
from compute.models import loading

KINDS = {
    "plain": {},
    "rank": {"rank_pattern": {"query": 2, "layer.0.attention.self.value": 3}},
    "alpha": {"alpha_pattern": {"^bert.encoder.layer.1.attention.self.query": 9}},
    "rslora": {"use_rslora": True},
    "dora": {"use_dora": True},
    "bias": {"lora_bias": True},
    "own biases": {"bias": "all"},
    "saved": {"modules_to_save": ["decoder"]},
}


def load(*spec):
    return loading.load(catalog.find(" + ".join(map(str, spec))))


def refused(*spec):
    with pytest.raises(HeadscopeError) as caught:
        load(*spec)
    assert str(caught.value).count(". ") <= 2
    return str(caught.value)


def change(folder: Path, **changes: object) -> None:
    file = folder / ADAPTER
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


@pytest.fixture
def base(tmp_path):
    return tiny.save(tmp_path / "base", "bert")


@pytest.fixture
def adapter(tmp_path, base):
    adapted(tiny.net("bert"), tmp_path / "adapter")
    return tmp_path / "adapter"


def outputs(net, ids):
    seen = []
    out = passes.run(net, {"input_ids": ids}, on_call=lambda call: seen.append(call.attention()))
    return out.logits, torch.stack(seen)


def assert_alike(ours, theirs):
    """As far as 32 bits go: (W + B A) x is W x + B (A x) but for rounding."""
    torch.testing.assert_close(ours[0], theirs[0], rtol=1e-5, atol=2e-5)
    torch.testing.assert_close(ours[1], theirs[1], rtol=0, atol=2e-6)


def of_peft(model, ids):
    return outputs(model.base_model.model, ids)  # its adapter is not merged


@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)
def test_a_merged_adapter_computes_what_peft_does(tmp_path, base, options):
    model = adapted(tiny.net("bert"), tmp_path / "adapter", **options)
    found = load(base, tmp_path / "adapter")
    ids = torch.tensor([found.tokenizer("the cat sat on the red mat")["input_ids"]])
    assert_alike(outputs(found.net, ids), of_peft(model, ids))
    plain = outputs(load(base).net, ids)[1]
    assert (outputs(found.net, ids)[1] - plain).abs().max() > 0.01
    assert (found.info.name, found.info.base) == ("base + adapter", str(base))


@pytest.mark.parametrize(
    ("family", "targets"),
    [("gpt2", ["c_attn", "c_proj"]), ("llama", ["q_proj", "k_proj", "embed_tokens"])],
)
def test_other_families_and_kinds_of_layers(tmp_path, family, targets):
    base = tiny.save(tmp_path / "base", family)
    model = adapted(tiny.net(family), tmp_path / "adapter", targets)
    ids = torch.tensor([[2, 5, 9, 7, 5, 9]])
    found = load(base, tmp_path / "adapter")
    assert_alike(outputs(found.net, ids), of_peft(model, ids))


def test_an_adapter_of_a_classifier_is_shown_without_its_classes(tmp_path, base):
    with torch.random.fork_rng():
        classifier = AutoModelForSequenceClassification.from_pretrained(base, num_labels=3)
    model = adapted(classifier, tmp_path / "adapter", task_type="SEQ_CLS")
    ids = torch.tensor([[2, 5, 9, 7, 3]])
    ours = outputs(load(base, tmp_path / "adapter").net, ids)[1]
    torch.testing.assert_close(ours, of_peft(model, ids)[1], rtol=0, atol=1e-6)


def test_an_adapter_opens_with_its_own_base_once_that_was_opened(base, adapter):
    change(adapter, base_model_name_or_path=str(base))
    said = refused(adapter)
    assert f"name both: {base} + {adapter}" in said and "was not opened on this machine" in said
    described = opening.open_run(str(base), "questions", lambda _: None)
    assert described["model"]["base"] == ""
    assert not known.knows(str(adapter))
    described = opening.open_run(str(adapter), "questions", lambda _: None)
    assert described["model"]["base"] == str(base) and described["model"]["spec"] == str(adapter)
    assert known.knows(str(adapter)) and known.knows(f"{base} + {adapter}")
    assert load(adapter).info.identity == load(base, adapter).info.identity


def test_what_was_named_for_an_adapter_is_not_its_own_word(base, adapter):
    change(adapter, base_model_name_or_path="/net/host/model")
    load(base, adapter)
    assert known.knows(f"{base} + {adapter}") and known.knows(f"{base}+{adapter}")
    assert known.knows(str(base))
    assert not known.knows(str(adapter))
    assert not known.knows(f"/net/host/model + {adapter}")


@pytest.mark.parametrize("named", ["", None, 7, "//host/share", "/net/host/model", "owner/name"])
def test_no_path_is_looked_at_because_an_adapter_names_it(adapter, named, monkeypatch):
    change(adapter, base_model_name_or_path=named)
    find = catalog.find

    def only_the_adapter(spec):
        assert spec == str(adapter)
        return find(spec)

    monkeypatch.setattr(catalog, "find", only_the_adapter)
    assert f" + {adapter}" in refused(adapter)


def test_identity_follows_base_and_adapter(tmp_path, base, adapter):
    one = catalog.find(f"{base} + {adapter}").identity
    assert one not in (catalog.find(str(base)).identity, "")
    tiny.change_config(base, layer_norm_eps=1e-6)
    two = catalog.find(f"{base} + {adapter}").identity
    change(adapter, lora_alpha=3)
    assert len({one, two, catalog.find(f"{base} + {adapter}").identity}) == 3


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"peft_type": "PREFIX_TUNING"}, "of the kind PREFIX_TUNING"),
        ({"peft_type": None}, "of the kind None"),
        ({"r": 10**9}, "broken"),
        ({"r": "8"}, "broken"),
        ({"lora_alpha": True}, "broken"),
        ({"lora_alpha": float("nan")}, "broken"),
        ({"alpha_pattern": {"(.*)*x": 3}}, "broken"),
        ({"alpha_pattern": ["query"]}, "broken"),
        ({"alpha_pattern": {"query\\": 3}}, "broken"),
        ({"layer_replication": [[0, 9]]}, "repeats layers"),
        ({"megatron_config": {"a": 1}, "megatron_core": "os"}, "Megatron"),
        ({"init_lora_weights": "pissa_niter_4"}, "pissa_niter_4"),
        ({"alora_invocation_tokens": [1]}, "works from a token on"),
    ],
)
def test_settings_that_are_refused(base, adapter, changes, said):
    change(adapter, **changes)
    assert said in refused(base, adapter)


def test_settings_that_are_none(base, adapter):
    for content in ("{", "[]", "[" * 100_000, " " * 201 * 2**20):
        (adapter / ADAPTER).write_text(content)
        said = refused(base, adapter)
        assert "broken" in said or "larger than" in said


def test_nothing_else_of_the_settings_is_used(base, adapter):
    before = load(base, adapter).net.state_dict()
    slow = "('.*'){30}" + ".*" * 30 + "#"
    change(adapter, target_modules=slow, exclude_modules=slow, layers_pattern=slow, r=9)
    change(adapter, rank_pattern={"('.*'){30}#": 10**9})
    change(adapter, auto_mapping={"parent_library": "os"}, task_type="own", runtime_config={"a": 1})
    loading.load.cache_clear()
    after = load(base, adapter).net.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_weights_that_do_not_fit(tmp_path, base, adapter):
    file = adapter / ADAPTER_WEIGHTS
    whole = load_file(file)
    first = next(key for key in whole if key.endswith("lora_A.weight"))
    for change_one, said in (
        ({first: None}, "broken or incomplete"),
        ({first: torch.zeros(4, 99)}, "does not fit"),
        ({first.replace("query", "other"): torch.zeros(4, 32)}, "does not belong"),
        ({first: torch.zeros(4)}, "broken or incomplete"),
        (dict.fromkeys(whole), "does not belong"),
        ({"base_model.model.bert.embeddings.word_embeddings.weight": torch.zeros(9, 9)}, "size"),
    ):
        tensors = {
            key: tensor for key, tensor in (whole | change_one).items() if tensor is not None
        }
        save_file(tensors, file)
        assert said in refused(base, adapter)
    file.write_bytes(b"no tensors")
    assert "broken or incomplete" in refused(base, adapter)
    file.rename(adapter / "adapter_model.bin")
    assert "could run code" in refused(base, adapter)


def test_an_adapter_to_another_model_or_to_an_adapter(tmp_path, base, adapter):
    other = tiny.save(tmp_path / "other", "gpt2")
    assert "does not belong to" in refused(other, adapter)
    assert "is no adapter, but a model" in refused(other, base)
    known.note(catalog.find(str(base)))
    change(adapter, base_model_name_or_path=str(base))
    second = tmp_path / "second"
    adapted(tiny.net("bert"), second)
    assert "is an adapter itself" in refused(adapter, second)


def test_an_adapter_of_the_hub(tmp_path, base, adapter, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    home = tmp_path / "hub" / "models--owner--lora"
    (home / "refs").mkdir(parents=True)
    (home / "refs" / "main").write_text("0123")
    (home / "snapshots").mkdir()
    adapter.rename(home / "snapshots" / "0123")
    found = load(base, "owner/lora")
    assert found.info.name == "base + lora" and found.info.base == str(base)
    assert known.knows(f"{base} + owner/lora") and not known.knows("owner/lora")


def test_an_adapter_of_the_hub_is_downloaded_alone(tmp_path, base, adapter, monkeypatch):
    siblings = [
        SimpleNamespace(rfilename=file.name, size=file.stat().st_size)
        for file in sorted(adapter.iterdir())
    ]
    found = SimpleNamespace(sha="0123", gated=False, siblings=siblings)
    monkeypatch.setattr(hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    api = SimpleNamespace(model_info=lambda *_, **__: found)
    monkeypatch.setattr(hub, "HfApi", lambda: api)
    asked = []

    def download(spec, revision, allow_patterns):
        asked.append((spec, revision, allow_patterns))
        adapter.rename(tmp_path / "hub" / "models--owner--lora" / "snapshots" / revision)

    monkeypatch.setattr(hub, "snapshot_download", download)
    (tmp_path / "hub" / "models--owner--lora" / "snapshots").mkdir(parents=True)
    assert load(base, "owner/lora").info.name == "base + lora"
    assert asked == [("owner/lora", "0123", [ADAPTER, ADAPTER_WEIGHTS])]


def test_the_library_is_named_where_it_is_missing(base, adapter, monkeypatch):
    from compute.models import merging

    monkeypatch.setattr(merging.importlib.util, "find_spec", lambda _: None)
    source = catalog.find(f"{base} + {adapter}")
    with pytest.raises(HeadscopeError, match="pip install peft"):
        merging.merged(tiny.net("bert"), source)


def test_what_tells_an_adapter(adapter):
    assert folders.is_adapter(folders.file_names(adapter))
    assert adapters.read(adapter, "x").rank == 4
