"""Where a head is strongest, and texts of one sentence, on the page."""

import numpy as np
from pages import (
    choose,
    click_cell,
    held,
    ink,
    link,
    message,
    query,
    run,
    show,
    until,
    wait_for,
    wait_for_address,
    wait_for_matrix,
    wait_for_plot,
    wait_for_selection,
)

from compute import attention, runs, texts
from compute.scores import strongest_passages
from compute.scores.strongest_passages import LARGEST


def listed(page) -> list[str]:
    return page.locator("#strongest li .head").all_inner_texts()


def test_a_list_of_passages_and_a_sentence_that_is_read_meanwhile(page, server, small, stored):
    """The list leads to the strongest; who goes on while a sentence is read stays there."""
    show(page, server, text=small, layer=1, head=2)
    _a_list_leads_to_the_strongest_passages(page, small, stored)
    page.locator("body").press("Escape")
    wait_for_address(page, passage=None)
    _who_goes_on_while_a_sentence_is_read_stays_there(page)


def _a_list_leads_to_the_strongest_passages(page, small, stored):
    data = stored(page)
    assert page.is_hidden("#strongest")
    wait_for_address(page, text=small, strongest=None)
    choose(page, strongest_by="largest")
    found = strongest_passages.find(data, 1, 2, LARGEST)
    order = found.first(8)

    def is_shown(found):
        said = [f"Passage {p + 1} · {found.value[p]:.2f} · " for p in found.first(8)]
        until(lambda: [all(map(str.startswith, listed(page), said)), len(listed(page))]
              == [True, len(said)], "the list", page)  # fmt: skip

    is_shown(found)
    whole = """() => {
        const bottom = entry => entry.getBoundingClientRect().bottom;
        return [...document.querySelectorAll("#strongest li")]
            .filter(entry => bottom(entry) <= bottom(document.getElementById("strongest"))).length;
    }"""
    assert page.evaluate(whole) >= 3, "several to choose from, in a narrow window too"
    wait_for_address(page, strongest="largest")
    page.locator("#strongest li button").nth(1).click()
    passage = int(order[1])
    wait_for_selection(page, token=int(found.query[passage]), other=int(found.key[passage]))
    wait_for_matrix(page, "attention-heatmap", attention.of_passage(data, 1, 2, passage))
    until(lambda: page.input_value("#passage-number") == str(passage + 1), "its number", page)
    choose(page, head_select="0")  # of another head it is another list
    is_shown(strongest_passages.find(data, 1, 0, LARGEST))
    choose(page, strongest_by="token")
    token = int(data.tokens.ids[found.query[passage]])
    is_shown(strongest_passages.find(data, 1, 0, token))
    page.locator("#strongest li button").first.click()
    until(lambda: link(page)["selection"]["role"] == "key", "the word as a key", page)
    _map_and_heatmap_stay_in_sight(page)
    choose(page, strongest_by="score")
    until(lambda: "stands out most by" in page.inner_text("#strongest"), "its score", page)
    page.locator("#strongest li button").first.press("Enter")
    first = int(listed(page)[0].split()[1])
    wait_for_address(page, passage=str(first))
    until(lambda: link(page)["selection"] is None, "no token", page)
    page.reload()
    until(lambda: len(listed(page)) > 1, "the list again", page)
    choose(page, strongest_by="off")
    page.wait_for_selector("#strongest", state="hidden")
    until(lambda: "strongest" not in query(page), "an address without it", page)


def _map_and_heatmap_stay_in_sight(page):
    page.click("#head-note-open")
    before = page.viewport_size
    ends = """() => ["qk-map", "attention-heatmap"]
        .map(id => document.getElementById(id).getBoundingClientRect().bottom + scrollY)"""
    for size in ({"width": 1440, "height": 900}, {"width": 1024, "height": 768}):
        page.set_viewport_size(size)
        until(lambda s=size: max(page.evaluate(ends)) <= s["height"], f"both at {size}", page)
    page.set_viewport_size(before)
    page.click("#head-note-open")


def test_a_text_of_one_sentence_is_one_like_others(page, server, stored, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_CACHE", str(server.cache))
    name = texts.save_user(texts.from_user("The red bird 字 sings to the red bird."))
    show(page, server, text=name, strongest="score", passage="7")
    data = stored(page)
    assert run(page)["passages"] == 1
    until(lambda: page.inner_text("#passage-count") == "of 1", "the count", page)
    for control in ("passage-previous", "passage-number", "passage-next"):
        assert page.is_disabled(f"#{control}")
    until(lambda: "one passage, number 1" in page.inner_text("#copied"), "a sentence", page)
    wait_for_address(page, passage=None)
    wait_for_matrix(page, "attention-heatmap", attention.of_passage(data, 0, 0, 0))
    ordinary = int((~data.tokens.special).sum())
    until(lambda: "unknown" in page.inner_text("#run-state"), "the unknown token", page)
    assert f"1 of {ordinary} tokens ({100 / ordinary:.1f} %" in page.inner_text("#run-state")
    until(lambda: len(listed(page)) == 1, "the one passage", page)
    page.locator("body").press("]")
    page.locator("#passage .word").nth(2).click()
    wait_for_selection(page, token=2)
    wait_for_plot(page, "head-grid")


def test_a_sentence_of_ones_own_is_a_passage(tab, server, small, stored):
    page = show(tab(), server, text=small, layer=1, head=2)
    data = stored(page)
    count, sentence = len(data.tokens), "Red birds sing <b>here</b>."
    _add(page, sentence)
    until(lambda: page.inner_text("#passage-count") == ": your sentence", "the sentence", page)
    own = runs.RUNS.get(page.evaluate("() => window.headscope.tokensOf('').sentence.run"))
    strings = own.tokens.strings
    wait_for_matrix(page, "attention-heatmap", attention.of_passage(own, 1, 2, 0))
    words = page.locator("#passage .word")
    until(lambda: tuple(words.all_inner_texts()) == strings and "<" in strings, "its words", page)
    assert page.input_value("#passage-number") == "6"
    until(lambda: ink(page) > 300, "rings round its points", page)
    words.nth(3).click()
    row = attention.of_passage(own, 1, 2, 0)[3]
    found = wait_for_selection(page, role="query", token=count + 3)
    assert np.allclose(found["weights"], row, atol=1e-4)
    wait_for_address(page, sentence=sentence, role="query", token=str(count + 3))
    names = "() => document.querySelector('#qk-map .js-plotly-plot')._fullData.map(t => t.name)"
    until(lambda: "ghost-key" in page.evaluate(names), "its points", page)
    written = page.evaluate(WRITTEN)
    assert len(written) > 4 and {word for word, *_ in written} <= set(strings)
    for i, (_, x, y, w) in enumerate(written):  # no name lies on another
        assert all(x >= a + c or a >= x + w or abs(y - b) >= 12 for _, a, b, c in written[:i])
    *place, key = page.evaluate(GHOST, [count, len(strings)])
    page.mouse.move(place[0] - 4, place[1])
    until(lambda: _told(page, place) and "of your sentence" in page.inner_text("#card"), "it", page)
    page.mouse.click(*place)
    wait_for_selection(page, role="key", token=key)
    page.locator("body").press("[")
    wait_for_matrix(page, "attention-heatmap", attention.of_passage(data, 1, 2, 4))
    page.locator("body").press("]")
    wait_for_matrix(page, "attention-heatmap", attention.of_passage(own, 1, 2, 0))
    page.click("#compare-toggle")
    choose(page, layer_select_b="0", head_select_b="1")
    a, b = (attention.of_passage(own, *at, 0) for at in ((1, 2), (0, 1)))
    wait_for_matrix(page, "attention-heatmap-b", b)
    wait_for_matrix(page, "attention-difference", a - b)
    click_cell(page, "attention-difference", 2, 1)
    for side in ("", "-b"):
        wait_for_selection(page, side, token=count + 2, other=count + 1)
    _a_link_brings_it(tab(), page, own)
    page.click("#compare-toggle")
    choose(page, text_select="grammar")  # it is kept, and stays open
    until(lambda: run(page)["text"] == "grammar", "the other text", page)
    wait_for(page, READ_AGAIN)
    until(lambda: page.inner_text("#passage-count") == ": your sentence", "it again", page)
    wait_for_matrix(page, "attention-heatmap", a)
    page.click("#ghost-remove")
    until(lambda: page.inner_text("#passage-count") == f"of {run(page)['passages']}", "it go", page)
    until(lambda: "sentence" not in query(page) and "passage" not in query(page), "it go", page)
    page.wait_for_selector("#ghost-remove", state="hidden")
    _add(page, "\u200b")
    assert "Your sentence could not be added. There is no text in it." in message(page)


def test_another_model_in_b_reads_the_sentence(page, server, small, stored):
    b = {"compare": "1", "b-model": "demo-gpt", "layerb": "1", "headb": "2"}
    show(page, server, text=small, layer=1, head=2, sentence="Red birds sing.", passage="6", **b)
    sentence = "side => window.headscope.tokensOf(side)?.sentence?.run"
    a, other = (
        runs.RUNS.get(until(lambda s=side: page.evaluate(sentence, s), "it", page))
        for side in ("", "-b")
    )
    assert a.model.name == "demo-bert" and other.model.name == "demo-gpt"
    wait_for_plot(page, "attention-heatmap-b")
    wait_for_matrix(page, "attention-heatmap-b", attention.of_passage(other, 1, 2, 0))
    assert page.inner_text("#heatmap-title-b") == "Attention in your sentence"
    page.locator("#passage .word").nth(1).click()
    chosen = wait_for_selection(page, "-b", role="query")["selection"]["token"]
    first = page.evaluate("() => window.headscope.tokensOf('-b').starts.at(-2)")
    first = other.tokens.strings[chosen - first]  # in pieces, perhaps
    assert "Red".startswith(first) and a.tokens.strings[1] == "red"
    until(lambda: "disagree" in page.inner_text("#difference-title"), "the difference", page)
    names = "() => document.querySelector('#qk-map-b .js-plotly-plot')._fullData.map(t => t.name)"
    until(lambda: "ghost-key" in page.evaluate(names), "its points", page)


def _who_goes_on_while_a_sentence_is_read_stays_there(page):
    until(lambda: page.input_value("#passage-number") == "1", "the first passage", page)
    wait_for(page, "() => document.querySelector('#passage .word')?.dataset.token === '0'")
    reading = lambda asked: "ghost-sentence.data" in asked["changedPropIds"]  # noqa: E731
    words = page.locator("#passage .word")
    # also where the page still waits for that no sentence is there any more
    busy = lambda asked: reading(asked) or asked["output"] == "tokens-ghost.data"  # noqa: E731
    with held(page, busy) as kept:
        _add(page, "Red birds sing here.")
        until(lambda: len(kept) == 2, "the sentence to be asked for", page)
        wait_for_address(page, passage="6")
        words.nth(5).click()
        wait_for_address(page, token="5")
    until(lambda: page.inner_text("#passage-count") == "of 5 + yours", "the sentence", page)
    assert link(page)["selection"]["token"] == 5 and page.input_value("#passage-number") == "1"
    page.focus("#ghost-remove")
    page.keyboard.press("Enter")
    page.wait_for_selector("#ghost-remove", state="hidden")
    assert page.evaluate("() => document.activeElement.id") == "ghost-input"
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("Escape")
    until(lambda: link(page)["selection"] is None, "no token", page)
    with held(page, reading) as kept:
        _add(page, "Blue birds.")
        until(lambda: kept, "the other one to be asked for", page)
        wait_for_address(page, passage="6")
        page.wait_for_selector("#ghost-remove", state="visible")  # it can be taken away already
        _add(page, "")
        until(lambda: not {"passage", "sentence"} & set(query(page)), "a plain address", page)
    # what was selected before doesn't keep one from it
    words.nth(5).click()
    wait_for_selection(page, token=5)
    _add(page, "Red birds sing here.")
    until(lambda: page.inner_text("#passage-count") == ": your sentence", "the sentence", page)


# The model has read the sentence for the text that is open now; what is drawn may be older.
READ_AGAIN = """() => {
    const {run, tokensOf} = window.headscope, tokens = tokensOf("");
    return run.text === "grammar" && tokens && tokens.run === run.key && tokens.sentence;
}"""
# What is written over the map, each with its left, middle and width.
WRITTEN = """() => {
    const gd = document.querySelector("#qk-map .js-plotly-plot"), found = [];
    const {width, height} = gd.getBoundingClientRect();
    const pen = document.createElement("canvas").getContext("2d");
    pen.fillText = (word, x, y) => found.push([word, x, y, pen.measureText(word).width]);
    window.headscope.drawOver(gd, "", pen, width, height);
    return found;
}"""
# The pixel of the sentence's key that is farthest from all other points, and its number.
GHOST = """([count, more]) => {
    const gd = document.querySelector("#qk-map .js-plotly-plot"), box = gd.getBoundingClientRect();
    const all = ["query", "key"].flatMap(role => Array.from({length: count + more}, (_, token) =>
        ({role, token, at: window.headscope.pixel(gd, role, token)})))
        .filter(({at}) => at);
    const apart = one => Math.min(...all.filter(each => each !== one)
        .map(({at}) => Math.hypot(at[0] - one.at[0], at[1] - one.at[1])));
    const {at: [x, y], token} = all.filter(each => each.role === "key" && each.token >= count)
        .sort((a, b) => apart(b) - apart(a))[0];
    return [box.left + x, box.top + y, token];
}"""


def _add(page, sentence):
    page.fill("#ghost-input", sentence)
    page.locator("#ghost-input").press("Enter")


def _told(page, place) -> bool:
    page.mouse.move(*place)
    page.mouse.move(place[0], place[1] + 1)
    return page.is_visible("#card")


def _a_link_brings_it(other, page, own):
    other.goto(page.url)
    for side in ("", "-b"):
        wait_for_plot(other, f"attention-heatmap{side}")
        wanted = link(page, side)["selection"]
        wait_for_selection(other, side, token=wanted["token"], other=wanted["other"])
    words = other.locator("#passage .word")
    until(lambda: tuple(words.all_inner_texts()) == own.tokens.strings, "its words", other)
    assert not other.evaluate("() => document.querySelector('#passage b, #card b.key + b')")
    other.close()
