"""The main job in Firefox: a head, a token, its passage, another head, two heads side by side.

Without windows Firefox often has no WebGL; then the map is drawn without.
"""

import os
import time
from collections.abc import Iterator

import numpy as np
import pytest
from firefox import FOUND, Firefox
from pages import (
    click_point,
    ink,
    link,
    lonely,
    numbers,
    run,
    show,
    until,
    wait_for,
    wait_for_matrix,
    wait_for_plot,
    wait_for_selection,
)

from compute import attention, runs

# Where the project is tested for good there is a Firefox: `tests/browser.sh` puts it there.
LACKING = not FOUND and not os.environ.get("CI")
pytestmark = pytest.mark.skipif(LACKING, reason="no Firefox on the PATH, nor in FIREFOX")

SHAPES = "() => document.querySelectorAll('#qk-map .scatterlayer .point').length"
LIT = """() => [...document.querySelectorAll("#qk-map .gl-canvas")].some(canvas => {
    const {width, height} = canvas;
    const copy = Object.assign(document.createElement("canvas"), {width, height});
    const pen = copy.getContext("2d");
    pen.drawImage(canvas, 0, 0);
    return pen.getImageData(0, 0, copy.width, copy.height).data.some(value => value);
})"""


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Iterator[Firefox]:
    with Firefox(tmp_path_factory.mktemp("firefox") / "profile") as tab:
        yield tab
        assert tab.problems == []


def _select(page, token: int) -> None:
    """Click a query; once more where the map was drawn anew in between, as it is while it fills."""

    def chosen() -> bool:
        click_point(page, "qk-map", "query", token)
        end = time.monotonic() + 3
        while time.monotonic() < end:
            found = link(page)
            if found and found["selection"] and found["selection"]["token"] == token:
                return True
            page.wait_for_timeout(50)
        return False

    until(chosen, f"query {token} selected", page)


def test_the_main_job(page, server, small, monkeypatch):
    show(page, server, text=small, layer=1, head=2)
    monkeypatch.setenv("HEADSCOPE_CACHE", str(server.cache))
    data = runs.RUNS.get(run(page)["key"])
    first = numbers(page, "qk-map", 0, "x")
    assert len(first) == len(data.tokens)
    if page.evaluate("() => !!document.createElement('canvas').getContext('webgl')"):
        until(lambda: page.evaluate(LIT), "points", page)
    else:
        over = len(numbers(page, "qk-map", 2, "x"))  # queries that keys would hide, once more
        until(lambda: page.evaluate(SHAPES) == 2 * len(first) + over, "points", page)
        assert "without WebGL" in page.inner_text("#map-note")
    token = lonely(page, "qk-map", "query")
    _select(page, token)
    wait_for_selection(page, role="query", token=token)
    passage = int(data.tokens.passage[token])
    wait_for_matrix(page, "attention-heatmap", attention.of_passage(data, 1, 2, passage))
    assert data.tokens.strings[token] in page.inner_text("#card")
    until(lambda: ink(page) > 500, "lines", page)
    page.press("ArrowRight")
    wait_for_matrix(page, "attention-heatmap", attention.of_passage(data, 1, 3, passage))
    until(lambda: not np.allclose(numbers(page, "qk-map", 0, "x"), first), "the next head", page)
    page.click("#compare-toggle")
    for id in ("qk-map-b", "attention-heatmap-b", "attention-difference"):
        wait_for_plot(page, id)
    wait_for_matrix(page, "attention-heatmap-b", attention.of_passage(data, 0, 0, passage))
    wait_for_selection(page, "-b", token=token)
    both = [attention.of_passage(data, *at, passage) for at in ((1, 3), (0, 0))]
    wait_for_matrix(page, "attention-difference", both[0] - both[1])
    wait_for(page, "() => document.querySelector('#trust-badge-b').textContent.startsWith('Trust')")


PATCH = 65 + 1 + 8 + 6  # a blue cross of the second picture, which L0H0 sees along its row
LAID = """() => [...document.querySelectorAll('#passage .patches .word')].map(word =>
    +(getComputedStyle(word).backgroundColor.match(/, ([.\\d]+)\\)$/) || [0, 1])[1])"""
INKED = """() => [...document.querySelectorAll(".picture-tile canvas")].filter(canvas => {
    const {width, height} = canvas, pen = canvas.getContext("2d");
    return pen.getImageData(0, 0, width, height).data.some((value, i) => i % 4 === 3 && value > 0);
}).length"""


def test_pictures(page, server, monkeypatch):
    show(page, server, model="demo-vit", text="twins", layer=0, head=0, token=PATCH)
    monkeypatch.setenv("HEADSCOPE_CACHE", str(server.cache))
    wait_for_selection(page, token=PATCH)
    right = attention.of_passage(runs.load(run(page)["key"]), 0, 0, 1)
    wait_for_matrix(page, "attention-heatmap", right)
    seen = right[15, 1:]
    laid = 0.75 * np.sqrt(seen / right[15].max())
    until(lambda: np.allclose(page.evaluate(LAID), laid, atol=0.02), "attention laid over", page)
    until(lambda: page.evaluate(INKED) == 16, "every head", page)
    page.click(".picture-tile[data-head='0 1']")
    right = attention.of_passage(runs.load(run(page)["key"]), 0, 1, 1)
    wait_for_matrix(page, "attention-heatmap", right)
