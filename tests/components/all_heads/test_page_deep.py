"""A model of 24 × 16 heads in the real page: its grids, and all its heads at once."""

import pytest
import tiny
from pages import address, run, until, wait_for, wait_for_plot

ROWS = """id => {
    const {_fullLayout: {yaxis}} = document.querySelector(`#${id} .js-plotly-plot`);
    return yaxis.d2p(1) - yaxis.d2p(0);
}"""
SHAPE = (24, 16)
SHOWN = """shape => {
    const {drawn, shown} = document.querySelector("#all-canvas")?.dataset ?? {};
    return drawn === shape && shown === "attention";
}"""


@pytest.fixture(scope="module")
def deep(tmp_path_factory) -> str:
    return str(tiny.save_deep(tmp_path_factory.mktemp("models") / "deep", *SHAPE))


def test_a_deep_model_at_once_and_in_its_grids(page, server, deep, small):
    """All its heads show a passage; every layer of the grids can be read and reached."""
    page.goto(address(server, text=small, stage="all", **{"all-show": "attention"}))
    wait_for(page, SHOWN, "3×4")
    page.select_option("#model-select", "other")
    page.fill("#model-input", deep)
    page.click("#model-open")
    until(lambda: run(page)["model"]["layers"] == SHAPE[0], "the deep model", page)
    _all_heads_show_a_passage(page)
    page.click("#stage-select label:text-is('Heads')")
    _every_layer_of_the_grids_can_be_read_and_reached(page)


def _all_heads_show_a_passage(page):
    wait_for(page, SHOWN, "24×16")
    tile = page.locator("#all-over button >> nth=383")
    assert tile.get_attribute("aria-label").startswith("Layer 23, head 15")
    box = tile.bounding_box()
    assert min(box["width"], box["height"]) > 25
    tile.focus()
    page.wait_for_selector("#all-card:not([hidden])")
    said = page.inner_text("#all-card")
    assert "L23H15" in said and "most: “" in said
    canvas = page.locator("#all-card canvas").bounding_box()
    assert canvas["width"] > 200 and canvas["x"] >= 0


def _every_layer_of_the_grids_can_be_read_and_reached(page):
    wait_for_plot(page, "qk-map")
    for id in ("head-grid", "induction-grid"):
        wait_for_plot(page, id)
        until(lambda id=id: page.evaluate(ROWS, id) >= 12, f"rows of {id} that can be read", page)
    # the rail scrolls in itself: a head of the lower grid is chosen with the map in view
    page.locator("#induction-grid").scroll_into_view_if_needed()
    assert page.evaluate("() => document.querySelector('.rail').scrollTop") > 0
    assert page.locator("#qk-map").bounding_box()["y"] >= 0
    wait_for(page, "() => document.scrollingElement.scrollWidth <= innerWidth")
