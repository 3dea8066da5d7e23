"""What the server does with a model that a link names: it asks, and begins with none unasked."""

import pytest

from components import opening, second_column
from components.links import asking
from components.links.dialog import INSTEAD, WITHOUT
from compute import catalog, jobs, known
from compute.errors import HeadscopeError


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path))


def texts(lines):
    return [line.children.children for line in lines]


def test_what_is_not_known_is_asked_about(monkeypatch):
    monkeypatch.setattr(known, "knows", lambda spec: spec == "owner/old")
    names = ["owner/old", "/some/folder", "owner/new"]
    answer, lines, is_open, decline = asking.ask({"names": names, "first": "owner/old"})
    assert answer == {"names": names, "strange": ["/some/folder", "owner/new"]}
    assert (texts(lines), is_open, decline) == (["/some/folder", "owner/new"], True, WITHOUT)
    *_, decline = asking.ask({"names": names, "first": "/some/folder"})
    assert decline == INSTEAD
    assert asking.ask({"names": names[:1], "first": None})[1:3] == ([], False)


def test_names_that_are_none_are_not_asked_about_but_told_by_the_job():
    names = ["//host/share", "na\u202eme"]
    answer, lines, is_open, _ = asking.ask({"names": names, "first": names[0]})
    assert (answer["strange"], lines, is_open) == ([], [], False)
    for name in names:
        with pytest.raises(HeadscopeError):
            opening.open_run(None, {"model": name, "text": "prose", "linked": True})


def test_a_long_name_is_shown_without_its_middle():
    _, lines, *_ = asking.ask({"names": [f"/{'x' * 990}/end"], "first": None})
    assert len(texts(lines)[0]) < 200 and texts(lines)[0].endswith("/end")


@pytest.mark.parametrize("open_run", [opening.open_run, second_column.open_run])
def test_no_job_begins_with_what_only_a_link_names(open_run, monkeypatch):
    begun = []
    monkeypatch.setattr(jobs, "open_run", lambda *asked: begun.append(asked[0]))
    monkeypatch.setattr(catalog, "find", None)  # looking for it would fail
    asked = {"model": "/some/folder", "text": "prose", "off": "", "method": "zero"}
    with pytest.raises(HeadscopeError, match="A link named /some/folder"):
        open_run(None, asked | {"linked": True})
    assert begun == []
    open_run(None, asked | {"linked": True, "model": "demo-gpt"})
    open_run(None, asked | {"linked": False})
    open_run(None, asked)
    assert begun == ["demo-gpt", "/some/folder", "/some/folder"]
