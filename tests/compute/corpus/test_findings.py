"""What was found in a corpus, as it is kept."""

from pathlib import Path

import measured
import numpy as np
import pytest

from compute import store
from compute.corpus import findings, views
from compute.corpus.findings import FINDINGS


@pytest.fixture(autouse=True)
def own_cache(shared_cache: Path) -> Path:
    return shared_cache


@pytest.fixture(scope="module")
def name(shared_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of what was found in a few documents."""
    folder = tmp_path_factory.mktemp("corpus")
    file = measured.jsonl(folder / "some.jsonl", measured.records(8))
    return measured.measure(measured.model(folder), [file])


def test_findings_can_be_made_again_so_they_count_as_results(name: str) -> None:
    assert FINDINGS.get(name).about["corpus"] == "some.jsonl"
    usage = store.usage()
    assert usage.texts == 0 and usage.entries > 0
    assert [each.name for each in findings.known()] == [name]


def test_findings_of_another_version_are_none(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert views.view(name, 0, 0) is not None
    monkeypatch.setattr(findings, "VERSION", findings.VERSION + 1)
    assert findings.known() == ()
    assert findings._build(store.find(FINDINGS.kind, name)) is None


def test_findings_of_which_a_file_is_damaged_are_none(name: str) -> None:
    copy = "c" * 24
    FINDINGS.put(copy, findings.whole(store.find(FINDINGS.kind, name)))
    path = store.find(FINDINGS.kind, copy).folder / "count_largest.npy"
    path.write_bytes(path.read_bytes()[:-8] + np.int64(7).tobytes())
    assert views.view(copy, 0, 0) is None and FINDINGS.get(copy) is None
    assert copy not in [each.name for each in findings.known()]
