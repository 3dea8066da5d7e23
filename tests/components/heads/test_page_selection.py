"""Clicking a point, a cell or a word: what is then marked, drawn and written."""

import numpy as np
from pages import (
    choose,
    click_cell,
    click_point,
    hover_point,
    ink,
    link,
    lonely,
    marks,
    query,
    show,
    until,
    wait_for,
    wait_for_address,
    wait_for_marks,
    wait_for_matrix,
    wait_for_selection,
)

from compute.runs import attention


def place(data, token: int) -> tuple[int, int]:
    """The passage of a token, and its place in there."""
    passage = int(data.tokens.passage[token])
    return passage, token - int(data.tokens.starts[passage])


def test_a_click_on_a_query_shows_where_it_looks(again, small, stored):
    page = again(text=small, layer=1, head=2)
    data, token = stored(page), lonely(page, "qk-map", "query")
    click_point(page, "qk-map", "query", token)
    found = wait_for_selection(page, role="query", token=token)
    passage, row = place(data, token)
    weights = attention.of_passage(data, 1, 2, passage)
    wait_for_matrix(page, "attention-heatmap", weights)
    assert marks(page, "attention-heatmap") == {
        "marked-row": [-0.5, len(weights) - 0.5, row - 0.5, row + 0.5]
    }
    assert np.allclose(found["weights"], weights[row], atol=1e-4)
    assert found["start"] == token - row
    assert f"passage {passage + 1} of 5" in page.inner_text("#heatmap-title")
    wait_for_address(page, role="query", token=str(token))


def test_a_click_on_a_key_shows_who_looks_at_it(again, small, stored):
    page = again(text=small, layer=1, head=2)
    data, token = stored(page), lonely(page, "qk-map", "key")
    click_point(page, "qk-map", "key", token)
    found = wait_for_selection(page, role="key", token=token)
    passage, column = place(data, token)
    weights = attention.of_passage(data, 1, 2, passage)
    wait_for_matrix(page, "attention-heatmap", weights)
    assert marks(page, "attention-heatmap") == {
        "marked-column": [column - 0.5, column + 0.5, -0.5, len(weights) - 0.5]
    }
    assert np.allclose(found["weights"], weights[:, column], atol=1e-4)


def test_the_lines_are_drawn(again, small):
    """The canvas over the map has ink on it after a click, and none before."""
    page = again(text=small)
    token = lonely(page, "qk-map", "query")
    page.mouse.move(1, 1)
    until(lambda: ink(page) == 0, "a clean map", page)
    click_point(page, "qk-map", "query", token)
    wait_for_selection(page, token=token)
    until(lambda: ink(page) > 500, "lines", page)
    page.locator("body").press("Escape")
    page.mouse.move(1, 1)
    until(lambda: ink(page) == 0, "a clean map again", page)


def test_a_click_on_a_cell_selects_the_pair(again, small, stored):
    page = again(text=small)
    click_cell(page, "attention-heatmap", 4, 7)
    found = wait_for_selection(page, role="query", token=4, other=7)
    assert found["selection"]["other"] == 7
    size = len(attention.of_passage(stored(page), 0, 0, 0))
    wait_for_address(page, role="query", token="4", other="7")
    assert marks(page, "attention-heatmap") == {
        "marked-row": [-0.5, size - 0.5, 3.5, 4.5],
        "marked-column": [6.5, 7.5, -0.5, size - 0.5],
    }
    wait_for_marks(page, "qk-map", [{"role": "query", "token": 4}, {"role": "key", "token": 7}])
    for words, role, token in ((".chosen", "query", "4"), (".paired", "key", "7")):
        word = page.locator(f"#passage .word{words}")
        assert [word.get_attribute(f"data-{name}") for name in ("role", "token")] == [role, token]


def test_the_number_of_a_cell_is_shown_when_hovered(again, small, stored):
    page = again(text=small)
    click_cell(page, "attention-heatmap", 4, 7)
    label = page.text_content("#attention-heatmap .hoverlayer .hovertext")
    weights, names = attention.of_passage(stored(page), 0, 0, 0), stored(page).tokens.strings
    assert f"{weights[4, 7]:.3f}" in label
    assert names[4] in label and names[7] in label


def test_the_token_stays_selected_when_the_head_changes(again, small, stored):
    page = again(text=small)
    data, token = stored(page), lonely(page, "qk-map", "query")
    click_point(page, "qk-map", "query", token)
    wait_for_selection(page, token=token)
    choose(page, layer_select="2")
    passage, row = place(data, token)
    weights = attention.of_passage(data, 2, 0, passage)
    wait_for_matrix(page, "attention-heatmap", weights)
    assert np.allclose(wait_for_selection(page, token=token)["weights"], weights[row], atol=1e-4)
    assert list(marks(page, "attention-heatmap")) == ["marked-row"]
    assert query(page)["token"] == str(token)


def test_escape_deselects(page, server, small):
    show(page, server, text=small, role="query", token=20)
    wait_for_selection(page, token=20)
    page.locator("body").press("Escape")
    until(lambda: link(page)["selection"] is None, "no selection", page)
    until(lambda: marks(page, "attention-heatmap") == {}, "no marks", page)
    until(lambda: "token" not in query(page), "an address without it", page)


def test_a_click_on_a_word_selects_it(again, small, stored):
    page = again(text=small)
    page.locator("#passage .word").nth(3).click()
    found = wait_for_selection(page, role="query", token=3)
    chosen = page.locator("#passage .word.chosen")
    chosen.wait_for()
    assert chosen.all_inner_texts() == [stored(page).tokens.strings[3]]
    titles = page.locator("#passage .word").evaluate_all("words => words.map(w => w.title)")
    assert titles == [f"{weight:.3f}" for weight in found["weights"]]


def test_the_card_says_which_token_is_under_the_mouse(again, small, stored):
    page = again(text=small)
    data, token = stored(page), lonely(page, "qk-map", "key")
    hover_point(page, "qk-map", "key", token)
    wait_for(page, "() => { const c = document.querySelector('#card'); return !!c && !c.hidden }")
    passage, column = place(data, token)
    words = page.inner_text("#card")
    assert f"“{data.tokens.strings[token]}”, token {column} of passage {passage + 1}" in words
    assert page.inner_text("#card mark") == data.tokens.strings[token]
    page.mouse.move(1, 1)
    wait_for(page, "() => document.querySelector('#card').hidden")


def test_an_address_that_names_a_token_which_is_not_there(page, server, small):
    show(page, server, text=small, token=99999)
    assert link(page)["selection"] is None
