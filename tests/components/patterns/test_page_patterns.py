"""The stage "Patterns" in the real page; what it shows, by numbers: test_patterns_callbacks.py."""

import pytest
from axe import check
from pages import (
    PATIENCE,
    PIXEL,
    address,
    click_cell,
    dismiss,
    held,
    message,
    numbers,
    until,
    wait_for,
    wait_for_address,
    wait_for_plot,
    weakest_said,
)

LINK, IMAGE = '<a href="https://example.com">of a link', "<img src=x onerror=document.title=1>"


def cell(page, row, column):
    """The middle of a cell of the painting on the screen."""
    return page.evaluate(PIXEL, ["patterns-heatmap", 0, column, row])


def listed(page, box):
    rows = page.locator(f"#{box} tbody tr").all_inner_texts()
    return [row.split("\t")[0].strip() for row in rows]


def names(page):
    """The classes along the matrix."""
    return page.evaluate(
        "() => document.querySelector('#patterns-matrix .js-plotly-plot')._fullLayout.meta.names"
    )


def measure(page, name):
    """Press Measure and wait until a class of this name is in the matrix."""
    page.click("#patterns-classify")
    wait_for_plot(page, "patterns-matrix")
    until(lambda: name in names(page), "their matrix", page)


def give(page, name, content):
    file = {"name": name, "mimeType": "text/csv", "buffer": content}
    page.locator("#patterns-file input").set_input_files(file)
    until(lambda: f"{name}: press Measure" in page.inner_text("#patterns-file"), name, page)


def test_classes_painting_finding_and_averages(page, server, small):
    rules = "number = (?i)ONE|two|three|four\nstop = [.,]"
    view = {"patterns-view": "classes", "patterns-by": "mean", "patterns-rules": rules}
    view |= {"patterns-cells": "1-2,3-4"}
    page.goto(address(server, text=small, layer=1, head=2, stage="patterns", **view))
    wait_for(page, "() => window.headscope && window.headscope?.run")
    page.wait_for_selector("#patterns-view-classes:not([hidden])", timeout=1000 * PATIENCE)
    measure(page, "function word")
    click_cell(page, "patterns-matrix", *map(names(page).index, ("other", "function word")))
    order = until(lambda: listed(page, "patterns-by-cell"), "the ranking", page)
    check(page, "#stage-patterns")
    with page.expect_download() as download:
        page.click("#patterns-by-cell-csv")
    assert "class-other-to-function" in download.value.suggested_filename
    page.fill("#patterns-least", "2")
    until(lambda: "No head reaches" in page.inner_text("#patterns-by-cell"), "none", page)
    page.fill("#patterns-least", "")
    until(lambda: listed(page, "patterns-by-cell") == order, "all again", page)
    # by patterns
    page.select_option("#patterns-source", "rules")
    assert page.input_value("#patterns-rules") == rules
    measure(page, "number")
    shown = numbers(page, "patterns-matrix").tolist()
    page.fill("#patterns-rules", "number = (")
    page.press("#patterns-rules", "Tab")
    page.click("#patterns-classify")
    assert "no regular expression" in message(page)
    assert numbers(page, "patterns-matrix").tolist() == shown  # the view stays
    dismiss(page)
    # from a file
    page.select_option("#patterns-source", "file")
    give(page, "zebra.csv", b"token,label\nzebra,animal\n")
    page.click("#patterns-classify")
    assert "does not match this text" in message(page)
    dismiss(page)
    # names that would act if they were taken for a page's code
    quoted = LINK.replace('"', '""')
    give(page, f"{IMAGE}.csv", f'passage,position,label\n0,1,"{quoted}"\n0,2,{IMAGE}\n'.encode())
    page.click("#patterns-classify")
    ticks = page.locator("#patterns-matrix .xtick text")
    wanted = {f"{LINK} (1)", f"{IMAGE} (1)"}
    until(lambda: wanted < set(ticks.all_text_contents()), "their names, with their n", page)
    assert page.locator("#patterns-matrix .scatterlayer .trace").count() == 2  # hatched
    assert "fewer than 20 tokens" in page.inner_text("#patterns-classes-note")
    click_cell(page, "patterns-matrix", 0, 1)
    until(lambda: LINK in page.inner_text("#patterns-cell-title"), "the cell", page)
    _painting_finding_and_averages(page)
    page.select_option("#text-select", "own")
    file = {"name": f"{IMAGE}.txt", "mimeType": "text/plain", "buffer": b"Fish."}
    page.set_input_files("#text-file input", file)
    until(lambda: f"{IMAGE}.txt" in page.inner_text("#text-file"), "the file's name", page)
    assert page.locator("#page img[src=x], .modal img, #stage-patterns a[*|href]").count() == 0
    assert page.title() == "Headscope"


def _painting_finding_and_averages(page):
    page.click("#patterns-view label >> nth=0")
    wait_for_plot(page, "patterns-heatmap")
    until(lambda: "2 cells painted" in page.inner_text("#patterns-painted"), "cells", page)
    page.click("#patterns-clear")
    until(lambda: "Click or drag" in page.inner_text("#patterns-painted"), "no cells", page)
    page.click("#patterns-find")
    assert "Nothing is painted" in message(page)
    dismiss(page)
    at = cell(page, 4, 2)
    page.mouse.click(*cell(page, 2, 1))
    wait_for_address(page, **{"patterns-cells": "2-1"})
    until(lambda: "1 cell painted" in page.inner_text("#patterns-painted"), "the cell", page)
    assert cell(page, 4, 2) == pytest.approx(at, abs=1), "nothing moves under the pointer"
    page.mouse.move(*at)
    page.mouse.down()
    page.mouse.move(*cell(page, 4, 3))
    # the first cell comes back from Dash late, as on a busy machine
    page.evaluate("() => { dash_clientside.headscope.patternsPaint('2-1', 'painted'); }")
    page.mouse.up()
    wait_for_address(page, **{"patterns-cells": "2-1,4-2,4-3"})
    page.mouse.click(*cell(page, 4, 3))  # once more takes it back
    wait_for_address(page, **{"patterns-cells": "2-1,4-2"})
    assert "2 cells painted" in page.inner_text("#patterns-painted")
    page.click("#patterns-find")
    painted = until(lambda: listed(page, "patterns-ranking"), "the ranking", page)
    assert "ordered by attention on the pattern" in page.inner_text("#patterns-ranking")
    page.select_option("#patterns-order", "excess")
    until(lambda: "does not explain" in page.inner_text("#patterns-ranking"), "the order", page)
    wait_for_address(page, **{"patterns-order": "excess"})
    assert sorted(listed(page, "patterns-ranking")) == sorted(painted)
    page.select_option("#patterns-order", "fit")
    until(lambda: listed(page, "patterns-ranking") == painted, "by attention again", page)
    # what can't be ranked leaves no ranking behind that could be taken for it
    page.click("#patterns-clear")
    until(lambda: "Click or drag" in page.inner_text("#patterns-painted"), "no cells", page)
    page.click("#patterns-find")
    said = "No head is ranked by this pattern: the message says why."
    until(lambda: page.inner_text("#patterns-told") == said, "the sentence", page)
    assert "Nothing is painted" in message(page) and page.is_hidden("#patterns-ranking")
    dismiss(page)
    page.select_option("#patterns-rule", "previous")
    # passages that are not there; what was looked for meanwhile ends no message but its own
    with held(page, lambda asked: asked["output"] == "patterns-found-result.data"):
        page.click("#patterns-find")
        until(lambda: not page.inner_text("#patterns-told"), "that heads are looked for", page)
        page.fill("#patterns-passage", "6")
        said = "There is no passage 6: this text has 1 to 5."
        assert said in message(page) and not page.inner_text("#patterns-told")
    until(lambda: listed(page, "patterns-ranking") not in ([], painted), "those by a rule", page)
    assert said in message(page)
    dismiss(page)
    page.fill("#patterns-passage", "0")
    page.press("#patterns-passage", "Tab")
    said = "“Passage” must be a whole number from 1 to 100000."
    until(lambda: page.inner_text("#copied") == said, "the limits of the field", page)
    assert "NaN" not in page.url
    page.fill("#patterns-passage", "1")
    weight, card = weakest_said(page, "patterns-heatmap")
    assert 0 < weight < 1e-4 and card.endswith("attention below 0.0001"), "there is some"
    # averages, and a head of the ranking
    page.click("#patterns-view label:has-text('Average')")
    wait_for_plot(page, "patterns-offsets")
    wait_for_plot(page, "patterns-positions")
    before = numbers(page, "patterns-offsets", 0, "y").tolist()
    page.click("#patterns-view label >> nth=0")
    name = listed(page, "patterns-ranking")[1]
    page.click("#patterns-ranking .head-link >> nth=1")
    wait_for_address(page, layer=name[1], head=name[3], stage="patterns")
    until(lambda: numbers(page, "patterns-offsets", 0, "y").tolist() != before, "its own", page)
    page.click("#patterns-view-find .to-heads")
    wait_for_address(page, layer=name[1], head=name[3], stage="heads")
