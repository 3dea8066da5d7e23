"""A dossier opened in a browser without any network."""

import os
import re

import pytest
from pages import PATIENCE, show
from patterns import hostile_run
from playwright.sync_api import Browser

from compute.command_line import app
from compute.take_away import dossier
from compute.take_away.dossier_page import page as page_of


def opened(browser: Browser, path) -> dict:
    """Open a file offline; return what was seen, and what went wrong."""
    context = browser.new_context(offline=True, viewport={"width": 900, "height": 900})
    page, problems = context.new_page(), []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("dialog", lambda dialog: (problems.append(dialog.message), dialog.dismiss()))
    page.on("requestfailed", lambda request: problems.append(request.url))
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    seen = page.evaluate(
        """() => ({
        title: document.title,
        text: document.body.innerText,
        sections: [...document.querySelectorAll('h2')].map(h => h.textContent),
        pictures: [...document.querySelectorAll('svg')].map(s => {
            const box = s.getBoundingClientRect(); return [box.width, box.height];
        }),
        cells: document.querySelectorAll('svg rect').length,
        dots: [...document.querySelectorAll('.dots')].map(d => d.getTotalLength() === 0
            && getComputedStyle(d).strokeLinecap === 'round'),
        wide: document.documentElement.scrollWidth,
        foreign: document.querySelectorAll('script, img, iframe, link').length,
    })"""
    )
    context.close()
    return seen | {"problems": problems, "asked": asked}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path / "cache"))


def test_hostile_tokens_do_nothing(browser: Browser, tmp_path) -> None:
    file = tmp_path / "head.html"
    file.write_text(page_of(dossier.gather(hostile_run(), 0, 0)), encoding="utf-8")
    seen = opened(browser, file)
    assert seen["problems"] == []
    assert seen["asked"] == [file.as_uri()]
    assert seen["foreign"] == 0
    assert seen["title"] == "Head L0H0 of <u>model</u> on “<script>t()</script>”"
    assert "<i>note</i>" in seen["text"]


def test_the_command_writes_a_page_that_shows_everything(browser, tmp_path, capsys) -> None:
    text, file = tmp_path / "two.txt", tmp_path / "head.html"
    lines = ["A red bird sings to a red bird in the rain (and the wind).", "One two. One two."]
    text.write_text("\n".join(lines * 2), encoding="utf-8")
    asked = ["dossier", "--model", "demo-gpt", "--text-file", str(text), "--out", str(file)]
    assert app.main([*asked, "--head", "L9H9"]) == 2
    assert "has no head L9H9" in capsys.readouterr().err
    assert app.main([*asked, "--head", "L1"]) == 2
    assert "A dossier is of one head" in capsys.readouterr().err
    assert not file.exists()
    assert app.main([*asked, "--head", "L1H2"]) == 0
    seen = opened(browser, file)
    assert seen["problems"] == []
    assert seen["title"] == "Head L1H2 of demo-gpt on “two.txt”"
    assert seen["sections"] == [
        "Scores",
        "Map",
        "Attention by offset",
        "Three telling passages",
        "Patterns",
        "Who attends to whom",
        "Heads like it and unlike it",
        "Methods",
        "What the scores mean",
    ]
    assert len(seen["pictures"]) == 6  # map, offsets, scale, three passages
    assert all(width > 100 and height > 20 for width, height in seen["pictures"])
    assert seen["cells"] > 100
    assert seen["dots"] == [True, True]
    assert seen["wide"] <= 900
    assert re.search(r"From every \) to its \(", seen["text"])
    for name in ("torch", "transformers", "numpy", "Headscope code"):
        assert re.search(rf"{name} \w+", seen["text"])
    assert str(tmp_path) not in file.read_text(encoding="utf-8")
    assert os.stat(file).st_size < 500_000


def test_the_page_saves_it_and_it_opens_without_a_network(
    page, browser, server, small, tmp_path
) -> None:
    show(page, server, text=small, layer=1, head=2)
    page.click("#save-menu > button")
    with page.expect_download(timeout=1000 * PATIENCE) as download:
        page.click("#save-dossier")
    assert download.value.suggested_filename.endswith("L1H2.html")
    file = tmp_path / "saved.html"
    download.value.save_as(file)
    seen = opened(browser, file)
    assert seen["problems"] == [] and seen["asked"] == [file.as_uri()]
    assert seen["title"] == "Head L1H2 of demo-bert on “Five lines”"
    assert "gave" in seen["text"] and len(seen["pictures"]) >= 5
