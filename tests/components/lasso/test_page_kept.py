"""Points that are selected by hand: kept under a name, shown in another head, ranked, saved."""

import csv

from axe import check
from pages import choose, dismiss, message, show, until, wait_for, wait_for_address, wait_for_plot

from compute.notes import selections

MARKED = """() => document.querySelector("#qk-map .js-plotly-plot")._fullData.slice(0, 2)
    .map(trace => [...(trace.selectedpoints || [])])"""
# Of the queries that are drawn once more over the keys, by their tokens.
OVER = """() => [...(document.querySelector("#qk-map .js-plotly-plot")._fullData
    .find(trace => trace.name === "query-over").selectedpoints || [])].map(i => 2 * i)"""


def draw_a_box(page) -> None:
    """Select what lies in the left half of the map with the mouse."""
    page.hover("#qk-map")
    page.click("#qk-map .modebar-btn[data-val=select]")
    box = page.locator("#qk-map").bounding_box()
    x, y = box["x"] + 12, box["y"] + 30
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 60, steps=3)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 12, steps=3)
    page.mouse.up()
    page.wait_for_selector("#lasso-panel h2")


def test_a_selection_is_kept_and_shown_again(tab, server, small, stored):
    page = show(tab(), server, text=small, layer=1, head=2)
    assert page.is_hidden("#kept-panel")
    draw_a_box(page)
    page.fill("#kept-name", "left <half>")
    page.keyboard.press("Enter")
    wait_for(page, "() => document.querySelector('#kept-select').value === 'left <half>'")
    run = stored(page)
    (found,) = selections.of_run(run.key, (len(run.tokens),) * 2)
    points = [list(found.queries), list(found.keys)]
    assert 0 < sum(map(len, points)) < 2 * len(run.tokens)
    # Another head: the same points stay marked, and what it does with them is told.
    choose(page, head_select="3")
    until(lambda: "L1H3" in page.inner_text("#lasso-panel"), "the other head", page)
    until(lambda: page.evaluate(MARKED) == points, "the marks", page)
    assert page.evaluate(OVER) == [token for token in points[0] if token % 2 == 0] != []
    wait_for_address(page, lasso="left <half>", head="3")
    page.click("#kept-rank")
    page.wait_for_selector("#kept-ranking table")
    assert page.locator("#kept-ranking [data-open-head]").count() == 12
    check(page, "#kept-panel")
    # The address shows them again.
    selections.keep(run.key, "another", [0], [0])
    page.goto(page.url)
    wait_for_plot(page, "qk-map")
    until(lambda: page.evaluate(MARKED) == points, "the marks", page)
    assert page.input_value("#kept-select") == "left <half>"
    until(lambda: page.is_visible("#lasso-panel"), "what it does", page)
    with page.expect_download() as download:
        page.click("#save-kept-csv")
    with open(download.value.path(), encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["role"] for row in rows] == [
        *["query"] * len(points[0]),
        *["key"] * len(points[1]),
    ]
    assert rows[0]["selection"] == "left <half>"
    assert rows[0]["token"] == run.tokens.strings[points[0][0] if points[0] else points[1][0]]
    # What was deleted elsewhere meanwhile is told, and not offered any more.
    selections.forget(run.key, "another")
    choose(page, kept_select="another")
    assert "“another” is not kept any more: it was deleted in another tab." in message(page)
    wait_for(page, "() => !document.querySelector('#kept-select').textContent.includes('another')")
    assert page.input_value("#kept-select") == "" and page.evaluate(MARKED) == points
    dismiss(page)
    choose(page, kept_select="left <half>")
    page.wait_for_selector("#kept-delete:enabled")
    page.click("#kept-delete")
    wait_for(page, "() => !document.querySelector('#kept-select').textContent.includes('left')")
    assert selections.of_run(run.key, (len(run.tokens),) * 2) == ()
