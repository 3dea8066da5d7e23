"""The stage "All heads" in the real page; what it is sent: test_all_heads_callbacks.py."""

from pathlib import Path

import numpy as np
from pages import address, query, until, wait_for, wait_for_address

from compute.maps import tiles
from compute.scores import heads
from compute.texts import search

DRAWN = "() => { const c = document.querySelector('#all-canvas'); return c && c.dataset.drawn; }"
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
    return page.evaluate(
        """([layer, head, layers, heads]) => {
            const canvas = document.querySelector("#all-canvas");
            const over = document.querySelector("#all-over");
            const ratio = canvas.width / parseFloat(canvas.style.width);
            const [left, top, width, height] = ["left", "top", "width", "height"]
                .map(name => ratio * parseFloat(over.style[name]));
            const [w, h] = [width / heads, height / layers];
            const pixels = canvas.getContext("2d")
                .getImageData(left + head * w + 4, top + layer * h + 4, w - 10, h - 10).data;
            let sum = 0;
            for (let i = 3; i < pixels.length; i += 4) sum += pixels[i];
            return sum / pixels.length;
        }""",
        [int(layer), int(head), *shape],
    )


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
    wait_for_address(page, **view)
    assert "all-order" not in query(page)  # as it was at first
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
    until(lambda: all(ink(page, *at) > 1 for at in drawn), "every head", page)
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
    # all heads are refined
    page.select_option("#all-method", "attention")
    until(lambda: "previews" in page.inner_text("#all-note").lower(), "previews", page)
    page.click("#all-refine")
    page.wait_for_selector("#all-refined-job", state="visible")
    wait_for(page, "() => document.querySelector('#all-refine-box').hidden")
    assert "Attention map of all 12 heads" in page.inner_text("#all-note")
    # a head opens with the map and the colours that it has here, in A and in B
    page.select_option("#all-method", "biplot")
    until(lambda: "Biplot of all" in page.inner_text("#all-note"), "the other map", page)
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
