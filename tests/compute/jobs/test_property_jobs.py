"""Jobs on properties: they measure once, and say where what they found is."""

from dataclasses import replace

import planted
import pytest

from compute import runs, store
from compute.errors import HeadscopeError
from compute.jobs import properties
from compute.notes import selections
from compute.properties import every_head, finding


@pytest.fixture
def kept(cache) -> str:
    """A run in the store in which equal words meet."""
    run = replace(planted.same_word(), key=store.key("planted"))
    runs.RUNS.put(run.key, run)
    return run.key


def test_a_head_and_all_heads_are_found_in_the_store(kept: str, monkeypatch) -> None:
    told = []
    [(kind, name)] = properties.of_head(kept, 0, 0, "same@0")
    assert kind == finding.FINDINGS.kind and finding.FINDINGS.get(name).verdict == "uses"
    [(kind, name)] = needs = properties.of_heads(kept, "same@0", told.append)
    assert kind == every_head.PROPERTIES.kind and told[-1] == (100, "1 of 1 heads")
    assert [row.verdict for row in every_head.rows(every_head.PROPERTIES.get(name))] == ["uses"]
    monkeypatch.setattr(every_head, "measure", None)
    monkeypatch.setattr(finding, "measure", None)
    assert properties.of_heads(kept, "same@0", told.append) == needs
    properties.of_head(kept, 0, 0, "same@0")


def test_two_selected_sets_are_a_property(kept: str) -> None:
    ids = runs.load(kept).tokens.ids
    some = [int(n) for n in (ids == 1).nonzero()[0]]
    selections.keep(kept, "ones", some, some)
    [(_, name)] = properties.of_head(kept, 0, 0, "selection:ones")
    found = finding.FINDINGS.get(name)
    assert found.words == "query and key are selected" and found.verdict == "uses"
    with pytest.raises(HeadscopeError, match="No selection “twos” is kept"):
        properties.of_head(kept, 0, 0, "selection:twos")
