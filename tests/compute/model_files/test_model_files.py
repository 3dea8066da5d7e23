"""Models whose files were made to do harm: each ends in one sentence, soon, and no code is run."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import psutil
import pytest
import tiny

from compute.errors import HeadscopeError
from compute.finding import catalog
from compute.model_files import digests, sizes
from compute.models import loading

HERE = Path(__file__).parents[2]
KERNELS = """
import pathlib
class Anything:
    def __init__(self, *_, **__): pass
    def __getattr__(self, name): return self
CUDAProperties = Device = KernelizeFallback = LayerRepository = LocalLayerRepository = Anything
Mode = ROCMProperties = Anything
register_kernel_mapping = replace_kernel_forward_from_hub = use_kernel_mapping = Anything
def use_kernel_forward_from_hub(*_): return lambda given: given
use_kernelized_func = use_kernel_forward_from_hub
def get_kernel(*what, **_):
    with open(pathlib.Path(__file__).parent / "was-asked", "a") as file: print(what, file=file)
    raise OSError("not here")
kernelize = get_kernel
"""


@pytest.fixture
def folder(tmp_path):
    return tiny.save(tmp_path / "model", "bert")


def refused(folder: Path) -> str:
    with pytest.raises(HeadscopeError) as caught:
        loading.load(catalog.find(str(folder)))
    assert str(caught.value).count(". ") <= 1 and str(caught.value).endswith(".")
    return str(caught.value)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory) -> dict:
    """What `hostile_models` prints; a package `kernels` that tells is there meanwhile."""
    package = tmp_path_factory.mktemp("site") / "kernels"
    package.mkdir()
    (package / "__init__.py").write_text(KERNELS)
    about = package.with_name("kernels-0.18.2.dist-info")
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: kernels\nVersion: 0.18.2\n")
    paths = os.pathsep.join(map(str, (package.parent, HERE.parent, HERE)))
    done = subprocess.run(
        [sys.executable, HERE / "hostile_models.py"],
        env=os.environ | {"PYTHONPATH": paths, "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    asked = package / "was-asked"
    asked = asked.read_text() if asked.exists() else ""
    return json.loads(done.stdout.splitlines()[-1]) | {"asked": asked}


on_linux = pytest.mark.skipif(sys.platform != "linux", reason="the limit of memory is Linux's")


@on_linux
@pytest.mark.parametrize("family", ["bert", "gpt2"])
def test_settings_that_do_not_fit_the_weights_end_in_a_sentence(family: str, outcomes) -> None:
    assert len(outcomes[family]) > 80
    for name, value, outcome, seconds in outcomes[family]:
        change = f"{name} = {value}: {outcome}"
        assert outcome == family or (outcome.endswith(".") and len(outcome) < 400), change
        assert seconds < 20, change
    layers = "n_layer" if family == "gpt2" else "num_hidden_layers"
    said = {value: outcome for name, value, outcome, _ in outcomes[family] if name == layers}
    assert "at most 10,000" in said["1000000"]


@on_linux
def test_kernels_that_settings_name_are_never_fetched(outcomes) -> None:
    assert len(outcomes["kernels"]) == 14
    for change, outcome in outcomes["kernels"].items():
        assert outcome == change.split()[0], f"{change}: {outcome}"
    assert outcomes["asked"] == "" and not outcomes["enabled"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"num_hidden_layers": 9_000}, "far larger model than its weight files hold"),
        ({"vocab_size": 10**7}, "far larger model than its weight files hold"),
        ({"intermediate_size": 64}, "do not fit"),
        ({"model_type": None}, '"model_type": "bert"'),
        ({"model_type": None, "architectures": ["GPT2LMHeadModel"]}, '"model_type": "gpt2"'),
        ({"model_type": "no-such-family"}, "knows"),
        ({"model_type": "own", "auto_map": {"AutoConfig": "own.Config"}}, "code of its own"),
    ],
)
def test_settings_that_are_refused(folder: Path, changes: dict, said: str) -> None:
    tiny.change_config(folder, **changes)
    assert said in refused(folder)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "broken"),
        ("[" * 100_000, "broken"),
        (json.dumps({"a": [[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]}), "broken"),
        ("[]", "broken"),
        ('{"model_type": "bert", "n": 1' + "0" * 5000 + "}", "broken"),
        (" " * 6 * 2**20 + "{}", "larger than 5 MiB"),
    ],
)
def test_settings_that_are_none(folder: Path, content: str, said: str) -> None:
    (folder / "config.json").write_text(content)
    assert said in refused(folder)


def test_settings_do_not_send_to_others_that_nobody_checks(folder: Path) -> None:
    tiny.change_config(folder, configuration_files=["config.4.0.0.json"])
    (folder / "config.4.0.0.json").write_text(
        json.dumps({"model_type": "qwen3", "num_hidden_layers": 3 * 10**9})
    )
    assert "read in its place" in refused(folder)


def test_files_of_absurd_size_are_not_even_read(folder: Path, monkeypatch) -> None:
    monkeypatch.setattr(digests, "sha256", lambda file: pytest.fail(f"{file} was read"))
    with (folder / "vocab.txt").open("wb") as file:
        file.truncate(sizes.OTHER_BYTES + 1)
    assert "vocab.txt" in refused(folder)
    (folder / "vocab.txt").unlink()
    with (folder / "model.safetensors").open("wb") as file:
        file.truncate(2 * psutil.virtual_memory().total + 1)
    assert "of memory. Choose a smaller model" in refused(folder)


def test_an_adapter_that_was_laid_beside_a_model_is_not_obeyed(folder: Path) -> None:
    source = catalog.find(str(folder))
    about = {"peft_type": "LORA", "base_model_name_or_path": "/etc", "target_modules": ["query"]}
    (folder / "adapter_config.json").write_text(json.dumps(about))
    with pytest.raises(HeadscopeError, match="a model and an adapter"):
        loading.load(source)


def test_an_index_stays_in_its_folder(folder: Path) -> None:
    shard = folder / "model-00001-of-00001.safetensors"
    (folder / "model.safetensors").rename(shard)
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": "../other.safetensors"}}))
    assert "not in its folder" in refused(folder)
    index.write_text(json.dumps({"weight_map": ["a"]}))
    assert "not in its folder" in refused(folder)


def test_weights_that_were_compressed_are_not_unpacked(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    with zipfile.ZipFile(folder / "pytorch_model.bin", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", b"")
        archive.writestr("archive/data/0", bytes(2**20))
    assert "broken" in refused(folder)


@pytest.mark.parametrize("name", ["AutoTokenizer", "AutoModel", "pipeline", "utils", 7, ["x"]])
def test_a_tokenizer_is_never_something_else_of_transformers(folder: Path, name: object) -> None:
    file = folder / "tokenizer_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"tokenizer_class": name}))
    assert "no tokenizer" in refused(folder)


def test_code_that_a_tokenizer_names_is_never_run(folder: Path, tmp_path: Path) -> None:
    witness = tmp_path / "was-run"
    (folder / "own.py").write_text(f"open({str(witness)!r}, 'w')\nclass Own: pass\n")
    file = folder / "tokenizer_config.json"
    template = "{{ ''.__class__.__mro__ }}"
    for about in (
        {"auto_map": {"AutoTokenizer": ["own.Own", "own.Own"]}, "tokenizer_class": "Own"},
        {"auto_map": ["own.Own", None], "chat_template": template},
        {"tokenizer_class": "own.Own", "chat_template": template},
    ):
        file.write_text(json.dumps(json.loads(file.read_text()) | about))
        loading.load.cache_clear()
        try:
            loading.load(catalog.find(str(folder)))
        except HeadscopeError as error:
            assert "tokenizer" in str(error)
        assert not witness.exists()


def test_a_tokenizer_that_panics_is_told(folder: Path) -> None:
    file = folder / "tokenizer.json"
    found = json.loads(file.read_text())
    found["post_processor"]["special_tokens"] = {}
    file.write_text(json.dumps(found))
    assert "tokenizer" in refused(folder)
