"""Two heads side by side."""

import numpy as np
from pages import (
    SIDES,
    choose,
    click_cell,
    click_point,
    hover_point,
    link,
    lonely,
    marks,
    message,
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

from compute import runs
from compute.runs import attention
from compute.runs.paired_attention import of_passage
from compute.runs.token_alignment import counterparts, match


def compare(again, text, **view):
    """Two heads, L0H1 and L2H3."""
    page = again(text=text, layer=0, head=1, layerb=2, headb=3, compare=1, **view)
    for id in ("qk-map-b", "attention-heatmap-b", "attention-difference"):
        wait_for_plot(page, id)
    return page


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


def test_each_side_has_a_map_of_its_own_head(again, small):
    page = compare(again, small)
    until(lambda: len(numbers(page, "qk-map-b", 0, "x")) > 0, "map B", page)
    a, b = (numbers(page, f"qk-map{side}", 0, "x") for side in SIDES)
    assert a.shape == b.shape and not np.allclose(a, b)
    choose(page, layer_select_b="0", head_select_b="1")
    until(lambda: np.allclose(numbers(page, "qk-map-b", 0, "x"), a), "the same map twice", page)


def test_the_same_token_is_selected_in_both(again, small, stored):
    page = compare(again, small)
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


def test_hovering_one_marks_the_same_token_in_the_other(again, small):
    page = compare(again, small)
    for here, there in (SIDES, SIDES[::-1]):
        token = lonely(page, f"qk-map{here}", "query")
        hover_point(page, f"qk-map{here}", "query", token)
        wait_for_marks(page, f"qk-map{there}", [{"role": "query", "token": token}])
        page.mouse.move(1, 1)
        wait_for_marks(page, f"qk-map{there}", [])


def test_the_difference_is_a_minus_b(again, small, stored):
    page = compare(again, small, token=20)
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


def test_a_cell_of_the_difference_can_be_clicked(again, small):
    page = compare(again, small)
    click_cell(page, "attention-difference", 3, 5)
    for side in SIDES:
        wait_for_selection(page, side, role="query", token=3, other=5)


def test_shift_leads_to_the_second_head(again, small, stored):
    page = compare(again, small)
    page.locator("body").press("Shift+ArrowRight")
    wait_for_address(page, head="1", headb="0", layerb="2")
    wait_for_matrix(page, "attention-heatmap-b", attention.of_passage(stored(page), 2, 0, 0))
    wait_for_plot(page, "head-grid")
    page.keyboard.down("Shift")
    click_cell(page, "head-grid", 1, 2)
    page.keyboard.up("Shift")
    wait_for_address(page, layer="0", head="1", layerb="1", headb="2")


def test_both_sides_say_how_far_they_can_be_trusted(again, small):
    page = compare(again, small)
    for side in SIDES:
        wait_for(
            page,
            "id => /^Trust -?\\d\\.\\d\\d .+/.test(document.getElementById(id).textContent)",
            f"trust-badge{side}",
        )


# Column B with a run of its own


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
    return runs.find(page.evaluate("() => window.headscope.runB.key"))


def section(page, side: str) -> list[float]:
    """Return what part of the plane a map shows."""
    return page.evaluate(
        """side => {
            const gd = document.querySelector(`#qk-map${side} .js-plotly-plot`);
            return [...gd._fullLayout.xaxis.range, ...gd._fullLayout.yaxis.range];
        }""",
        side,
    )


def test_a_head_before_and_after_ablation(page, server, small, stored):
    show(page, server, text=small, layer=1, head=0)
    page.click("#compare-toggle")
    wait_for_plot(page, "qk-map-b")
    put_in_b(page, "demo-bert without L0H0 on Five lines", off="L0H0")
    wait_for_address(page, **{"b-off": "L0H0", "layerb": "1", "headb": "0"})  # the same head
    a, b = stored(page), own_run(page)
    before, after = (attention.of_passage(run, 1, 0, 0) for run in (a, b))
    assert np.abs(before - after).max() > 0.1
    wait_for_matrix(page, "attention-heatmap", before)
    wait_for_matrix(page, "attention-heatmap-b", after)
    wait_for_matrix(page, "attention-difference", before - after)
    wait_for_text(page, "difference-title", "L1H0 in A − L1H0 in B")
    wait_for_text(page, "map-note-b", "Laid over A, residual 0.")
    wait_for(page, "() => document.querySelectorAll('#alike-numbers tbody tr').length > 5")
    # what is done in one map is done in the other
    token = lonely(page, "qk-map-b", "query")
    click_point(page, "qk-map-b", "query", token)
    for side in SIDES:
        wait_for_selection(page, side, role="query", token=token)
    until(lambda: np.allclose(section(page, ""), section(page, "-b")), "one section", page)
    first = section(page, "")
    x, y = hover_point(page, "qk-map-b", "query", token)
    page.mouse.move(x - 40, y - 60)
    page.mouse.down()
    page.mouse.move(x + 20, y - 20, steps=3)
    page.mouse.up()
    until(lambda: not np.allclose(section(page, ""), first), "A to follow B", page)
    until(lambda: np.allclose(section(page, ""), section(page, "-b")), "one section", page)
    # a head that is not there, and the way back
    page.click("#b-open")
    page.fill("#b-off", "L7H0")
    page.click("#b-use")
    assert "demo-bert has no head L7H0: its layers are 0 to 2" in message(page)
    assert "without L0H0" in page.inner_text("#b-title")
    passage = int(a.tokens.passage[token])
    page.goto(page.url)
    wait_for_text(page, "b-title", "demo-bert without L0H0")
    wait_for_plot(page, "attention-heatmap-b")
    wait_for_matrix(page, "attention-heatmap-b", attention.of_passage(b, 1, 0, passage))
    page.click("#b-same")
    wait_for_text(page, "b-title", "the same model and text")
    until(lambda: "b-off" not in query(page), "an address without it", page)
    wait_for_matrix(page, "attention-heatmap-b", attention.of_passage(a, 1, 0, passage))


def test_heads_of_two_models_with_other_tokens(page, server, small, stored):
    show(page, server, model="minilm", text=small, layer=4, head=3, layerb=5, headb=7, compare=1)
    wait_for_plot(page, "qk-map-b")
    put_in_b(page, "demo-gpt on Five lines", model="demo-gpt")
    wait_for_text(page, "b-note", "demo-gpt has no head L5H7; this is L2H3.")
    a, b = stored(page), own_run(page)
    assert a.tokens.strings != b.tokens.strings
    found = match(a, b)
    heads = attention.of_passage(a, 4, 3, 0), attention.of_passage(b, 2, 3, 0)
    both = of_passage(a, b, found, 0, heads)
    wait_for_matrix(page, "attention-difference", both.a - both.b)
    wait_for_text(page, "difference-note", "matched by their characters")
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
    wait_for(page, "id => document.querySelector(`#${id} .js-plotly-plot`)", "qk-map-b")
    hover_point(page, "qk-map-b", "query", there)
    wait_for_marks(page, "qk-map", [{"role": "query", "token": int(of_b[there])}])
    # heads of the other model that are like this one
    page.click("#alike-start")
    wait_for_text(page, "alike-lists", "Most like A in demo-gpt")
    # a head that only A's model has
    page.keyboard.down("Shift")
    click_cell(page, "head-grid", 5, 8)
    page.keyboard.up("Shift")
    wait_for_text(page, "b-note", "demo-gpt has no head L5H8, so B went back to MiniLM-L6.")
    wait_for_address(page, layerb="5", headb="8")
    wait_for_text(page, "b-title", "the same model and text")


def test_one_head_on_two_texts(page, server, small, stored):
    heads = {name: 1 for name in ("layer", "head", "layerb", "headb")}
    show(page, server, text=small, compare=1, **heads, **{"b-text": "grammar"})
    wait_for_text(page, "b-title", "demo-bert on Grammar")
    wait_for_text(page, "difference-note", "These are not the same passages: 5 of “Five lines”")
    assert not page.is_visible("#attention-difference")
    b = own_run(page)
    wait_for_plot(page, "attention-heatmap-b")
    wait_for_matrix(page, "attention-heatmap-b", attention.of_passage(b, 1, 1, 0))
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


def test_a_map_can_stay_as_it_is(again, small):
    page = compare(again, small)
    until(lambda: "Laid over A" in page.inner_text("#map-note-b"), "the note", page)
    laid = numbers(page, "qk-map-b", 0, "x")
    switch(page, "b-align")
    until(lambda: not np.allclose(numbers(page, "qk-map-b", 0, "x"), laid), "its own way", page)
    wait_for_address(page, **{"b-align": "0"})


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


def test_maps_that_are_compared_behind_another_stage_come_to_rest(page, server, small):
    """B is made while the maps are hidden, so the two differ in shape until they are shown."""
    show(page, server, text=small)
    page.locator("#stage-select input[value=scale]").check()
    page.wait_for_selector("#stage-scale:not([hidden])")
    page.click("#compare-toggle")
    wait_for_plot(page, "qk-map-b")
    assert page.evaluate(COUNTED) < 10
    page.locator("#stage-select input[value=heads]").check()
    until(lambda: np.allclose(section(page, ""), section(page, "-b")), "one section", page)
    assert page.evaluate("() => redrawn") < 40
