"""What can be taken away: pictures, tables, the link, and a dossier opened without a network."""

import base64
import re
from datetime import date

from pages import show, switch, until, wait_for, wait_for_address, wait_for_selection
from playwright.sync_api import Browser

from compute.version import code_version

# What an SVG holds: its title, words, and how many elements of some kinds.
SHAPES = """async text => {
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
}"""

# How much of a PNG is blank to the left and to the right of its points, beside the words.
MARGINS = """async data => {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    const {naturalWidth: width, naturalHeight: height} = image;
    const canvas = Object.assign(document.createElement("canvas"), {width, height});
    const pen = canvas.getContext("2d");
    pen.drawImage(image, 0, 0);
    const [top, room] = [Math.round(height * .2), Math.round(height * .3)];  // the map alone
    const {data: dots} = pen.getImageData(0, top, width, room);
    const inked = Array.from({length: width}, (_, x) => {
        for (let y = 0; y < room; y++) {
            const at = 4 * (y * width + x);
            if (Math.min(...dots.slice(at, at + 3)) < 230) return true;
        }
        return false;
    });
    return [inked.indexOf(true) / width, 1 - (inked.lastIndexOf(true) + 1) / width];
}"""


def content(download) -> tuple[str, bytes]:
    """Return the name and the bytes of what was saved."""
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


def shapes(page, svg: bytes) -> dict:
    return page.evaluate(SHAPES, svg.decode())


def opened(browser: Browser, path) -> dict:
    """Open a file offline; return what was seen, and what went wrong."""
    context = browser.new_context(offline=True, viewport={"width": 900, "height": 900})
    page, problems = context.new_page(), []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("dialog", lambda dialog: (problems.append(dialog.message), dialog.dismiss()))
    page.on("requestfailed", lambda request: problems.append(request.url))
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    seen = page.evaluate(
        """() => ({
        title: document.title,
        text: document.body.innerText,
        sections: [...document.querySelectorAll('h2')].map(h => h.textContent),
        pictures: [...document.querySelectorAll('svg')].map(s => {
            const box = s.getBoundingClientRect(); return [box.width, box.height];
        }),
        cells: document.querySelectorAll('svg rect').length,
        dots: [...document.querySelectorAll('.dots')].map(d => d.getTotalLength() === 0
            && getComputedStyle(d).strokeLinecap === 'round'),
        wide: document.documentElement.scrollWidth,
    })"""
    )
    context.close()
    return seen | {"problems": problems, "asked": asked}


def test_all_is_saved_as_it_is_seen(tab, browser, server, small, stored, tmp_path):
    page = tab(permissions=["clipboard-read", "clipboard-write"])
    show(page, server, text=small, layer=1, head=2, score="self")
    plain = shapes(page, saved(page, "save-qk-map-svg")[1])
    page.locator("#passage .word").nth(3).click()
    wait_for_selection(page, token=3)
    until(lambda: page.evaluate("() => !!window.headscope.links[''].weights"), "lines", page)
    name, file = saved(page, "save-qk-map-svg")
    marked, data = shapes(page, file), stored(page)
    assert name == "qk-map-demo-bert-Five-lines-L1H2.svg" and marked["name"] == "svg"
    _the_map_says_what_it_is(page, marked, data)
    # Every point is a shape, no part is an image, and the lines lie over them with their numbers.
    assert marked["points"] == plain["points"] > len(data.tokens)
    assert marked["dots"] == []
    assert marked["lines"] > plain["lines"] and data.tokens.strings[3] in marked["words"]
    _, file = saved(page, "save-qk-map-png")
    assert file.startswith(b"\x89PNG") and int.from_bytes(file[16:20], "big") >= 1800
    margins = page.evaluate(MARGINS, base64.b64encode(file).decode())
    assert max(margins) < 0.08  # it fills the page; on the screen there are bands beside it
    _every_plot_has_a_control(page)
    _tables(page, 2 * len(data.tokens))
    _the_dossier(page, browser, tmp_path)
    wait_for_address(page, layer="1", head="2")
    page.click("#save-menu > button")
    page.click("#copy-link")
    until(lambda: page.inner_text("#copied") == "Link copied.", "the message", page)
    assert page.evaluate("() => navigator.clipboard.readText()") == page.url
    switch(page, "map-more")
    page.select_option("#dims-select", "3")
    wait_for(page, "() => document.querySelector('#qk-map .js-plotly-plot')._fullLayout.scene")
    assert page.is_disabled("#labels") and "2-D only" in page.inner_text("label[for='labels']")
    found = shapes(page, saved(page, "save-qk-map-svg")[1])
    assert found["dots"] and "an image inside this SVG" in found["said"]
    assert "an image inside this SVG" in page.inner_text("#copied")


def _the_map_says_what_it_is(page, marked, data):
    assert marked["title"] == "Joint query-key map of L1H2, demo-bert"
    trust = page.inner_text("#trust-badge b")
    today, lines = date.today().isoformat(), " ".join(marked["words"])
    for words in (
        marked["title"],
        "query",
        "key",
        f"Model demo-bert (identity {data.model.identity[:12]})",
        "text “Five lines”",
        "head L1H2",
        "Map: PCA, 2-D.",
        f"{trust} (",
        "of the attention that the nearest tenth of a query's passage",
        "Colour: Query or key.",
        f"Selected: query “{data.tokens.strings[3]}”, token 3 of passage 1.",
        "Places have no unit",
        f"Saved {today} with Headscope, code {code_version()}.",
    ):
        assert words in lines, words
    assert f"{trust} (" in marked["said"]


def _every_plot_has_a_control(page):
    until(lambda: page.inner_text("#head-facts"), "scores", page)
    plots = page.locator(".plot:visible .js-plotly-plot")
    controls = page.locator(".plot:visible .js-plotly-plot > .save-plot")
    until(lambda: controls.count() == plots.count() >= 4, "a control for each", page)
    name, file = saved_from_corner(page, "head-grid", "svg")
    grid = shapes(page, file)
    assert name == "head-grid-demo-bert-Five-lines.svg"
    assert grid["title"].endswith("all heads, demo-bert")
    assert grid["dots"] == [[4, 3]]  # one dot a cell, so that no size is too large for it
    assert {"H0", "head", "layer", "0", "0.5", "1"} <= set(grid["words"])
    name, file = saved_from_corner(page, "attention-heatmap", "svg")
    heatmap = shapes(page, file)
    assert heatmap["title"] == "Attention of L1H2, demo-bert"
    assert {"query", "key", "attention", "Passage 1 of 5."} <= set(heatmap["words"])
    assert any(line.startswith("Colour: ") for line in heatmap["words"])
    name, file = saved_from_corner(page, "attention-heatmap", "png")
    assert name.endswith("L1H2.png") and int.from_bytes(file[16:20], "big") >= 1800


def _tables(page, points: int):
    for item, end, begin in (
        ("save-map-csv", "L1H2-pca.csv", b"role,"),
        ("save-map-parquet", "-pca.parquet", b"PAR1"),
        ("save-heatmap-csv", "passage1.csv", b"query,query_token,key"),
        ("save-scores-csv", ".csv", b"layer,head"),
    ):
        name, file = saved(page, item)
        assert name.endswith(end) and file.startswith(begin)
        assert item != "save-map-csv" or len(file.splitlines()) == points + 1


def _the_dossier(page, browser, folder):
    name, file = saved(page, "save-dossier")
    assert name.endswith("L1H2.html") and len(file) < 500_000
    (folder / "saved.html").write_bytes(file)
    seen = opened(browser, folder / "saved.html")
    assert seen["problems"] == [] and seen["asked"] == [(folder / "saved.html").as_uri()]
    assert seen["title"] == "Head L1H2 of demo-bert on “Five lines”"
    assert seen["sections"] == [
        "Scores",
        "Map",
        "Attention by offset",
        "Three telling passages",
        "Patterns",
        "Who attends to whom",
        "Heads like it and unlike it",
        "Why it looks there",
        "Methods",
        "What the scores mean",
    ]
    assert len(seen["pictures"]) == 6  # map, offsets, scale, three passages
    assert all(width > 100 and height > 20 for width, height in seen["pictures"])
    assert seen["cells"] > 100 and seen["dots"] == [True, True] and seen["wide"] <= 900
    for name in ("torch", "transformers", "numpy", "Headscope code"):
        assert re.search(rf"{name} \w+", seen["text"])
