"""Plain text: each document is in exactly one stretch, wherever the file is cut."""

import gzip
import random
import tracemalloc
from pathlib import Path

import pytest
from corpora import cut_at
from hypothesis import given
from hypothesis import strategies as st

from compute.corpora import Broken, Document, ranges, text_files

_SOME = ("", " ", "\t \x0b", "a", "é ü", "漢字", "🙂🙂", "two words", "x" * 40, "\ufeff")
LINES = st.lists(st.sampled_from(_SOME), max_size=12)
ENDS = st.sampled_from(["\n", "\r\n"])


def texts(path: Path, cuts: list[int] = ()) -> list[str]:
    return [one.text.strip() for one in cut_at(path, cuts)]


def test_paragraphs_have_blank_lines_between_them(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"\n\none\nstill one\n \t\r\n\n\ntwo\n\n")
    assert texts(file) == ["one\nstill one", "two"]


def test_without_a_blank_line_each_line_is_a_document(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"\xef\xbb\xbfone\r\ntwo\nthree")
    assert texts(file) == ["one", "two", "three"]


def test_a_blank_line_after_the_head_makes_no_paragraphs(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"a line\n" * (text_files.HEAD // 7 + 1) + b"\nb\nc")
    assert texts(file)[-2:] == ["b", "c"]


@given(LINES, ENDS, st.booleans(), st.booleans(), st.data())
def test_each_document_is_in_one_stretch(
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[str],
    end: str,
    closed: bool,
    packed: bool,
    data: st.DataObject,
) -> None:
    content = (end.join(lines) + end * closed).encode()
    file = tmp_path_factory.mktemp("text") / ("a.txt.gz" if packed else "a.txt")
    file.write_bytes(gzip.compress(content) if packed else content)
    cuts = data.draw(st.lists(st.integers(0, file.stat().st_size), max_size=4))
    found = texts(file, cuts)
    assert found == texts(file)
    shown = "".join("".join(found).split()).replace("\ufeff", "")
    assert shown == "".join("".join(lines).split()).replace("\ufeff", "")


@pytest.mark.parametrize("separator", ["", "\n", "\n\n", " "])
@given(st.data())
def test_what_never_ends_is_cut_and_nothing_is_lost(
    tmp_path_factory: pytest.TempPathFactory, separator: str, data: st.DataObject
) -> None:
    """With small limits, so that they are met often."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"LONGEST": 16, "_ROOM": 5, "_BLANK": 3}.items():
            patch.setattr(text_files, name, value)
        patch.setattr(text_files, "BACK", 2 * 16 + 3 + 2)
        parts = data.draw(st.lists(st.text("ab é漢🙂", min_size=1, max_size=60), max_size=5))
        content = separator.join(parts).encode()
        file = tmp_path_factory.mktemp("long") / "a.txt"
        file.write_bytes(content)
        cuts = data.draw(st.lists(st.integers(0, len(content)), max_size=4))
        found = cut_at(file, cuts)
        assert not [one for one in found if isinstance(one, Broken)]
        assert [one.text for one in found] == [one.text for one in cut_at(file)]
        assert "".join("".join(d.text for d in found).split()) == "".join(content.decode().split())
        assert all(len(one.text.encode()) <= 2 * 16 + 5 for one in found)


def test_packed_files_are_of_one_kind_in_all_stretches(tmp_path: Path) -> None:
    """What tells it lies further on than the first stretch."""
    dice = random.Random(0)
    lines = [dice.randbytes(500).hex() for _ in range(200)]
    lines[50] = ""  # at 50 kB: twice what is in the first block
    file = tmp_path / "a.txt.gz"
    file.write_bytes(gzip.compress("\n".join(lines).encode()))
    found = texts(file, range(ranges.BLOCK, file.stat().st_size, ranges.BLOCK))
    assert found == ["\n".join(lines[:50]), "\n".join(lines[51:])]


def test_only_line_ends_take_little_memory(tmp_path: Path) -> None:
    for begin in (b"", b"a\n\nb"):
        file = tmp_path / "a.txt"
        file.write_bytes(begin + b"\n" * 2**22 + b"c")
        tracemalloc.start()
        found = texts(file, [2**21])
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert found[-1] == "c" and most < 2**25


def test_a_line_without_end_is_cut_at_white_space(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    words = "".join(f"word{number:06} " for number in range(100_000))
    file.write_text(words)
    found = texts(file, [300_000, 700_000])
    assert len(found) == len(words) // text_files.LONGEST + 1
    assert " ".join(found).split() == words.split()


def test_what_is_no_text_is_named(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"good\nba\xffd\nzero\0\nfine")
    assert cut_at(file) == [
        Document("good\n", "part"),
        Broken("a.txt, line 2", "it is not in UTF-8"),
        Broken("a.txt, line 3", "it has zero bytes, which no text has"),
        Document("fine", "part"),
    ]
    assert cut_at(file, [7])[1].where == "a.txt, line 2"
    file.write_bytes("wide".encode("utf-16"))
    assert cut_at(file, [2, 5]) == [Broken("a.txt", "it is in UTF-16; save it in UTF-8")]


def test_far_into_a_file_a_byte_names_the_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges, "_COUNTED", 3)
    file = tmp_path / "a.txt"
    file.write_bytes(b"good\nba\xffd\nfine")
    assert cut_at(file, [5])[1].where == "a.txt, byte 5"
