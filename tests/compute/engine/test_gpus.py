import importlib.util
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from compute.engine import gpus

LISTED = """\
GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-5c89852c)
  MIG 1g.5gb      Device  0: (UUID: MIG-a5b2)
GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-d3a7)
"""


@pytest.fixture(autouse=True)
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of which nothing is known."""
    for name in ("CUDA_VISIBLE_DEVICES", "HEADSCOPE_DEVICE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(gpus, "_DRIVER", tmp_path / "gpus")
    _torch(tmp_path, monkeypatch, "cuda: Optional[str] = '12.6'")


def _torch(folder: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    """Have a torch of that version found."""
    folder.joinpath("version.py").write_text(f"__version__ = '2'\n{version}\nhip = 'none'\n")
    found = SimpleNamespace(origin=str(folder / "__init__.py"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: {"torch": found}[name])


def _nvidia_smi(folder: Path, script: str) -> None:
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)


def test_no_driver_means_none():
    assert gpus.names() == []


def test_the_driver_lists_them(tmp_path):
    _nvidia_smi(tmp_path, f"echo '{LISTED}'")
    assert gpus.names() == ["0", "1"]


def test_a_driver_that_fails_is_asked_by_its_files(tmp_path):
    _nvidia_smi(tmp_path, "exit 9")
    (tmp_path / "gpus" / "0000:17:00.0").mkdir(parents=True)
    assert gpus.names() == ["0"]


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("", []),
        ("2,3", ["2", "3"]),
        ("GPU-5c89852c", ["GPU-5c89852c"]),
        ("1,-1,0", ["1"]),  # as CUDA reads it
    ],
)
def test_what_is_visible_is_taken(tmp_path, monkeypatch, said, names):
    _nvidia_smi(tmp_path, f"echo '{LISTED}'")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", said)
    assert gpus.names() == names


@pytest.mark.parametrize(("device", "count"), [("cpu", 0), ("mps", 0), ("cuda", 2), ("auto", 2)])
def test_models_that_are_not_to_use_them_don_t(monkeypatch, device, count):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    monkeypatch.setenv("HEADSCOPE_DEVICE", device)
    assert len(gpus.names()) == count
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "0,1"


def test_a_torch_that_was_built_without_cuda_uses_none(tmp_path, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    assert len(gpus.names()) == 2
    _torch(tmp_path, monkeypatch, "cuda: Optional[str] = None")
    assert gpus.names() == []
