"""Of a long passage: its overview, and the window of the heatmap that is moved on it."""

from dataclasses import replace

import axe
import numpy as np
import pytest
from pages import (
    choose,
    link,
    reopen,
    show,
    until,
    wait_for_address,
    wait_for_plot,
    wait_for_selection,
)
from stored import random_run

from compute import attention, runs, texts
from compute.attention.windows import SIZE
from compute.finding import catalog

LENGTH = 1100  # tokens of the one passage


@pytest.fixture(scope="module")
def long(server) -> str:
    """A text whose vectors in demo-gpt are stored already: Gaussian ones of a long passage."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSCOPE_CACHE", str(server.cache))
        name = texts.save_user(texts.from_user("a long text", name="Long"))
        made = random_run(layers=3, heads=4, passages=1, length=LENGTH)
        source = catalog.find("demo-gpt")
        known = {"spec": source.spec, "identity": source.identity, "name": source.name}
        key = runs.run.key_of(source, texts.load(name))
        model = replace(made.model, **known)
        runs.RUNS.put(key, replace(made, key=key, model=model, title="Long"))
    return name


def wait_for_part(page, expected: np.ndarray) -> None:
    """Wait until the heatmap shows this; its first and last row stand for the others."""
    ends = """() => {
        const {z} = document.querySelector("#attention-heatmap .js-plotly-plot")._fullData[0];
        return [z.length, [z[0], z[z.length - 1]].map(row => Array.from(row))];
    }"""

    def shown() -> bool:
        count, rows = page.evaluate(ends)
        return count == len(expected) and np.allclose(rows, expected[[0, -1]], atol=1e-5)

    until(shown, "that part of the passage", page)


def ink(page) -> int:
    """How many colours the picture has."""
    return page.evaluate(
        """() => {
            const canvas = document.getElementById("overview-picture");
            const {data} = canvas.getContext("2d")
                .getImageData(0, 0, canvas.width, canvas.height);
            return new Set(new Uint32Array(data.buffer)).size;
        }"""
    )


def frame(page) -> list[float]:
    """Left, top, width and height of the frame in the picture, as shares of it."""
    return page.evaluate(
        """() => {
            const box = document.getElementById("overview-map").getBoundingClientRect();
            const {style} = document.getElementById("overview-window");
            return [["left", "width"], ["top", "height"], ["width", "width"], ["height", "height"]]
                .map(([name, side]) => parseFloat(style[name]) / box[side]);
        }"""
    )


def test_the_window_is_moved_on_a_picture_of_the_whole(page, server, stored, long):
    show(page, server, model="demo-gpt", text=long, layer=1, head=2)
    data = stored(page)
    whole = np.concatenate([w for _, w in attention.in_rows(data, 1, 2, 0)])
    wait_for_part(page, whole[:SIZE, :SIZE])
    until(lambda: "largest attention of up to 7 × 7 pairs" in page.inner_text("#overview-said"),
          "the overview", page)  # fmt: skip
    assert ink(page) > 50 and not page.is_visible("#overview-back")
    axe.check(page, "#overview")
    assert np.allclose(frame(page), [0, 0, SIZE / LENGTH, SIZE / LENGTH], atol=0.01)

    # A click shows other keys than queries, also in the words; a key of the keyboard goes on.
    box = page.locator("#overview-map")
    box.click(position={"x": 40, "y": 150})
    last = LENGTH - SIZE
    wait_for_part(page, whole[last:, 19 : 19 + SIZE])
    assert f"queries {last:,} to 1,099 of 1,100, keys 19 to 530" in page.inner_text(
        "#heatmap-title"
    )
    caption = "() => headscope.facts(headscope.plot('attention-heatmap')).passage"
    part = f"Passage 1 of 1, queries {last} to 1,099 of 1,100, keys 19 to 530 of 1,100"
    assert page.evaluate(caption) == part, "under a saved picture"
    lines = page.locator("#passage .words:visible")
    said = ["Queries:", "Keys:"]
    assert [lines.nth(i).get_attribute("data-said") for i in (0, 1)] == said
    box.press("ArrowRight")
    wait_for_part(page, whole[last:, 147 : 147 + SIZE])
    wait_for_address(page, window=f"{last},147", passage="1")
    assert page.input_value("#head-select") == "2", "the arrow was for the window alone"

    # What is selected in there leaves it where it is; the address brings it back.
    lines.nth(0).locator(".word").nth(3).click()
    chosen = wait_for_selection(page, role="query", token=last + 3)
    assert chosen["window"]["chosen"] and chosen["window"]["columns"][0] == 147
    assert np.allclose(chosen["weights"], whole[last + 3, 147 : 147 + SIZE], atol=1e-4)
    wait_for_address(page, token=str(last + 3), window=f"{last},147")
    page.reload()
    wait_for_plot(page, "attention-heatmap")
    wait_for_part(page, whole[last:, 147 : 147 + SIZE])

    page.click("#overview-back")
    around = slice(last + 3 - SIZE // 2, last + 3 + SIZE // 2)
    wait_for_part(page, whole[around, around])
    assert link(page)["window"]["chosen"] is False

    # Where it looks most of all that is not shown, one click shows.
    row = whole[last + 3].copy()
    row[around] = 0
    page.click("#passage .note button")
    first = int(np.clip(row.argmax() - SIZE // 2, 0, last))
    wait_for_part(page, whole[around, first : first + SIZE])
    assert link(page)["selection"]["token"] == last + 3

    # A short passage has none.
    assert page.is_visible("#overview")
    choose(page, text_select="grammar")
    reopen(page, "demo-gpt", "grammar")
    page.wait_for_selector("#overview", state="hidden")
