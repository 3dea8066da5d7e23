"""The stage "All heads" in the real page; what it is sent: test_all_heads_callbacks.py."""

from pathlib import Path

import numpy as np
import pytest
from axe import serious
from pages import address, query, until, wait_for, wait_for_address
from stored import FIVE_LINES

from compute import attention, runs, texts
from compute.all_heads import tiles
from compute.attention import all_attention
from compute.scores import heads
from compute.texts import search

DRAWN = "() => { const c = document.querySelector('#all-canvas'); return c && c.dataset.drawn; }"
TILE = """([layer, head, layers, heads]) => {
    const canvas = document.querySelector("#all-canvas");
    const over = document.querySelector("#all-over");
    const ratio = canvas.width / parseFloat(canvas.style.width);
    const [x, y, all, tall] = ["left", "top", "width", "height"]
        .map(name => ratio * parseFloat(over.style[name]));
    const [width, height] = [all / heads, tall / layers];
    const [left, top] = [x + head * width, y + layer * height];
    const pixels = canvas.getContext("2d").getImageData(%s).data;
    let sum = 0;
    for (let i = 3; i < pixels.length; i += 4) {
        const opacity = pixels[i];
        sum = %s;
    }
    return sum / (pixels.length / 4);
}"""
CUT = """() => [...document.querySelectorAll("#stage-all label")].filter(
    e => e.checkVisibility() && e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 1).length"""


def show_all(page, server, text, **view):
    page.goto(address(server, text=text, stage="all", **view))
    page.wait_for_selector("#stage-all", state="visible")
    assert page.evaluate(f"() => ({DRAWN})() || !document.querySelector('#all-order').offsetParent")
    wait_for(page, DRAWN)
    assert page.evaluate(CUT) == 0


def middle(page, layer, head, shape=(3, 4)):
    """The middle of a tile on the screen."""
    box = page.locator("#all-over").bounding_box()
    return (
        box["x"] + (head + 0.5) * box["width"] / shape[1],
        box["y"] + (layer + 0.5) * box["height"] / shape[0],
    )


def ranked(page):
    return page.eval_on_selector_all("#all-strip button", "all => all.map(b => b.dataset.head)")


def ink(page, layer, head, shape=(3, 4)):
    """How strongly a tile is drawn: the mean opacity of its pixels."""
    inside = "left + 4, top + 4, width - 10, height - 10"
    return page.evaluate(TILE % (inside, "sum + opacity"), [int(layer), int(head), *shape])


def striped(page, layer, head, shape=(3, 4)):
    """How much of a tile's corner is drawn; a fitted map has few points there."""
    corner = "left + 3, top + 3, 14, 14"
    return page.evaluate(TILE % (corner, "sum + (opacity > 0)"), [layer, head, *shape])


def order(score):
    """The names of all heads, the highest first."""
    layers, heads = np.unravel_index(np.argsort(-score, axis=None, kind="stable"), score.shape)
    return [f"L{layer}H{head}" for layer, head in zip(layers, heads, strict=True)]


def test_drawn_ranked_dimmed_found_saved_and_opened(page, server, small, stored):
    view = {"all-method": "pca", "all-colour": "position", "all-scale": "shared"}
    show_all(page, server, small, score="self", **view, **{"all-least": "0.001"})
    assert {id: page.input_value(f"#{id}") for id in view} == view
    assert page.input_value("#all-least") == "0.001"
    until(lambda: "One scale for all heads" in page.inner_text("#all-note"), "the scale", page)
    wait_for_address(page, **view, **{"all-order": None})  # as it was at first
    assert page.get_attribute("#all-canvas", "data-drawn") == "3×4"
    # in the order of a score, and the card
    until(lambda: ranked(page), "scores", page)
    score = np.round(
        heads.SCORES.get(heads.key(stored(page).key)).of("self").mean, 4
    )  # as the page has it
    until(lambda: ranked(page) == order(score), "the order", page)
    page.mouse.move(*middle(page, 1, 2))
    page.wait_for_selector("#all-card:not([hidden])")
    said = page.inner_text("#all-card")
    assert "L1H2" in said and f"Self {score[1, 2]:.2f}" in said
    box = page.locator("#all-card").bounding_box()
    assert box["width"] < 480 and box["height"] < 340
    star, field = (page.locator(f"#{id}").bounding_box() for id in ("all-starred", "all-least"))
    assert field["y"] < star["y"] < field["y"] + field["height"], "one line of controls"
    page.select_option("#all-order", "low")
    until(lambda: ranked(page) == order(-score), "the other order", page)
    page.mouse.move(5, 5)
    page.wait_for_selector("#all-card", state="hidden")
    # heads below a score are dimmed
    low, high = (np.unravel_index(f(score), score.shape) for f in (np.argmin, np.argmax))
    page.select_option("#all-scale", "own")
    page.fill("#all-least", "")
    until(lambda: "all-least" not in query(page), "no limit", page)
    drawn = [(layer, head) for layer in range(3) for head in range(4)]
    until(lambda: all(ink(page, *at) > 4 for at in drawn), "every head", page)
    before = ink(page, *low), ink(page, *high)
    page.fill("#all-least", str(round(float(score.max()) - 1e-3, 4)))
    until(lambda: ink(page, *low) < 0.5 * before[0], "a dim tile", page)
    assert abs(ink(page, *high) - before[1]) < 0.05 * before[1]
    page.fill("#all-least", "")
    # a token lights up and ranks
    page.fill("#all-find", "the")
    tokens, _ = search.find(stored(page).tokens, "the")
    until(lambda: page.inner_text("#all-count") == f"{len(tokens)} found", "the count", page)
    wait_for_address(page, **{"all-find": "the"})
    page.select_option("#all-order", "close")
    found = tiles.of(stored(page).key, "pca")
    close = tiles.gathered(found.q, found.k, tokens)
    until(lambda: ranked(page)[:1] == order(-close)[:1], "the closest", page)
    page.fill("#all-find", "zebra")
    until(lambda: page.inner_text("#all-count") == "0 found", "no hit", page)
    page.fill("#all-find", "")
    for kind, begin in (("png", b"\x89PNG"), ("svg", b"<svg")):
        with page.expect_download() as download:
            page.click(f"#all-{kind}")
        content = Path(download.value.path()).read_bytes()
        assert content.startswith(begin) and len(content) > 10_000
        assert download.value.suggested_filename.endswith(f"pca.{kind}")
    said = content.decode()  # the SVG tells what it is of
    assert "<title>Joint query-key maps of all heads, demo-bert</title>" in said
    assert all(f">{words}" in said for words in ("head<", "layer<", "Map: PCA.", "Saved 20"))
    # a head opens with the map and the colours that it has here, in A and in B
    page.select_option("#all-method", "biplot")
    until(lambda: "Biplot of all" in page.inner_text("#all-progress"), "the other map", page)
    page.mouse.click(*middle(page, 2, 1))
    wait_for_address(page, layer="2", head="1", stage="heads", map="biplot", colour="position")
    page.click("#stage-select label:has-text('All heads')")
    page.keyboard.down("Shift")
    page.mouse.click(*middle(page, 1, 3))
    page.keyboard.up("Shift")
    wait_for_address(page, layer="2", head="1", layerb="1", headb="3", compare="1", stage="heads")
    page.click("#stage-select label:has-text('All heads')")
    page.select_option("#all-order", "low")
    until(lambda: ranked(page) == order(-score), "the order", page)
    page.click("#all-strip button >> nth=0")
    wait_for_address(page, layer=str(low[0]), head=str(low[1]), stage="heads")


HIDE = """hidden => {
    Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
    document.dispatchEvent(new Event("visibilitychange"));
}"""


def progress(page):
    return page.inner_text("#all-progress")


def fitted(page):
    return page.evaluate("() => Array.from(window.headscope.allHeads.state.tiles.fitted)")


@pytest.fixture
def unfitted(server, monkeypatch) -> str:
    """A text that no other test has opened, so that no head has a fitted map yet."""
    monkeypatch.setenv("HEADSCOPE_CACHE", str(server.cache))
    lines = reversed(FIVE_LINES.splitlines())
    return texts.save_user(texts.from_user("\n".join(lines), name="Unfitted"))


def test_previews_are_hatched_and_refined_nearest_first_while_one_looks(page, server, unfitted):
    asked = []
    page.on(
        "request",
        lambda r: asked.append(r.post_data) if "all-fresh-asked" in (r.post_data or "") else None,
    )
    show_all(page, server, unfitted, layer="1", head="2", **{"all-method": "pca"})
    assert page.is_hidden("#all-refine") and page.is_hidden("#all-hatched")  # nothing to fit
    # nobody looks: nothing is fitted
    page.evaluate(HIDE, True)
    page.select_option("#all-method", "attention")
    until(lambda: "Attention map of 0 of 12 heads" in progress(page), "previews", page)
    page.wait_for_selector("#all-hatched", state="visible")
    assert striped(page, 0, 0) > 0.9  # pale from corner to corner
    page.mouse.move(*middle(page, 2, 3))
    until(lambda: "a preview, not fitted yet" in page.inner_text("#all-card"), "the card", page)
    with page.expect_download() as download:
        page.click("#all-svg")
    assert "Hatched: a preview, not fitted yet" in Path(download.value.path()).read_text()
    assert asked == [] and sum(fitted(page)) == 0
    assert serious(page, "#stage-all") == []
    # what takes long begins when one asks for it
    page.evaluate(
        """() => {
            const {run, method} = window.headscope.allHeads.state.tiles;
            const slow = {run, method, heads: [[0, 0]], seconds: 9999};
            dash_clientside.headscope.allRefine("all", null, slow, true, "maps", 0);
        }"""
    )
    until(lambda: "about 31 h" in progress(page), "how long it would take", page)
    page.evaluate(HIDE, False)
    page.mouse.move(*middle(page, 2, 3))
    assert page.inner_text("#all-refine") == "Refine all" and asked == []
    page.evaluate(
        "() => document.querySelector('#all-refine').click()"
    )  # with the mouse still there
    until(lambda: asked, "the first heads", page)
    assert '"heads":[[1,2],[2,3]' in asked[0]  # the open one, and the one under the mouse
    until(lambda: progress(page) == "Attention map of all 12 heads.", "all heads", page)
    assert page.is_hidden("#all-refine") and page.is_hidden("#all-hatched")
    assert striped(page, 0, 0) < 0.5
    page.reload()  # what is done is kept
    until(lambda: progress(page) == "Attention map of all 12 heads.", "all heads", page)
    # paused, for this visit
    page.evaluate(HIDE, True)
    page.select_option("#all-method", "attention-size")
    until(lambda: "of 0 of 12" in progress(page), "previews", page)
    page.click("#all-refine")
    until(lambda: progress(page).endswith("refining is paused."), "the pause", page)
    page.evaluate(HIDE, False)
    page.reload()
    until(lambda: progress(page).endswith("refining is paused."), "the pause", page)
    assert page.inner_text("#all-refine") == "Go on refining"
    assert sum(fitted(page)) == 0
    page.click("#all-refine")
    until(lambda: "of all 12 heads" in progress(page), "all heads", page)


def test_every_heads_attention_is_seen_walked_and_opened(page, server, small, stored):
    page.goto(address(server, text=small, stage="all", score="self", sentence="Red birds sing."))
    wait_for(page, DRAWN)
    page.select_option("#all-show", "attention")
    wait_for_address(page, **{"all-show": "attention"})
    wait_for(page, "() => document.querySelector('#all-canvas').dataset.shown === 'attention'")
    assert page.inner_text("#all-title") == "Attention of all heads in passage 1"
    assert page.is_hidden("#all-map-tools") and page.is_hidden("#all-refine")
    run = stored(page)
    _the_sentence_is_a_passage(page)
    page.click("#all-passage-next")
    until(lambda: "passage 2" in page.inner_text("#all-title"), "the next passage", page)
    assert page.inner_text("#all-passage-count") == "of 5 + yours"
    sent = page.evaluate("() => Array.from(window.headscope.allHeads.state.attention.levels)")
    expected = all_attention.of_all_heads(run, 1)
    assert sent == expected.ravel().tolist()
    # a tile's pixel is as dark as the attention is large
    at = np.unravel_index(expected[2, 1].argmax(), expected.shape[2:])
    low = np.unravel_index(expected[2, 1].argmin(), expected.shape[2:])
    side = expected.shape[-1]
    assert brightness(page, 2, 1, at, side) < brightness(page, 2, 1, low, side) - 20
    # the words, in the card of the tile that the keyboard is at; arrows leave the open head alone
    page.focus("#all-over button >> nth=0")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    focused = page.evaluate("() => document.activeElement.getAttribute('aria-label')")
    score = heads.SCORES.get(heads.key(run.key)).of("self").mean
    assert focused == f"Layer 1, head 1, self {score[1, 1]:.2f}"
    said = page.inner_text("#all-card")
    weights = attention.of_passage(run, 1, 1, 1)
    row, column = np.unravel_index(expected[1, 1].argmax(), weights.shape)
    words = run.tokens.strings[run.span(1)]
    assert "L1H1" in said and f"most: “{words[row]}” to “{words[column]}”" in said
    assert query(page)["layer"] == "0"
    assert serious(page, "#stage-all") == []
    for scale in ("log", "head"):
        before = brightness(page, 2, 1, at, side), page.inner_text("#all-shades")
        page.select_option("#all-heat", scale)
        until(lambda b=before: page.inner_text("#all-shades") != b[1], "the other scale", page)
    with page.expect_download() as download:
        page.click("#all-svg")
    content = Path(download.value.path()).read_text()
    assert content.count("<image ") == 12 and "Passage 2 of 5" in content
    assert download.value.suggested_filename.endswith("attention-passage-2.svg")
    page.focus("#all-over button >> nth=5")
    page.keyboard.press("Enter")
    wait_for_address(page, layer="1", head="1", stage="heads")
    until(lambda: "passage 2 of 5" in page.inner_text("#heatmap-title"), "that passage", page)
    page.click(".stage-select label:has-text('Patterns')")  # where the same passage is shown
    field = "#patterns-passage"
    until(lambda: page.locator(field).count() and page.input_value(field) == "2", "it there", page)
    page.fill(field, "4")
    page.press(field, "Enter")
    page.click(".stage-select label:has-text('All heads')")
    until(lambda: "passage 4" in page.inner_text("#all-title"), "what was chosen there", page)


def _the_sentence_is_a_passage(page):
    until(lambda: page.inner_text("#all-passage-count") == "of 5 + yours", "the sentence", page)
    page.fill("#all-passage-number", "6")
    page.press("#all-passage-number", "Enter")
    until(lambda: page.inner_text("#all-title").endswith("in your sentence"), "it", page)
    own = runs.RUNS.get(page.evaluate("() => window.headscope.tokensOf('').sentence.run"))
    sent = "() => Array.from(window.headscope.allHeads.state.attention.levels)"
    assert page.evaluate(sent) == all_attention.of_all_heads(own, 0).ravel().tolist()
    assert page.is_disabled("#all-passage-next")
    page.focus("#all-over button >> nth=0")
    words = "() => document.querySelector('#all-card').innerText"
    assert any(f"“{word}”" in page.evaluate(words) for word in own.tokens.strings)
    with page.expect_download() as download:
        page.click("#all-svg")
    assert "Your sentence: “Red birds sing.”" in Path(download.value.path()).read_text()
    page.locator("body").press("[")
    until(lambda: page.input_value("#all-passage-number") == "5", "the one before", page)
    page.fill("#all-passage-number", "1")
    page.press("#all-passage-number", "Enter")
    until(lambda: page.inner_text("#all-title").endswith("in passage 1"), "the first", page)


def brightness(page, layer, head, cell, side):
    """The mean of the colours in the middle of a tile's cell."""
    x, y = middle(page, layer, head)
    box = page.locator("#all-over").bounding_box()
    width = box["width"] / 4 - 3
    left, top = x - width / 2 - 1.5, y - width / 2 - 1.5
    spot = [left + (cell[1] + 0.5) * width / side, top + (cell[0] + 0.5) * width / side]
    return page.evaluate(
        """([x, y]) => {
            const canvas = document.querySelector("#all-canvas");
            const {left, top, width} = canvas.getBoundingClientRect(), by = canvas.width / width;
            const [r, g, b] = canvas.getContext("2d")
                .getImageData((x - left) * by, (y - top) * by, 1, 1).data;
            return (r + g + b) / 3;
        }""",
        spot,
    )
