"""The stage "Scale": what each criterion chooses, the maps over c, the table of methods."""

import numpy as np
import pytest
from pages import PATIENCE, address, choose, numbers, query, until, wait_for, wait_for_address

from compute.jobs import mapping
from compute.maps import all_scales, comparison, projection
from compute.maps.scales import SCALES

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


@pytest.fixture
def stage(again, small):
    """The stage with the five short passages open in demo-bert."""
    page = again(text=small, stage="scale", layer=1, head=2)
    wait_for(page, FOUND)
    maps_drawn(page)
    return page


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


def test_the_grids_show_what_was_scanned(stage, stored):
    run = stored(stage)
    found = all_scales.SCANS.get(all_scales.key(run.key))
    expected = [
        found.weighted.grid, found.counts.grid, found.norms,
        found.weighted_corrected.grid, found.counts_corrected.grid, found.norms_corrected,
    ]  # fmt: skip
    for trace, best in enumerate(expected):
        shown = numbers(stage, "scale-grids", trace)
        assert np.allclose(shown, np.log2(best), atol=1e-5, equal_nan=True)
    choose(stage, scale_which="best")
    finer = np.log2(found.weighted_corrected.best)
    until(
        lambda: np.allclose(numbers(stage, "scale-grids", 3), finer, atol=1e-5, equal_nan=True),
        "the best between the seven",
        stage,
    )
    wait_for_address(stage, **{"scale-which": "best", "stage": "scale"})


def test_a_click_in_a_grid_opens_the_head_here(stage, stored):
    click(stage, "scale-grids", 4, 3, 2)
    wait_for_address(stage, layer="2", head="3", stage="scale")
    run = stored(stage)
    found = all_scales.SCANS.get(all_scales.key(run.key))
    until(
        lambda: np.allclose(
            numbers(stage, "scale-curves", 0, "y"), found.weighted.fine[2, 3], equal_nan=True
        ),
        "the curve of the other head",
        stage,
    )
    until(lambda: stage.inner_text("#scale-maps-note").startswith("By PCA"), "its maps", stage)
    asked = mapping.at_scales("pca")
    assert all(comparison.row(run.key, 2, 3, each) is not None for each in asked.values())


def test_the_maps_carry_their_own_trust(stage, stored):
    run = stored(stage)
    rows = [comparison.row(run.key, 1, 2, each) for each in mapping.at_scales("pca").values()]
    trusts = [f"T {row.trust['score']:.2f}".replace("-", "−") for row in rows]
    assert len(trusts) == len(SCALES) + 1

    def titles() -> list[str]:
        return stage.evaluate(
            "() => document.querySelector('#scale-small .js-plotly-plot')"
            "._fullLayout.annotations.map(a => a.text)"
        )

    until(lambda: [title.split("  ")[1] for title in titles()] == trusts, "its maps", stage)
    assert titles()[3].startswith("<b>c = 1</b>")
    assert titles()[-1].startswith("<b>equal norms</b>")


def test_a_small_map_opens_large(stage):
    click(stage, "scale-small", 0, 5)
    wait_for_address(stage, map="pca", scale="0.2")
    assert "stage" not in query(stage) or query(stage)["stage"] == "heads"
    assert stage.is_visible("#qk-map")


def test_the_address_restores_the_stage(page, server, small):
    where = {"stage": "scale", "scale-method": "umap", "scale-which": "best"}
    page.goto(address(server, text=small, layer=0, head=1, **where))
    wait_for(page, FOUND)
    maps_drawn(page)
    assert page.input_value("#scale-method") == "umap"
    assert page.input_value("#scale-which") == "best"
    assert "By UMAP" in page.inner_text("#scale-maps-note")


def test_the_table_of_methods(stage, stored):
    stage.click("summary:has-text('All methods')")
    assert "Not measured for L1H2" in stage.inner_text("#scale-methods-table")
    stage.click("#scale-methods-start")
    stage.wait_for_selector("#scale-methods-table table", timeout=1000 * PATIENCE)
    lines = [
        row.split("\t")
        for row in stage.inner_text("#scale-methods-table tbody").strip().split("\n")
    ]
    methods = [name for name in projection.METHODS if name != "tsne"]
    assert [line[0] for line in lines[:-1]] == [projection.METHODS[m].title for m in methods]
    assert lines[-1][0] == "chance"
    run, asked = stored(stage), mapping.by_method(methods)
    for line, method in zip(lines, methods, strict=False):
        row = comparison.row(run.key, 1, 2, asked[method])
        assert line[1].replace("−", "-") == f"{row.trust['score']:.2f}"
        assert line[2].replace("−", "-") == f"{row.held_out['score']:.2f}"
        assert line[3] == f"{row.trust['recall']['1']:.0%}"


def test_explanations_open(stage):
    for id in ("scale-stage", "scale-grids", "scale-curves", "scale-maps"):
        stage.click(f"#{id}-hint")
        stage.wait_for_selector(".explanation", timeout=1000 * PATIENCE)
        assert len(stage.inner_text(".explanation")) > 100
        stage.keyboard.press("Escape")
        stage.mouse.click(5, 5)
        stage.wait_for_selector(".explanation", state="detached", timeout=1000 * PATIENCE)
