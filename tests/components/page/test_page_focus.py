"""The focus never falls to the page as a whole: the keyboard goes on where something went away."""

import pytest
from pages import message, run, show, until, wait_for

from compute.finding import catalog
from compute.notes import heads as kept

FOCUSED = "() => document.activeElement.id"


@pytest.fixture
def clean(server, monkeypatch):
    """Without the notes of this test when it is over."""
    monkeypatch.setenv("HEADSCOPE_CACHE", str(server.cache))
    identity = catalog.find("demo-bert").identity
    yield
    for note in kept.of_model(identity):
        kept.change(identity, note.layer, note.head, star=False, text="")


def press(page, id: str, key: str = "Enter") -> None:
    page.focus(id)
    page.keyboard.press(key)


def lands(page, id: str) -> None:
    until(lambda: page.evaluate(FOCUSED) == id, f"the focus at {id}", page)


def test_the_focus_goes_to_what_is_left(page, server, small, clean):
    show(page, server, text=small)
    wait_for(page, "() => !document.getElementById('sights').hidden")
    _dialogs(page)
    press(page, "#head-note-open")
    page.keyboard.insert_text("The first one")
    page.keyboard.press("Control+Enter")
    until(lambda: "The first one" in page.inner_text("#shortlist"), "the note", page)
    lands(page, "head-note-open")
    page.focus("#head-note")
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.keyboard.press("Escape")
    until(lambda: "The first one" not in page.inner_text("#shortlist"), "its end", page)
    lands(page, "head-note-open")
    _a_kept_selection(page)
    press(page, "#passage-next")
    until(lambda: page.input_value("#passage-number") == "2", "the second passage", page)
    press(page, "#passage-previous")
    lands(page, "passage-next")  # there is none before the first
    until(lambda: page.get_attribute("#passage .word", "data-token") == "0", "its words", page)
    page.focus("#passage .word[tabindex='0']")
    page.keyboard.press("]")
    until(lambda: page.get_attribute("#passage .word", "data-token") != "0", "the next ones", page)
    assert page.evaluate("() => document.activeElement.matches('#passage .word')")
    page.select_option("#model-select", "other")
    page.fill("#model-input", "/no/such/model")
    page.keyboard.press("Enter")
    assert "/no/such/model" in message(page)
    page.focus("#map-more")
    press(page, "#error-toast .btn-close")
    lands(page, "map-more")  # where it was before
    press(page, "#sights-close")
    lands(page, "guide-open")  # where they can be had again


def _dialogs(page):
    for id, chosen, field in (
        ("model-select", "other", "model-input"),
        ("text-select", "own", "text-input"),
    ):
        page.focus(f"#{id}")
        page.select_option(f"#{id}", chosen)
        page.wait_for_selector(f"#{field}")
        page.wait_for_selector(".modal.show")
        page.keyboard.press("Escape")
        page.wait_for_selector(f"#{field}", state="detached")
        lands(page, id)
    press(page, "#guide-open")
    page.wait_for_selector("#guide.show:not(.showing)")
    page.keyboard.press("Escape")
    page.wait_for_selector("#guide", state="hidden")
    lands(page, "guide-open")


def _a_kept_selection(page):
    points = {"run": run(page)["key"], "queries": [1, 2], "keys": [3]}
    page.evaluate("data => dash_clientside.set_props('lasso', {data})", points)
    page.wait_for_selector("#lasso-panel h2")
    page.fill("#kept-name", "three")
    page.keyboard.press("Enter")
    wait_for(page, "() => document.querySelector('#kept-select').value === 'three'")
    wait_for(page, "() => !document.getElementById('kept-delete').disabled")
    press(page, "#kept-delete")
    wait_for(page, "() => !document.getElementById('kept-select').textContent.includes('three')")
    lands(page, "kept-select")
