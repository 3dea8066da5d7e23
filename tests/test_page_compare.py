"""Two heads side by side."""

import numpy as np
from pages import (
    choose,
    click_cell,
    click_point,
    hover_point,
    lonely,
    marks,
    numbers,
    show,
    until,
    wait_for,
    wait_for_address,
    wait_for_marks,
    wait_for_matrix,
    wait_for_plot,
    wait_for_selection,
)

from compute import attention

SIDES = ("", "-b")


def compare(page, server, text, **view):
    """Two heads, L0H1 and L2H3."""
    show(page, server, text=text, layer=0, head=1, layerb=2, headb=3, compare=1, **view)
    for id in ("qk-map-b", "attention-heatmap-b", "attention-difference"):
        wait_for_plot(page, id)


def test_the_button_opens_and_closes_the_second_column(page, server, small, stored):
    show(page, server, text=small)
    assert not page.is_visible("#qk-map-b") and not page.is_visible("#attention-difference")
    page.click("#compare-toggle")
    for id in ("qk-map-b", "attention-heatmap-b", "attention-difference"):
        wait_for_plot(page, id)
        assert page.is_visible(f"#{id}")
    wait_for_address(page, compare="1")
    choose(page, layer_select_b="1", head_select_b="2")
    data = stored(page)
    wait_for_matrix(page, "attention-heatmap-b", attention.of_passage(data, 1, 2, 0))
    wait_for_matrix(page, "attention-heatmap", attention.of_passage(data, 0, 0, 0))
    wait_for_address(page, layerb="1", headb="2", layer="0", head="0")
    page.click("#compare-toggle")
    page.wait_for_selector("#qk-map-b", state="hidden")


def test_each_side_has_a_map_of_its_own_head(page, server, small):
    compare(page, server, small)
    until(lambda: len(numbers(page, "qk-map-b", 0, "x")) > 0, "map B", page)
    a, b = (numbers(page, f"qk-map{side}", 0, "x") for side in SIDES)
    assert a.shape == b.shape and not np.allclose(a, b)
    choose(page, layer_select_b="0", head_select_b="1")
    until(lambda: np.allclose(numbers(page, "qk-map-b", 0, "x"), a), "the same map twice", page)


def test_the_same_token_is_selected_in_both(page, server, small, stored):
    compare(page, server, small)
    data, token = stored(page), lonely(page, "qk-map", "query")
    click_point(page, "qk-map", "query", token)
    passage = int(data.tokens.passage[token])
    row = token - int(data.tokens.starts[passage])
    for side, at in (("", (0, 1)), ("-b", (2, 3))):
        weights = attention.of_passage(data, *at, passage)
        found = wait_for_selection(page, side, role="query", token=token)
        assert np.allclose(found["weights"], weights[row], atol=1e-4)
        wait_for_matrix(page, f"attention-heatmap{side}", weights)
        assert marks(page, f"attention-heatmap{side}")["marked-row"][2:] == [row - 0.5, row + 0.5]
    until(lambda: "marked-row" in marks(page, "attention-difference"), "the marked row", page)


def test_hovering_one_marks_the_same_token_in_the_other(page, server, small):
    compare(page, server, small)
    for here, there in (SIDES, SIDES[::-1]):
        token = lonely(page, f"qk-map{here}", "query")
        hover_point(page, f"qk-map{here}", "query", token)
        wait_for_marks(page, f"qk-map{there}", [{"role": "query", "token": token}])
        page.mouse.move(1, 1)
        wait_for_marks(page, f"qk-map{there}", [])


def test_the_difference_is_a_minus_b(page, server, small, stored):
    compare(page, server, small, token=20)
    data = stored(page)
    passage = int(data.tokens.passage[20])
    a, b = (attention.of_passage(data, *at, passage) for at in ((0, 1), (2, 3)))
    wait_for_matrix(page, "attention-difference", a - b)
    low, high = page.evaluate(
        """() => {
            const [t] = document.querySelector("#attention-difference .js-plotly-plot")._fullData;
            return [t.zmin, t.zmax];
        }"""
    )
    assert low == -high and np.isclose(high, np.abs(a - b).max())
    title = page.inner_text("#difference-title")
    assert "L0H1 − L2H3" in title
    assert f"{0.5 * np.abs(a - b).sum(1).mean():.0%}" in title
    choose(page, head_select_b="0")
    wait_for_matrix(page, "attention-difference", a - attention.of_passage(data, 2, 0, passage))


def test_a_cell_of_the_difference_can_be_clicked(page, server, small):
    compare(page, server, small)
    click_cell(page, "attention-difference", 3, 5)
    for side in SIDES:
        wait_for_selection(page, side, role="query", token=3, other=5)


def test_shift_leads_to_the_second_head(page, server, small, stored):
    compare(page, server, small)
    page.locator("body").press("Shift+ArrowRight")
    wait_for_address(page, head="1", headb="0", layerb="2")
    wait_for_matrix(page, "attention-heatmap-b", attention.of_passage(stored(page), 2, 0, 0))
    wait_for_plot(page, "head-grid")
    page.keyboard.down("Shift")
    click_cell(page, "head-grid", 1, 2)
    page.keyboard.up("Shift")
    wait_for_address(page, layer="0", head="1", layerb="1", headb="2")


def test_both_sides_say_how_far_they_can_be_trusted(page, server, small):
    compare(page, server, small)
    for side in SIDES:
        wait_for(
            page,
            "id => /^Trust -?\\d\\.\\d\\d .+/.test(document.getElementById(id).textContent)",
            f"trust-badge{side}",
        )
