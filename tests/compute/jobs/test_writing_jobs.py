"""Jobs of what a head writes: kept under its name, and refused where heads are switched off."""

import pytest
from stored import quiet

from compute import runs, texts
from compute.errors import HeadscopeError
from compute.jobs import opening, writing
from compute.models import loading
from compute.writes import at_place, over_text

TWO = "The cat sat on the mat.\nThe dog saw the cat and the dog ran."


def test_measured_once(monkeypatch):
    run = opening.open_run("demo-bert", texts.save_user(texts.from_user(TWO)), quiet)["key"]
    asked = run, 1, 0, 1, 3, {"top": 2}
    name = writing.at_place(*asked, quiet)
    assert name == at_place.key(*asked)
    result = at_place.WRITTEN.get(name)
    assert result.target == runs.load(run).tokens.ids[runs.load(run).span(1)][3]
    whole = writing.over_text(run, 1, 0, {"hide": False}, quiet)
    assert not over_text.OVERALL.get(whole).hidden
    monkeypatch.setattr(loading, "load", None)
    assert writing.at_place(*asked, quiet) == name
    assert writing.over_text(run, 1, 0, {"hide": False}, quiet) == whole


def test_not_where_heads_are_switched_off():
    text = texts.save_user(texts.from_user(TWO))
    run = opening.open_run("demo-gpt", text, quiet, "L0H0", "zero")["key"]
    with pytest.raises(HeadscopeError, match=r"switched off here \(L0H0\)"):
        writing.over_text(run, 1, 0, {}, quiet)
