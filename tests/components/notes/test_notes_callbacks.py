"""Stars and notes as the page asks for them."""

import pytest
from dash.exceptions import PreventUpdate
from drawn import inside
from stored import quiet

from components.entrance.table import form_of
from components.notes import callbacks, shortlist
from compute import limits, runs
from compute.errors import HeadscopeError
from compute.jobs import opening
from compute.models.model import PARTS
from compute.notes import heads as kept
from compute.scores import heads


def asked(run: runs.Run, layer: int, head: int, **changed: object) -> dict:
    return {"run": run.key, "layer": layer, "head": head, "star": None, "text": None} | changed


def test_what_is_kept_comes_back_with_the_model(run, shown) -> None:
    nothing, first = callbacks.send(shown, None)
    assert nothing == [{"identity": run.model.identity, "heads": {}}]
    sent, then = callbacks.change(asked(run, 1, 2, star=True), shown)
    assert sent[0]["heads"] == {"L1H2": {"star": True, "text": ""}} and then != first
    sent, _ = callbacks.change(asked(run, 1, 2, text="<b>mine</b>"), shown)
    assert sent[0]["heads"] == {"L1H2": {"star": True, "text": "<b>mine</b>"}}
    assert callbacks.send(shown, shown)[0] == [*sent, *sent]
    with pytest.raises(PreventUpdate):
        callbacks.send(None, None)
    with pytest.raises(PreventUpdate):
        callbacks.change(None, shown)


def test_the_list_names_starred_heads_first_with_their_scores(run, shown) -> None:
    lines, title, nothing = shortlist.listed(shown, None)
    assert nothing and title == "Shortlist" and "☆" in lines.children
    kept.change(run.model.identity, 0, 0, text="only a note")
    kept.change(run.model.identity, 1, 2, star=True)
    kept.change(run.model.identity, 5, 0, star=True)  # the model has no such head
    scores = heads.SCORES.ensure(heads.key(run.key), lambda: heads.score(run))
    lines, title, nothing = callbacks.draw(None, None, None, shown)
    buttons = [each for each in inside(lines) if getattr(each, "data-open-head", None)]
    assert [each.children for each in buttons] == ["★ L1H2", "☆ L0H0"]
    assert title == "Shortlist: 1 head" and not nothing
    said = str(lines.children[0])
    assert f"previous token {scores.of('previous').mean[1, 2]:.2f}" in said


def test_tables_say_what_is_missing(run, shown) -> None:
    with pytest.raises(HeadscopeError, match="Nothing is open"):
        shortlist.table(None, None)
    with pytest.raises(HeadscopeError, match="No head has a star"):
        shortlist.table(shown, None)
    kept.change(run.model.identity, 1, 0, star=True, text="=cmd")
    with pytest.raises(HeadscopeError, match="still being computed"):
        shortlist.table(shown, None)
    heads.SCORES.ensure(heads.key(run.key), lambda: heads.score(run))
    table, name = shortlist.table(shown, None)
    assert table["note"] == ["=cmd"] and name == ("shortlist", run.model.name, "prose")


def test_what_no_page_sends_is_refused(run) -> None:
    form = form_of(("note-asked", "data"))
    form.check(asked(run, 1, 2, star=True), "note-asked.data")
    form.check(asked(run, 1, 2, text="x" * limits.NOTE), "note-asked.data")
    form.check(None, "note-asked.data")
    for wrong in (
        asked(run, 2, 0),
        asked(run, 0, 3),
        asked(run, 0, 0, star=1),
        asked(run, 0, 0, star="yes"),
        asked(run, 0, 0, text=["x"]),
        asked(run, 0, 0, more=1),
        asked(run, 0, 0) | {"run": "../" + "0" * 21},
    ):
        with pytest.raises(HeadscopeError):
            form.check(wrong, "note-asked.data")
    with pytest.raises(HeadscopeError, match="at most 2,000 characters"):
        form.check(asked(run, 0, 0, text="x" * (limits.NOTE + 1)), "note-asked.data")


def test_heads_of_the_parts_of_an_encoder_decoder_are_kept_apart(cache) -> None:
    """L2H1 is another head in each of them."""
    parts = {part: opening.open_run("demo-pairs", "pairs", quiet, part=part) for part in PARTS}
    cross = runs.load(parts["cross"]["key"])
    callbacks.change(asked(cross, 2, 1, star=True), parts["cross"])
    (sent, *others), _ = callbacks.send(parts["cross"], parts["encoder"])
    assert sent["heads"].keys() == {"L2H1"} and others[0]["heads"] == {}
    assert len({runs.load(told["key"]).model.owner for told in parts.values()}) == 3
    heads.SCORES.ensure(heads.key(cross.key), lambda: heads.score(cross))
    table, _ = shortlist.table(parts["cross"], None)
    assert table["part"] == ["cross"] and table["coming"][0] > 0.9
    lines, *_ = callbacks.draw(None, None, None, parts["cross"])
    assert "token that comes next 0.9" in str(lines.children[0])
    with pytest.raises(HeadscopeError, match="No head has a star"):
        shortlist.table(parts["decoder"], None)
