"""Texts: what is built in, what a user may bring, and how a link finds it again."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoTokenizer

from compute import store, texts
from compute.errors import HeadscopeError
from compute.finding import catalog
from compute.texts import from_user, load, save_user


def word_pieces(passages: tuple[str, ...]) -> int:
    """Return the number of MiniLM tokens, [CLS] and [SEP] of every passage counted."""
    tokenizer = AutoTokenizer.from_pretrained(catalog.find("minilm").folder)
    return sum(len(ids) for ids in tokenizer(list(passages), truncation=False).input_ids)


@pytest.mark.parametrize("name", ["prose", "questions", "code", "grammar"])
def test_built_in_texts_have_the_size_they_should(name: str) -> None:
    text = texts.built_in()[name]
    assert text == load(name)
    assert text.name == name and text.title and text.source
    assert 60 <= len(text.passages) <= 120
    assert len(set(text.passages)) == len(text.passages)
    longest = 300 if name in ("prose", "questions") else 220
    assert all(60 <= len(passage) <= longest for passage in text.passages)
    assert 2000 <= word_pieces(text.passages) <= 3000


def test_built_in_texts_are_five_and_prose_comes_first() -> None:
    built_in = texts.built_in()
    assert list(built_in) == ["prose", "questions", "code", "grammar", "pairs"]
    assert len({text.digest for text in built_in.values()}) == 5
    assert all(re.fullmatch(r"[0-9a-f]{24}", text.digest) for text in built_in.values())


@pytest.mark.parametrize(
    ("content", "by", "passages"),
    [
        ("one\ntwo", "auto", ("one", "two")),
        ("one\r\ntwo\rthree\n", "auto", ("one", "two", "three")),
        ("one\nstill one\n\ntwo", "auto", ("one still one", "two")),
        ("one\nstill one\n \t\n\n\ntwo", "auto", ("one still one", "two")),
        ("\n\none\ntwo\n\n", "auto", ("one", "two")),  # blank lines around are none between
        ("one\ntwo\n\nthree", "line", ("one", "two", "three")),
        ("one\ntwo", "paragraph", ("one two",)),
        ("  a \t b   c  ", "auto", ("a b c",)),
        ("a\x07b\ufeffc\n\x01\n\u200b\nd", "line", ("a b c", "d")),
        ("é ü 漢字 🙂", "auto", ("é ü 漢字 🙂",)),
    ],
)
def test_cutting(content: str, by: str, passages: tuple[str, ...]) -> None:
    assert from_user(content, by=by).passages == passages


@pytest.mark.parametrize(
    "encoded",
    [
        "naïve\ncafé".encode(),
        "naïve\ncafé".encode("utf-8-sig"),
        "naïve\ncafé".encode("utf-16"),
        b"\xfe\xff" + "naïve\ncafé".encode("utf-16-be"),
    ],
)
def test_files_in_several_encodings_are_one_text(encoded: bytes) -> None:
    text = from_user(encoded)
    assert text.passages == ("naïve", "café")
    assert text.digest == from_user("naïve\ncafé").digest


@pytest.mark.parametrize("content", ["", "  \n\t ", b"", b"\xef\xbb\xbf", "\u200b\n\x01"])
def test_empty_is_refused(content: str | bytes) -> None:
    with pytest.raises(HeadscopeError, match="no text in it"):
        from_user(content)


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00",
        b"caf\xe9",
        b"\xff\xfea",  # half a character of UTF-16
        "abc".encode("utf-16-le"),
        "a\0b",
        "a\ud800b",
        bytes(range(1, 256)) * 8,
    ],
)
def test_what_is_not_text_is_refused(content: str | bytes) -> None:
    with pytest.raises(HeadscopeError, match="not plain text"):
        from_user(content)


def test_a_million_characters_are_the_most() -> None:
    most = "ab cd\n" * (texts.LONGEST // 6)
    assert len(from_user(most).passages) == texts.LONGEST // 6
    for content in ("x" * 1_000_001, b"x" * 1_000_001, b"x" * 5_000_000):
        with pytest.raises(HeadscopeError, match="longer than 1,000,000 characters"):
            from_user(content)
    assert from_user("漢" * 1_000_000).passages  # characters count, not bytes
    assert from_user(("漢" * 1_000_000).encode()).passages


def test_name_becomes_the_title_on_one_short_line() -> None:
    assert from_user("a").title == "Your text"
    assert from_user("a", name="notes.txt").title == "notes.txt"
    assert from_user("a", name=" \n ").title == "Your text"
    title = from_user("a", name="x\ny\0" + "z" * 500).title
    assert len(title) <= 80 and "\n" not in title


@given(st.text(max_size=400), st.sampled_from(["line", "paragraph", "auto"]))
def test_any_string_is_cut_well_or_refused(content: str, by: str) -> None:
    try:
        text = from_user(content, by=by)
    except HeadscopeError:
        return
    assert text.passages
    for passage in text.passages:
        assert passage == " ".join(passage.split()) != ""
    words = " ".join(text.passages)
    assert set(words) - {" "} <= set(content)
    # Cut passages, a line each, are cut the same again.
    again = from_user("\n".join(text.passages), by="line")
    assert again.passages == text.passages and again.digest == text.digest
    assert from_user(content.encode(), by=by).passages == text.passages


@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_refused(content: bytes) -> None:
    try:
        text = from_user(content)
    except HeadscopeError as error:
        assert 10 < len(str(error)) < 160
    else:
        json.dumps(text.passages, ensure_ascii=False).encode()


@given(st.lists(st.text("abc .", min_size=1), min_size=2, max_size=6))
def test_letters_are_neither_lost_nor_moved(lines: list[str]) -> None:
    content = "\n".join(lines)
    if not re.search("[a-c.]", content):
        return
    kept = "".join(from_user(content).passages).replace(" ", "")
    assert kept == re.sub(r"\s", "", content)


def test_digest_depends_on_the_passages_and_their_borders_alone() -> None:
    one = from_user("a b\nc", name="x")
    assert one.digest == from_user(" a  b \n\n c", name="y", by="line").digest
    assert one.digest != from_user("a\nb c").digest
    assert one.name == f"own-{one.digest}"


def test_a_kept_text_comes_back(own_cache: Path) -> None:
    text = from_user("Erste Zeile\nzweite “Zeile” 🙂", name="märz.txt")
    assert save_user(text) == text.name == save_user(text)
    assert load(text.name) == text
    assert [path.name for path in (own_cache / "texts").iterdir()] == [f"{text.name}.json"]
    store.sweep(limit=0)  # results go, texts of one's own stay
    assert load(text.name) == text


def test_a_damaged_or_missing_text_is_told(own_cache: Path) -> None:
    text = from_user("one\ntwo")
    with pytest.raises(HeadscopeError, match="not kept here any more"):
        load(text.name)
    save_user(text)
    path = own_cache / "texts" / f"{text.name}.json"
    whole = path.read_text(encoding="utf-8")
    for damaged in (whole[:-4], whole.replace("two", "owt"), "[]", "{}", '{"passages": 3}'):
        path.write_text(damaged, encoding="utf-8")
        with pytest.raises(HeadscopeError, match="not kept here any more"):
            load(text.name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "../prose",
        "own-../../../../etc/passwd",
        "/etc/passwd",
        "own-" + "a" * 23,
        "own-" + "A" * 24,
        "own-" + "a" * 24 + "/../x",
        "own-" + "a" * 24 + "\n",
        "prose.txt",
        "prose\0",
        "x" * 10_000,
    ],
)
def test_names_from_a_link_reach_no_file(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def reading(*_: object, **__: object) -> str:
        raise AssertionError("a file was read")

    monkeypatch.setattr(Path, "read_text", reading)
    with pytest.raises(HeadscopeError, match="There is no text called") as caught:
        load(name)
    assert len(str(caught.value)) < 200


def test_only_texts_of_ones_own_are_kept(own_cache: Path) -> None:
    with pytest.raises(ValueError, match="not the name"):
        save_user(texts.built_in()["prose"])


def test_a_cache_that_is_no_folder_is_told(own_cache: Path) -> None:
    store.root()
    (own_cache / "texts").write_text("in the way")
    with pytest.raises(HeadscopeError, match="could not be kept"):
        save_user(from_user("one"))
