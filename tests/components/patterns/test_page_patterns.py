"""The stage "Patterns": painting, rules, classes, averages."""

import numpy as np
from pages import (
    PIXEL,
    address,
    dismiss,
    message,
    numbers,
    until,
    wait_for_address,
    wait_for_matrix,
    wait_for_plot,
)

from compute.runs import attention
from compute.scores import aggregate, patterns


def show_patterns(page, server, text, **view):
    page.goto(address(server, text=text, stage="patterns", **view))
    wait_for_plot(page, "patterns-heatmap")
    return page


def cell(page, row, column):
    """The middle of a cell of the painting on the screen."""
    return page.evaluate(PIXEL, ["patterns-heatmap", 0, column, row])


def listed(page, box="patterns-ranking"):
    rows = page.locator(f"#{box} tbody tr").all_inner_texts()
    return [row.split("\t")[0].strip() for row in rows]


def expected(data, pattern):
    rows = patterns.rows(patterns.rank(data, pattern, aggregate.of(data)))
    return [f"L{row.layer}H{row.head}" for row in rows]


def test_painted_cells_rank_the_heads(page, server, small, stored):
    show_patterns(page, server, small)
    data = stored(page)
    wait_for_matrix(page, "patterns-heatmap", attention.of_passage(data, 0, 0, 0))
    page.mouse.click(*cell(page, 2, 1))
    page.mouse.move(*cell(page, 4, 2))
    page.mouse.down()
    page.mouse.move(*cell(page, 4, 3))
    page.mouse.up()
    wait_for_address(page, **{"patterns-cells": "2-1,4-2,4-3"})
    page.mouse.click(*cell(page, 4, 3))  # once more takes it back
    wait_for_address(page, **{"patterns-cells": "2-1,4-2"})
    assert "2 cells painted" in page.inner_text("#patterns-painted")
    page.click("#patterns-find")
    asked = patterns.Pattern("painted", passage=0, cells=((2, 1, 1.0), (4, 2, 1.0)))
    until(lambda: listed(page) == expected(data, asked), "the ranking", page)
    name = listed(page)[0]
    page.click("#patterns-ranking .head-link >> nth=0")
    wait_for_address(page, layer=name[1], head=name[3], stage="patterns")
    page.click("#patterns-view-find .to-heads")
    wait_for_address(page, layer=name[1], head=name[3], stage="heads")


def test_nothing_painted_is_one_sentence(page, server, small):
    show_patterns(page, server, small)
    page.click("#patterns-find")
    assert "Nothing is painted" in message(page)
    dismiss(page)
    page.fill("#patterns-passage", "0")
    page.press("#patterns-passage", "Tab")
    said = "“Passage” must be a whole number from 1 to 100000."
    until(lambda: page.inner_text("#copied") == said, "the limits of the field", page)
    assert "NaN" not in page.url
    page.fill("#patterns-passage", "6")
    assert "There is no passage 6: this text has 1 to 5." in message(page)


def test_clear(page, server, small):
    show_patterns(page, server, small, **{"patterns-cells": "1-2,3-4"})
    until(lambda: "2 cells painted" in page.inner_text("#patterns-painted"), "cells", page)
    page.click("#patterns-clear")
    until(lambda: "Click or drag" in page.inner_text("#patterns-painted"), "no cells", page)


def test_rules_rank_the_heads(page, server, small, stored):
    show_patterns(page, server, small, **{"patterns-rule": "previous"})
    for rule in ("previous", "same"):
        page.select_option("#patterns-rule", rule)
        page.click("#patterns-find")
        order = expected(stored(page), patterns.Pattern(rule))
        until(lambda order=order: listed(page) == order, "the ranking", page)


def test_averages_of_the_open_head(page, server, small, stored):
    page.goto(address(server, text=small, stage="patterns", **{"patterns-view": "average"}))
    wait_for_plot(page, "patterns-offsets")
    found = aggregate.of(stored(page))
    shown = numbers(page, "patterns-offsets", 0, "y")
    assert np.allclose(shown, found.mean[0, 0], equal_nan=True, atol=1e-6)
    wait_for_plot(page, "patterns-positions")
    wait_for_matrix(page, "patterns-positions", np.nan_to_num(found.positions[0, 0]))
