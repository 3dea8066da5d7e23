"""An encoder–decoder on the page: its parts are chosen, and an address opens what it showed."""

from pages import choose, message, query, show, until, wait_for, wait_for_address

PAIRS = {"model": "demo-pairs", "text": "pairs"}
_OPEN = "part => window.headscope?.run && headscope.run.model.part === part"


def test_a_part_is_chosen_and_its_address_opens_it(page, server) -> None:
    show(page, server, **PAIRS)
    assert page.input_value("#part-select") == "encoder" and "part" not in query(page)
    assert "encoder: 3 × 4 heads · 384 source tokens in 44" in page.inner_text("#run-state")
    titles = page.locator("#part-select option").all_inner_texts()
    assert [*filter(None, titles)] == ["Encoder", "Decoder", "Cross-attention"]
    choose(page, part_select="cross", layer_select="2")
    wait_for(page, _OPEN, "cross")
    wait_for_address(page, part="cross", layer="2")
    page.click("#part-hint")
    page.wait_for_selector(".explanation:has-text('rows of the heatmap')")
    page.reload()
    wait_for(page, _OPEN, "cross")
    assert (page.input_value("#part-select"), page.input_value("#layer-select")) == ("cross", "2")
    told = "cross-attention: 3 × 4 heads · 340 target tokens look at 384 source tokens"
    until(lambda: told in page.inner_text("#run-state"), "the part in the top bar", page)


def test_a_model_without_parts_shows_none(page, server) -> None:
    show(page, server, text="grammar", part="cross")
    assert "demo-bert has no part “cross”: its one stack of layers is shown." in message(page)
    assert not page.is_visible("#part-select") and "part" not in query(page)
    choose(page, model_select="demo-pairs")  # which brings the one text that it can read
    wait_for(page, _OPEN, "encoder")
    wait_for_address(page, **PAIRS)
    assert page.is_visible("#part-select")
