"""Maps in space, and where a browser can't draw as usual."""

import numpy as np
from pages import (
    PIXEL,
    choose,
    click_point,
    hover_point,
    lonely,
    numbers,
    show,
    until,
    wait_for,
    wait_for_marks,
    wait_for_selection,
)

CARD = "() => { const c = document.querySelector('#card'); return !!c && !c.hidden && c.innerText }"
CAMERA = """() => {
    const {scene} = document.querySelector('#qk-map .js-plotly-plot')._fullLayout;
    return scene && JSON.stringify(scene._scene.getCamera().eye);
}"""


def test_a_map_in_space(page, server, small, stored):
    """What is under the mouse has a card, a click selects, and heads are drawn afterwards."""
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
