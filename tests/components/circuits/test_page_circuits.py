"""The view "A graph of heads" in the real page; its numbers: test_circuits_callbacks.py."""

import re

from axe import check
from pages import PIXEL, address, call, until, wait_for_address, wait_for_plot

ROWS = "#why-graph-table tbody tr"


def test_a_graph_is_drawn_clicked_and_a_head_taken_out(page, server, small) -> None:
    view = {"model": "demo-gpt", "text": small, "layer": 1, "head": 2, "stage": "why"}
    page.goto(address(server, **view, **{"why-view": "graph", "why-graph-only": "1"}))
    page.wait_for_selector("#why-graph-start", state="visible")
    until(lambda: page.is_checked("#why-graph-only"), "the switch of the address", page)
    assert page.is_hidden("#why-graph-rule-box") and page.is_hidden("#why-graph-found")
    page.click("#why-graph-only")
    page.click("#why-graph-start")
    whole = re.compile("^4 heads look along .* 4 earlier heads .* without L0H0 in the key of L1H")
    until(lambda: whole.match(page.inner_text("#why-graph-said")), "a graph", page)
    wait_for_plot(page, "why-graph-plot")
    assert page.locator("#why-graph-plot .textpoint").all_text_contents() == [
        f"L{layer}H{head}" for layer in (0, 1) for head in range(4)
    ]
    strongest = page.locator(ROWS).all_inner_texts()[:4]
    assert all(row.split()[:2] == ["L0H0", "key"] for row in strongest)
    assert {row.split()[2] for row in strongest} == {f"L1H{head}" for head in range(4)}
    check(page, "#why-view-graph")

    # a click opens the head, which is framed; the graph stays
    page.locator("#why-graph-plot").scroll_into_view_if_needed()
    page.mouse.click(*page.evaluate(PIXEL, ["why-graph-plot", 0, 0, 0]))
    wait_for_address(page, layer="0", head="0")
    first = page.locator("#why-graph-off option[value=L0H0]")
    until(lambda: "the open head" in first.text_content(), "the open head named", page)
    assert page.is_visible("#why-graph-plot")

    # whom it feeds
    assert page.input_value("#why-graph-off") == "L0H0"
    page.click("#why-graph-take")
    page.wait_for_selector("#why-graph-lists:not([hidden])")
    assert page.inner_text("#why-graph-fed-said").startswith("Without L0H0, ")
    assert page.inner_text("#why-graph-rises-said").startswith("No later head looks clearly more")

    # without it, in column B: the head that it builds
    page.locator(".why-without").first.click()
    wait_for_address(page, **{"b-off": "L0H0", "layer": "1", "layerb": "1"})


def test_what_is_asked_for(blank) -> None:
    run, head = {"key": "k"}, {"run": "k", "layer": 1, "head": 0}
    fields = ("rule", "offset", "-2", "mean")
    edges = {"run": "k", "kind": "rule", "rule": "offset", "offset": -2, "method": "mean"}
    asked = call(blank, "graphAsk", 1, head, run, *fields, False)
    assert asked == edges | {"only": None}
    assert call(blank, "graphAsk", 1, head, run, *fields, True)["only"] == [1, 0]
    assert call(blank, "graphAsk", 1, head, {"key": "other"}, *fields, True) == "no update"
    # along the edges of the graph that is drawn
    seen = asked | {"name": "n", "whole": True}
    assert call(blank, "graphWithout", 1, seen, "L0H3") == edges | {"off": [0, 3]}
    assert call(blank, "graphWithout", 1, None, "L0H3") == "no update"
    # what the open model can't do is not left chosen
    kinds = [{"value": "induction", "disabled": True}, {"value": "rule"}]
    assert call(blank, "graphKind", kinds, "induction") == "rule"
    assert call(blank, "graphKind", kinds, "rule") == "no update"
