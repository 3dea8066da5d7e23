"""Stars and notes in a browser: beside a head, in the grids, in the shortlist, in two tabs."""

import csv

import pytest
from axe import check
from pages import choose, message, show, until, wait_for, wait_for_address, wait_for_plot

from compute.notes import heads as kept

STARS = """id => [...document.querySelectorAll(`#${id} .cell-star`)].map(star => {
    const gd = star.parentElement, {xaxis, yaxis} = gd._fullLayout;
    const [x, y] = ["left", "top"].map(side => parseFloat(star.style[side]));
    const place = (axis, at) => Math.round(axis.p2d(at + 4 - axis._offset));
    return [place(yaxis, y), place(xaxis, x)];
})"""


@pytest.fixture
def identity(server, monkeypatch):
    """The identity of demo-bert, whose notes go again when the test is over."""
    from compute.finding import catalog

    monkeypatch.setenv("HEADSCOPE_CACHE", str(server.cache))
    identity = catalog.find("demo-bert").identity
    yield identity
    for note in kept.of_model(identity):
        kept.change(identity, note.layer, note.head, star=False, text="")


def starred(page, id="head-grid") -> list:
    return sorted(page.evaluate(STARS, id))


def star(page) -> None:
    on = page.get_attribute("#head-star", "aria-pressed")
    page.focus("#head-star")
    page.keyboard.press("Enter")
    until(lambda: page.get_attribute("#head-star", "aria-pressed") != on, "the star", page)


def test_a_head_is_starred_noted_listed_and_saved(tab, server, small, identity):
    page = show(tab(), server, text=small, layer=1, head=2)
    until(lambda: page.inner_text("#head-facts"), "scores", page)
    for grid in ("head-grid", "induction-grid"):
        wait_for_plot(page, grid)
    assert starred(page) == [] and page.is_hidden("#shortlist-saves")
    star(page)
    assert page.inner_text("#copied") == "L1H2 is on the shortlist."
    until(lambda: starred(page) == starred(page, "induction-grid") == [[1, 2]], "marks", page)
    # A note is written with the keyboard, and belongs to the head that it was written on.
    page.focus("#head-note-open")
    page.keyboard.press("Enter")
    page.keyboard.insert_text('=1+1 <img src=x onerror="alert(1)">')
    choose(page, head_select="3")
    until(lambda: page.inner_text("#copied") == "Note on L1H2 kept.", "the note", page)
    assert (
        page.is_hidden("#head-note") and page.get_attribute("#head-star", "aria-pressed") == "false"
    )
    until(lambda: "=1+1 <img" in page.inner_text("#shortlist"), "the list", page)
    assert "★ L1H2" in page.inner_text("#shortlist")
    assert page.inner_text("#shortlist-title") == "Shortlist: 1 head"
    # Another tab stars another head; neither loses what the other kept.
    other = show(tab(), server, text=small, layer=0, head=1)
    until(lambda: starred(other) == [[1, 2]], "what was kept", other)
    star(other)
    other.close()
    choose(page, layer_select="2")
    star(page)
    names = {note.name: note.text for note in kept.of_model(identity) if note.star}
    assert names == {"L0H1": "", "L1H2": '=1+1 <img src=x onerror="alert(1)">', "L2H3": ""}
    until(lambda: starred(page) == [[0, 1], [1, 2], [2, 3]], "all three", page)
    # The list opens a head, with its note.
    page.click("#shortlist [data-open-head=L1H2]")
    until(lambda: page.input_value("#head-select") == "2", "the head", page)
    until(lambda: page.is_visible("#head-note"), "its note", page)
    assert page.input_value("#head-note").startswith("=1+1")
    check(page)
    _saved(page)
    _all_heads(page)


def _saved(page):
    with page.expect_download() as download:
        page.click("#save-shortlist-csv")
    with open(download.value.path(), encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [f"L{row['layer']}H{row['head']}" for row in rows] == ["L0H1", "L1H2", "L2H3"]
    assert rows[1]["note"].startswith("'=1+1") and float(rows[1]["previous"]) >= 0
    with page.expect_download() as download:
        page.click("#shortlist-html")
    with open(download.value.path(), encoding="utf-8") as file:
        text = file.read()
    assert "Shortlist: 3 heads of demo-bert" in text and "<img" not in text
    assert text.count("<article>") == 3 and "&lt;img src=x" in text


def _all_heads(page):
    """Stars stand in the tiles; the others step back."""
    page.click("label:has-text('All heads') >> nth=0")
    page.wait_for_selector("#all-canvas[data-drawn]")
    drawn = "() => { const c = document.querySelector('#all-canvas');"
    drawn += " return c.getContext('2d').getImageData(0, 0, c.width, c.height).data"
    drawn += ".reduce((sum, v, i) => sum + (i % 4 === 3 ? v : 0), 0); }"
    before = page.evaluate(drawn)
    page.click("#all-starred")
    wait_for(page, f"before => ({drawn})() < .98 * before", before)
    wait_for_address(page, **{"all-starred": "1"})


def test_a_note_that_could_not_be_kept_is_not_given_up(tab, server, small, identity):
    page = show(tab(), server, text=small, layer=1, head=2)
    folder, aside = server.cache / "notes", server.cache / "notes-aside"
    if folder.exists():
        folder.rename(aside)
    folder.write_text("no folder")
    try:
        page.focus("#head-note-open")
        page.keyboard.press("Enter")
        page.keyboard.insert_text("Worth a second look")
        page.focus("#head-select")
        assert "Your note on L1H2 could not be kept" in message(page)
    finally:
        folder.unlink()
        if aside.exists():
            aside.rename(folder)
    choose(page, head_select="3")  # it is asked for once more
    until(lambda: page.inner_text("#copied") == "Note on L1H2 kept.", "the note", page)
    assert [note.text for note in kept.of_model(identity)] == ["Worth a second look"]
    choose(page, head_select="2")
    until(lambda: page.input_value("#head-note") == "Worth a second look", "it again", page)
