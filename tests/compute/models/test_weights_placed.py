"""Where weights go, and in which precision: with numbers of a machine that is not there."""

from dataclasses import replace

import numpy as np
import psutil
import pytest
import tiny
import torch
from stored import quiet
from transformers.utils.quantization_config import QuantizationMethod

from compute import store
from compute.errors import HeadscopeError
from compute.finding import catalog, precision
from compute.lab import copying
from compute.models import loading, placing, probe
from compute.runs import vectors


@pytest.fixture
def gpu(monkeypatch):
    """Two GPUs with so many bytes free, as far as torch tells."""

    def there(free):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda *_: (free, 2 * free))

    return there


def test_weights_that_fit_go_to_one_device(gpu, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_DEVICE", "auto")
    assert placing.options(1000) == {}
    gpu(free=10_000)
    assert placing.device() == "cuda" and placing.options(1000) == {"device_map": {"": "cuda"}}
    monkeypatch.setenv("HEADSCOPE_DEVICE", "cpu")
    assert placing.options(1000) == {}


def test_others_are_shared_out_among_gpus_processor_and_disk(gpu, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_DEVICE", "auto")
    monkeypatch.setattr(placing.memory, "free", lambda: 5_000)
    gpu(free=1_000)
    found = placing.options(10_000)
    assert found["device_map"] == "auto" and found["max_memory"] == {"cpu": 4000, 0: 800, 1: 800}


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_a_gpu_that_is_not_there_is_told(device, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_DEVICE", device)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(HeadscopeError, match="Start with --device cpu"):
        placing.options(1)


@pytest.fixture
def folder(tmp_path):
    """A llama in half precision, as most are stored."""
    place = tmp_path / "model"
    tiny.net("llama").to(torch.bfloat16).save_pretrained(place)
    tiny.tokenizer().save_pretrained(place)
    return place


def test_single_precision_where_it_fits_and_else_as_stored(folder, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_DTYPE", "auto")
    found = catalog.find(str(folder))
    assert found.dtype == "float32"
    size = (folder / "model.safetensors").stat().st_size
    machine = psutil.virtual_memory()._replace(total=2 * size)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: machine)
    half = precision.settled(replace(found, dtype="float32"))
    assert half.dtype == "bfloat16" and half.identity == f"{found.identity}:bfloat16"
    assert precision.settled(half) == half
    monkeypatch.setenv("HEADSCOPE_DTYPE", "float16")
    assert catalog.find(str(folder)).identity == f"{found.identity}:float16"


@pytest.mark.parametrize("told", [[], {}, 5, "int8", None])
def test_settings_that_name_no_precision_are_single(folder, told):
    tiny.change_config(folder, dtype=told)
    assert catalog.find(str(folder)).dtype == "float32"


def test_layers_that_do_not_fit_are_read_from_the_disk(folder, monkeypatch):
    text = tiny.Text()
    whole = vectors.extract(loading.load(catalog.find(str(folder))), text, store.key("a"), quiet)
    loading.load.cache_clear()
    monkeypatch.setattr(placing.memory, "free", lambda: 60_000)
    model = loading.load(catalog.find(str(folder)))
    assert any(p.is_meta for p in model.net.parameters())
    parts = vectors.extract(model, text, store.key("b"), quiet)
    assert np.array_equal(whole.q[:], parts.q[:]) and np.array_equal(whole.k[:], parts.k[:])
    with pytest.raises(HeadscopeError, match="its weights do not fit into memory"):
        copying.measure(model, trials=1)


def test_random_weights_beside_a_model_left_on_the_disk_are_in_memory(folder, monkeypatch):
    monkeypatch.setattr(placing.memory, "free", lambda: 10_000)
    model = loading.load(catalog.find(str(folder)))
    assert model.net.device.type == "meta"
    assert loading.fresh(model, 0).net.device.type == "cpu"


def test_quantised_weights_are_not_compared_with_single_precision(folder, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_DTYPE", "bfloat16")
    model = loading.load(catalog.find(str(folder)))
    assert probe.drift(model.net, model.tokenizer).most > 0
    model.net.quantization_method = QuantizationMethod.BITS_AND_BYTES
    assert probe.drift(model.net, model.tokenizer) is None


def test_weights_of_torch_that_do_not_fit_are_refused(folder, monkeypatch):
    net = tiny.net("llama")
    (folder / "model.safetensors").unlink()
    torch.save(net.state_dict(), folder / "pytorch_model.bin")
    monkeypatch.setattr(placing.memory, "free", lambda: 60_000)
    with pytest.raises(HeadscopeError, match=r"GiB are free\. Choose a smaller model"):
        loading.load(catalog.find(str(folder)))
