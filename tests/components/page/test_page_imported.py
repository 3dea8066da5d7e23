"""Imported vectors on the page: opened by address, map and heatmap shown, the lab says why not."""

import imports
import numpy as np
import pytest
from pages import (
    numbers,
    reopen,
    run,
    show,
    until,
    wait_for,
    wait_for_address,
    wait_for_matrix,
    wait_for_plot,
)

from compute import attention
from compute.imported import making

SPEC = "imported:mine"


@pytest.fixture
def known(server, tmp_path, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_CACHE", str(server.cache))
    asked = imports.written(tmp_path, {n: a for n, a in imports.vectors().items() if n != "v"})
    yield making.make(asked).run
    making.forget("mine")


def test_an_import_is_opened_and_left_and_chosen_again(page, server, known):
    """An address that asks for value norms, which aren't there; then models and texts change."""
    _an_import_opens_by_its_address(page, server, known)
    _value_norms_that_are_not_there_are_told(page, known)
    _the_lab_says_why_not(page)
    _models_and_imports_change_their_texts(page)


def _an_import_opens_by_its_address(page, server, known):
    page.goto(f"{server.url}?model={SPEC}&map=pca&layer=1&head=2&values=1")
    wait_for_plot(page, "qk-map")
    wait_for_plot(page, "attention-heatmap")
    wait_for_address(page, model=SPEC, text=SPEC)
    assert page.locator("#link-dialog").count() == 0 or not page.is_visible("#link-dialog")
    assert run(page)["key"] == known.key
    assert len(numbers(page, "qk-map", 0, "x")) == 8
    shown = np.array(numbers(page, "attention-heatmap", 0, "z"), float)
    right = imports.attention(
        *(np.asarray(part) for part in (known.q, known.k)), np.array([5, 3]), 6**-0.5, True
    )[1, 2, :5, :5]
    lower = np.tril_indices(5)
    assert shown.shape == (5, 5) and np.abs(shown - right)[lower].max() < 1e-2
    assert page.inner_text("#model-select option:checked") == "mine (imported)"
    assert "imported from other code" in page.inner_text("#model-note")
    assert page.is_disabled("#by-value")
    until(lambda: "Not for imported" in page.inner_text("#induction-note"), "why not", page)
    assert page.locator(".to-trials").count() == 1 and not page.is_visible(".to-trials")
    assert page.is_disabled("#ghost-input")
    assert "mine holds imported vectors" in page.get_attribute("#ghost-input", "title")
    offered = page.locator("#score-select option").all_inner_texts()
    assert "Trust" in offered and "Copying sign" not in offered


def _value_norms_that_are_not_there_are_told(page, known):
    wait_for(page, "() => document.getElementById('by-value').checked")
    said = page.locator("#stage-heads")
    until(lambda: "not times value norm: no values were imported" in said.inner_text(), "why", page)
    wait_for_matrix(page, "attention-heatmap", attention.of_passage(known, 1, 2, 0))


def _the_lab_says_why_not(page):
    page.click("#stage-select label:has-text('lab')")
    wait_for(page, "() => document.getElementById('lab-empty-why')")
    said = page.locator("#lab-empty-why")
    until(lambda: "weights are not here" in said.inner_text(), "why not", page)
    assert page.is_disabled("#lab-start")
    page.click("#stage-select label:has-text('Heads')")


def _models_and_imports_change_their_texts(page):
    page.select_option("#model-select", "demo-bert")
    reopen(page, "demo-bert", "prose")
    assert page.is_visible(".to-trials") and page.is_enabled("#ghost-input")
    assert not page.get_attribute("#ghost-input", "title")
    page.select_option("#model-select", SPEC)
    reopen(page, SPEC, SPEC)
    page.select_option("#model-select", "demo-bert")
    reopen(page, "demo-bert", "prose")
    page.select_option("#text-select", SPEC)
    reopen(page, SPEC, SPEC)
    wait_for_address(page, model=SPEC, text=SPEC)


def test_column_b_opens_an_import_with_its_own_text(page, server, known, small):
    at = {"layer": 1, "head": 2, "layerb": 0, "headb": 3, "compare": 1}
    show(page, server, text=small, **at, **{"b-model": SPEC})
    titled = "() => (document.getElementById('b-title')?.textContent || '').includes('mine on')"
    wait_for(page, titled)
    b = page.evaluate("() => window.headscope.runB")
    assert (b["spec"], b["text"], b["key"]) == (SPEC, SPEC, known.key)
    wait_for_plot(page, "qk-map-b")
    assert len(numbers(page, "qk-map-b", 0, "x")) == 8
    wait_for_matrix(page, "attention-heatmap-b", attention.of_passage(known, 0, 3, 0))
    assert run(page)["spec"] == "demo-bert" and page.is_enabled("#ghost-input")
    page.fill("#ghost-input", "A red bird")
    page.press("#ghost-input", "Enter")
    page.wait_for_selector("#ghost-there:not([hidden])")
    until(lambda: "can't read your sentence" in page.inner_text("#b-note"), "why not", page)
