"""The stage "Corpus" in the real page: files dropped, measured, looked at; a passage opened."""

import json

import numpy as np
from axe import check, serious
from pages import (
    Server,
    address,
    choose,
    click_cell,
    numbers,
    query,
    run,
    until,
    wait_for_address,
    wait_for_matrix,
    wait_for_plot,
    wait_for_selection,
)
from playwright.sync_api import Page

from compute.corpus import views
from compute.corpus.findings import FINDINGS, Findings

ROWS = "#corpus-examples .corpus-example"
NOUNS = ("man", "dog", "king", "ship", "tree", "house", "road", "hill")


def lines() -> bytes:
    """Return documents in which words come again, in two languages."""
    rows = []
    for number in range(48):
        one, two = NOUNS[number % 8], NOUNS[(number * 3 + 1) % 8]
        said = f"the {one} saw the {two} . then the {one} saw the {two} again and went home ."
        rows.append({"said": said[: 90 - number], "lang": "en" if number % 2 else "fr"})
    return b"\n".join(json.dumps(row).encode() for row in rows) + b"\nno json\n"


def measured(page: Page, server: Server) -> tuple[str, Findings]:
    """Drop the documents, measure them, and return what was found."""
    page.goto(address(server, model="demo-gpt", text="grammar", stage="corpus", layer=0, head=0))
    until(lambda: "No corpus was measured" in page.inner_text("#corpus-none"), "a word", page)
    assert page.is_hidden("#corpus-found-box")
    assert serious(page, "#stage-corpus") == []
    choose(page, corpus_which="drop", corpus_tokens="10000")
    page.click("#corpus-start")
    until(lambda: page.is_visible("#copied"), "what is to be done", page)
    assert "Drop some texts first" in page.inner_text("#copied")
    file = {"name": "said.jsonl", "mimeType": "text/plain", "buffer": lines()}
    page.set_input_files("#corpus-files input", [file])
    until(lambda: page.input_value("#corpus-which").startswith("corpus-"), "the files", page)
    page.fill("#corpus-field", "said")
    choose(page, corpus_by="field")
    page.fill("#corpus-slices", "lang")
    page.keyboard.press("Tab")
    page.click("#corpus-start")
    page.wait_for_selector("#corpus-measured-job", state="visible")
    wait_for_plot(page, "corpus-grid")
    name = page.input_value("#corpus-found")
    return name, FINDINGS.get(name)


def test_heads_are_measured_over_dropped_files(page: Page, server: Server, monkeypatch) -> None:
    monkeypatch.setenv("HEADSCOPE_CACHE", str(server.cache))
    name, found = measured(page, server)
    layers, heads = found.mean.shape[2:]
    assert found.slices == ("", "en", "fr") and found.about["broken"] == 1
    assert "48 documents" in page.inner_text("#corpus-said")
    assert "1 broken line" in page.inner_text("#corpus-notes")
    wait_for_address(page, stage="corpus", **{"corpus-found": name})
    wait_for_matrix(page, "corpus-grid", found.of("previous").mean)

    # a slice, and how it differs from the rest
    choose(page, corpus_part="fr", corpus_score="duplicate")
    wait_for_matrix(page, "corpus-grid", found.of("duplicate", "fr").mean)
    page.check("#corpus-apart")
    wait_for_matrix(page, "corpus-grid", found.apart("duplicate", "fr").mean)
    wait_for_address(page, **{"corpus-part": "fr", "corpus-apart": "1"})
    page.uncheck("#corpus-apart")
    choose(page, corpus_part="*", corpus_x="entropy", corpus_colour="layer")
    wait_for_plot(page, "corpus-scatter")
    expected = found.of("entropy").mean.ravel()
    until(lambda: np.allclose(numbers(page, "corpus-scatter", 0, "x"), expected), "entropy", page)

    # a head: examples, and what words look at, by the keyboard
    click_cell(page, "corpus-grid", 1, 3)
    wait_for_address(page, layer="1", head="3")
    until(lambda: "L1H3 over the corpus" in page.inner_text("#corpus-head-title"), "L1H3", page)
    view = views.view(name, 1, 3)
    top = [each for each in view.examples if each.group is None]
    until(lambda: page.locator(ROWS).count() == len(top), "the strongest passages", page)
    assert page.inner_text(f"{ROWS} b >> nth=0") == f"{top[0].peak:.2f}"
    page.focus(f"{ROWS} .corpus-words >> nth=0")
    page.keyboard.press("ArrowLeft")
    told = until(lambda: page.inner_text("#corpus-told"), "what it looks at", page)
    assert "look" in told and page.locator(".corpus-word.now").count() == 1
    assert query(page)["head"] == "3"  # arrow keys walk in the words there, not from head to head
    place = top[0].place
    page.locator(f"{ROWS} >> nth=0").locator(".corpus-word").nth(place).hover()
    key = top[0].strings[int(top[0].keys[place, 0])]
    until(lambda: f"looks at “{key}”" in page.inner_text("#corpus-told"), "its key", page)
    check(page, "#stage-corpus")
    page.click(f"{ROWS} .corpus-whole >> nth=0")
    assert page.inner_text(f"{ROWS} .corpus-whole >> nth=0") == "Less"
    shown = page.locator(f"{ROWS} >> nth=0").locator(".corpus-word:visible").count()
    assert shown == len(top[0].strings)
    _views_of_a_head(page, found, view)
    _one_passage_is_opened(page, top[0])

    # the corpus stands beside the text
    value, low, high = (part[1, 3] for part in found.of("previous"))
    said = f"(corpus {value:.2f} [{low:.2f}, {high:.2f}])"
    until(lambda: said in page.inner_text("#head-facts"), said, page)
    assert page.is_visible("#qk-map") and layers * heads == len(expected)


def _views_of_a_head(page: Page, found: Findings, view: views.HeadView) -> None:
    page.click("#corpus-view label:text-is('Histograms')")
    wait_for_plot(page, "corpus-spread")
    shares = view.largest / view.largest.sum()
    until(lambda: np.allclose(numbers(page, "corpus-spread", 0, "y"), shares), "shares", page)
    page.click("#corpus-view label:text-is('Tokens')")
    until(lambda: view.keys[0].token in page.inner_text("#corpus-tokens-of"), "tokens", page)
    page.click("#corpus-view label:text-is('Classes')")
    wait_for_plot(page, "corpus-classes")
    assert serious(page, "#stage-corpus") == []
    page.click("#corpus-view label:text-is('Side by side')")
    page.fill("#corpus-b-layer", "0")
    page.fill("#corpus-b-head", "0")
    page.keyboard.press("Tab")
    mean = found.of("previous").mean
    apart = f"{mean[1, 3] - mean[0, 0]:+.3f}".replace("-", "−")
    until(lambda: apart in page.inner_text("#corpus-beside"), apart, page)
    wait_for_address(page, **{"corpus-view": "beside", "corpus-b-layer": "0"})
    with page.expect_download() as taken:
        page.click("#corpus-scores-csv")
    assert taken.value.suggested_filename == "corpus-demo-gpt-said-jsonl.csv"
    assert serious(page, "#stage-corpus") == []


def _one_passage_is_opened(page: Page, example: views.Example) -> None:
    page.click("#corpus-view label:text-is('Examples')")
    page.click(f"{ROWS} .corpus-sequence >> nth=0")
    page.wait_for_selector("#stage-heads", state="visible")
    until(lambda: run(page)["text"].startswith("own-"), "the passage", page)
    until(lambda: run(page)["tokens"] == len(example.strings), "its tokens", page)
    wait_for_selection(page, role="query", token=example.place)
    wait_for_address(page, layer="1", head="3", token=str(example.place))
