"""What can be taken away, and the numbers of two heads."""

import csv
import io

import numpy as np
import pytest
from pages import address, show, until, wait_for_address, wait_for_plot

from compute import attention, likeness, projection


def saved(page, item):
    page.click("#save-menu > button")
    with page.expect_download() as download:
        page.click(f"#{item}")
    with open(download.value.path(), "rb") as file:
        return download.value.suggested_filename, file.read()


def table(content):
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_the_map_as_a_table(page, server, small, stored):
    show(page, server, text=small)
    name, content = saved(page, "save-map")
    data, rows = stored(page), table(content)
    layout = projection.fit(projection.cloud(data, 0, 0), "pca")
    assert name.endswith("L0H0-pca.csv") and len(rows) == 2 * len(data.tokens)
    assert [row["role"] for row in rows[:: len(data.tokens)]] == ["query", "key"]
    places = np.array([[float(row["x"]), float(row["y"])] for row in rows])
    assert np.allclose(places, np.concatenate([layout.q, layout.k]), rtol=1e-4, atol=1e-5)


def test_the_heatmap_as_a_table(page, server, small, stored):
    show(page, server, text=small, token=20)
    name, content = saved(page, "save-heatmap")
    data, rows = stored(page), table(content)
    passage = int(data.tokens.passage[20])
    expected = attention.of_passage(data, 0, 0, passage)
    shown = np.array([float(row["attention"]) for row in rows]).reshape(expected.shape)
    assert np.allclose(shown, expected, atol=1e-5) and f"passage{passage + 1}" in name
    assert rows[0]["query_token"] == data.tokens.strings[data.tokens.starts[passage]]


def test_the_scores_as_a_table(page, server, small):
    show(page, server, text=small)
    until(lambda: page.inner_text("#head-facts"), "scores", page)
    _, content = saved(page, "save-scores")
    rows = table(content)
    assert {(row["layer"], row["head"]) for row in rows} == {
        (str(i), str(j)) for i in range(3) for j in range(4)
    }


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_map_as_a_picture_with_its_lines(page, server, small, kind):
    show(page, server, text=small)
    plain = saved(page, f"save-qk-map-{kind}")[1]
    assert plain.startswith({"png": b"\x89PNG", "svg": b"<svg"}[kind])
    page.goto(address(server, text=small, token=3))
    wait_for_plot(page, "qk-map")
    until(lambda: page.evaluate("() => !!window.headscope.links['']?.weights"), "lines", page)
    marked = saved(page, f"save-qk-map-{kind}")[1]
    assert marked != plain
    if kind == "png":
        width = int.from_bytes(marked[16:20], "big")
        assert width == 3 * round(page.locator("#qk-map").bounding_box()["width"])


def test_the_link_is_copied(tab, server, small):
    page = tab(permissions=["clipboard-read", "clipboard-write"])
    show(page, server, text=small, layer=1, head=1)
    wait_for_address(page, layer="1", head="1")
    page.click("#save-menu > button")
    page.click("#copy-link")
    page.wait_for_selector("#copied")
    assert page.inner_text("#copied") == "Link copied."
    assert page.evaluate("() => navigator.clipboard.readText()") == page.url


def test_two_heads_in_numbers_and_heads_like_a(page, server, small, stored):
    show(page, server, text=small, compare=1, layer=1, head=3, layerb=0, headb=1)
    until(lambda: "Self" in page.inner_text("#alike-numbers"), "the numbers", page)
    page.click("#alike-start")
    page.wait_for_selector("#alike-lists .head-link")
    data = stored(page)
    found = likeness.all_pairs(data, data)
    names = page.locator("#alike-lists .head-link").all_inner_texts()
    both = [likeness.nearest(found, 1, 3, 6, most=most) for most in (True, False)]
    assert names == [f"L{n.layer}H{n.head}" for part in both for n in part]
    assert f"{found.divergence[1, 3, 0, 1]:.3f}" in page.inner_text("#alike-numbers")
    page.click("#alike-lists .head-link >> nth=0")
    nearest = both[0][0]
    wait_for_address(page, layerb=str(nearest.layer), headb=str(nearest.head), layer="1")
