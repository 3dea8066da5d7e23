"""Pictures on the page: a patch is chosen, all heads show it, one's own open."""

import axe
import numpy as np
import pytest
from drawings import folder
from pages import (
    dismiss,
    link,
    message,
    numbers,
    reopen,
    run,
    show,
    until,
    wait_for,
    wait_for_address,
    wait_for_matrix,
    wait_for_plot,
    wait_for_selection,
)

from components.page import picture_dialog
from compute import attention, runs
from compute.attention import one_token

CROSS = 65 + 1 + 8 + 6
"""A blue cross of the second picture, row 2, column 7; its twin is below it."""


@pytest.fixture
def twins(page, server, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_CACHE", str(server.cache))
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    show(page, server, model="demo-vit", text="twins", layer=3, head=2, token=CROSS)
    yield page
    assert page.problems == []


def shades(page) -> np.ndarray:
    """How much of each patch's colour is laid over the picture."""
    return np.array(
        page.evaluate(
            "() => [...document.querySelectorAll('#passage .patches .word')].map(word =>"
            " +(getComputedStyle(word).backgroundColor.match(/, ([.\\d]+)\\)$/) || [0, 1])[1])"
        )
    )


def test_a_patch_is_seen_everywhere_and_every_head_opens(twins):
    """A patch is seen in its picture, its card, on the map, and by every head, which opens.

    Pictures have their own texts, colours and scores.
    """
    _the_picture_has_the_attention_of_the_patch_laid_over(twins)
    _the_card_shows_the_picture_and_the_patch(twins)
    _every_head_shows_the_patch(twins)
    _a_click_and_the_arrow_keys_lead_to_patches(twins)
    _points_are_drawn_as_their_patches_where_few_are_in_sight(twins)
    _every_head_and_the_strongest_pictures_open(twins)
    _texts_and_pictures_are_not_mixed_up(twins)
    _pictures_have_their_own_colours_and_scores(twins)


def _the_picture_has_the_attention_of_the_patch_laid_over(page):
    wait_for_selection(page, token=CROSS)
    data = runs.load(run(page)["key"])
    right = attention.of_passage(data, 3, 2, 1)
    wait_for_matrix(page, "attention-heatmap", right)
    assert "1,560 tokens in 24 pictures" in page.inner_text("#run-state")
    until(lambda: shades(page).size == 64 and shades(page).max() > 0.5, "attention laid over", page)
    laid = shades(page)
    assert np.abs(laid - 0.75 * np.sqrt(right[15, 1:] / right[15].max())).max() < 0.02
    assert laid.argmax() in (14, 22)  # itself or its twin, which is below
    address = page.evaluate(
        "() => getComputedStyle(document.querySelector('#passage .patches')).backgroundImage"
    )
    assert f"/picture/{data.key}/1.png" in address
    said = page.inner_text("#passage .note")
    assert "Picture 2, “column-2”" in said and "most at “r" in said
    assert page.inner_text("#passage .own-tokens .word") == "[CLS]"
    assert page.get_by_role("group", name="Patches of picture 2, “column-2”").count() == 1
    told = page.evaluate(
        "() => headscope.facts(document.querySelector('#attention-heatmap .js-plotly-plot'), '')"
    )
    assert told["passage"] == "Picture 2 of 24"
    assert told["token"] == "query “r2 c7” (row 2, column 7) of picture 2, “column-2”"


def _a_click_and_the_arrow_keys_lead_to_patches(page):
    wait_for(page, "() => document.querySelectorAll('#passage .patches .word').length === 64")
    page.click(f"#passage [data-token='{CROSS + 8}']")
    wait_for_selection(page, token=CROSS + 8, role="query")
    page.focus(f"#passage [data-token='{CROSS + 8}']")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    wait_for_selection(page, token=CROSS - 1)
    wait_for_address(page, token=str(CROSS - 1), layer="3")  # arrows among patches change no head


def _every_head_shows_the_patch(page):
    until(lambda: page.locator(".picture-tile").count() == 16, "all heads", page)
    until(
        lambda: "“r2 c7” (row 2, column 7) of picture 2" in page.inner_text("#picture-note"),
        "the patch",
        page,
    )
    assert page.locator(".picture-tile.open").inner_text() == "L3H2 1.00"
    data = runs.load(run(page)["key"])
    weights = one_token.of_all_heads(data, CROSS)
    # A tile is tealer where there is attention: L0H0 looks along the row, so above all there.
    reds = page.evaluate(
        """() => [...document.querySelectorAll('.picture-tile canvas')].map(canvas => {
            const {width, height} = canvas, pen = canvas.getContext("2d"), found = [];
            for (let patch = 0; patch < 64; patch++) {
                const [x, y] = [patch % 8, Math.floor(patch / 8)].map(at => (at + .15) / 8);
                found.push(pen.getImageData(x * width, y * height, 1, 1).data[0]);
            }
            return found;
        })"""
    )
    for at in ((0, 0), (0, 1)):
        seen, most = np.array(reds[4 * at[0] + at[1]]), weights[at][1:].argmax()
        assert seen[most] < np.median(seen) - 40


def _every_head_and_the_strongest_pictures_open(page):
    page.click(".picture-tile >> nth=1")
    wait_for_address(page, layer="0", head="1")
    until(
        lambda: page.locator(".picture-tile.open").inner_text().startswith("L0H1"),
        "the frame",
        page,
    )
    map_panel, every = (
        page.locator(part).bounding_box()
        for part in (".view:not(.view-b) > .map-panel", "#picture-panel")
    )
    assert 0 < every["y"] - map_panel["y"] - map_panel["height"] < 20  # under the map
    page.select_option("#strongest-by", "score")
    until(lambda: page.locator(".strong .laid-over img").count() == 16, "eight pictures", page)
    assert page.inner_text("#strongest li >> nth=0").startswith("Picture ")
    page.click(".strong >> nth=1")
    until(lambda: link(page)["whole"], "the chosen picture", page)
    axe.check(page, "#main")


def _the_card_shows_the_picture_and_the_patch(page):
    page.evaluate(
        "token => headscope.card.ofPoint('', 'query', token, {clientX: 200, clientY: 200})", CROSS
    )
    card = page.locator("#card")
    assert "query “r2 c7” of picture 2, “column-2”" in card.inner_text()
    assert card.locator("canvas").count() == 2
    drawn = "() => { const c = document.querySelectorAll('#card canvas')[1];" + (
        "return c.getContext('2d').getImageData(c.width / 2, c.height / 2, 1, 1).data[2] }"
    )
    until(lambda: page.evaluate(drawn) > 150, "the blue cross", page)


def _points_are_drawn_as_their_patches_where_few_are_in_sight(page):
    drawn = "() => +document.querySelector('#qk-map .js-plotly-plot').dataset.patches"
    assert page.evaluate(drawn) == 0
    page.evaluate(
        """token => {
            const gd = document.querySelector("#qk-map .js-plotly-plot"), {x, y} = gd._fullData[0];
            const {xaxis, yaxis} = gd._fullLayout, span = ({range}) => (range[1] - range[0]) / 60;
            return Plotly.relayout(gd, {
                "xaxis.range": [x[token] - span(xaxis), x[token] + span(xaxis)],
                "yaxis.range": [y[token] - span(yaxis), y[token] + span(yaxis)],
            });
        }""",
        CROSS,
    )
    until(lambda: 0 < page.evaluate(drawn) <= 240, "patches on the map", page)
    saved = page.evaluate(
        """() => {
            const pen = new headscope.SvgPen(), id = "#qk-map .js-plotly-plot";
            headscope.drawOver(document.querySelector(id), "", pen, 600, 600);
            return pen.parts.filter(part => /^<image .*href="data:image\\/png/.test(part)).length;
        }"""
    )
    assert saved == page.evaluate(drawn)  # what is saved has the same patches


def _texts_and_pictures_are_not_mixed_up(page):
    page.select_option("#colour-select", "picture")
    assert page.locator("#text-select option[value=prose]").is_disabled()
    page.select_option("#model-select", "demo-bert")
    reopen(page, "demo-bert", "prose")
    wait_for_address(page, model="demo-bert", text="prose", colour="role")
    assert page.locator("#text-select option[value=twins]").is_disabled()
    until(lambda: page.locator("#passage .patches").count() == 0, "words again", page)
    assert page.locator("#passage .words .word").count() > 5
    assert not page.is_visible("#picture-panel")
    page.select_option("#model-select", "demo-vit")
    reopen(page, "demo-vit", "twins")


def _pictures_have_their_own_colours_and_scores(page):
    colours = page.locator("#colour-select option").all_inner_texts()
    assert [each for each in colours if each] == [
        "Query or key",
        "Row",
        "Column",
        "Mean colour",
        "Picture",
        "Norm",
    ]
    page.select_option("#colour-select", "row")
    until(lambda: "row 1" in page.inner_text("#map-legend"), "the legend", page)
    page.select_option("#colour-select", "mean")
    until(lambda: "mean colour" in page.inner_text("#map-legend"), "the legend", page)
    scores = page.locator("#score-select option").all_inner_texts()
    assert "Same row" in scores and not {"Previous token", "Distance"} & set(scores)
    until(lambda: numbers(page, "head-grid").shape == (4, 4), "scores", page)
    until(lambda: numbers(page, "head-grid")[0, 3] > 0.7, "L0H3 along rows", page)
    assert "Not for models of pictures" in page.inner_text("#induction-note")
    assert not page.is_visible("#induction-grid") and page.is_disabled("#ghost-input")
    page.click("#stage-select label:text-is('Patterns')")  # a stage that is made only now
    named = "label[for='patterns-passage']"
    until(lambda: page.locator(named).all_inner_texts() == ["Picture"], "the name", page)


def test_a_link_with_a_text_says_what_is_shown_and_ones_own_folder_opens(page, server, tmp_path):
    show(page, server, model="demo-vit", text="prose", layer=0, head=0)
    said = "demo-vit reads pictures: “Twins” is shown."
    until(lambda: said in page.inner_text("#error-toast"), "what is shown", page)
    wait_for_address(page, text="twins")
    dismiss(page)
    _ones_own_folder_opens(page, tmp_path)


def _ones_own_folder_opens(page, tmp_path):
    page.select_option("#text-select", "own")
    place = folder(tmp_path / "photos", 2)
    page.wait_for_selector("#picture-folder")
    axe.check(page, "#picture-dialog")
    large = {"mimeType": "image/png", "buffer": bytes(2_500_000)}  # two are more than is taken
    page.set_input_files("#picture-files input", [large | {"name": f"{n}.png"} for n in (1, 2)])
    assert "or type the folder that they are in" in message(page)
    assert page.inner_text("#picture-files") == picture_dialog.PROMPT
    page.fill("#picture-folder", str(place))
    page.click("#picture-use")
    wait_for(page, "() => window.headscope.run.title === 'photos'")
    wait_for_plot(page, "qk-map")
    wait_for_address(page, text=run(page)["text"])
    assert run(page)["passages"] == 2 and run(page)["text"].startswith("pictures-")
    page.reload()
    wait_for(page, "() => window.headscope?.run?.title === 'photos'")
    until(lambda: link(page) is not None, "the heatmap", page)
