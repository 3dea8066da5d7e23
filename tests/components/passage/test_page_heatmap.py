"""The heatmap of a passage: its colours, its names, and its large form."""

import numpy as np
import pytest
from pages import (
    choose,
    click_cell,
    marks,
    numbers,
    show,
    switch,
    until,
    wait_for,
    wait_for_address,
    wait_for_matrix,
    wait_for_plot,
    wait_for_selection,
    weight_said,
)

from compute import attention, texts
from compute.attention import heat_scales

LINE = "the cat sat on a mat and then the dog came in and she said that it was late " * 6
BARS = """id => [...document.querySelectorAll(`#${id} .infolayer .colorbar`)].map(bar =>
    [...bar.querySelectorAll("text")].map(text => text.textContent).filter(Boolean))"""
NAMES = """() => [...document.querySelectorAll("#attention-heatmap .xtick text")]
    .map(text => [text.getBoundingClientRect().left, text.textContent])
    .sort((a, b) => a[0] - b[0]).map(([, name]) => name)"""
SHADES = """() => [...document.querySelectorAll("#passage .word")]
    .map(word => getComputedStyle(word).backgroundColor)"""
LEGEND = """() => window.headscope.itemsOf(
    document.querySelector("#attention-heatmap .js-plotly-plot"))"""
ENDS = "() => document.querySelector('#attention-heatmap .js-plotly-plot')._fullData[0].zmax"


@pytest.fixture(scope="module")
def long(server) -> str:
    """A text whose first passage is long, its second of two words, kept by the server."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSCOPE_CACHE", str(server.cache))
        return texts.save_user(texts.from_user(f"{LINE}\nA cat", name="A long line"))


def note(page, id="attention-heatmap") -> str:
    return page.inner_text(f"#{id}-note")


def bar(page, id="attention-heatmap") -> list[str]:
    """The words at the one bar of colours."""
    (found,) = page.evaluate(BARS, id)
    return found


def shown(data, layer, head, passage=0) -> heat_scales.Shown:
    weights = attention.of_passage(data, layer, head, passage)
    return heat_scales.of_passage(data, layer, passage, weights)


def test_heatmaps_and_their_colours(page, server, small, stored):
    """Two that are compared have one scale; colours are chosen and say what they mean."""
    _two_that_are_compared_have_one_scale(page, server, small, stored)
    wait_for_address(page, heat="clip", token="5", compare=None)  # the address kept it
    choose(page, layer_select="2", head_select="1", heat_select="one")
    _the_colours_are_chosen_and_say_what_they_mean(page, small, stored(page))


def _two_that_are_compared_have_one_scale(page, server, small, stored):
    show(page, server, text=small, layer=0, head=2, heat="clip", compare=1, layerb=2, headb=2)
    wait_for_plot(page, "attention-heatmap-b")
    data = stored(page)
    scale = heat_scales.fit("clip", True, [shown(data, 0, 2), shown(data, 2, 2)])
    alone = heat_scales.fit("clip", True, [shown(data, 0, 2)])
    assert not np.isclose(scale.top, alone.top, rtol=0.02)
    for side in ("", "-b"):
        id = f"attention-heatmap{side}"
        until(lambda id=id: bar(page, id)[2] == f"≥ {scale.top:.2g}", id, page)
        assert "One scale for A and B" in note(page, id)
    wait_for_plot(page, "attention-difference")
    until(lambda: "purple: L2H2" in note(page, "attention-difference"), "its words", page)
    page.locator("#passage .word").nth(5).click()
    wait_for_selection(page, token=5)
    until(lambda: "marked-row" in marks(page, "attention-difference"), "the mark", page)
    page.click("#compare-toggle")
    wait_for(page, "() => !document.querySelector('#main.comparing')")
    until(lambda: bar(page)[2] == f"≥ {alone.top:.2g}", "its own scale", page)
    assert "One scale" not in note(page)


def _the_colours_are_chosen_and_say_what_they_mean(page, small, data):
    weights = attention.of_passage(data, 2, 1, 0)
    wait_for_matrix(page, "attention-heatmap", weights)
    until(lambda: "0 to 1, the same for all heads" in note(page), "the words", page)
    assert note(page).startswith("Rows are queries")
    wait_for_address(page, text=small, heat=None)
    until(lambda: bar(page)[:3] == ["0", "0.5", "1"], "the bar", page)
    first = page.evaluate(SHADES)
    choose(page, heat_select="log")
    until(lambda: bar(page)[:4] == ["≤ 0.001", "0.01", "0.1", "1"], "the decades", page)
    assert "logarithmic" in note(page)
    words, ramp = page.evaluate(LEGEND)  # of a saved picture
    assert words == {"words": "attention, logarithmic"}
    assert np.allclose([tick["at"] for tick in ramp["ticks"]], [0, 1 / 3, 2 / 3, 1])
    wait_for_address(page, heat="log")
    until(lambda: page.evaluate(SHADES) != first, "words in the same colours", page)
    choose(page, heat_select="row")
    until(lambda: "share of the row's largest" in bar(page), "the bar", page)
    until(lambda: np.allclose(numbers(page, "attention-heatmap").max(1), 1), "shares", page)
    assert page.evaluate(LEGEND)[0] == {"words": "share of the row's largest"}
    click_cell(page, "attention-heatmap", 5, 3)  # the mouse shows the attention itself
    assert page.inner_text("#card").endswith(f"attention {weight_said(weights[5, 3])}")
    wait_for_selection(page, token=5, other=3)
    _the_clipped_one_ends_at_its_percentile(page, data)
    _sinks_are_grey(page, data)


def _the_clipped_one_ends_at_its_percentile(page, data):
    choose(page, heat_select="clip")
    top = heat_scales.fit("clip", True, [shown(data, 2, 1)]).top
    until(lambda: np.isclose(page.evaluate(ENDS), top), "the percentile", page)
    until(lambda: f"≥ {top:.2g}" in bar(page), "the bar", page)
    wait_for_address(page, heat="clip")


def _sinks_are_grey(page, data):
    choose(page, heat_select="one")
    page.click("#heat-sinks")
    top = heat_scales.fit("one", False, [shown(data, 2, 1)]).top
    until(lambda: np.isclose(page.evaluate(ENDS), top), "the most for others", page)
    wait_for_address(page, sinks="1", heat=None)
    until(lambda: "Grey, 0 to 1: sinks" in note(page), "what is grey", page)
    sinks = np.flatnonzero(heat_scales.sink_keys(data, 0))
    grey = page.evaluate(
        "() => document.querySelector('#attention-heatmap .js-plotly-plot')._fullData"
        ".slice(1).map(t => t.x0)"
    )
    assert grey == sinks.tolist()
    switch(page, "hide-special")
    until(lambda: np.isnan(numbers(page, "attention-heatmap")[0]).all(), "no special ones", page)
    click_cell(page, "attention-heatmap", 0, 3)
    assert page.inner_text("#card").endswith("special tokens are left out")


def test_a_faint_picture_offers_another_scale(page, server, long, stored):
    show(page, server, model="minilm", text=long, layer=5, head=3)
    data = stored(page)
    assert heat_scales.pale(shown(data, 5, 3)) == "rest"
    until(lambda: "half of the rows stay below 0.25" in note(page), "the offer", page)
    page.click("#attention-heatmap-note >> text=Leave sinks out")
    wait_for_address(page, sinks="1")
    until(lambda: "stay below" not in note(page), "no offer", page)
    assert page.is_checked("#heat-sinks")
    _names_are_thinned_and_come_back(page, data)
    _it_is_enlarged_by_keyboard(page)


def _names_are_thinned_and_come_back(page, data):
    names = [*data.tokens.strings[: data.tokens.starts[1]]]
    beside = page.evaluate(NAMES)
    assert 10 < len(beside) < len(names)
    assert beside in [names[::step] for step in range(2, 20)]
    until(lambda: "Names: one" in note(page), "that they are thinned", page)
    box = page.locator("#attention-heatmap .nsewdrag").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + box["width"] / 12, y + box["height"] / 12, steps=4)
    page.mouse.up()
    until(lambda: "Names" not in note(page), "all names", page)
    seen = page.evaluate(NAMES)
    assert 4 < len(seen) < 20 and " ".join(seen) in " ".join(names)
    page.click("#attention-heatmap-note >> text=Show the whole passage")
    until(lambda: page.evaluate(NAMES) == beside, "all of it", page)


def _it_is_enlarged_by_keyboard(page):
    size = "() => document.querySelector('#attention-heatmap .nsewdrag').getBoundingClientRect()"
    before = page.evaluate(size)
    page.focus("#attention-heatmap-large")
    page.keyboard.press("Enter")
    until(lambda: page.evaluate(size)["width"] > 1.5 * before["width"], "a large one", page)
    assert not page.is_visible("#qk-map") and page.is_visible("#head-grid")
    assert page.get_attribute("#attention-heatmap-large", "aria-pressed") == "true"
    page.locator("#passage .word").nth(3).click()
    wait_for_selection(page, token=3)
    page.keyboard.press("Escape")
    until(lambda: page.is_visible("#qk-map"), "the map", page)
    until(lambda: page.evaluate(size)["width"] == before["width"], "its size", page)
    wait_for_selection(page, token=3)  # the first Escape only closes
    assert page.evaluate("() => document.activeElement.id") == "attention-heatmap-large"
