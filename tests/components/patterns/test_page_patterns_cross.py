"""The stage "Patterns" with cross-attention in the real page: two sides to paint on, own rules."""

from pages import PIXEL, address, choose, until, wait_for, wait_for_address, wait_for_plot

OPEN = "part => window.headscope?.run && headscope.run.model.part === part"


def test_an_encoder_decoder_in_the_stages(page, server) -> None:
    """The lab says why not; stars are of a part; cross-attention is painted and looked for."""
    view = {"model": "demo-pairs", "text": "pairs", "part": "decoder", "layer": 2, "head": 1}
    page.goto(address(server, **view, stage="lab", **{"patterns-rule": "brackets"}))
    _the_lab_says_why_not(page)
    page.click("#stage-select label >> nth=0")
    _stars_are_of_a_part(page)
    choose(page, part_select="cross")
    wait_for(page, OPEN, "cross")
    page.click("#stage-select label:has-text('Patterns')")
    _cross_attention_is_painted_and_looked_for(page)


def _the_lab_says_why_not(page) -> None:
    wait_for(page, OPEN, "decoder")
    said = "demo-pairs has an encoder and a decoder: random repeated tokens"
    until(lambda: said in page.inner_text("#lab-empty-why"), "why", page)
    assert page.is_disabled("#lab-start")
    assert page.inner_text("#lab-empty-lead") == "Nothing can be measured here."
    until(lambda: "Not for an encoder–decoder" in page.inner_text("#induction-note"), "why", page)


def _stars_are_of_a_part(page) -> None:
    pressed = "value => document.getElementById('head-star').getAttribute('aria-pressed') === value"
    page.click("#head-star")
    wait_for(page, pressed, "true")
    choose(page, part_select="encoder")
    wait_for(page, OPEN, "encoder")
    wait_for(page, pressed, "false")
    choose(page, part_select="decoder")
    wait_for(page, OPEN, "decoder")
    wait_for(page, pressed, "true")
    page.click("#head-star")
    wait_for(page, pressed, "false")
    scores = page.locator("#score-select option").all_inner_texts()
    assert "Induction on random repeats" not in scores and "Copying sign" not in scores
    assert "detect mul: previous token" in scores


def _cross_attention_is_painted_and_looked_for(page) -> None:
    wait_for_plot(page, "patterns-heatmap")
    # a rule of one text is not offered here
    until(lambda: page.input_value("#patterns-rule") == "painted", "a rule that is there", page)
    offered = page.locator("#patterns-rule option").all_inner_texts()
    assert "Token that comes next" in offered and "From every ) to its (" not in offered
    # the first passage has 7 tokens in its target and 8 in its source: the last column is there
    page.mouse.click(*page.evaluate(PIXEL, ["patterns-heatmap", 0, 7, 6]))
    wait_for_address(page, **{"patterns-cells": "6-7"})
    page.mouse.move(*page.evaluate(PIXEL, ["patterns-heatmap", 0, 1, 0]))
    page.mouse.move(*page.evaluate(PIXEL, ["patterns-heatmap", 0, 7, 6]))
    title = page.get_attribute("#patterns-over", "title")
    assert title.startswith("“vessel” → “</s>”")
    page.click("#patterns-find")
    page.wait_for_selector("#patterns-ranking tbody tr")
    assert "Over 1 query;" in page.inner_text("#patterns-ranking")
    choose(page, patterns_rule="coming")
    page.click("#patterns-find")
    told = "Token that comes next, ordered by what position alone does not explain. Over 296"
    until(lambda: told in page.inner_text("#patterns-ranking"), "the ranking", page)
    page.click("#patterns-view label:has-text('Average')")
    wait_for_plot(page, "patterns-positions")
    note = "Queries are of the target, keys of the source"
    until(lambda: note in page.inner_text("#patterns-average-note"), "whose places", page)
