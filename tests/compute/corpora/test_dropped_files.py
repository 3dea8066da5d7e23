"""Files that somebody dropped: kept once, found by their name, and never elsewhere."""

import re
from pathlib import Path

import pytest

from compute import corpora, store
from compute.corpora import Document, kept
from compute.errors import HeadscopeError


def texts(name: str) -> list[Document]:
    plan = corpora.plan(corpora.load(name))
    found = [one for shard in plan.shards for one in corpora.read(shard)[0]]
    return sorted(found, key=lambda one: one.text)


def test_what_is_kept_is_found_again(own_cache: Path) -> None:
    files = [("a.txt", b"one"), ("b.jsonl", b'{"text": "two", "lang": "en"}')]
    name = corpora.keep(files)
    assert re.fullmatch(r"corpus-[0-9a-f]{24}", name) and corpora.is_name(name)
    assert texts(name) == [Document("one", "a.txt"), Document("two", "b.jsonl")]
    assert corpora.keep(files) == name
    by = corpora.keep(files, by="lang")
    assert by != name and texts(by)[1].part == "en"
    folders = sorted(path.name for path in (own_cache / "corpora").iterdir())
    assert folders == sorted(one.removeprefix("corpus-") for one in (name, by))


def test_no_limit_deletes_it() -> None:
    name = corpora.keep([("a.txt", b"one" * 1000)])
    assert store.sweep(0).texts > 3000
    assert len(texts(name)) == 1


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (["../../etc/a.txt", "C:\\b.txt"], ["a.txt", "b.txt"]),
        (["a.txt", "A.txt", "a.txt"], ["a.txt", "2-A.txt", "3-a.txt"]),
        ([".hidden.txt", "a\0b\n.txt"], ["hidden.txt", "a_b_.txt"]),
        (["about.json.gz", "漢" * 300 + ".txt"], ["about.json.gz", "漢" * 56 + ".txt"]),
        ([".txt"], ["file.txt"]),
    ],
)
def test_names_of_files_stay_in_their_folder(given: list[str], names: list[str]) -> None:
    name = corpora.keep([(one, b"text") for one in given])
    paths = [Path(path) for path in corpora.load(name).paths]
    assert [path.name for path in paths] == names
    assert {path.parent for path in paths} == {
        store.root().absolute() / "corpora" / name.removeprefix("corpus-")
    }


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ([], "There is no file in it"),
        ([("a.pdf", b"x")], "“a.pdf” is of a kind that is not read. Choose .txt, .md"),
        ([("a.txt", b"123456"), ("b.txt", b"123456")], "larger than"),
        ([("a.txt", b"")] * 4, "At most 3 files"),
    ],
)
def test_what_is_not_kept(
    files: list[tuple[str, bytes]], says: str, monkeypatch: pytest.MonkeyPatch, own_cache: Path
) -> None:
    monkeypatch.setattr(kept, "LARGEST", 10)
    monkeypatch.setattr(kept, "MOST", 3)
    with pytest.raises(HeadscopeError, match=re.escape(says)):
        corpora.keep(files)
    assert not (own_cache / "corpora").exists()


def test_what_is_gone_or_was_changed_is_not_found() -> None:
    name = corpora.keep([("a.txt", b"one")])
    file = Path(corpora.load(name).paths[0])
    file.write_bytes(b"another")
    for wrong in (name, "corpus-" + "0" * 24, "corpus-../../x", "../corpora"):
        with pytest.raises(HeadscopeError):
            corpora.load(wrong)
    assert corpora.keep([("a.txt", b"one")]) == name
    assert texts(name) == [Document("one", "a.txt")]


def test_a_disk_that_is_full_says_so(monkeypatch: pytest.MonkeyPatch, own_cache: Path) -> None:
    monkeypatch.setattr(store.folder, "_free", lambda folder: 0)
    with pytest.raises(HeadscopeError, match=r"could not be kept\. The disk .* is full"):
        corpora.keep([("a.txt", b"one")])
    assert not (own_cache / "corpora").exists()
