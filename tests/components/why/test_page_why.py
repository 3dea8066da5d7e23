"""The stage "Why" in the real page: from a selected cell to who built it, and back without it."""

from axe import check, serious
from pages import (
    address,
    choose,
    click_cell,
    numbers,
    query,
    show,
    until,
    wait_for_address,
    wait_for_plot,
)

ROWS = "#why-table tbody tr"


def said(page) -> str:
    return page.inner_text("#why-said")


def measured(page, words: str) -> list[str]:
    """Wait until edges are explained, and return the heads of the table with their effects."""
    until(lambda: words in said(page), words, page)
    until(lambda: page.locator(ROWS).count() == 4, "four earlier heads", page)
    return page.locator(ROWS).all_inner_texts()


def test_a_cell_is_explained_and_its_builder_switched_off(page, server, small) -> None:
    show(page, server, model="demo-gpt", text=small, layer=1, head=0)
    assert page.is_hidden(".to-why[data-kind=edge]")
    row = numbers(page, "attention-heatmap")
    at, to = divmod(int(abs(row[2:, 1:]).argmax()), row.shape[1] - 1)
    click_cell(page, "attention-heatmap", at + 2, to + 1)
    page.wait_for_selector(".to-why[data-kind=edge]", state="visible")
    page.click(".to-why[data-kind=edge]")
    heads = measured(page, f"({at + 2}) to ")
    assert f"({to + 1})" in said(page) and "contrast of" in said(page)
    assert {text.split()[0] for text in heads} == {f"L0H{head}" for head in range(4)}
    assert "add up to the contrast" in page.inner_text("#why-check")
    wait_for_plot(page, "why-bars")
    for id in ("why-grid-query", "why-grid-key"):
        wait_for_plot(page, id)
        assert numbers(page, id).shape == (1, 4)
    # its bars: of either side they add up to the contrast
    bars = [numbers(page, "why-bars", side, "x").sum() for side in (0, 1)]
    assert abs(bars[0] - bars[1]) < 1e-3 * max(1, abs(bars[0]))
    assert page.is_visible("#why-words") and page.locator(".why-word").count() == row.shape[0]
    passage = {"why-passage": "1", "why-query": str(at + 2), "why-key": str(to + 1)}
    wait_for_address(page, stage="why", **passage)
    check(page, "#stage-why")

    # all edges of induction have intervals, and stars
    choose(page, why_kind="induction")
    page.click("#why-start")
    first, *_ = measured(page, "edges of induction in random tokens")
    assert first.split()[0] == "L0H0" and "*" in first and "…" in first
    assert "L0H0 in the keys" in said(page)
    assert page.is_hidden("#why-brought-panel")

    # another head is not explained yet; what can't be asked is said
    click_cell(page, "head-grid", 1, 3)
    until(lambda: "L1H3 is not explained yet" in said(page), "an empty state", page)
    assert page.is_hidden("#why-found")
    choose(page, why_kind="picked")
    page.click("#why-start")
    until(lambda: page.is_visible("#error-toast"), "a message", page)
    assert "No points are selected" in page.inner_text("#error-toast")
    assert serious(page, "#stage-why") == []
    click_cell(page, "head-grid", 1, 0)
    measured(page, "edges of induction")

    # without its builder, in column B
    page.click(".why-without[data-off=L0H0]")
    wait_for_address(page, **{"b-off": "L0H0", "b-method": "mean", "compare": "1"})
    assert query(page).get("stage", "heads") == "heads"
    wait_for_plot(page, "attention-heatmap-b")
    until(lambda: "without L0H0" in page.inner_text(".view-b"), "its title", page)
    assert page.input_value("#layer-select-b") == "1"


def test_a_link_holds_what_is_asked_and_a_first_layer_has_no_builders(page, server, small) -> None:
    asked = {"why-kind": "rule", "why-rule": "offset", "why-offset": "-2", "why-method": "zero"}
    show_stage = {"model": "demo-gpt", "text": small, "layer": 0, "head": 1, "stage": "why"}
    page.goto(address(server, **show_stage, **asked))
    page.wait_for_selector("#why-start", state="visible")
    until(lambda: page.input_value("#why-offset") == "-2", "the offset", page)
    assert page.input_value("#why-method") == "zero" and page.is_hidden("#why-edge-box")
    page.click("#why-start")
    until(lambda: "rule “Fixed offset” −2" in said(page), "its edges", page)
    until(lambda: "first layer" in page.inner_text("#why-note"), "a note", page)
    assert page.is_hidden("#why-grids")
    assert "No earlier head" in page.inner_text("#why-table")
