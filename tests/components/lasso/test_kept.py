"""Selected points that are given a name."""

import numpy as np
import pytest
from dash.exceptions import PreventUpdate
from drawn import inside

from components.entrance.table import form_of
from components.lasso import kept, points
from compute import attention, runs
from compute.errors import HeadscopeError
from compute.notes import selections
from compute.scores import selected


def lassoed(run: runs.Run) -> dict:
    return {"run": run.key, "queries": [3, 5], "keys": [2, 4], "columns": [[run.key, 0, 1]]}


def test_points_are_kept_offered_shown_and_deleted(run, shown) -> None:
    assert kept.offer(shown, "old") == ([kept.NONE], "")
    options, chosen, name = kept.keep(1, None, " The ring ", lassoed(run), shown)
    assert (chosen, name) == ("The ring", "")
    assert options[1] == {"value": "The ring", "label": "The ring (2 queries, 2 keys)"}
    assert kept.offer(shown, "The ring")[1] == "The ring"
    found = kept.show("The ring", shown)
    assert (found["run"], found["queries"], found["keys"]) == (run.key, [3, 5], [2, 4])
    for nothing in ("", None):
        with pytest.raises(PreventUpdate):
            kept.show(nothing, shown)
    with pytest.raises(HeadscopeError, match="Draw a lasso"):
        kept.keep(1, None, "x", None, shown)
    assert kept.delete(1, "The ring", shown) == ([kept.NONE], "")
    with pytest.raises(PreventUpdate):
        kept.delete(None, "The ring", shown)


def test_one_that_was_deleted_in_another_tab_is_told_and_not_offered(
    run, shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {}
    monkeypatch.setattr(kept, "set_props", told.__setitem__)
    kept.keep(1, None, "ring", lassoed(run), shown)
    options, *_ = kept.keep(1, None, "other", lassoed(run), shown)
    kept.delete(1, "ring", shown)
    left = [option for option in options if option["value"] != "ring"]
    with pytest.raises(HeadscopeError, match="“ring” is not kept any more: it was deleted in"):
        kept.show("ring", shown)
    assert told == {"kept-select": {"options": left, "value": ""}}
    with pytest.raises(HeadscopeError, match="not kept any more"):
        kept.rank(None, {"run": run.key, "name": "ring", "digest": "0" * 24})
    assert kept.delete(1, "ring", shown) == (left, "")  # it is gone, as was wished for
    kept.delete(1, "other", shown)


def test_heads_are_ranked_by_what_stays_within(run, shown) -> None:
    kept.keep(1, None, "ring", lassoed(run), shown)
    digest = kept.show("ring", shown)["digest"]
    told = []
    done = kept.rank(told.append, {"run": run.key, "name": "ring", "digest": digest})
    form_of(("kept-ranked", "data")).check(done, "kept-ranked.data")
    found = selected.measure(run, np.array([3, 5]), np.array([2, 4]))
    lines = kept.draw(done, "ring", shown, "1", "2")
    links = [each.children for each in inside(lines) if getattr(each, "data-open-head", None)]
    best = np.unravel_index(np.argmax(found.mean), found.mean.shape)
    assert links[0] == "L{}H{}".format(*best) and len(links) == 6
    assert f"{found.mean.max():.1%}" in str(lines)
    assert kept.draw(done, "another", shown, "1", "2") == []
    table, _ = kept.heads_table(done, "ring", shown)
    assert table["mean"] == pytest.approx(found.mean.ravel()) and set(table["selection"]) == {
        "ring"
    }
    for nothing in ((None, "ring"), (done, "another"), (done, "")):
        with pytest.raises(HeadscopeError, match="not ranked yet"):
            kept.heads_table(*nothing, shown)
    # The name is given to other points: what was measured is of the old ones.
    kept.keep(1, None, "ring", lassoed(run) | {"keys": [6]}, shown)
    assert kept.draw(done, "ring", shown, "1", "2") == []
    with pytest.raises(HeadscopeError, match="not ranked yet"):
        kept.heads_table(done, "ring", shown)
    kept.delete(1, "ring", shown)
    with pytest.raises(HeadscopeError, match="not kept any more"):
        kept.rank(told.append, {"run": run.key, "name": "ring", "digest": digest})


def test_what_stays_within_is_said_to_be_of_the_queries_that_can_see_it(run) -> None:
    far = {"queries": [3, 70], "keys": [2]}  # another passage has the last query
    said = str(points.describe(lassoed(run) | far)[0])
    within = attention.of_passage(run, 0, 1, 0)[3, 2]
    assert f"{within:.1%} of the attention of those queries that can see a selected key" in said


def test_points_leave_with_the_words_around_them(run) -> None:
    table, name = kept.points_table(lassoed(run), "=ring")
    strings = run.tokens.strings
    assert table["role"] == ["query", "query", "key", "key"] and table["passage"] == [1] * 4
    assert table["position"] == [3, 5, 2, 4]
    assert table["token"] == [strings[i] for i in (3, 5, 2, 4)]
    assert table["before"][0] == " ".join(strings[:3]) and name[2] == "-ring"
    assert set(table["selection"]) == {"=ring"}
    end = int(run.tokens.starts[1])
    last = kept.points_table(lassoed(run) | {"queries": [end - 1], "keys": [end]}, None)[0]
    assert last["after"][0] == "" and last["before"][1] == ""  # contexts end with their passage
    assert last["passage"] == [1, 2]


def test_what_no_page_sends_is_refused(run) -> None:
    good = {"run": run.key, "name": "ring", "digest": "0" * 24}
    form = form_of(("kept-ranked-asked", "data"))
    form.check(good, "kept-ranked-asked.data")
    for wrong in (
        {"name": "x" * 1_000},
        {"name": "a\nb"},
        {"run": "../x"},
        {"digest": 1},
        {"n": 1},
    ):
        with pytest.raises(HeadscopeError):
            form.check(good | wrong, "kept-ranked-asked.data")
    with pytest.raises(HeadscopeError, match="60 characters"):
        form_of(("kept-name", "value")).check("x" * 1_000, "kept-name.value")
    assert selections.of_run(run.key, (72, 72)) == ()
