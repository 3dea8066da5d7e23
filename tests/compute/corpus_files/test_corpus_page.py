"""The offline page of one head: all that was found is on it, and nothing in it runs."""

import html.parser
import re

import corpora_made as made
import numpy as np
import pytest

from compute.corpus import findings, views
from compute.corpus_files import page
from compute.errors import HeadscopeError

BAD = "<script>alert(1)</script>"


class Reader(html.parser.HTMLParser):
    """Collects elements, their attributes and the text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict]] = []
        self.open: list[str] = []
        self.words = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, name: str, attributes: list) -> None:
        self.elements.append((name, dict(attributes)))
        if name not in ("meta", "br"):
            self.open.append(name)

    def handle_endtag(self, name: str) -> None:
        assert self.open.pop() == name

    def handle_data(self, data: str) -> None:
        self.words += data


def hostile() -> tuple[findings.Findings, views.HeadView]:
    """Return findings in which every text is one that a browser would run."""
    found = made.found("some", name=BAD, corpus=f"a{BAD}", notes=[BAD])
    words = made.example(9, 0.8, f'[CLS] the <img/src=x/onerror=alert(1)> " dog {BAD} [SEP]')
    return found, made.view(examples=(words, made.example(None, 0.9)))


def test_nothing_of_a_corpus_runs() -> None:
    read = Reader(text := page.page(*hostile(), 1, 2))
    names = {name for name, _ in read.elements}
    assert not names & {"script", "img", "link", "iframe", "a", "object", "form", "i"}
    attributes = [(name, value) for _, each in read.elements for name, value in each.items()]
    assert not [name for name, _ in attributes if name.startswith("on") or name in ("src", "href")]
    assert not re.search(r"https?:|url\(|@import", text)
    policy = next(each for name, each in read.elements if "http-equiv" in each)
    assert policy["content"].startswith("default-src 'none'")
    assert BAD in read.words and "<img/src=x/onerror=alert(1)>" in read.words
    assert "<i>sign" in read.words  # the name of a class
    styles = [value for name, value in attributes if name == "style"]
    assert styles and all(re.fullmatch(r"background: rgba\([\d., ]+\)", each) for each in styles)


def test_it_shows_what_was_found() -> None:
    found, view = made.found("some"), made.view()
    read = Reader(page.page(found, view, 1, 2))
    assert "Head L1H2 of Made over “Two shelves”" in read.words
    mean = found.of("previous").mean[1, 2]
    assert f"{mean:.3f}" in read.words and f"{mean - 0.01:.3f} to {mean + 0.01:.3f}" in read.words
    assert "1 of 6" in read.words  # its scores are the largest
    for part in ("code (5,000 tokens)", "prose (7,000 tokens)", "2 broken lines", "A note."):
        assert part in read.words
    assert "Tenth 10:" in read.words and "Tenth 3:" not in read.words
    assert "saw → cat" in read.words and "0.900: “saw” → “cat”" in read.words
    assert "0.400 (× 2.0)" in read.words
    bars = [each for name, each in read.elements if each.get("class") == "bar"]
    assert len(bars) == 20 + 2 + 2 + 14
    shaded = [each for _, each in read.elements if "style" in each]
    assert {each["style"] for each in shaded} >= {"background: rgba(217, 101, 11, 0.55)"}


def test_one_without_evidence_or_examples_is_shown_too() -> None:
    found = made.found("some")
    nothing = np.zeros(14)
    empty = views.HeadView(
        *(np.zeros(20, int), np.zeros(36, int), nothing, nothing, np.full(11, np.nan)),
        *((), (), (), (), (), np.zeros((0, 0)), np.zeros((0, 0)), np.full(20, np.nan)),
    )
    words = Reader(page.page(found, empty, 0, 0)).words
    assert "There is nothing to show." in words
    assert "Distance" not in words.split("What the scores mean")[0]


def test_heads_that_are_not_there_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    made.keep(monkeypatch, **{made.NAME: made.found("some")})
    monkeypatch.setattr(page, "FINDINGS", findings.FINDINGS)
    with pytest.raises(HeadscopeError, match="Made has no head L2H0"):
        page.of_head(made.NAME, 2, 0)
    with pytest.raises(HeadscopeError, match="not kept any more"):
        page.of_head(made.OTHER, 0, 0)
    assert "Head L1H0 of Made" in page.of_head(made.NAME, 1, 0)
    assert page.is_name("L1H0.html") and not page.is_name("L1H0.html.txt")
