"""Two heads side by side: of one run, of two, and of two texts."""

import numpy as np
from pages import (
    SIDES,
    choose,
    click_cell,
    click_point,
    hover_point,
    ink,
    link,
    lonely,
    marks,
    numbers,
    query,
    show,
    switch,
    until,
    wait_for,
    wait_for_address,
    wait_for_marks,
    wait_for_matrix,
    wait_for_plot,
    wait_for_selection,
)

from compute import attention, runs
from compute.matched.paired_attention import of_passage
from compute.matched.token_alignment import counterparts, match

COUNTED = """() => {
    window.redrawn = 0;
    for (const id of ["qk-map", "qk-map-b"])
        document.querySelector(`#${id} .js-plotly-plot`)
            .on("plotly_afterplot", () => { window.redrawn += 1; });
    return new Promise(done => {
        let frames = 0;
        const next = () => { if (++frames < 90) requestAnimationFrame(next); else done(redrawn); };
        next();
    });
}"""


def section(page, side: str) -> list[float]:
    """Return what part of the plane a map shows."""
    return page.evaluate(
        """side => {
            const gd = document.querySelector(`#qk-map${side} .js-plotly-plot`);
            return [...gd._fullLayout.xaxis.range, ...gd._fullLayout.yaxis.range];
        }""",
        side,
    )


def more_than_asked(page) -> float:
    """Return how much more than the section that it is to show map A shows: 1, no more."""
    plot = "document.querySelector('#qk-map .js-plotly-plot')"
    window = page.evaluate(f"() => {plot}.layout.meta.window")
    sizes = [np.diff(np.reshape(each, (2, 2)), axis=1) for each in (section(page, ""), window)]
    return float((sizes[0] / sizes[1]).min())


def one_section(page) -> None:
    until(lambda: np.allclose(section(page, ""), section(page, "-b")), "one section", page)


def put_in_b(page, says: str, **fields: str) -> None:
    """Fill in the dialog of column B and wait until its title says what it shows."""
    page.click("#b-open")
    page.wait_for_selector("#b-dialog", state="visible")
    for name, value in fields.items():
        field = page.locator(f"#b-{name}")
        field.select_option(value) if name != "off" else field.fill(value)
    page.click("#b-use")
    page.wait_for_selector("#b-dialog", state="hidden")
    wait_for_text(page, "b-title", says)


def wait_for_text(page, id: str, part: str) -> None:
    wait_for(
        page,
        "([id, part]) => (document.getElementById(id)?.textContent || '').includes(part)",
        [id, part],
    )


def own_run(page) -> runs.Run:
    return runs.RUNS.get(page.evaluate("() => window.headscope.runB.key"))


def test_two_heads_of_one_run_and_of_an_ablated_one(page, server, small, stored):
    show(page, server, text=small, layer=0, head=1)
    assert not page.is_visible("#qk-map-b") and not page.is_visible("#attention-difference")
    # made while the maps are hidden, the two differ in shape until they are shown
    page.click("#stage-select input[value=scale] + label")
    page.wait_for_selector("#stage-scale:not([hidden])")
    page.click("#compare-toggle")
    wait_for_plot(page, "qk-map-b")
    assert page.evaluate(COUNTED) < 10
    page.click("#stage-select input[value=heads] + label")
    page.evaluate("() => document.activeElement.blur()")  # there arrow keys choose a stage
    one_section(page)
    assert page.evaluate("() => redrawn") < 40
    assert 0.99 < more_than_asked(page) < 1.01
    for id in ("qk-map-b", "attention-heatmap-b", "attention-difference"):
        wait_for_plot(page, id)
        assert page.is_visible(f"#{id}")
    choose(page, layer_select_b="2", head_select_b="3")
    wait_for_address(page, compare="1", layer="0", head="1", layerb="2", headb="3")
    _far_apart_b_is_laid_over_a_only_if_asked(page)
    _the_switch_says_what_is_drawn(page)
    data = stored(page)
    a, b = (attention.of_passage(data, *at, 0) for at in ((0, 1), (2, 3)))
    for id, shown in (("heatmap", a), ("heatmap-b", b), ("difference", a - b)):
        wait_for_matrix(page, f"attention-{id}", shown)
    assert "L0H1 − L2H3" in page.inner_text("#difference-title")
    badge = "id => /^Trust -?\\d\\.\\d\\d .+/.test(document.getElementById(id).textContent)"
    for side in SIDES:
        wait_for(page, badge, f"trust-badge{side}")
    _both_are_linked(page, data)
    _shift_is_for_b(page, data)
    _heads_like_a(page)
    _before_and_after_ablation(page, data)
    page.click("#compare-toggle")
    page.wait_for_selector("#qk-map-b", state="hidden")


def _far_apart_b_is_laid_over_a_only_if_asked(page):
    wait_for_text(page, "map-note-b", "Drawn on its own: its shape has next to nothing in common")
    wait_for(page, "() => !document.getElementById('b-laid').checked")
    own = numbers(page, "qk-map-b", 0, "x")
    switch(page, "b-laid")
    wait_for_text(page, "map-note-b", "Laid over A, though")
    until(lambda: not np.allclose(numbers(page, "qk-map-b", 0, "x"), own), "B over A", page)
    wait_for_address(page, **{"b-anyway": "1"})
    wait_for(page, "() => document.getElementById('b-laid').checked")
    one_section(page)


def _the_switch_says_what_is_drawn(page):
    """Off and on, for a head far from A, which is laid over it at once, and for A's own."""
    switch(page, "b-laid")
    wait_for_text(page, "map-note-b", "Drawn on its own")
    wait_for_address(page, **{"b-anyway": None, "b-align": None})
    choose(page, layer_select_b="0", head_select_b="1")
    wait_for_text(page, "map-note-b", "Laid over A, residual 0.00.")
    wait_for(page, "() => document.getElementById('b-laid').checked")
    switch(page, "b-laid")
    wait_for(page, "() => !document.getElementById('map-note-b').textContent")
    wait_for_address(page, **{"b-align": "0"})
    choose(page, layer_select_b="2", head_select_b="3")
    wait_for_address(page, layerb="2", headb="3")
    own = numbers(page, "qk-map-b", 0, "x")
    switch(page, "b-laid")
    wait_for_text(page, "map-note-b", "Laid over A, though")
    until(lambda: not np.allclose(numbers(page, "qk-map-b", 0, "x"), own), "B over A", page)
    wait_for(page, "() => document.getElementById('b-laid').checked")
    page.evaluate("() => document.activeElement.blur()")  # a switch that was pressed has the keys


def _both_are_linked(page, data):
    """What is clicked or hovered in one is marked in the other."""
    token = lonely(page, "qk-map", "query")
    click_point(page, "qk-map", "query", token)
    passage = int(data.tokens.passage[token])
    row = token - int(data.tokens.starts[passage])
    for side, at in (("", (0, 1)), ("-b", (2, 3))):
        wait_for_selection(page, side, role="query", token=token)
        wait_for_matrix(page, f"attention-heatmap{side}", attention.of_passage(data, *at, passage))
        assert marks(page, f"attention-heatmap{side}")["marked-row"][2:] == [row - 0.5, row + 0.5]
    until(lambda: "marked-row" in marks(page, "attention-difference"), "the marked row", page)
    for here, there in (SIDES, SIDES[::-1]):
        token = lonely(page, f"qk-map{here}", "query")
        hover_point(page, f"qk-map{here}", "query", token)
        wait_for_marks(page, f"qk-map{there}", [{"role": "query", "token": token}])
        page.mouse.move(1, 1)
        wait_for_marks(page, f"qk-map{there}", [])
    click_cell(page, "attention-difference", 3, 5)
    first = int(data.tokens.starts[passage])
    for side in SIDES:
        wait_for_selection(page, side, role="query", token=first + 3, other=first + 5)
    page.locator("body").press("Escape")
    for _ in range(3 - passage):
        page.locator("body").press("]")
    for _ in range(passage - 3):
        page.locator("body").press("[")
    for side, at in (("", (0, 1)), ("-b", (2, 3))):  # both columns go to a passage together
        wait_for_matrix(page, f"attention-heatmap{side}", attention.of_passage(data, *at, 3))
        until(lambda side=side: ink(page, f"qk-map{side}") > 300, "its points", page)
    page.locator("body").press("Escape")


def _shift_is_for_b(page, data):
    page.locator("body").press("Shift+ArrowRight")
    wait_for_address(page, head="1", headb="0", layerb="2")
    wait_for_matrix(page, "attention-heatmap-b", attention.of_passage(data, 2, 0, 0))
    wait_for_plot(page, "head-grid")
    page.keyboard.down("Shift")
    click_cell(page, "head-grid", 1, 2)
    page.keyboard.up("Shift")
    wait_for_address(page, layer="0", head="1", layerb="1", headb="2")


def _heads_like_a(page):
    """They are listed on request, and a click on one puts it in B."""
    until(lambda: "Self" in page.inner_text("#alike-numbers"), "the numbers", page)
    page.click("#alike-start")
    page.wait_for_selector("#alike-lists .head-link")
    with page.expect_download() as download:
        page.click("#alike-csv")
    assert download.value.suggested_filename.startswith("likeness-")
    nearest = page.locator("#alike-lists .head-link").first
    name = nearest.inner_text()
    nearest.click()
    wait_for_address(page, layerb=name[1], headb=name[3], layer="0")


def _before_and_after_ablation(page, data):
    choose(page, layer_select="1", head_select="0")
    put_in_b(page, "demo-bert without L0H0 on Five lines", off="L0H0")
    wait_for_address(page, **{"b-off": "L0H0", "layerb": "1", "headb": "0"})  # the same head
    before, after = (attention.of_passage(run, 1, 0, 0) for run in (data, own_run(page)))
    assert np.abs(before - after).max() > 0.1
    wait_for_matrix(page, "attention-heatmap-b", after)
    wait_for_matrix(page, "attention-difference", before - after)
    wait_for_text(page, "map-note-b", "Laid over A, residual 0.")
    # what is done in one map is done in the other
    token = lonely(page, "qk-map-b", "query")
    one_section(page)
    first = section(page, "")
    x, y = hover_point(page, "qk-map-b", "query", token)
    page.mouse.move(x - 40, y - 60)
    page.mouse.down()
    page.mouse.move(x + 20, y - 20, steps=3)
    page.mouse.up()
    until(lambda: not np.allclose(section(page, ""), first), "A to follow B", page)
    one_section(page)
    # and the way back
    page.click("#b-same")
    wait_for_text(page, "b-title", "the same model and text")
    until(lambda: "b-off" not in query(page), "an address without it", page)
    wait_for_matrix(page, "attention-heatmap-b", before)


def test_two_models_and_two_texts(page, server, small, stored):
    heads = {name: 1 for name in ("layer", "head", "layerb", "headb")}
    show(page, server, text=small, compare=1, **heads, **{"b-model": "demo-gpt"})
    wait_for_text(page, "b-title", "demo-gpt on Five lines")
    wait_for_text(page, "difference-note", "matched by their characters")
    a, b = stored(page), own_run(page)
    assert a.tokens.strings != b.tokens.strings
    found = match(a, b)
    each = attention.of_passage(a, 1, 1, 0), attention.of_passage(b, 1, 1, 0)
    both = of_passage(a, b, found, 0, each)
    wait_for_matrix(page, "attention-difference", both.a - both.b)
    # a click in one selects the token's counterpart in the other
    of_a, of_b = counterparts(found)
    token = int(np.flatnonzero(of_b >= 0)[9])
    page.click(f"#passage-b [data-token='{token}']")
    wait_for_selection(page, "-b", token=token)
    wait_for_selection(page, "", token=int(of_b[token]))
    word = int(np.flatnonzero(of_a >= 0)[4])
    page.click(f"#passage [data-token='{word}']")
    wait_for_selection(page, "", token=word)
    wait_for_selection(page, "-b", token=int(of_a[word]))
    there = int(of_a[word])
    wait_for_plot(page, "qk-map-b")
    hover_point(page, "qk-map-b", "query", there)
    wait_for_marks(page, "qk-map", [{"role": "query", "token": int(of_b[there])}])
    page.mouse.move(1, 1)
    page.click("#alike-start")
    wait_for_text(page, "alike-lists", "Nearest to A in demo-gpt")
    assert "JS divergence from A, bits (0 = the same)" in page.inner_text("#alike-lists")
    page.locator("body").press("Escape")
    _two_texts(page)


def _two_texts(page):
    put_in_b(page, "demo-bert on Grammar", model="same", text="grammar")
    wait_for_text(page, "difference-note", "These are not the same passages: 5 of “Five lines”")
    page.wait_for_selector("#attention-difference", state="hidden")
    wait_for_matrix(page, "attention-heatmap-b", attention.of_passage(own_run(page), 1, 1, 0))
    page.click("#passage-b [data-token='3']")
    wait_for_selection(page, "-b", token=3)
    assert link(page)["selection"] is None
    wait_for_address(page, **{"b-token": "3", "b-text": "grammar"})
    page.click("#passage [data-token='5']")
    wait_for_selection(page, "", token=5)
    assert link(page, "-b")["selection"]["token"] == 3
    page.click("#alike-start")
    wait_for_text(page, "alike-lists", "Changes most")
    # on one text again: B follows what A opens
    choose(page, text_select="grammar")
    wait_for_text(page, "b-title", "the same model and text")
    page.wait_for_selector("#attention-difference", state="visible")
