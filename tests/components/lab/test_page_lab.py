"""The induction lab in the real page: measured, read, clicked, ablated, compared, saved."""

import csv

import numpy as np
import pyarrow.parquet
from pages import (
    PATIENCE,
    address,
    click_cell,
    controls,
    dismiss,
    message,
    numbers,
    until,
    wait_for_address,
    wait_for_plot,
)
from playwright.sync_api import Page

from compute.scores import detect
from compute.take_away import tables

TRIALS = {"stage": "lab", "lab-trials": 20, "lab-length": 30}


def open_lab(page: Page, server, model: str = "demo-gpt", **more: object) -> Page:
    page.goto(address(server, **{"model": model, **TRIALS, **more}))
    page.wait_for_selector("#lab-verdict:not(:empty)", timeout=1000 * PATIENCE)
    return page


def wait_for_text(page: Page, id: str, part: str) -> str:
    return until(lambda: (text := page.inner_text(f"#{id}")) and part in text and text, part, page)


def lab(again) -> Page:
    """The lab of demo-gpt, in a tab that another test may have left."""
    page = again(model="demo-gpt", **TRIALS)
    page.wait_for_selector("#lab-verdict:not(:empty)", timeout=1000 * PATIENCE)
    return page


def test_measure_read_click_and_see_the_head(again) -> None:
    page = lab(again)
    assert "4 heads of demo-gpt" in page.inner_text("#lab-verdict")
    note = page.inner_text("#lab-note")
    assert "20 trials, 30 random tokens" in note and "seed 0" in note
    wait_for_plot(page, "lab-grid-prefix_matching")
    score = numbers(page, "lab-grid-prefix_matching")
    assert score.shape == (3, 4)
    assert score[1].min() > 0.5 and score[[0, 2]].max() < 0.05
    hover = page.evaluate(
        "() => document.querySelector('#lab-grid-prefix_matching .js-plotly-plot')"
        "._fullData[0].customdata[1][3][0]"
    )
    assert "95 % interval" in hover and "z = +" in hover
    click_cell(page, "lab-grid-prefix_matching", 1, 3)
    wait_for_text(page, "lab-head-title", "L1H3")
    wait_for_address(page, layer="1", head="3", stage="lab")
    wait_for_plot(page, "lab-spectrum")
    until(lambda: numbers(page, "lab-spectrum", 0, "y")[6] > 0.5, "the head's spectrum", page)
    bars = numbers(page, "lab-spectrum", 0, "y")
    assert len(bars) == 11 and np.argmax(bars) == 6  # offset +1
    assert np.isclose(bars[6], score[1, 3], atol=1e-6)


def test_what_is_read_is_framed_in_a_trial(again) -> None:
    page = lab(again)
    wait_for_plot(page, "lab-grid-prefix_matching")
    click_cell(page, "lab-grid-prefix_matching", 1, 3)
    wait_for_text(page, "lab-head-title", "L1H3")
    wait_for_plot(page, "lab-matrix")
    until(lambda: numbers(page, "lab-matrix")[40, 11] > 0.5, "the head's attention", page)
    weights = numbers(page, "lab-matrix")
    rows, columns = (numbers(page, "lab-matrix", 1, axis).astype(int) for axis in "yx")
    assert weights.shape == (60, 60)
    assert (rows - columns == 29).all() and len(rows) == 30
    assert weights[rows, columns].mean() > 0.5
    page.select_option("#lab-readout", "duplicate")
    until(
        lambda: (numbers(page, "lab-matrix", 1, "y") - numbers(page, "lab-matrix", 1, "x") == 30)
        .all(),
        "the other stripe",
        page,
    )  # fmt: skip


def test_ablating_the_previous_token_head_ends_induction(page: Page, server) -> None:
    open_lab(page, server, **{"lab-view": "ablation"})
    wait_for_plot(page, "lab-choose")
    click_cell(page, "lab-choose", 0, 0)
    until(lambda: page.input_value("#lab-off") == "L0H0", "the chosen head", page)
    page.click("#lab-ablate-start")
    wait_for_plot(page, "lab-change-prefix_matching")
    change = numbers(page, "lab-change-prefix_matching")
    assert np.isnan(change[0, 0])
    assert change[1].max() < -0.5
    assert np.nanmax(np.abs(change[[0, 2]])) < 0.05
    said = page.inner_text("#lab-effects .lab-verdict")
    assert "Falls: L1H" in said and "Rises, as a backup would: no head." in said
    losses = page.locator(".lab-losses tbody tr").first.locator("td").all_inner_texts()
    assert losses[1] == "L0H0" and float(losses[4]) > 3
    page.reload()
    page.wait_for_selector("#lab-verdict:not(:empty)", timeout=1000 * PATIENCE)
    assert page.input_value("#lab-off") == "L0H0"


def test_the_table_opens_heads_and_is_saved(again) -> None:
    page = lab(again)
    page.wait_for_selector("#lab-table .ag-row", timeout=1000 * PATIENCE)
    page.click("#lab-table .ag-header-cell[col-id=prefix_matching] .ag-header-cell-label")
    first = page.locator("#lab-table .ag-row[row-index='0'] .ag-cell[col-id=prefix_matching]")
    best = numbers(page, "lab-grid-prefix_matching").max()
    until(lambda: first.inner_text() == f"{best:.3f}", "the strongest head first", page)
    first.click()
    until(lambda: controls(page)["layer-select"] == "1", "the row's head", page)
    with page.expect_download() as download:
        page.click("#lab-csv")
    with open(download.value.path(), newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(tables.SCORES)
    means = [float(r["mean"]) for r in rows if r["readout"] == "prefix_matching"]
    assert len(means) == 12 and np.isclose(max(means), best, atol=1e-5)
    assert {f"offset{o:+d}" for o in range(-5, 6)} < {r["readout"] for r in rows}


def test_transformerlens_measure_beside_the_read_outs(page: Page, server, small, stored) -> None:
    open_lab(page, server, text=small, score="lab-readout-prefix_matching")
    wait_for_plot(page, "lab-grid-prefix_matching")
    prefix = numbers(page, "lab-grid-prefix_matching")
    until(lambda: np.allclose(numbers(page, "head-grid"), prefix), "the lab's score", page)
    page.click("#lab-detected-start")
    wait_for_plot(page, "lab-detect-mul-previous")
    found = detect.measure(stored(page))
    for measure in detect.MEASURES:
        for pattern in detect.PATTERNS:
            shown = numbers(page, f"lab-detect-{measure}-{pattern}")
            np.testing.assert_allclose(shown, found.of(measure, pattern), atol=1e-6)
    assert found.of("mul", "previous")[0, 0] > 0.9
    page.select_option("#score-select", "lab-detect-mul-previous")
    expected = found.of("mul", "previous")
    until(lambda: np.allclose(numbers(page, "head-grid"), expected), "detect_head", page)
    page.wait_for_selector("#lab-table .ag-header-cell[col-id=detect_mul_previous]")
    options = "all => all.map(o => o.value)"
    assert "lab-readout-retrieval" not in page.eval_on_selector_all("#score-select option", options)
    with page.expect_download() as download:
        page.click("#lab-parquet")
    rows = pyarrow.parquet.read_table(download.value.path()).to_pydict()
    at = rows["readout"].index("detect_head:mul:previous")
    assert (rows["layer"][at], rows["head"][at]) == (0, 0)
    assert np.isclose(rows["mean"][at], expected[0, 0], atol=1e-6)


def test_models_of_one_kind_side_by_side(page: Page, server) -> None:
    open_lab(page, server, "demo-bert", **{"lab-view": "models"})
    page.check("#lab-models input >> nth=2")
    page.click("#lab-models-start")
    assert "one kind" in message(page)
    page.uncheck("#lab-models input >> nth=2")
    page.check("#lab-models input >> nth=0")
    page.click("#lab-models-start")
    wait_for_plot(page, "lab-depth")
    ours, other = (numbers(page, "lab-depth", i, "y") for i in (0, 1))
    assert len(ours) == 3 and len(other) == 6
    assert ours.max() > 0.5 and other.max() < 0.1
    np.testing.assert_allclose(numbers(page, "lab-depth", 1, "x"), (np.arange(6) + 0.5) / 6)


def test_a_model_without_induction_is_told_in_words(page: Page, server) -> None:
    open_lab(page, server, "minilm")
    assert page.inner_text("#lab-verdict").startswith("No head of MiniLM-L6 shows induction")


def test_only_what_fits_the_model_is_offered(page: Page, server) -> None:
    open_lab(page, server, "demo-gpt", **{"lab-design": "triple"})
    offered = page.eval_on_selector_all(
        "#lab-design option", "all => all.map(o => o.value).filter(Boolean)"
    )
    assert offered == ["standard", "shuffled", "four", "unrepeated"]
    assert (
        page.eval_on_selector_all("#lab-protocol option", "all => all.filter(o => o.value).length")
        == 1
    )


def test_wrong_input_is_one_sentence(page: Page, server) -> None:
    open_lab(page, server, **{"lab-view": "ablation"})
    for field, value, button, said in (
        ("#lab-off", "L9H9", "#lab-ablate-start", "no head L9H9"),
        ("#lab-off", "", "#lab-ablate-start", "No head was chosen"),
        ("#lab-length", "999", "#lab-start", "does not fit"),
        ("#lab-models-other", "nobody/nothing", "#lab-models-start", "nobody/nothing"),
    ):
        if "models" in field:
            page.click("#lab-view label:has-text('Models')")
        page.fill(field, value)
        page.press(field, "Tab")
        page.click(button)
        assert said in message(page)
        dismiss(page)
    page.fill("#lab-trials", "0")
    page.click("#lab-start")
    said = "“Trials” must be a whole number from 1 to 500."
    until(lambda: page.inner_text("#copied") == said, "the limits of the field", page)


def test_the_way_to_the_map_and_to_the_comparison(page: Page, server) -> None:
    open_lab(page, server, layer=1, head=2)
    page.click("#lab-pin")
    until(lambda: controls(page)["compare"], "the comparison", page)
    state = controls(page)
    assert (state["layer-select-b"], state["head-select-b"]) == ("1", "2")
    assert page.is_visible("#qk-map-b") and not page.is_visible("#lab-verdict")
    page.click("#stage-select label:has-text('lab')")
    page.click("#lab-to-map")
    until(lambda: page.is_visible("#qk-map"), "the map", page)
