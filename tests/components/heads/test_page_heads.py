"""One head on the page: choosing it, what is marked when something is clicked, and its map."""

import re

import numpy as np
from pages import (
    choose,
    click_cell,
    click_point,
    controls,
    dismiss,
    hover_point,
    ink,
    link,
    lonely,
    marks,
    message,
    numbers,
    query,
    run,
    show,
    switch,
    until,
    wait_for,
    wait_for_address,
    wait_for_marks,
    wait_for_matrix,
    wait_for_plot,
    wait_for_selection,
    weight_said,
)

from compute import attention

FRAME = """id => {
    const gd = document.querySelector(`#${id} .js-plotly-plot`);
    const {xaxis, yaxis} = gd._fullLayout;
    const box = gd.querySelector(".head-frame").style;
    return [yaxis.p2d(parseFloat(box.top) - yaxis._offset) + .5,
            xaxis.p2d(parseFloat(box.left) - xaxis._offset) + .5];
}"""
COLOURS = (
    "() => String(document.querySelector('#qk-map .js-plotly-plot')._fullData[0].marker.color)"
)


def at(page) -> tuple[str, str]:
    return page.input_value("#layer-select"), page.input_value("#head-select")


def framed(page, id) -> tuple[float, ...]:
    """The head that has the frame in a grid: layer and head."""
    return tuple(round(place, 2) for place in page.evaluate(FRAME, id))


def wait_for_head(page, data, layer, head):
    """Everything that says which head is open says this one."""
    wait_for_address(page, layer=str(layer), head=str(head))
    until(lambda: at(page) == (str(layer), str(head)), "the selectors", page)
    wait_for_matrix(page, "attention-heatmap", attention.of_passage(data, layer, head, 0))
    for id in ("head-grid", "induction-grid"):
        wait_for_plot(page, id)
        until(lambda id=id: framed(page, id) == (layer, head), f"the frame in {id}", page)


def place(data, token: int) -> tuple[int, int]:
    """The passage of a token, and its place in there."""
    passage = int(data.tokens.passage[token])
    return passage, token - int(data.tokens.starts[passage])


def places(page):
    return np.stack([numbers(page, "qk-map", t, axis) for t in (0, 1) for axis in "xy"])


def test_a_head_is_chosen_clicked_and_looked_at(page, server, small, stored):
    # what is not there leads to the nearest head there is, with no token, not to an error
    show(page, server, text=small, layer=77, head="x", token=99999)
    data = stored(page)
    wait_for_head(page, data, 2, 0)
    assert run(page)["spec"] == "demo-bert" and link(page)["selection"] is None
    said = message(page)
    assert "demo-bert has no layer 77: L2 is shown. demo-bert has no head x: H0 is shown." in said
    assert "This text has no token 99999: none is selected." in said
    dismiss(page)
    first = places(page)
    for grid, head in (("head-grid", (2, 1)), ("induction-grid", (1, 3))):
        click_cell(page, grid, *head)
        wait_for_head(page, data, *head)
    assert not np.allclose(places(page), first)
    told = r"induction on the text \d\.\d\d · induction on random repeats \d\.\d\d"
    until(lambda: re.search(told, page.inner_text("#head-facts")), "both, told apart", page)
    strongest = page.locator("#induction-note .head-link")
    name = strongest.inner_text()
    choose(page, layer_select="0")
    strongest.click()
    wait_for_head(page, data, int(name[1]), int(name[3]))
    choose(page, layer_select="1", head_select="3")
    wait_for_head(page, data, 1, 3)
    page.locator("body").press("ArrowRight")  # round the end
    wait_for_head(page, data, 1, 0)
    choose(page, layer_select="2")
    wait_for_head(page, data, 2, 0)
    until(lambda: np.allclose(places(page), first), "the first map", page)
    choose(page, layer_select="1", head_select="2")
    wait_for_head(page, data, 1, 2)
    _a_query_is_marked_everywhere(page, data)
    _a_key_has_a_card(page, data)
    _a_cell_is_two_tokens(page, data)
    _a_passage_is_chosen(page, data)
    _what_one_can_do_with_a_map(page, data)
    _escape_closes_what_is_open_and_then_deselects(page, data)


def _a_passage_is_chosen(page, data):
    """By number, buttons and keys; what is not there is told, and nothing changes."""
    last = len(data.tokens.starts) - 1
    assert page.inner_text("#passage-count") == f"of {last}"
    assert page.input_value("#passage-number") == "1" and page.is_disabled("#passage-previous")

    def shown(passage, head=0):
        wait_for_matrix(page, "attention-heatmap", attention.of_passage(data, 1, head, passage - 1))
        until(lambda: page.input_value("#passage-number") == str(passage), "the number", page)
        words = data.tokens.strings[data.tokens.starts[passage - 1] : data.tokens.starts[passage]]
        until(lambda: tuple(page.locator("#passage .word").all_inner_texts()) == words, "it", page)

    for key, passage in (("]", 2), ("]", 3), ("[", 2)):
        page.locator("body").press(key)
        shown(passage)
        wait_for_address(page, passage=str(passage))
    until(lambda: ink(page) > 300, "rings round its points", page)
    for typed, said in (("0", "passages 1 to 5"), ("six", "no passage “six”")):
        page.fill("#passage-number", typed)
        page.locator("#passage-number").press("Enter")
        until(lambda said=said: said in page.inner_text("#copied"), "a sentence", page)
        shown(2)
    page.fill("#passage-number", str(last))
    page.locator("#passage-number").press("[")  # a letter like any other, while one types
    page.fill("#passage-number", str(last))
    page.locator("#passage-number").press("Enter")
    shown(last)
    assert page.is_disabled("#passage-next")
    page.click("#passage-previous")
    shown(last - 1)
    choose(page, head_select="2")  # the passage stays
    shown(last - 1, head=2)
    choose(page, head_select="0")
    page.locator("#passage .word").nth(2).click()
    token = int(data.tokens.starts[last - 2]) + 2
    wait_for_selection(page, token=token)
    wait_for_address(page, token=str(token), passage=None)
    page.click("#passage-next")  # the token is of another passage
    shown(last)
    assert link(page)["selection"] is None
    wait_for_address(page, token=None)
    page.locator("body").press("Escape")
    shown(1)
    until(lambda: ink(page) == 0, "a clean map", page)


def _a_query_is_marked_everywhere(page, data):
    token = lonely(page, "qk-map", "query")
    passage, row = place(data, token)
    weights = attention.of_passage(data, 1, 2, passage)
    until(lambda: ink(page) == 0, "a clean map", page)
    click_point(page, "qk-map", "query", token)
    found = wait_for_selection(page, role="query", token=token)
    wait_for_matrix(page, "attention-heatmap", weights)
    assert list(marks(page, "attention-heatmap")) == ["marked-row"]
    assert np.allclose(found["weights"], weights[row], atol=1e-4)
    assert f"passage {passage + 1} of 5" in page.inner_text("#heatmap-title")
    wait_for_address(page, role="query", token=str(token))
    until(lambda: ink(page) > 500, "lines", page)
    choose(page, head_select="0")  # the token stays selected
    wait_for_matrix(page, "attention-heatmap", attention.of_passage(data, 1, 0, passage))
    assert wait_for_selection(page, token=token)
    nothing_is_marked(page)


def _a_key_has_a_card(page, data):
    token = lonely(page, "qk-map", "key")
    passage, column = place(data, token)
    x, y = hover_point(page, "qk-map", "key", token)
    wait_for(page, "() => { const c = document.querySelector('#card'); return !!c && !c.hidden }")
    said = f"“{data.tokens.strings[token]}”, token {column} of passage {passage + 1}"
    assert said in page.inner_text("#card")
    assert page.inner_text("#card mark") == data.tokens.strings[token]
    page.mouse.click(x, y)
    wait_for_selection(page, role="key", token=token)
    assert list(marks(page, "attention-heatmap")) == ["marked-column"]
    nothing_is_marked(page)
    wait_for(page, "() => document.querySelector('#card').hidden")


def _a_cell_is_two_tokens(page, data):
    weights, names = attention.of_passage(data, 1, 0, 0), data.tokens.strings
    wait_for_matrix(page, "attention-heatmap", weights)
    click_cell(page, "attention-heatmap", 4, 7)
    wait_for_selection(page, role="query", token=4, other=7)
    wait_for_address(page, role="query", token="4", other="7")
    pair, weight = page.inner_text("#card").split("\n")[::2]
    assert pair == f"query “{names[4]}” → key “{names[7]}”"
    assert weight == f"attention {weight_said(weights[4, 7])}"
    assert set(marks(page, "attention-heatmap")) == {"marked-row", "marked-column"}
    wait_for_marks(page, "qk-map", [{"role": "query", "token": 4}, {"role": "key", "token": 7}])
    nothing_is_marked(page)


def nothing_is_marked(page):
    """Escape ends what is selected: first the token, then its passage."""
    page.locator("body").press("Escape")
    wait_for_address(page, token=None)
    page.locator("body").press("Escape")
    page.mouse.move(1, 1)
    until(lambda: ink(page) == 0, "a clean map", page)
    until(lambda: marks(page, "attention-heatmap") == {}, "no marks", page)
    until(lambda: "passage" not in query(page), "an address without it", page)


def _what_one_can_do_with_a_map(page, data):
    first, colour = places(page), page.evaluate(COLOURS)
    choose(page, method_select="attention")  # it takes a while, and comes by itself
    until(lambda: not np.allclose(places(page), first), "a preview, or the map", page)
    until(lambda: not page.inner_text("#map-note"), "the map", page)
    until(lambda: not page.is_visible("#map-job"), "the end of the job", page)
    choose(page, colour_select="position")
    until(lambda: page.evaluate(COLOURS) != colour, "the colours", page)
    assert len(page.inner_text("#map-legend")) > 5
    page.fill("#token-search", "the")
    count = sum(name == "the" for name in data.tokens.strings)
    until(lambda: page.inner_text("#token-count") == f"{count} found", "the count", page)
    until(lambda: ink(page) > 500, "marked points", page)
    wait_for_address(page, find="the", colour="position", map="attention")
    page.fill("#token-search", "")
    until(lambda: ink(page) == 0, "a clean map", page)
    switch(page, "labels")
    until(lambda: ink(page) > 500, "labels", page)
    switch(page, "labels")
    until(lambda: ink(page) == 0, "no labels", page)
    special = np.tile(data.tokens.special, (4, 1))
    switch(page, "hide-special")
    until(lambda: np.array_equal(np.isnan(places(page)), special), "special ones to go", page)
    switch(page, "hide-special")
    until(lambda: np.isfinite(places(page)).all(), "the special tokens to return", page)


def _escape_closes_what_is_open_and_then_deselects(page, data):
    page.locator("body").press("]")
    token = int(data.tokens.starts[1]) + 3
    page.click(f"#passage .word[data-token='{token}']")
    wait_for_selection(page, token=token)
    wait_for_address(page, token=str(token))
    for opens, opened in (
        ("#qk-map-hint", ".popover.show"),
        ("#trust-badge", ".popover.show"),
        ("#save-menu .dropdown-toggle, button#save-menu", ".dropdown-menu.show"),
        ("#head-note-open", "#head-note-box"),
    ):
        page.click(opens)
        page.wait_for_selector(opened, state="visible")
        if opens == "#head-note-open":
            page.wait_for_function("() => document.activeElement.id === 'head-note'")
        page.keyboard.press("Escape")
        page.wait_for_selector(opened, state="hidden")
        wait_for_selection(page, token=token)
        assert query(page)["token"] == str(token)
    page.click("#head-note-open")
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("Escape")
    page.wait_for_selector("#head-note-box", state="hidden")
    assert query(page)["token"] == str(token)
    page.keyboard.press("Escape")
    wait_for_address(page, token=None)
    passage = query(page)["passage"]  # it stays, too, when something is closed
    page.click("#qk-map-hint")
    page.wait_for_selector(".popover.show")
    page.keyboard.press("Escape")
    page.wait_for_selector(".popover.show", state="hidden")
    page.wait_for_timeout(300)
    assert query(page)["passage"] == passage


def test_the_address_restores_everything(tab, server, small):
    page = show(tab(), server, text=small)
    wait_for_plot(page, "head-grid")
    page.click("#compare-toggle")
    choose(page, layer_select="1", head_select="2", layer_select_b="2", head_select_b="3")
    choose(page, method_select="biplot", colour_select="position", score_select="entropy")
    page.fill("#token-search", "red")
    switch(page, "labels")
    switch(page, "hide-special")
    page.locator("#passage .word").nth(5).click()
    wait_for_selection(page, token=5)
    wait_for_selection(page, "-b", token=5)
    wait_for_address(page, find="red", labels="1", hide="1", compare="1", token="5", headb="3")
    there = tab()
    there.goto(page.url.replace("role=query&token=5", "passage=3"))
    until(lambda: "passage 3 of 5" in there.inner_text("#heatmap-title"), "the passage", there)
    wait_for_address(there, passage="3")
    there.close()
    other = tab()
    other.goto(page.url)
    for id in ("qk-map", "qk-map-b", "attention-difference", "head-grid"):
        wait_for_plot(other, id)
    for side in ("", "-b"):
        wait_for_selection(other, side, role="query", token=5)
        until(lambda side=side: link(other, side) == link(page, side), "the same lines", other)
    assert controls(other) == controls(page)
    until(lambda: np.array_equal(places(other), places(page), equal_nan=True), "the map", other)
    for id in ("attention-heatmap", "attention-heatmap-b"):
        assert marks(other, id) == marks(page, id)
    for id in ("attention-heatmap", "attention-heatmap-b", "attention-difference", "head-grid"):
        until(
            lambda id=id: np.allclose(numbers(other, id), numbers(page, id), equal_nan=True),
            id,
            other,
        )
    until(lambda: other.inner_text("#token-count") == page.inner_text("#token-count"), "it", other)
    until(lambda: other.url == page.url, "the same address", other)
