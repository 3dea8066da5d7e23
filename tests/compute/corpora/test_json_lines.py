"""JSON lines: records, broken lines with their place, and stretches."""

import gzip
import json
import random
import sys
import tracemalloc
from pathlib import Path

import pytest
import zstandard
from corpora import cut_at, documents, whole
from hypothesis import given
from hypothesis import strategies as st

from compute.corpora import (
    Broken,
    Chosen,
    Document,
    Shard,
    Span,
    json_lines,
    plan,
    ranges,
    read,
    reading,
)
from compute.corpora.records import LONGEST
from compute.errors import HeadscopeError

PACKINGS = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.ZstdCompressor().compress}


def lines(*records: object) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def test_fields_of_text_and_slice(tmp_path: Path) -> None:
    file = tmp_path / "news.jsonl"
    file.write_bytes(
        b"\xef\xbb\xbf"
        + lines(
            {"text": "one", "lang": "en", "meta": {"body": "inner"}},
            {"content": "two", "lang": 7},
            {"text": None, "body": "three"},
        )
    )
    assert documents(file) == [Document(text, "part") for text in ("one", "two", "three")]
    assert [one.part for one in documents(file, by="lang")] == ["en", "7", ""]
    assert cut_at(file, field="meta.body")[0] == Document("inner", "part")
    assert documents(file, field="")[0].text == "one"


def test_broken_lines_are_named_and_others_are_read(tmp_path: Path) -> None:
    file = tmp_path / "news.jsonl"
    file.write_bytes(
        lines({"text": "good"})
        + b"no json\n\n"
        + lines([1, 2], {"text": 3}, {"other": "x"}, {"text": "\ud800"})
        + b'{"text": "\xff"}\n'
        + b"[" * 100_000
        + b"\n"
        + b'{"text": "fine", "loss": NaN}'
    )
    found = cut_at(file)
    assert [one.text for one in found if isinstance(one, Document)] == ["good", "fine"]
    wheres = {one.where: one.why for one in found if isinstance(one, Broken)}
    assert list(wheres) == [f"news.jsonl, line {number}" for number in (2, 4, 5, 6, 7, 8, 9)]
    assert [why[:15] for why in wheres.values()] == [
        "it is no JSON (",
        "it is no record",
        "it has no text ",
        "it has no text ",
        "it has halves o",
        "it is not in UT",
        "it is nested to",
    ]
    size = file.stat().st_size
    for cut in (3, 40, 60, size // 2, size - 5):
        assert cut_at(file, [cut]) == found


@given(st.data())
def test_each_line_is_in_one_stretch(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    texts = data.draw(st.lists(st.text(min_size=1, max_size=20).filter(str.strip), max_size=10))
    end = data.draw(st.sampled_from(["\n", "\r\n", "\n\n"]))
    ending = data.draw(st.sampled_from(list(PACKINGS)))
    ascii_only = data.draw(st.booleans())
    written = end.join(json.dumps({"text": text}, ensure_ascii=ascii_only) for text in texts)
    content = written + end * data.draw(st.booleans())
    file = tmp_path_factory.mktemp("lines") / f"a.jsonl{ending}"
    file.write_bytes(PACKINGS[ending](content.encode()))
    cuts = data.draw(st.lists(st.integers(0, file.stat().st_size), max_size=4))
    assert [one.text for one in documents(file, cuts)] == texts


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_a_compressed_file_is_cut_at_its_blocks(tmp_path: Path, ending: str) -> None:
    """Of many blocks and two streams, one after the other, as tools for many cores write them."""
    dice = random.Random(0)
    records = [{"text": f"{n} {dice.randbytes(400).hex()}"} for n in range(2000)]
    file = tmp_path / f"a.jsonl{ending}"
    pack = PACKINGS[ending]
    file.write_bytes(pack(lines(*records[:1250])) + pack(lines(*records[1250:])))
    size, block = file.stat().st_size, 16 * 2**10
    assert size > 8 * block
    cuts = range(block, size, block)
    assert [one.text for one in documents(file, cuts)] == [one["text"] for one in records]
    alone = [read(Shard(0, (Span(whole(file), at, at + block),)))[0] for at in (0, *cuts)]
    assert sum(map(len, alone)) == 2000 and sum(map(bool, alone)) > 5


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_a_compressed_file_that_ends_early_is_read_up_to_there(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"a.jsonl{ending}"
    content = PACKINGS[ending](lines(*({"text": f"{n:09} " * 30} for n in range(2000))))
    file.write_bytes(content[: len(content) // 2])
    *found, last = cut_at(file)
    assert len([one for one in found if isinstance(one, Document)]) > 100
    assert isinstance(last, Broken) and last.where.startswith(file.name)
    assert ("unpacked to its end" if ending == ".gz" else "no JSON") in last.why


def test_damage_is_told_once(tmp_path: Path) -> None:
    """By the stretch in which it is; no later one gets there."""
    dice = random.Random(0)
    content = gzip.compress(lines(*({"text": dice.randbytes(300).hex()} for _ in range(500))))
    file = tmp_path / "a.jsonl.gz"
    file.write_bytes(content[:100_000] + b"\0" * 100 + content[100_100:])
    size = file.stat().st_size
    whole = cut_at(file)
    assert [one.why[:27] for one in whole if isinstance(one, Broken)][
        -1
    ] == "it can't be unpacked to its"
    for cuts in ([50_000], [150_000], range(0, size, ranges.BLOCK)):
        found = cut_at(file, cuts)
        told = [one for one in found if isinstance(one, Broken) and one.where == file.name]
        assert len(told) == 1
        assert [one for one in found if one not in told] == whole[:-1]


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_what_unpacks_without_end_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    monkeypatch.setattr(ranges, "_FAR", 2**22)
    file = tmp_path / f"a.jsonl{ending}"
    content = PACKINGS[ending](lines({"text": "good"})) + PACKINGS[ending](bytes(2**26))
    file.write_bytes(content)
    tracemalloc.start()
    found = cut_at(file, [ranges.BLOCK])
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < (2**25 if ending == ".gz" else 2**28)  # zstandard keeps a window of up to 2**27
    assert found[0] == Document("good", "part")
    assert found[-1] == Broken(
        file.name, "it unpacks to more than 100 times its size, which is no text"
    )


def test_a_library_that_is_missing_is_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt.zst").write_bytes(PACKINGS[".zst"](b"text"))
    assert len(plan(Chosen((str(tmp_path),))).shards) == 1
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(HeadscopeError, match="pip install zstandard"):
        plan(Chosen((str(tmp_path),)))


def test_a_line_without_end_is_not_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_lines, "LONGEST", 1000)
    monkeypatch.setattr(json_lines, "_STEP", 100)
    file = tmp_path / "a.jsonl"
    long = lines({"text": "x" * 5000})
    file.write_bytes(lines({"text": "one"}) + long + lines({"text": "two"}))
    for cuts in ([], [100], [100, 200, 3000], [20, 5050]):
        found = cut_at(file, cuts)
        assert [type(one) for one in found] == [Document, Broken, Document]
        assert found[1].where == "a.jsonl, line 2" and "longer than" in found[1].why


def test_a_long_text_becomes_several_documents(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    text = "word " * 450_000
    file.write_bytes(lines({"text": text}))
    found = documents(file)
    assert len(found) == 3 and max(len(one.text) for one in found) <= LONGEST
    assert "".join(one.text for one in found) == text
    assert found[1].text.startswith(" word")


def test_of_many_broken_lines_the_first_are_named(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b"?\n" * 1000)
    found, named = read(Shard(0, (Span(whole(file), 0, 2000),)))
    assert not found and len(named) == reading.MOST + 1
    assert sum(one.times for one in named) == 1000
