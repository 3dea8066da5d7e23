"""What one can do with a map: methods, colours, search, labels, trust, and its address."""

import re

import numpy as np
import pytest
from pages import (
    choose,
    controls,
    ink,
    link,
    marks,
    message,
    numbers,
    run,
    show,
    switch,
    until,
    wait_for,
    wait_for_address,
    wait_for_plot,
    wait_for_selection,
)

# All that stands under the map from now on; a fast fit replaces it before one could look.
NOTES = """() => {
    const note = document.querySelector("#map-note");
    window.notes = [];
    new MutationObserver(() => window.notes.push(note.textContent))
        .observe(note, {childList: true, characterData: true, subtree: true});
}"""


def colours(page, trace=0):
    return page.evaluate(
        """trace => {
            const {marker} = document.querySelector("#qk-map .js-plotly-plot")._fullData[trace];
            return JSON.stringify([marker.colorscale, typeof marker.color === "string"
                ? marker.color : Array.from(marker.color)]);
        }""",
        trace,
    )


def places(page):
    return np.stack([numbers(page, "qk-map", t, axis) for t in (0, 1) for axis in "xy"])


def test_every_colouring_draws(again, small):
    page = again(text=small)
    names = page.eval_on_selector_all("#colour-select option", "all => all.map(o => o.value)")
    names = [name for name in names if name]
    assert {"role", "position", "mod5", "token", "frequency", "norm", "passage"} <= set(names)
    before, seen = places(page), [colours(page)]
    for name in names[1:]:
        choose(page, colour_select=name)
        until(lambda: colours(page) != seen[-1], f"the colours of {name}", page)
        wait_for_address(page, colour=name)
        seen.append(colours(page))
        until(lambda: len(page.inner_text("#map-legend")) > 5, f"a legend for {name}", page)
    assert len(set(seen)) == len(names)
    assert np.array_equal(places(page), before)


@pytest.mark.parametrize("method", ["attention", "umap"])
def test_a_slow_map_comes_by_itself(again, small, method):
    page = again(text=small)
    first = places(page)
    page.evaluate(NOTES)
    choose(page, method_select=method)
    wait_for(page, "() => window.notes.some(note => note.includes('until'))")
    until(lambda: not page.inner_text("#map-note"), f"the map by {method}", page)
    until(lambda: not page.is_visible("#map-job"), "the end of the job", page)
    fitted = places(page)
    assert np.isfinite(fitted).all() and not np.allclose(fitted, first)
    # The second time it is there at once.
    choose(page, method_select="pca")
    until(lambda: np.allclose(places(page), first), "PCA", page)
    choose(page, method_select=method)
    until(lambda: np.allclose(places(page), fitted), "the kept map", page)


def test_the_page_goes_on_while_a_map_is_fitted(page, server, small):
    """A running job holds nothing back: colours and heads change meanwhile."""
    show(page, server, model="minilm", text="prose", layer=3, head=3)
    old, colour = places(page), colours(page)
    choose(page, method_select="attention")
    page.wait_for_selector("#map-job:not([hidden])")
    choose(page, colour_select="position")
    until(lambda: colours(page) != colour, "the colours", page)
    choose(page, head_select="4")
    until(lambda: not np.allclose(places(page), old), "the other head", page)
    assert page.is_visible("#map-job")
    page.click("#map-cancel")
    page.wait_for_selector("#map-job", state="hidden")


def test_the_trust_badge(page, server, small):
    show(page, server, text=small, layer=2)
    badge = page.locator("#trust-badge")
    until(lambda: re.match(r"Trust \d\.\d\d .+", badge.inner_text()), "the badge", page)
    badge.click()
    page.wait_for_selector("#trust-details table")
    assert "Recall@" in page.inner_text("#trust-details")
    shown, full = (
        float(re.search(r"\d\.\d+", text)[0])
        for text in (badge.inner_text(), page.inner_text("#trust-details tr:nth-child(1) td + td"))
    )
    assert abs(shown - full) <= 0.005


def test_search(again, small, stored):
    page = again(text=small)
    strings = stored(page).tokens.strings
    wanted = sum(s == "the" for s in strings)
    assert wanted > 1
    page.fill("#token-search", "the")
    until(lambda: page.inner_text("#token-count") == f"{wanted} found", "the count", page)
    until(lambda: ink(page) > 500, "marked points", page)
    wait_for_address(page, find="the")
    # a word that the model reads in pieces, counted by where its first piece stands
    groups = [w.replace(" ##", "") for w in re.findall(r"\S+(?: ##\S+)+", " ".join(strings))]
    page.fill("#token-search", groups[0])
    told = f"{groups.count(groups[0])} found, in pieces"
    until(lambda: page.inner_text("#token-count") == told, "the word in pieces", page)
    page.fill("#token-search", "zebra")
    until(lambda: page.inner_text("#token-count") == "0 found", "none found", page)
    page.fill("#token-search", "")
    until(lambda: page.inner_text("#token-count") == "", "no count", page)
    until(lambda: ink(page) == 0, "a clean map", page)


def test_slash_leads_to_the_search(again, small):
    page = again(text=small)
    page.locator("body").press("/")
    page.keyboard.type("cat")
    assert page.input_value("#token-search") == "cat"
    wait_for_address(page, find="cat")  # or the next test takes the page for one without it


def test_labels(again, small):
    page = again(text=small)
    switch(page, "labels")
    until(lambda: ink(page) > 500, "labels", page)
    wait_for_address(page, labels="1")
    switch(page, "labels")
    until(lambda: ink(page) == 0, "no labels", page)


def test_hidden_special_tokens(again, small, stored):
    page = again(text=small)
    special = stored(page).tokens.special
    assert special.sum() == 10  # [CLS] and [SEP] of five passages
    switch(page, "hide-special")
    until(
        lambda: np.array_equal(np.isnan(places(page)), np.tile(special, (4, 1))),
        "the special tokens to go",
        page,
    )
    switch(page, "hide-special")
    until(lambda: np.isfinite(places(page)).all(), "the special tokens to return", page)


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


def test_an_address_of_a_head_that_is_not_there(page, server, small):
    """It leads to the nearest head there is, not to an error."""
    show(page, server, text=small, layer=77, head="x")
    wait_for_address(page, layer="2", head="0")
    assert page.input_value("#layer-select") == "2" and run(page)["spec"] == "demo-bert"


def test_an_address_of_a_text_that_is_not_there(page, server):
    page.goto(f"{server.url}?model=demo-bert&text=own-000000000000000000000000")
    assert "not kept here any more" in message(page)
    page.wait_for_selector("#nothing", state="visible")
    assert "“demo-bert” could not be opened" in page.inner_text("#nothing-what")
    page.click("#open-default")
    wait_for(page, "() => window.headscope?.run?.spec === 'minilm'")
    wait_for_plot(page, "qk-map")
    assert not page.is_visible("#error-toast")


def test_a_number_that_is_not_possible_is_told(again, small):
    page = again(text=small)
    page.click("#map-more")
    for field, value, said in (
        ("steps-input", "-5", "“Steps” must be a whole number of 1 or more."),
        ("lines-least", "7", "“Lines, from” must be a number from 0 to 1."),
    ):
        page.fill(f"#{field}", value)
        page.press(f"#{field}", "Tab")
        until(lambda said=said: page.inner_text("#copied") == said, said, page)
        page.fill(f"#{field}", "" if field == "steps-input" else "0.02")
        page.press(f"#{field}", "Tab")
        until(lambda: not page.is_visible("#copied"), "no message", page)
    page.click("#map-more")
