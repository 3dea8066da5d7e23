"""The view "Which property of the tokens" in the real page; its numbers are in the other file."""

from axe import check
from pages import address, call, numbers, query, until, wait_for_address, wait_for_plot


def test_a_property_is_measured_listed_and_mapped(page, server, stored) -> None:
    view = {"model": "demo-gpt", "text": "prose", "layer": 1, "head": 0, "stage": "why"}
    asked = {"why-view": "property", "why-property": "same", "why-property-offset": "-1"}
    page.goto(address(server, **view, **asked))
    page.wait_for_selector("#why-property-start:not([disabled])")
    until(lambda: "L1H0" in page.inner_text("#why-property-said"), "what to do", page)
    assert page.inner_text("#why-property-code") == "--property same@-1"
    page.click("#why-property-start-all")
    page.wait_for_selector("#why-property-found-panel:not([hidden])")
    assert page.inner_text("#why-property-verdict").startswith("Not specific: without these 5 ")
    wait_for_plot(page, "why-property-check")
    whole, removed, _, principal = numbers(page, "why-property-check", 1, "x")
    assert whole > 0.9 and removed < 0.1 and principal < 0.1
    page.wait_for_selector("#why-property-heads-panels:not([hidden])")
    wait_for_plot(page, "why-property-grid")
    assert numbers(page, "why-property-grid").argmax() // 4 == 1
    check(page, "#why-view-property")

    # the list opens heads, and each is measured
    page.click("#why-property-list .head-link:has-text('L1H3')")
    page.wait_for_selector("#why-property-pairs:has-text('L1H3 ·')")
    page.wait_for_selector("#why-property-list .open-head:has-text('L1H3')")

    # another kind has other fields; the map is of what was measured
    page.select_option("#why-property-kind", "regex")
    page.wait_for_selector("#why-property-meant:has-text('There is no pattern')")
    assert page.is_visible("#why-property-pattern") and page.is_hidden("#why-property-offset")
    wait_for_address(page, **{"why-property": "regex"})
    page.click("#why-property-map")
    wait_for_address(page, map="property", property="same@-1")
    assert query(page).get("stage", "heads") == "heads"


def test_what_is_asked_for(blank) -> None:
    fields = ("regex", "-1", 3, "digits", "^a:b", None)
    said, *hidden = call(blank, "propertyTyped", *fields)
    assert said == "regex:^a:b" and hidden == [True, True, True, False, True]
    assert call(blank, "propertyTyped", "same", None, *fields[2:])[0] == "same@"
    head = {"run": "k", "layer": 1, "head": 0}
    before = head | {"said": "mod:3", "queries": [], "keys": []}

    def follow(now: dict, view: str = "property") -> list:
        return call(blank, "propertyAsk", 1, 1, now, view, None, before, *fields)

    assert follow(head) == ["no update"] * 2
    assert follow(head | {"head": 2}) == [before | {"head": 2}, "no update"]
    assert follow(head | {"head": 2}, "match") == follow(head | {"run": "l"}) == ["no update"] * 2
