"""The induction lab in the real page; what it shows, by numbers: test_lab_callbacks.py."""

import numpy as np
from axe import check
from pages import (
    PATIENCE,
    address,
    click_cell,
    controls,
    dismiss,
    message,
    numbers,
    query,
    until,
    wait_for_address,
    wait_for_plot,
    weakest_said,
)


def values(page, id):
    return page.eval_on_selector_all(f"#{id} option", "all => all.map(o => o.value)")


_IN_SIGHT = """id => {
    const {top, bottom, height} = document.getElementById(id).getBoundingClientRect();
    return height > 0 && top < innerHeight && bottom > 0;
}"""


def framed(page):
    """How far behind its query each framed key lies."""
    y, x = (numbers(page, "lab-matrix", 1, axis).reshape(-1, 6)[:, :4].mean(1) for axis in "yx")
    return np.round(y - x)


def test_refused_measured_clicked_saved_compared_and_ablated(page, server, small):
    wrong = {"lab-design": "triple", "lab-trials": 900, "lab-length": 30}
    score = "lab-readout-prefix_matching"
    view = {"layer": 1, "head": 2, "score": score, **wrong}
    page.goto(address(server, model="demo-gpt", text=small, stage="lab", **view))
    assert "1 to 500 trials" in message(page)
    until(lambda: page.is_hidden("#lab-measured-job"), "the end of the job's strip", page)
    until(lambda: "press Measure" in page.inner_text("#lab-empty"), "what to do", page)
    dismiss(page)
    # only what fits the model is offered, and the score of no other kind of model
    assert list(filter(None, values(page, "lab-design"))) == [
        *("standard", "shuffled", "four", "unrepeated")
    ]
    assert len(list(filter(None, values(page, "lab-protocol")))) == 1
    assert "lab-readout-retrieval" not in values(page, "score-select")
    page.fill("#lab-trials", "0")
    page.click("#lab-start")
    said = "“Trials” must be a whole number from 1 to 500."
    until(lambda: page.inner_text("#copied") == said, "the limits of the field", page)
    page.fill("#lab-trials", "20")
    page.click("#lab-start")
    page.wait_for_selector("#lab-verdict:not(:empty)", timeout=1000 * PATIENCE)
    assert "4 heads of demo-gpt" in page.inner_text("#lab-verdict")
    assert "20 trials" in page.inner_text("#lab-note")
    # a click in a grid opens the head
    wait_for_plot(page, "lab-grid-prefix_matching")
    prefix = numbers(page, "lab-grid-prefix_matching")
    click_cell(page, "lab-grid-prefix_matching", 1, 3)
    until(lambda: "L1H3" in page.inner_text("#lab-head-title"), "the head's title", page)
    wait_for_address(page, layer="1", head="3", stage="lab")
    wait_for_plot(page, "lab-spectrum")
    until(
        lambda: np.isclose(numbers(page, "lab-spectrum", 0, "y")[6], prefix[1, 3], atol=1e-6),
        "the head's spectrum",
        page,
    )
    wait_for_plot(page, "lab-matrix")
    until(lambda: numbers(page, "lab-matrix")[40, 11] > 0.5, "the head's attention", page)
    assert (framed(page) == 29).all()
    page.select_option("#lab-readout", "duplicate")
    until(lambda: (framed(page) == 30).all(), "the other stripe", page)
    page.click("#lab-unframed")
    until(lambda: page.locator("#lab-matrix .scatterlayer .trace").count() == 0, "bare", page)
    wait_for_address(page, **{"lab-unframed": "1"})
    page.click("#lab-unframed")
    until(lambda: page.locator("#lab-matrix .scatterlayer .trace").count() == 1, "framed", page)
    weight, card = weakest_said(page, "lab-matrix")
    assert 0 < weight < 1e-4 and card.endswith("attention below 0.0001"), "there is some"
    # the table
    page.click("#lab-table .ag-header-cell[col-id=prefix_matching] .ag-header-cell-label")
    first = page.locator("#lab-table .ag-row[row-index='0'] .ag-cell[col-id=prefix_matching]")
    until(lambda: first.inner_text() == f"{prefix.max():.3f}", "the strongest head first", page)
    first.click()
    until(lambda: controls(page)["layer-select"] == "1", "the row's head", page)
    wait_for_address(page, head=str(prefix[1].argmax()))
    with page.expect_download() as download:
        page.click("#lab-csv")
    assert download.value.suggested_filename.startswith("induction-demo-gpt-standard-seed0")
    check(page, "#stage-lab")
    # TransformerLens' measure, and both in the head grid
    until(lambda: np.allclose(numbers(page, "head-grid"), prefix), "the lab's score", page)
    page.click("#lab-detected-start")
    wait_for_plot(page, "lab-detect-mul-previous")
    found = numbers(page, "lab-detect-mul-previous")
    page.select_option("#score-select", "lab-detect-mul-previous")
    until(lambda: np.allclose(numbers(page, "head-grid"), found), "detect_head", page)
    page.wait_for_selector("#lab-table .ag-header-cell[col-id=detect_mul_previous]")
    # to the comparison, and to the map
    page.click("#lab-pin")
    until(lambda: controls(page)["compare"], "the comparison", page)
    state = controls(page)
    assert (state["layer-select-b"], state["head-select-b"]) == ("1", query(page)["head"])
    assert page.is_visible("#qk-map-b") and not page.is_visible("#lab-verdict")
    page.click("#stage-select label:has-text('lab')")
    page.click("#lab-to-map")
    until(lambda: page.is_visible("#qk-map"), "the map", page)
    # from the rail to the trials of the open head, with what makes an induction head framed
    page.click(".rail .to-trials")
    until(lambda: page.evaluate(_IN_SIGHT, "lab-matrix"), "the trial in sight", page)
    until(lambda: (framed(page) == 29).all(), "the stripe of induction", page)
    _heads_are_switched_off(page)


def _heads_are_switched_off(page):
    page.click("#lab-view label:has-text('Ablation')")
    for field, value, button, said in (
        ("#lab-off", "L9H9", "#lab-ablate-start", "no head L9H9"),
        ("#lab-length", "999", "#lab-start", "does not fit"),
    ):
        page.fill(field, value)
        page.press(field, "Tab")
        page.click(button)
        assert said in message(page)
        dismiss(page)
    page.fill("#lab-off", "")
    page.press("#lab-off", "Tab")
    wait_for_plot(page, "lab-choose")
    click_cell(page, "lab-choose", 0, 0)
    until(lambda: page.input_value("#lab-off") == "L0H0", "the chosen head", page)
    page.click("#lab-ablate-start")
    wait_for_plot(page, "lab-change-prefix_matching")
    change = numbers(page, "lab-change-prefix_matching")
    assert np.isnan(change[0, 0]) and change[1].max() < -0.5
    assert "Falls: L1H" in page.inner_text("#lab-effects .lab-verdict")
    wait_for_address(page, **{"lab-off": "L0H0"})


_SEEN = """() => {
    window.seen = new Set();
    new MutationObserver(() => {
        const empty = document.getElementById("lab-empty");
        if (empty && empty.offsetParent) window.seen.add(empty.innerText.trim());
    }).observe(document, {childList: true, subtree: true, attributes: true, characterData: true});
}"""


def test_what_measures_by_itself_is_not_asked_to_be_measured(tab, server, small):
    page = tab()
    page.add_init_script(f"({_SEEN})()")
    view = {"model": "demo-gpt", "text": small, "stage": "lab", "lab-trials": 21}
    page.goto(address(server, **view))
    page.wait_for_selector("#lab-verdict:not(:empty)", timeout=1000 * PATIENCE)
    assert page.evaluate("() => [...window.seen]") == ["Measuring; this takes some seconds."]
