"""Maps in space, and where a browser can't draw as usual."""

import numpy as np
import pytest
from pages import (
    PATIENCE,
    PIXEL,
    choose,
    click_point,
    hover_point,
    ink,
    lonely,
    numbers,
    show,
    switch,
    until,
    wait_for,
    wait_for_address,
    wait_for_marks,
    wait_for_selection,
)
from scipy.spatial import cKDTree
from servers import BROWSER, ROOT

from compute import texts

SMALL = {"width": 1024, "height": 768}
CARD = "() => { const c = document.querySelector('#card'); return !!c && !c.hidden && c.innerText }"
CAMERA = """() => {
    const {scene} = document.querySelector('#qk-map .js-plotly-plot')._fullLayout;
    return scene && JSON.stringify(scene._scene.getCamera().eye);
}"""


def test_a_map_in_space(page, server, small, stored):
    """What is under the mouse has a card, a click selects, and heads are drawn afterwards.

    Where WebGL is lost a flat map is drawn without.
    """
    show(page, server, text=small, dims=3, layer=1, head=2)
    wait_for(page, CAMERA)
    data, first = stored(page), numbers(page, "qk-map", 0, "x")
    token = lonely(page, "qk-map", "query")
    hover_point(page, "qk-map", "query", token)
    wait_for(page, CARD)
    assert f"“{data.tokens.strings[token]}”" in page.evaluate(CARD)
    left, top, width, height = (
        page.locator("#card").bounding_box()[k] for k in ("x", "y", "width", "height")
    )
    x, y = page.evaluate(PIXEL, ["qk-map", 0, token, 0])
    assert left - 30 < x < left + width + 30 and top - 30 < y < top + height + 30
    click_point(page, "qk-map", "query", token)
    wait_for_selection(page, role="query", token=token)
    page.mouse.move(1, 1)
    wait_for_marks(page, "qk-map", [])
    assert not page.evaluate(CARD)
    choose(page, head_select="0")
    until(lambda: not np.allclose(numbers(page, "qk-map", 0, "x"), first), "the next head", page)
    wait_for_selection(page, role="query", token=token)
    _turning_it_selects_nothing(page, token)
    page.locator("body").press("Escape")
    page.click("#map-more")
    choose(page, dims_select="2", head_select="2")
    _where_webgl_is_lost_the_map_is_drawn_without(page)


def _turning_it_selects_nothing(page, chosen):
    other = lonely(page, "qk-map", "key")
    x, y = hover_point(page, "qk-map", "key", other)
    camera = page.evaluate(CAMERA)
    page.mouse.down()
    steps = iter(range(10**6))

    def turned() -> bool:
        page.mouse.move(x + 20 + next(steps) % 40, y + 10)  # Plotly turns it as time goes by
        return page.evaluate(CAMERA) != camera

    until(turned, "another view", page)
    page.mouse.up()
    page.mouse.move(1, 1)
    wait_for_marks(page, "qk-map", [])
    assert wait_for_selection(page, role="query")["selection"]["token"] == chosen


TYPES = """() => {
    const gd = document.querySelector('#qk-map .js-plotly-plot');
    return gd && gd._fullData && [...new Set(gd._fullData.map(trace => trace.type))].join();
}"""
LOSE = """() => {
    for (const canvas of document.querySelectorAll("#qk-map .gl-canvas"))
        canvas.getContext("webgl")?.getExtension("WEBGL_lose_context").loseContext();
}"""


def _where_webgl_is_lost_the_map_is_drawn_without(page):
    wait_for(page, f"() => ({TYPES})() === 'scattergl'")
    wait_for_address(page, head="2", dims="2")
    until(lambda: not page.inner_text("#map-note"), "no note", page)
    before = numbers(page, "qk-map", 0, "x")
    page.evaluate(LOSE)
    wait_for(page, f"() => ({TYPES})() === 'scatter'")
    assert np.array_equal(numbers(page, "qk-map", 0, "x"), before)
    until(lambda: "without WebGL" in page.inner_text("#map-note"), "the note", page)
    token = lonely(page, "qk-map", "key")
    click_point(page, "qk-map", "key", token)
    wait_for_selection(page, role="key", token=token)


@pytest.fixture
def long_text(server, monkeypatch) -> str:
    """A text of more tokens than are drawn as dots without WebGL."""
    monkeypatch.setenv("HEADSCOPE_CACHE", str(server.cache))
    prose = (ROOT / "data" / "texts" / "prose.txt").read_text("utf-8")
    return texts.save_user(texts.from_user("\n".join([prose] * 3 + [prose[:3000]]), name="Long"))


def test_a_browser_without_webgl(chromium, server, small, long_text):
    """All that a flat map can do; a map in space is refused in a sentence, with a way back."""
    without = ["--disable-gpu", "--disable-software-rasterizer", "--disable-3d-apis"]
    options = BROWSER | {"args": ["--no-sandbox", *without]}
    with chromium.launch(**options) as browser:
        page = show(browser.new_page(viewport=SMALL), server, text=small, layer=1, head=2)
        problems = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        assert page.evaluate("() => !document.createElement('canvas').getContext('webgl')")
        assert page.evaluate(TYPES) == "scatter"
        assert "without WebGL" in page.inner_text("#map-note")
        token = lonely(page, "qk-map", "query")
        click_point(page, "qk-map", "query", token)
        wait_for_selection(page, role="query", token=token)
        assert page.evaluate(CARD)
        until(lambda: ink(page) > 500, "lines", page)
        first = numbers(page, "qk-map", 0, "x")
        page.locator("body").press("ArrowRight")
        until(lambda: not np.allclose(numbers(page, "qk-map", 0, "x"), first), "a head", page)
        switch(page, "map-more")
        choose(page, dims_select="3")
        page.wait_for_selector("#map-instead")
        assert "does not offer WebGL" in page.inner_text("#map-instead")
        assert not page.is_visible("#trust-badge") and not page.is_visible("#qk-map")
        page.click("#flat")
        wait_for(page, f"() => ({TYPES})() === 'scatter'")
        page.wait_for_selector("#map-instead", state="hidden")
        assert page.is_visible("#qk-map") and page.input_value("#dims-select") == "2"
        _very_many_points(page, server, long_text)
        assert problems == []


def _very_many_points(page, server, text):
    """Density, in which the nearest point is found; dots if they are asked for."""
    show(page, server, text=text, layer=1, head=2)
    count = 2 * len(numbers(page, "qk-map", 0, "x"))
    assert count > 20_000
    assert f"{count:,} points are drawn as density" in page.inner_text("#map-note")
    assert page.locator("#qk-map image").count() == 1
    assert page.locator("#qk-map .scatterlayer .point").count() <= 2
    # what comes above the map when it was measured moves it, under the mouse too
    page.wait_for_selector("#trust-badge:not([hidden])", timeout=1000 * PATIENCE)
    until(lambda: "random repeats" in page.inner_text("#head-facts"), "all scores", page)
    role, token = _apart(page)
    hover_point(page, "qk-map", role, token)
    wait_for(page, CARD)
    click_point(page, "qk-map", role, token)
    wait_for_selection(page, role=role, token=token)
    _a_lasso(page, role, token)
    page.locator("#map-note [data-press]").click()
    wait_for(page, "() => document.querySelectorAll('#qk-map .scatterlayer .point').length > 20000")
    assert "slow to draw without it" in page.inner_text("#map-note")
    wait_for_address(page, dots="1")


def _apart(page):
    """A role and token whose point stands alone in the middle of a map; the first of its place."""
    q, k = (np.stack([numbers(page, "qk-map", role, axis) for axis in "xy"], 1) for role in (0, 1))
    places = np.unique(np.concatenate([q, k]), axis=0)
    low, high = places.min(0), places.max(0)
    middle = (np.abs(places - (low + high) / 2) < (high - low) / 4).all(1)
    far = cKDTree(places).query(places, k=2)[0][:, 1]
    point = places[np.argmax(np.where(middle, far, 0))]
    role, own = next((r, of) for r, of in (("query", q), ("key", k)) if (of == point).all(1).any())
    return role, int((own == point).all(1).argmax())


def _a_lasso(page, role, token):
    """A lasso round a place describes the points there, though none is drawn."""
    page.click("#qk-map .modebar-btn[data-val=lasso]")
    wait_for(
        page,
        "() => document.querySelector('#qk-map .js-plotly-plot')._fullLayout.dragmode == 'lasso'",
    )
    x, y = page.evaluate(PIXEL, ["qk-map", ("query", "key").index(role), token, 0])
    page.mouse.move(x - 30, y - 30)
    page.mouse.down()
    for dx, dy in ((30, -30), (30, 30), (-30, 30), (-30, -28)):
        page.mouse.move(x + dx, y + dy, steps=3)
    page.mouse.up()
    page.wait_for_selector("#lasso-panel")
    assert "Selected: " in page.inner_text("#lasso-panel")
