"""Plans: what is found, in which order, how large, and what is said of the rest."""

import gzip
import json
import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
import zstandard

from compute.corpora import Chosen, Unreadable, plan, read
from compute.errors import HeadscopeError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two folders below one, with text, records, and files that are not read."""
    for name, content in {
        "a/news.jsonl": "".join(
            json.dumps({"text": f"n{i}", "lang": "en"}) + "\n" for i in range(9)
        ),
        "a/deep/more.txt": "one\n\ntwo",
        "b/plain.md": "three",
        "b/.hidden.txt": "hidden",
        ".git/config.txt": "hidden",
        "b/picture.png": "no",
        "top.TXT": "four",
        "empty.txt": "",
    }.items():
        path = tmp_path / "corpus" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path / "corpus"


def parts(chosen: Chosen) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for shard in plan(chosen).shards:
        for one in read(shard)[0]:
            found.setdefault(one.part, set()).add(one.text.strip())
    return found


def test_a_folder_is_read_with_all_below_it(folder: Path) -> None:
    news = {f"n{i}" for i in range(9)}
    of_files = {"news.jsonl": news, "more.txt": {"one", "two"}, "plain.md": {"three"}}
    assert parts(Chosen((str(folder),))) == of_files | {"top.TXT": {"four"}}
    of_folders = {"a": news | {"one", "two"}, "b": {"three"}, "corpus": {"four"}}
    assert parts(Chosen((str(folder),), by="folder")) == of_folders
    rest = {"one", "two", "three", "four"}
    assert parts(Chosen((str(folder),), by="lang")) == {"en": news, "": rest}
    assert parts(Chosen((str(folder),), by="")) == {"": news | rest}


def test_what_is_left_out_is_named(folder: Path) -> None:
    made = plan(Chosen((str(folder), str(folder / "top.TXT"))))
    assert made.title == "corpus and 1 more"
    assert made.notes == ("1 file is left out, of a kind that is not read: b/picture.png.",)
    assert made.size == sum(
        (folder / name).stat().st_size
        for name in ("a/news.jsonl", "a/deep/more.txt", "b/plain.md", "top.TXT")
    )


def test_links_pipes_and_closed_files_are_not_read(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "out.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "up").symlink_to(tmp_path)
    (folder / "loop").symlink_to(folder)
    (folder / "gone.txt").symlink_to(folder / "nowhere")
    (folder / "again.txt").symlink_to(folder / "top.TXT")
    os.mkfifo(folder / "pipe.txt")
    os.mkfifo(folder / "b" / "state.json")
    made = plan(Chosen((str(folder),)))
    texts = [one.text for shard in made.shards for one in read(shard)[0]]
    assert "secret" not in texts and texts.count("four") == 1
    assert {note.partition(", ")[2] for note in made.notes} >= {
        "no ordinary file: pipe.txt.",
        "a link that leads out of its folder: loop, out.txt, up.",
    }


def test_a_file_that_may_not_be_read_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, _: not path.endswith("top.TXT"))
    assert any("not to be read by you: top.TXT" in n for n in plan(Chosen((str(folder),))).notes)


@pytest.mark.parametrize(
    ("field", "by", "says"),
    [
        ("txet", "file", "There is no field “txet”. There are “lang”, “text”."),
        ("", "language", "There is no field “language”. There are “lang”, “text”."),
    ],
)
def test_a_field_that_is_nowhere(folder: Path, field: str, by: str, says: str) -> None:
    with pytest.raises(HeadscopeError) as told:
        plan(Chosen((str(folder),), field, by))
    assert str(told.value) == says


def test_errors_say_what_to_try(tmp_path: Path) -> None:
    with pytest.raises(HeadscopeError, match="no file or folder"):
        plan(Chosen((str(tmp_path / "none"),)))
    with pytest.raises(HeadscopeError, match=r"no file to read. Choose files that end in .txt"):
        plan(Chosen((str(tmp_path),)))
    (tmp_path / "a.pdf").write_text("x")
    with pytest.raises(HeadscopeError, match=r"a kind that is not read: a.pdf"):
        plan(Chosen((str(tmp_path / "a.pdf"),)))
    (tmp_path / "a.jsonl").write_text('{"words": "x"}')
    with pytest.raises(HeadscopeError, match=r"No field is called .*there are “words”"):
        plan(Chosen((str(tmp_path),)))
    with pytest.raises(HeadscopeError, match="files of text have none"):
        (tmp_path / "a.txt").write_text("x")
        plan(Chosen((str(tmp_path / "a.txt"),), "text"))


def test_shards_are_of_the_size_that_follows_from_the_tokens(tmp_path: Path) -> None:
    with (tmp_path / "a.txt").open("wb") as file:
        file.truncate(50 * 2**20)
    for tokens, size in [(1000, 2**16), (2**20, 2**17), (2**30, 2**22), (None, 50 * 2**20 // 32)]:
        shards = plan(Chosen((str(tmp_path),)), tokens).shards
        spans = [span for shard in shards for span in shard.spans]
        assert max(span.stop - span.start for span in spans) == size
        assert [shard.number for shard in shards] == list(range(len(shards)))
        if tokens != 1000:  # of these few are planned, for the others are not wanted
            assert len({span.start for span in spans}) == len(spans)
            assert sum(span.stop - span.start for span in spans) == 50 * 2**20


def test_the_order_is_a_hash_of_seed_name_and_place(tmp_path: Path) -> None:
    order = {}
    for place in ("here", "there"):
        folder = tmp_path / place
        folder.mkdir()
        for name in ("a.txt", "b.txt"):
            with (folder / name).open("wb") as file:
                file.truncate(4 * 2**20)
        for seed in (0, 1):
            shards = plan(Chosen((str(folder),)), 1000, seed).shards
            spans = [span for shard in shards for span in shard.spans]
            order[place, seed] = [(span.file.name, span.start) for span in spans]
    assert order["here", 0] == order["there", 0]
    assert order["here", 0] != order["here", 1]
    assert sorted(order["here", 0]) == sorted(order["here", 1])
    first = [start for _, start in order["here", 0][:64]]
    assert abs(np.mean(first) / 2**21 - 1) < 0.3  # from everywhere, not from the begin
    shorter = plan(Chosen((str(tmp_path / "here"),)), 500).shards
    spans = [(span.file.name, span.start) for shard in shorter for span in shard.spans]
    assert spans == order["here", 0][: len(spans)]


def test_small_files_are_read_several_at_once(tmp_path: Path) -> None:
    for number in range(500):
        (tmp_path / f"{number}.txt").write_text("x" * 1000)
    shards = plan(Chosen((str(tmp_path),))).shards
    sizes = [sum(span.stop for span in shard.spans) for shard in shards]
    assert sum(sizes) == 500_000 and max(sizes) <= 2**16 and len(shards) <= 9
    assert sum(len(read(shard)[0]) for shard in shards) == 500


@pytest.mark.parametrize("tokens", [None, 30_000])
def test_shards_have_each_document_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tokens: int | None
) -> None:
    """Of files of all kinds in one folder, cut small."""
    monkeypatch.setattr("compute.corpora.planning.SMALLEST", 100)
    texts = {kind: [f"{kind} {n} of some" for n in range(3000)] for kind in "abcdef"}
    lines = {kind: "".join(f'{{"text": "{one}"}}\n' for one in texts[kind]) for kind in "abcdef"}
    (tmp_path / "a.jsonl").write_text(lines["a"])
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(lines["b"].encode(), 0))
    (tmp_path / "c.ndjson.zst").write_bytes(zstandard.compress(lines["c"].encode()))
    (tmp_path / "d.txt").write_text("\n".join(texts["d"]))
    (tmp_path / "e.md.gz").write_bytes(gzip.compress("\n\n".join(texts["e"]).encode(), 0))
    pa.parquet.write_table(pa.table({"body": texts["f"]}), tmp_path / "f.parquet")
    shards = plan(Chosen((str(tmp_path),), by=""), tokens).shards
    assert len(shards) > 15
    found = [one.text.strip() for shard in shards for one in read(shard)[0]]
    assert sorted(found) == sorted(one for kind in texts.values() for one in kind)


def test_a_terabyte_is_planned_without_reading(tmp_path: Path) -> None:
    """Of some millions of places those that are wanted are made."""
    for number in range(4):
        with (tmp_path / f"{number}.txt").open("wb") as file:
            file.truncate(2**38)
    made = plan(Chosen((str(tmp_path),)), 1_000_000)
    assert made.size == 2**40 and 1000 <= len(made.shards) < 2000
    starts = np.array([span.start for shard in made.shards for span in shard.spans]) / 2**38
    assert abs(starts.mean() - 0.5) < 0.05 and len(np.unique(starts)) > 1000


def test_of_a_large_compressed_file_the_begin_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("compute.corpora.planning._REACH", (2**16, 2**31))
    file = tmp_path / "a.txt.gz"
    file.write_bytes(gzip.compress(os.urandom(2**17)))
    made = plan(Chosen((str(file),)), 100)
    assert max(span.stop for shard in made.shards for span in shard.spans) == 2**16
    assert "Only the first 64 KiB are read of a.txt.gz: " in made.notes[0]


@pytest.mark.parametrize("change", ["gone", "longer", "pipe"])
def test_a_file_that_was_changed_spoils_its_shard(tmp_path: Path, change: str) -> None:
    file = tmp_path / "a.txt"
    file.write_text("one")
    shard = plan(Chosen((str(file),))).shards[0]
    file.unlink()
    if change == "longer":
        file.write_text("one and more")
    if change == "pipe":
        os.mkfifo(file)
    with pytest.raises(Unreadable, match=r"a\.txt (can't be read|was changed)"):
        read(shard)


@pytest.mark.parametrize("count", [100, 101])
def test_more_files_than_slices_are_not_told_apart(tmp_path: Path, count: int) -> None:
    for number in range(count):
        (tmp_path / f"{number}\n.txt").write_text("one")
    found = plan(Chosen((str(tmp_path),)))
    named = {document.part for shard in found.shards for document in read(shard)[0]}
    if count == 100:
        assert named == {f"{number} .txt" for number in range(count)} and not found.notes
    else:
        assert named == {""} and found.notes[0].startswith("There are no slices: 101 files")
