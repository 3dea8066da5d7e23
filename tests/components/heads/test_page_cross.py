"""A head of cross-attention on the page: rows are what the decoder reads, columns the encoder's."""

from html import unescape

import numpy as np
from axe import serious
from pages import (
    choose,
    click_cell,
    click_point,
    hover_point,
    link,
    lonely,
    numbers,
    show,
    switch,
    until,
    wait_for,
    wait_for_matrix,
    wait_for_selection,
    weight_said,
)

from compute import attention

KNOWN = {"model": "demo-pairs", "text": "pairs", "part": "cross", "layer": "2", "head": "0"}
"""A head that looks at the word that is written next: data/models/README.md."""
_NAMES = """axis => Object.values(document.querySelector("#attention-heatmap .js-plotly-plot")
    ._fullLayout[axis].labelalias)"""

_IN_SPACE = """() => {  // with lines from the selected query to its keys
    const gd = document.querySelector("#qk-map .js-plotly-plot");
    return !!gd._fullLayout.scene && gd._fullData[2].x.length > 2;
}"""


def words(page, line: int) -> list[str]:
    return page.locator("#passage .words").nth(line).locator(".word").all_inner_texts()


def shown(page, data) -> int:
    """Wait until all that shows a passage shows that of the selection; return its number."""
    start = link(page)["start"]
    passage = int(data.tokens.passage[start])
    wait_for_matrix(page, "attention-heatmap", attention.of_passage(data, 2, 0, passage))
    rows = list(data.tokens.strings[data.span(passage)])
    columns = list(data.keys.strings[data.key_span(passage)])
    named = ([*map(unescape, page.evaluate(_NAMES, axis))] for axis in ("yaxis", "xaxis"))
    assert tuple(named) == (rows, columns)
    until(lambda: (words(page, 0), words(page, 1)) == (rows, columns), "two lines of words", page)
    assert page.input_value("#passage-number") == str(passage + 1)
    return passage


def test_points_cells_and_words_of_two_texts(page, server, stored) -> None:
    show(page, server, **KNOWN)
    wait_for(page, "() => window.headscope.run.model.part === 'cross'")
    data = stored(page)
    until(lambda: len(numbers(page, "qk-map", 1, "x")) == len(data.keys), "the map", page)
    assert len(numbers(page, "qk-map", 0, "x")) == len(data.tokens)
    for role, side in (("query", data.tokens), ("key", data.keys)):
        token = lonely(page, "qk-map", role)
        hover_point(page, "qk-map", role, token)
        card, passage = page.inner_text("#card"), int(side.passage[token])
        place = token - int(side.starts[passage])
        assert f"{role} “{side.strings[token]}”, token {place} of passage {passage + 1}" in card
        assert " ".join(side.strings[side.span(passage)]) in " ".join(card.split())
        click_point(page, "qk-map", role, token)
        found = wait_for_selection(page, role=role, token=token)
        assert shown(page, data) == passage
        weights = attention.of_passage(data, 2, 0, passage)
        expected = weights[place] if role == "query" else weights[:, place]
        assert np.allclose(found["weights"], expected, atol=1e-4)
        chosen = page.locator("#passage .words").nth(int(role == "key")).locator(".chosen")
        assert chosen.inner_text() == side.strings[token]
    row, column = 2, weights.shape[1] - 1
    click_cell(page, "attention-heatmap", row, column)
    pair = {"token": data.span(passage).start + row, "other": data.key_span(passage).stop - 1}
    wait_for_selection(page, role="query", **pair)
    assert serious(page, "#passage") == []
    page.locator("#passage .words").nth(1).locator(".word").nth(1).click()
    wait_for_selection(page, role="key", token=data.key_span(passage).start + 1)
    _the_known_head_looks_at_the_word_that_comes_next(page, data)


def _the_known_head_looks_at_the_word_that_comes_next(page, data) -> None:
    for passage, task in ((0, "copy:"), (1, "reverse:")):
        page.fill("#passage-number", str(passage + 1))
        page.press("#passage-number", "Enter")
        until(lambda p=passage: link(page)["start"] == data.span(p).start, "the passage", page)
        shown(page, data)
        assert words(page, 1)[0] == task
        page.locator("#passage .words").nth(0).locator(".word").nth(2).click()
        wait_for_selection(page, token=data.span(passage).start + 2)
        coming = words(page, 0)[3]
        most = numbers(page, "attention-heatmap")[2]
        assert words(page, 1)[most.argmax()] == coming and most.max() > 0.9
        said = f"most at “{coming}”: {weight_said(float(most.max()))}."
        until(lambda s=said: page.inner_text("#passage .note").endswith(s), "what is said", page)
    page.fill("#token-search", coming)
    page.press("#token-search", "Enter")
    count = [side.strings.count(coming) for side in (data.tokens, data.keys)]
    said = f"queries: {count[0]} found; keys: {count[1]} found"
    until(lambda: page.inner_text("#token-count") == said, said, page)
    switch(page, "hide-special")
    special = ~data.keys.special
    until(
        lambda: np.array_equal(np.isfinite(numbers(page, "qk-map", 1, "x")), special),
        "a map without special keys",
        page,
    )
    choose(page, method_select="pca", dims_select="3")
    wait_for(page, _IN_SPACE)
    assert len(numbers(page, "qk-map", 1, "z")) == len(data.keys)
