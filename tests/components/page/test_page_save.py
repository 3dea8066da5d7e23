"""What can be taken away, and the numbers of two heads."""

import csv
import io

import numpy as np
import pyarrow.parquet
from pages import address, message, show, until, wait_for_address, wait_for_plot

from compute.maps import projection
from compute.runs import attention
from compute.scores import head_similarity, heads


def content(download):
    with open(download.value.path(), "rb") as file:
        return download.value.suggested_filename, file.read()


def saved(page, item):
    page.click("#save-menu > button")
    with page.expect_download() as download:
        page.click(f"#{item}")
    return content(download)


def saved_from_corner(page, plot, kind):
    """Save a plot with the control in its corner, by the keyboard alone."""
    page.focus(f"#{plot} .save-plot button")
    page.keyboard.press("Enter")
    if kind == "svg":
        page.keyboard.press("Tab")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    return content(download)


def shapes(page, svg):
    """Return what an SVG holds: its title, words, and how many elements of some kinds."""
    return page.evaluate(
        """async text => {
            const svg = new DOMParser().parseFromString(text, "image/svg+xml");
            const count = what => svg.querySelectorAll(what).length;
            const dots = await Promise.all([...svg.querySelectorAll("image")].map(async image => {
                const made = new Image();
                made.src = image.getAttribute("href") || image.getAttribute("xlink:href");
                await made.decode();
                return [made.naturalWidth, made.naturalHeight];
            }));
            return {
                name: svg.documentElement.nodeName,
                title: svg.querySelector("title").textContent,
                said: svg.querySelector("desc").textContent,
                words: [...svg.querySelectorAll("text")].map(t => t.textContent),
                points: count(".point"), dots, lines: count("path"),
            };
        }""",
        svg.decode(),
    )


def table(content):
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_the_map_as_a_table(again, small, stored):
    page = again(text=small)
    name, content = saved(page, "save-map-csv")
    data, rows = stored(page), table(content)
    layout = projection.fit(projection.cloud(data, 0, 0), "pca")
    assert name.endswith("L0H0-pca.csv") and len(rows) == 2 * len(data.tokens)
    assert [row["role"] for row in rows[:: len(data.tokens)]] == ["query", "key"]
    places = np.array([[float(row["x"]), float(row["y"])] for row in rows])
    assert np.allclose(places, np.concatenate([layout.q, layout.k]), rtol=1e-4, atol=1e-5)


def test_the_heatmap_as_a_table(page, server, small, stored):
    show(page, server, text=small, token=20)
    name, content = saved(page, "save-heatmap-csv")
    data, rows = stored(page), table(content)
    passage = int(data.tokens.passage[20])
    expected = attention.of_passage(data, 0, 0, passage)
    shown = np.array([float(row["attention"]) for row in rows]).reshape(expected.shape)
    assert np.allclose(shown, expected, atol=1e-5) and f"passage{passage + 1}" in name
    assert rows[0]["query_token"] == data.tokens.strings[data.tokens.starts[passage]]


def test_the_scores_as_a_table(again, small):
    page = again(text=small)
    until(lambda: page.inner_text("#head-facts"), "scores", page)
    _, content = saved(page, "save-scores-csv")
    rows = table(content)
    assert {(row["layer"], row["head"]) for row in rows} == {
        (str(i), str(j)) for i in range(3) for j in range(4)
    }


def test_the_map_as_parquet(again, small, stored):
    page = again(text=small)
    name, file = saved(page, "save-map-parquet")
    found = pyarrow.parquet.read_table(io.BytesIO(file)).to_pydict()
    _, file = saved(page, "save-map-csv")
    rows = table(file)
    assert name.endswith("-pca.parquet") and list(found) == list(rows[0])
    assert found["token"] == [row["token"] for row in rows]
    assert np.allclose(found["x"], [float(row["x"]) for row in rows], rtol=1e-5, atol=1e-5)


def test_the_map_as_a_picture_with_its_lines(page, server, small, stored):
    show(page, server, text=small)
    plain = shapes(page, saved(page, "save-qk-map-svg")[1])
    page.goto(address(server, text=small, token=3))
    wait_for_plot(page, "qk-map")
    until(lambda: page.evaluate("() => !!window.headscope?.links['']?.weights"), "lines", page)
    name, file = saved(page, "save-qk-map-svg")
    marked, data = shapes(page, file), stored(page)
    assert name.endswith("L0H0.svg") and marked["name"] == "svg"
    assert "map" in marked["title"] and "demo-bert" in marked["said"]
    # Every point is a shape, no part is an image, and the lines lie over them with their numbers.
    assert marked["points"] == plain["points"] > len(data.tokens)
    assert marked["dots"] == []
    assert marked["lines"] > plain["lines"] and data.tokens.strings[3] in marked["words"]
    _, file = saved(page, "save-qk-map-png")
    assert file.startswith(b"\x89PNG")
    width, seen = int.from_bytes(file[16:20], "big"), page.locator("#qk-map").bounding_box()
    assert width >= 1800 and width % round(seen["width"]) == 0


def test_every_plot_has_a_control_that_saves_it(page, server, small):
    show(page, server, text=small, layer=1, head=2, score="self")
    until(lambda: page.inner_text("#head-facts"), "scores", page)
    plots = page.locator(".plot:visible .js-plotly-plot")
    controls = page.locator(".plot:visible .js-plotly-plot > .save-plot")
    until(lambda: controls.count() == plots.count() >= 4, "a control for each", page)
    name, file = saved_from_corner(page, "head-grid", "svg")
    grid = shapes(page, file)
    assert name == f"head-grid-demo-bert-{small}-L1H2.svg"
    assert grid["dots"] == [[4, 3]]  # one dot a cell, so that no size is too large for it
    assert "H0" in grid["words"]
    name, file = saved_from_corner(page, "attention-heatmap", "png")
    assert name.endswith(".png") and int.from_bytes(file[16:20], "big") >= 1800


def test_a_map_in_space_says_that_its_points_are_an_image(page, server, small):
    show(page, server, text=small, dims=3)
    assert page.is_disabled("#labels") and "2-D only" in page.inner_text("label[for='labels']")
    found = shapes(page, saved(page, "save-qk-map-svg")[1])
    assert found["dots"] and "an image inside this SVG" in found["said"]
    assert "an image inside this SVG" in page.inner_text("#copied")


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
    found = head_similarity.all_pairs(data, data)
    names = page.locator("#alike-lists .head-link").all_inner_texts()
    both = [head_similarity.nearest(found, 1, 3, 6, most=most) for most in (True, False)]
    assert names == [f"L{n.layer}H{n.head}" for part in both for n in part]
    assert f"{found.divergence[1, 3, 0, 1]:.3f}" in page.inner_text("#alike-numbers")
    with page.expect_download() as download:
        page.click("#alike-csv")
    pairs = table(content(download)[1])
    assert len(pairs) == 12 * 11 // 2
    with page.expect_download() as download:
        page.click("#alike-pair-parquet")
    pair = pyarrow.parquet.read_table(io.BytesIO(content(download)[1])).to_pydict()
    scores = heads.SCORES.get(heads.key(data.key))
    assert pair["score"] == list(scores.names)
    assert pair["a_mean"][0] == scores.mean[0, 1, 3] and pair["b_low"][0] == scores.low[0, 0, 1]
    page.click("#alike-lists .head-link >> nth=0")
    nearest = both[0][0]
    wait_for_address(page, layerb=str(nearest.layer), headb=str(nearest.head), layer="1")


def test_buttons_say_that_nothing_is_open_yet(page, server):
    page.route("**/_dash-update-component*", lambda route: None)  # the text never comes
    page.goto(address(server, stage="patterns"))
    page.wait_for_selector("#stage-patterns:not([hidden])")
    for button in ("#patterns-find", "#patterns-found-csv"):
        page.click(button)
        page.wait_for_selector("#copied:not([hidden])")
        assert "still being opened" in page.inner_text("#copied")
        page.evaluate("() => { document.getElementById('copied').hidden = true; }")
    page.click("#save-menu > button")
    page.click("#save-map-csv")
    page.wait_for_selector("#copied:not([hidden])")


def test_what_is_not_measured_yet_is_told(page, server, small):
    show(page, server, text=small, stage="patterns")
    page.click("#patterns-found-csv")
    assert "Press “Find heads”, then save" in message(page)
