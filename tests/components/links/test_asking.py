"""What the server does with a model that a link names: it asks, and begins with none unasked."""

import pytest
from dash import no_update

from components.compare import column_b
from components.links import asking
from components.links.asking import INSTEAD, WITHOUT
from components.page import opening
from compute.errors import HeadscopeError
from compute.finding import catalog, known
from compute.jobs import opening as jobs

pytestmark = pytest.mark.usefixtures("cache")


def said(question):
    """The names in the dialog, and the word on the button that opens none."""
    _, body, footer = question
    names = [line.children.children for line in body.children[0].children]
    return names, footer.children[1].children


def test_what_is_not_known_is_asked_about(monkeypatch):
    monkeypatch.setattr(known, "knows", lambda spec: spec == "owner/old")
    names = ["owner/old", "/some/folder", "owner/new"]
    answer, question, is_open = asking.ask({"names": names, "first": "owner/old"})
    assert answer == {"names": names, "strange": names[1:]} and is_open
    assert said(question) == (names[1:], WITHOUT)
    _, question, _ = asking.ask({"names": names, "first": "/some/folder"})
    assert said(question) == (names[1:], INSTEAD)
    assert asking.ask({"names": names[:1], "first": None})[1:] == (no_update, False)


def test_names_that_are_none_are_not_asked_about_but_told_by_the_job():
    told = {"//host/share": "another machine", "na\u202eme": "name"}
    names = list(told)
    answer, _, is_open = asking.ask({"names": names, "first": names[0]})
    assert (answer["strange"], is_open) == ([], False)
    for name, said in told.items():
        with pytest.raises(HeadscopeError, match=said):
            opening.open_run(None, {"model": name, "text": "prose", "linked": True})


def test_a_long_name_is_shown_without_its_middle():
    _, question, _ = asking.ask({"names": [f"/{'x' * 990}/end"], "first": None})
    ((name,), _) = said(question)
    assert len(name) < 200 and name.endswith("/end")


@pytest.mark.parametrize("open_run", [opening.open_run, column_b.open_run])
def test_no_job_begins_with_what_only_a_link_names(open_run, monkeypatch):
    begun = []

    def begin(spec, text, *_, **__):
        begun.append(spec)
        return {"text": text}

    monkeypatch.setattr(jobs, "open_run", begin)
    monkeypatch.setattr(catalog, "find", None)  # looking for it would fail
    asked = {"model": "/some/folder", "text": "prose", "off": "", "method": "zero"}
    with pytest.raises(HeadscopeError, match="A link named /some/folder"):
        open_run(None, asked | {"linked": True})
    assert begun == []
    open_run(None, asked | {"linked": True, "model": "demo-gpt"})
    open_run(None, asked | {"linked": False})
    open_run(None, asked)
    assert begun == ["demo-gpt", "/some/folder", "/some/folder"]
