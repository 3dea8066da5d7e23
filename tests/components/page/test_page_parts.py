"""An encoder–decoder on the page: its parts are chosen, and an address opens what it showed."""

from pages import (
    call,
    choose,
    dismiss,
    message,
    query,
    reopen,
    run,
    sent,
    show,
    until,
    wait_for,
    wait_for_address,
    wait_for_plot,
    wait_for_selection,
)

PAIRS = {"model": "demo-pairs", "text": "pairs"}
_OPEN = "part => window.headscope?.run && headscope.run.model.part === part"


def test_an_encoder_decoder_on_the_page(page, server) -> None:
    """A model without parts shows none; a part is chosen, and its address opens it.

    Column B shows another part, and its tokens belong together; a text of one's own has targets or
    is without.
    """
    _a_model_without_parts_shows_none(page, server)
    _a_part_is_chosen_and_its_address_opens_it(page)
    _column_b_shows_another_part_and_its_tokens_belong_together(page)
    _a_text_of_ones_own_with_targets_or_without(page)


def _a_model_without_parts_shows_none(page, server) -> None:
    show(page, server, text="grammar", part="cross")
    assert "demo-bert has no part “cross”: its one stack of layers is shown." in message(page)
    dismiss(page)
    assert not page.is_visible("#part-select")
    wait_for_address(page, part=None)
    assert page.is_visible("#induction-more")
    choose(page, model_select="demo-pairs")  # which brings the one text that it can read
    wait_for(page, _OPEN, "encoder")
    wait_for_address(page, **PAIRS)
    assert page.is_visible("#part-select")


def _a_part_is_chosen_and_its_address_opens_it(page) -> None:
    reopen(page, **PAIRS)
    assert page.input_value("#part-select") == "encoder"
    wait_for_address(page, **PAIRS, part=None)
    assert "encoder: 3 × 4 heads · 384 source tokens in 44" in page.inner_text("#run-state")
    page.wait_for_selector("#trust-badge", state="visible")
    boxes = [page.locator(f"#{id}").bounding_box() for id in ("trust-badge", "qk-map-hint")]
    badge, hint = boxes  # beside one another also where both have no room behind the selectors
    assert abs(badge["y"] - hint["y"]) < 6 and 0 < hint["x"] - badge["x"] - badge["width"] < 20
    titles = page.locator("#part-select option").all_inner_texts()
    assert [*filter(None, titles)] == ["Encoder", "Decoder", "Cross-attention"]
    choose(page, part_select="cross", layer_select="2")
    wait_for(page, _OPEN, "cross")
    wait_for_address(page, part="cross", layer="2")
    page.wait_for_selector("#induction-note:has-text('Not for an encoder–decoder yet')")
    assert not page.is_visible("#induction-more")  # there are no trials to ask for
    page.click("#part-hint")
    page.wait_for_selector(".explanation:has-text('rows of the heatmap')")
    page.reload()
    wait_for(page, _OPEN, "cross")
    assert (page.input_value("#part-select"), page.input_value("#layer-select")) == ("cross", "2")
    told = "cross-attention: 3 × 4 heads · 340 target → 384 source tokens"
    until(lambda: told in page.inner_text("#run-state"), "the part in the top bar", page)


def _column_b_shows_another_part_and_its_tokens_belong_together(page) -> None:
    wait_for_plot(page, "attention-heatmap")
    choose(page, head_select="1")
    page.click("#compare-toggle")
    page.wait_for_selector("#part-select-b", state="visible")
    choose(page, part_select_b="encoder")
    wait_for(page, "() => headscope.runB && headscope.runB.model.part === 'encoder'")
    wait_for_address(page, part="cross", partb="encoder")
    titles = [page.inner_text(f"#{side}-title") for side in "ab"]
    assert ["cross-attention" in titles[0], "encoder" in titles[1]] == [True, True]
    wait_for_plot(page, "attention-heatmap-b")
    select = "data => dash_clientside.set_props('selection', {data})"
    page.evaluate(select, {"role": "key", "token": 12})
    wait_for_selection(page, "-b", role="key", token=12)
    until(lambda: "there is no difference" in page.inner_text("#difference-note"), "why", page)
    page.reload()
    wait_for(page, "() => window.headscope?.runB && headscope.runB.model.part === 'encoder'")
    until(lambda: page.input_value("#part-select-b") == "encoder", "B's part", page)
    assert page.input_value("#part-select") == "cross"
    choose(page, part_select_b="cross")  # as A
    wait_for(page, "() => !headscope.runB")
    until(lambda: "partb" not in query(page), "an address without it", page)


def _a_text_of_ones_own_with_targets_or_without(page) -> None:
    choose(page, part_select="decoder")
    wait_for(page, _OPEN, "decoder")
    page.select_option("#text-select", "own")
    page.fill("#text-input", "copy: sing of rain\nreverse: the old men")
    assert page.is_visible("#text-targets")
    page.fill("#text-targets", "\nmen old the")
    page.click("#text-use")
    until(lambda: query(page)["text"].startswith("own-"), "the new text", page)
    wait_for(page, "() => headscope.run.text.startsWith('own-')")
    assert run(page)["model"]["part"] == "decoder"
    told = "The target of 1 passage was written by demo-pairs itself"
    until(lambda: told in page.inner_text("#model-note"), "who wrote the target", page)


def test_a_part_for_column_b_that_its_model_lacks_is_said(blank) -> None:
    run_of = "{key: 'k', spec: 's', model: {name: 'M', part: %s}}"
    for part, model, said in (("null", "", True), ("'cross'", "", False), ("null", "n", False)):
        blank.evaluate(f"() => {{ window.headscope.run = {run_of % part}; }}")
        call(blank, "secondRead", f"?compare=1&partb=decoder&b-model={model}")
        told = sent(blank).get("error-toast")
        sentence = "M has no part “decoder” for column B: it has one stack of layers."
        assert (told and told["children"]) == (sentence if said else None)
        blank.reload()
