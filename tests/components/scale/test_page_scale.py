"""The stage "Methods" in the real page; what it shows, by numbers: test_scale_callbacks.py."""

from axe import check, serious
from pages import PATIENCE, address, choose, held, numbers, query, until, wait_for, wait_for_address

from compute.jobs import mapping
from compute.maps import projection
from compute.scale import comparison

_TRACES = "id => (g => g && g._fullData ? g._fullData.length : 0)" \
    "(document.querySelector(`#${id} .js-plotly-plot`))"  # fmt: skip
FOUND = "() => (part => part && !part.hidden)(document.getElementById('scale-found'))"
_AT = """([id, index, x, y]) => {
    const gd = document.querySelector(`#${id} .js-plotly-plot`), box = gd.getBoundingClientRect();
    const t = gd._fullData[index], {xaxis, yaxis} = {
        xaxis: gd._fullLayout[t.xaxis.replace("x", "xaxis")],
        yaxis: gd._fullLayout[t.yaxis.replace("y", "yaxis")]};
    if (t.type === "scattergl") [x, y] = [t.x[x], t.y[x]];
    return [box.left + xaxis._offset + xaxis.d2p(x), box.top + yaxis._offset + yaxis.d2p(y)];
}"""


def maps_drawn(page):
    until(lambda: page.evaluate(_TRACES, "scale-small") == 16, "eight small maps", page)
    wait_for(page, "() => document.querySelector('#scale-small .js-plotly-plot').dataset.attached")


def click(page, id, trace, x, y=0):
    page.locator(f"#{id}").scroll_into_view_if_needed()
    x, y = page.evaluate(_AT, [id, trace, x, y])
    page.mouse.move(x - 1, y - 1)
    page.mouse.move(x, y)
    page.wait_for_selector(f"#{id} .hoverlayer .hovertext", timeout=1000 * PATIENCE)
    page.mouse.click(x, y)


def test_scanned_clicked_measured_and_opened_large(page, server, small, stored):
    view = {"scale-method": "umap", "scale-which": "best"}
    page.goto(address(server, text=small, stage="scale", layer=0, head=1, **view))
    # nothing is scanned unasked: what it takes is said first
    until(lambda: "12 heads takes about 1 s" in page.inner_text("#scale-takes"), "the time", page)
    assert not page.evaluate(FOUND) and page.is_hidden("#scale-scan-job")
    assert page.is_hidden("#scale-maps-job")
    scans = lambda asked: asked["again"] and asked["output"].startswith("scale-scan-result")  # noqa: E731
    with held(page, scans):
        page.click("#scale-start")
        page.wait_for_selector("#scale-scan-job", state="visible")
        assert serious(page, "#stage-scale") == []
    wait_for(page, FOUND)
    maps_drawn(page)
    assert {id: page.input_value(f"#{id}") for id in view} == view
    assert "By UMAP" in page.inner_text("#scale-maps-note")
    finer = numbers(page, "scale-grids").tolist()
    choose(page, scale_which="grid", scale_method="pca")
    until(lambda: numbers(page, "scale-grids").tolist() != finer, "one of the seven", page)
    wait_for_address(page, stage="scale", layer="0")
    until(lambda: page.inner_text("#scale-maps-note").startswith("By PCA"), "its maps", page)
    # a click in a grid opens the head here
    curve = numbers(page, "scale-curves", 0, "y").tolist()
    click(page, "scale-grids", 4, 3, 2)
    wait_for_address(page, layer="2", head="3", stage="scale")
    until(lambda: numbers(page, "scale-curves", 0, "y").tolist() != curve, "its curve", page)
    run, asked = stored(page).key, mapping.at_scales("pca").values()
    until(lambda: all(comparison.row(run, 2, 3, each) for each in asked), "its maps", page)
    # all methods
    page.click("summary:has-text('All methods')")
    assert "Not measured for L2H3" in page.inner_text("#scale-methods-table")
    page.click("#scale-methods-start")
    page.wait_for_selector("#scale-methods-table table", timeout=1000 * PATIENCE)
    titles = page.locator("#scale-methods-table tbody td:first-child").all_inner_texts()
    left_out = ("tsne", "property")
    known = [each.title for name, each in projection.METHODS.items() if name not in left_out]
    assert titles == [*known, "chance"]
    check(page, "#stage-scale")
    for id in ("scale-stage", "scale-grids", "scale-curves", "scale-maps"):
        page.click(f"#{id}-hint")
        page.wait_for_selector(".explanation", timeout=1000 * PATIENCE)
        assert len(page.inner_text(".explanation")) > 100
        page.keyboard.press("Escape")
        page.mouse.click(5, 5)
        page.wait_for_selector(".explanation", state="detached", timeout=1000 * PATIENCE)
    # a small map opens large
    maps_drawn(page)
    click(page, "scale-small", 0, 5)
    wait_for_address(page, map="pca", scale="0.2")
    until(lambda: query(page).get("stage", "heads") == "heads", "the stage", page)
    assert page.is_visible("#qk-map")
