"""What is of another text or head than is chosen is pale until the new one is drawn."""

import numpy as np
from pages import (
    PATIENCE,
    choose,
    dismiss,
    held,
    message,
    numbers,
    reopen,
    show,
    until,
    wait_for,
    wait_for_plot,
)

OF_HEAD = ("qk-map", "trust-badge", "attention-heatmap", "head-facts")
OF_TEXT = (*OF_HEAD, "head-grid", "score-note", "induction-grid", "induction-note")
OF_B = ("qk-map-b", "attention-heatmap-b")
OF_MAP = "() => document.querySelector('#qk-map .js-plotly-plot')?.layout.meta?.head"
PALE = """id => {
    const found = document.getElementById(id), box = found.closest(".plot-frame") || found;
    return +getComputedStyle(box, "::after").opacity === 1
        && getComputedStyle(box, "::after").content !== "none";
}"""


def pale(page, id: str) -> bool:
    return page.evaluate(PALE, id)


def test_what_is_of_another_head_or_text_is_pale(page, server, small):
    """Attention of all heads as well, and none of it once it is there, or comes to nothing."""
    show(page, server, text=small)
    for id in OF_TEXT:
        until(lambda id=id: not pale(page, id), f"{id} as it is", page)
    _a_picture_of_another_score_is_not_saved_under_the_chosen_ones_name(page)
    before = numbers(page, "attention-heatmap")
    with held(page, lambda asked: "run.data" not in asked["changedPropIds"]) as kept:
        choose(page, head_select="2")
        for id in OF_HEAD:
            until(lambda id=id: pale(page, id), f"{id} to be pale", page)
        assert not pale(page, "head-grid") and kept  # it is of all heads
    for id in OF_HEAD:
        until(lambda id=id: not pale(page, id), f"{id} of the other head", page)
    assert (numbers(page, "attention-heatmap") != before).any()
    _while_another_passage_comes(page)
    _while_a_text_is_opened(page)
    _where_it_comes_to_nothing(page)
    dismiss(page)
    _attention_of_all_heads_is_not_pale_once_it_is_there(page, small)


def _a_picture_of_another_score_is_not_saved_under_the_chosen_ones_name(page):
    until(lambda: not pale(page, "head-grid"), "the grid as it is", page)
    trusts = lambda asked: asked["output"].startswith("trusts-result")  # noqa: E731
    with held(page, trusts):
        choose(page, score_select="trust")
        until(lambda: "Laying out" in page.inner_text("#score-note"), "the wait", page)
        page.evaluate("() => window.headscope.savePlot('head-grid', 'svg')")
        until(lambda: "still of what was chosen before" in page.inner_text("#copied"), "no", page)
    late = "() => headscope.late(document.querySelector('#head-grid .js-plotly-plot'), '')"
    until(lambda: not page.evaluate(late), "the grid of trust", page)


def _while_another_passage_comes(page):
    """Its number is there at once, its heatmap and words a moment later."""
    with held(page, lambda asked: "selection.data" in asked["changedPropIds"]):
        page.click("#passage-next")
        until(lambda: page.input_value("#passage-number") == "2", "its number", page)
        for id in ("attention-heatmap", "passage"):
            until(lambda id=id: pale(page, id), f"{id} to be pale", page)
        assert not pale(page, "qk-map")
    for id in ("attention-heatmap", "passage"):
        until(lambda id=id: not pale(page, id), f"{id} of the other passage", page)


def _while_a_text_is_opened(page):
    with held(page, lambda asked: "request.data" in asked["changedPropIds"]):
        choose(page, text_select="grammar")
        for id in OF_TEXT:
            until(lambda id=id: pale(page, id), f"{id} to be pale", page)
    scored = lambda asked: asked["output"].startswith("scores-result")  # noqa: E731
    with held(page, scored) as kept:
        reopen(page, "demo-bert", "grammar")
        until(lambda: kept, "the scores to be asked for", page)
        for id in OF_HEAD:
            until(lambda id=id: not pale(page, id), f"{id} of the other text", page)
        assert pale(page, "head-grid")  # the grid is of the text before until it is measured
        grid = numbers(page, "head-grid")
    until(lambda: not pale(page, "head-grid"), "the grid of the other text", page)
    assert np.abs(numbers(page, "head-grid") - grid).max() > 0


def _attention_of_all_heads_is_not_pale_once_it_is_there(page, small):
    page.click("#stage-select label:text-is('All heads')")
    choose(page, all_show="attention")
    page.wait_for_selector("#all-canvas[data-shown=attention]", timeout=1000 * PATIENCE)
    until(lambda: not pale(page, "all-picture"), "the first text's", page)
    attention = lambda asked: "all-passage.data" in asked["changedPropIds"]  # noqa: E731
    with held(page, attention):
        choose(page, text_select=small)
        wait_for(page, "text => window.headscope.run.text === text", small)
        until(lambda: pale(page, "all-picture"), "the old one to be pale", page)
    until(lambda: not pale(page, "all-picture"), "the other text's", page)


def test_beside_another_run_in_b_what_is_there_is_not_pale(page, server, small):
    view = {"compare": "1", "b-model": "demo-gpt", "b-text": "grammar"}
    with held(page, lambda asked: asked["output"].startswith("tokens-b.")) as kept:
        show(page, server, text=small, layer="1", head="1", **view)
        until(lambda: kept, "B's tokens to be asked for", page)
        choose(page, head_select="2")
        until(lambda: page.evaluate(OF_MAP) == "L1H2", "the map, which B's tokens are not of", page)
    for id in OF_B:
        wait_for_plot(page, id)
    for id in (*OF_B, *OF_HEAD):
        until(lambda id=id: not pale(page, id), f"{id} as it is", page)
    choose(page, model_select="demo-gpt")
    reopen(page, "demo-gpt", small)
    for id in (*OF_HEAD, *OF_B):
        until(lambda id=id: not pale(page, id), f"{id} beside another model", page)


def _where_it_comes_to_nothing(page):
    page.select_option("#model-select", "other")
    page.fill("#model-input", "nobody/has-such-a-model")
    with held(page, lambda asked: "request.data" in asked["changedPropIds"]):
        page.click("#model-open")
        until(lambda: pale(page, "qk-map"), "the map to be pale", page)
        assert page.get_attribute("#main", "aria-busy") == "true"
    assert "nobody/has-such-a-model" in message(page)
    wait_for(page, "() => document.getElementById('main').ariaBusy === 'false'")
    assert not any(pale(page, id) for id in OF_TEXT)  # what was open is open
