"""Choosing a head, by every way there is."""

import numpy as np
from pages import (
    choose,
    click_cell,
    numbers,
    query,
    until,
    wait_for_address,
    wait_for_matrix,
    wait_for_plot,
)

from compute.runs import attention


def at(page) -> tuple[str, str]:
    return page.input_value("#layer-select"), page.input_value("#head-select")


def frame(page, id) -> tuple[float, float]:
    """Where the frame round the open head is in a grid, in cells (layer, head)."""
    x, y = page.evaluate(
        """id => {
            const gd = document.querySelector(`#${id} .js-plotly-plot`);
            const {xaxis, yaxis} = gd._fullLayout;
            const box = gd.querySelector(".head-frame").style;
            return [xaxis.p2d(parseFloat(box.left) - xaxis._offset) + .5,
                    yaxis.p2d(parseFloat(box.top) - yaxis._offset) + .5];
        }""",
        id,
    )
    return round(y, 2), round(x, 2)


def wait_for_head(page, data, layer, head):
    """Everything that says which head is open says this one."""
    wait_for_address(page, layer=str(layer), head=str(head))
    until(lambda: at(page) == (str(layer), str(head)), "the selectors", page)
    wait_for_matrix(page, "attention-heatmap", attention.of_passage(data, layer, head, 0))
    for id in ("head-grid", "induction-grid"):
        wait_for_plot(page, id)
        until(lambda id=id: frame(page, id) == (layer, head), f"the frame in {id}", page)


def test_a_click_in_a_grid(again, small, stored):
    page = again(text=small)
    for grid, at in (("head-grid", (2, 1)), ("induction-grid", (1, 3))):
        wait_for_plot(page, grid)
        click_cell(page, grid, *at)
        wait_for_head(page, stored(page), *at)


def test_the_selectors(again, small, stored):
    page = again(text=small)
    choose(page, layer_select="1")
    choose(page, head_select="3")
    wait_for_head(page, stored(page), 1, 3)


def test_the_arrow_keys_walk_round_the_ends(again, small, stored):
    page = again(text=small)
    page.locator("body").press("ArrowRight")
    page.locator("body").press("ArrowDown")
    wait_for_head(page, stored(page), 1, 1)
    for key in ("ArrowUp", "ArrowUp", "ArrowLeft", "ArrowLeft"):
        page.locator("body").press(key)
    wait_for_head(page, stored(page), 2, 3)


def test_arrow_keys_in_a_field_move_the_cursor_only(again, small):
    page = again(text=small)
    page.fill("#token-search", "bird")
    page.press("#token-search", "ArrowLeft")
    page.locator("#token-search").blur()
    page.locator("body").press("ArrowRight")
    wait_for_address(page, head="1")
    assert at(page) == ("0", "1")


def test_the_map_is_of_the_head(again, small):
    page = again(text=small)
    first = numbers(page, "qk-map", 0, "x")
    choose(page, head_select="2")
    until(lambda: not np.allclose(numbers(page, "qk-map", 0, "x"), first), "another map", page)
    choose(page, head_select="0")
    until(lambda: np.allclose(numbers(page, "qk-map", 0, "x"), first), "the first map", page)


def test_the_head_grid_shows_each_score(again, small):
    page = again(text=small)
    wait_for_plot(page, "head-grid")
    names = page.eval_on_selector_all(
        "#score-select option", "options => options.map(o => o.value).filter(Boolean)"
    )
    names = [name for name in names if not name.startswith("lab-")]  # not measured here
    assert {"previous", "duplicate", "induction", "entropy", "special"} <= set(names)
    seen = [numbers(page, "head-grid")]
    for name in names[1:]:
        choose(page, score_select=name)
        until(
            lambda: not np.array_equal(numbers(page, "head-grid"), seen[-1], equal_nan=True),
            f"the score {name}",
            page,
        )
        seen.append(numbers(page, "head-grid"))
        assert seen[-1].shape == (3, 4)
        assert query(page)["score"] == name
