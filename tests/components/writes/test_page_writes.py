"""The view "What it writes" in the real page; its numbers: test_writes_callbacks.py."""

from axe import check
from pages import call, show, until, wait_for_plot

_TOKENS = {"passage": [0] * 5 + [1] * 4, "starts": [0, 5]}
_STATE = "state => { window.headscope.state = state; }"
LEFT = ["no update"] * 2


def test_a_selected_query_is_explained(page, server, small) -> None:
    view = {"model": "demo-gpt", "text": small, "layer": 1, "head": 3}
    show(page, server, **view, role="query", token=10)
    page.click("#stage-select label:has-text('Why')")
    page.click("#why-view label:has-text('What it writes')")
    until(lambda: page.input_value("#why-writes-token") == "10", "the selected query", page)
    assert page.input_value("#why-writes-passage") == "1"
    assert not page.is_visible("#why-writes-hide") and page.is_hidden("#why-writes-here-panel")
    page.click("#why-writes-start")
    page.wait_for_selector("#why-writes-over-panel:not([hidden])")
    wait_for_plot(page, "why-writes-bars")
    assert "raises “ck” by 2.45 logits" in page.inner_text("#why-writes-lead")
    assert page.inner_text("#why-writes-check").startswith("Checked: ")
    until(lambda: page.input_value("#why-writes-of") == "next", "the words' token", page)
    assert page.locator("#why-writes-words .why-here").inner_text() == "·clo"
    check(page, "#why-view-writes")
    page.evaluate("() => headscope.openHead(1, 2)")
    page.wait_for_selector("#why-writes-said:has-text('L1H2 is not looked at yet')")
    assert page.is_hidden("#why-writes-here-panel") and page.is_hidden("#why-writes-over-panel")


def test_fields_follow_what_is_selected_but_keep_what_is_typed(blank) -> None:
    run, where = {"key": "k"}, ("why", "writes")

    def arrive(token: int | None, *typed: int | None, stage: tuple = where) -> object:
        chosen = token is not None and {"role": "key", "token": 0, "other": token}
        blank.evaluate(_STATE, {"tokens": _TOKENS, "selection": chosen or None})
        return call(blank, "writesArrive", *stage, run, *typed)

    assert arrive(7, 1, 3) == LEFT  # of an address
    assert arrive(6, 1, 3) == [2, 1]  # selected since
    assert arrive(6, 1, 4) == LEFT  # typed after that
    assert arrive(None, 1, 4) == LEFT
    assert arrive(2, 1, 4, stage=("why", "match")) == LEFT
    assert arrive(2, None, None) == [1, 2]


def test_what_is_asked_for(blank) -> None:
    head = {"run": "k", "layer": 1, "head": 0}
    asked = call(blank, "writesAsk", 1, {"key": "k"}, head, "2", "", "seen")
    assert asked == head | {"passage": 2, "place": None, "hide": False}
    assert call(blank, "writesAsk", 1, {"key": "other"}, head, 1, 1, "hidden") == "no update"
