"""The stage "All heads": tiles of every head's map."""

from pathlib import Path

import numpy as np
from pages import query, until, wait_for, wait_for_address

from compute.maps import tiles
from compute.scores import heads
from compute.texts import search

DRAWN = "() => { const c = document.querySelector('#all-canvas'); return c && c.dataset.drawn; }"


def show_all(again, text, **view):
    page = again(text=text, stage="all", **view)
    wait_for(page, DRAWN)
    return page


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


def test_every_head_has_a_tile(again, small, stored):
    page = show_all(again, small)
    assert page.get_attribute("#all-canvas", "data-drawn") == "3×4"
    assert all(ink(page, layer, head) > 1 for layer in range(3) for head in range(4))
    note = page.inner_text("#all-note")  # other tests may have refined a head of this text
    assert "12 heads" in note and "previews" in note.lower()
    assert tiles.of(stored(page).key, "attention").q.shape[:2] == (3, 4)


def test_a_click_opens_the_head_with_the_same_map(again, small):
    page = show_all(again, small, **{"all-method": "biplot", "all-colour": "passage"})
    page.mouse.click(*middle(page, 2, 1))
    wait_for_address(page, layer="2", head="1", stage="heads", map="biplot", colour="passage")


def test_a_click_with_shift_puts_it_in_b(again, small):
    page = show_all(again, small)
    page.keyboard.down("Shift")
    page.mouse.click(*middle(page, 1, 3))
    page.keyboard.up("Shift")
    wait_for_address(page, layer="0", head="0", layerb="1", headb="3", compare="1", stage="heads")


def test_the_card_names_the_head_and_its_scores(again, small, stored):
    page = show_all(again, small)
    until(lambda: ranked(page), "scores", page)
    page.mouse.move(*middle(page, 1, 2))
    page.wait_for_selector("#all-card:not([hidden])")
    score = heads.SCORES.get(heads.key(stored(page).key)).of("self").mean[1, 2]
    said = page.inner_text("#all-card")
    assert "L1H2" in said and f"Self {score:.2f}" in said
    page.mouse.move(5, 5)
    page.wait_for_selector("#all-card", state="hidden")


def test_heads_in_the_order_of_a_score(again, small, stored):
    page = show_all(again, small, score="self")
    until(lambda: ranked(page), "scores", page)
    found = heads.SCORES.get(heads.key(stored(page).key))
    score = np.round(found.of("self").mean, 4)  # as the page has it
    order = [f"L{i // 4}H{i % 4}" for i in np.argsort(-score, axis=None, kind="stable")]
    until(lambda: ranked(page) == order, "the order", page)
    page.select_option("#all-order", "low")
    order = [f"L{i // 4}H{i % 4}" for i in np.argsort(score, axis=None, kind="stable")]
    until(lambda: ranked(page) == order, "the other order", page)
    page.click("#all-strip button >> nth=0")
    layer, head = np.unravel_index(np.argmin(score), score.shape)
    wait_for_address(page, layer=str(layer), head=str(head), stage="heads")


def test_heads_below_a_score_are_dimmed(again, small, stored):
    page = show_all(again, small, score="self")
    until(lambda: ranked(page), "scores", page)
    score = heads.SCORES.get(heads.key(stored(page).key)).of("self").mean
    low, high = (np.unravel_index(f(score), score.shape) for f in (np.argmin, np.argmax))
    before = ink(page, *low), ink(page, *high)
    page.fill("#all-least", str(round(float(score.max()) - 1e-3, 4)))
    until(lambda: ink(page, *low) < 0.5 * before[0], "a dim tile", page)
    assert abs(ink(page, *high) - before[1]) < 0.05 * before[1]


def test_a_token_lights_up_and_ranks(again, small, stored):
    page = show_all(again, small)
    page.fill("#all-find", "the")
    tokens, _ = search.find(stored(page).tokens, "the")
    assert len(tokens) > 1
    until(lambda: page.inner_text("#all-count") == f"{len(tokens)} found", "the count", page)
    wait_for_address(page, **{"all-find": "the"})
    page.select_option("#all-order", "close")
    found = tiles.of(stored(page).key, "attention")
    close = tiles.gathered(found.q, found.k, tokens)
    layer, head = np.unravel_index(np.argmin(close), close.shape)
    until(lambda: ranked(page)[:1] == [f"L{layer}H{head}"], "the closest", page)
    page.fill("#all-find", "zebra")
    until(lambda: page.inner_text("#all-count") == "0 found", "no hit", page)


def test_all_heads_are_refined_and_kept(again, small, stored):
    page = show_all(again, small)
    page.click("#all-refine")
    page.wait_for_selector("#all-refined-job", state="visible")
    wait_for(page, "() => document.querySelector('#all-refine-box').hidden")
    assert tiles.of(stored(page).key, "attention").fitted.all()
    assert "Attention map of all 12 heads" in page.inner_text("#all-note")
    page.reload()
    wait_for(page, DRAWN)
    wait_for(page, "() => document.querySelector('#all-refine-box').hidden")


def test_the_address_restores_the_stage(again, small):
    view = {
        "all-method": "pca",
        "all-colour": "position",
        "all-scale": "shared",
        "all-least": "0.2",
    }
    page = show_all(again, small, **view)
    assert {id: page.input_value(f"#{id}") for id in view} == view
    until(lambda: "One scale for all heads" in page.inner_text("#all-note"), "the scale", page)
    wait_for_address(page, **view)
    assert "all-order" not in query(page)  # as it was at first


def test_the_picture_as_a_file(again, small):
    page = show_all(again, small)
    for kind, begin in (("png", b"\x89PNG"), ("svg", b"<svg")):
        with page.expect_download() as download:
            page.click(f"#all-{kind}")
        content = Path(download.value.path()).read_bytes()
        assert content.startswith(begin) and len(content) > 10_000
        assert download.value.suggested_filename.endswith(f"attention.{kind}")
