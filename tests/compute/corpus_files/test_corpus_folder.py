"""The folder that a corpus's findings are written into: whole, ours alone, and read back."""

import json
import os
from dataclasses import asdict
from pathlib import Path

import measured
import numpy as np
import pyarrow.parquet as pq
import pytest

from compute import store
from compute.corpus import findings, views
from compute.corpus.findings import FINDINGS
from compute.corpus_files import columns, folder, reading, tables
from compute.errors import HeadscopeError


@pytest.fixture(scope="module", autouse=True)
def own_cache(shared_cache: Path) -> Path:
    return shared_cache


@pytest.fixture(scope="module")
def name(own_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Findings of 3 × 4 heads over 40 documents and one broken line."""
    place = tmp_path_factory.mktemp("made")
    file = measured.jsonl(place / "some.jsonl", measured.records(40))
    with file.open("a", encoding="utf-8") as more:
        more.write("{no JSON\n")
    return measured.measure(measured.model(place), [file], loss=True)


@pytest.fixture
def out(name: str, tmp_path: Path) -> Path:
    return written(name, tmp_path / "out")


def written(name: str, out: Path, heads: tuple = ()) -> Path:
    folder.check(out)
    folder.write(name, out, heads, lambda _: None)
    return out


def files(out: Path) -> dict[str, bytes]:
    paths = (path for path in out.rglob("*") if path.is_file())
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in paths}


def table(out: Path, name: str) -> list[dict]:
    return pq.read_table(out / f"{name}.parquet").to_pylist()


def test_heads_are_those_of_the_findings(name: str, out: Path) -> None:
    found, rows = FINDINGS.get(name), table(out, "heads")
    assert list(rows[0]) == list(columns.TABLES["heads"]) and len(rows) == found.mean.size
    assert [row["slice"] for row in (rows[0], rows[-1])] == ["", "old"]
    row = next(r for r in rows if (r["score"], r["slice"], r["layer"], r["head"])
               == ("previous", "old", 1, 2))  # fmt: skip
    at = found.slices.index("old"), found.names.index("previous"), 1, 2
    for ours, theirs in (("mean", "mean"), ("low", "low"), ("less", "less"), ("more", "more")):
        assert row[ours] == getattr(found, theirs)[at]
    assert row["documents"] == found.documents[at[0]] == 20 and row["n"] == found.n[at[:3]]
    assert rows[0]["difference"] is None  # there is no rest of all


def test_what_is_kept_of_heads_is_that_of_their_views(name: str, out: Path) -> None:
    view = views.view(name, 2, 1)
    of = {what: [r for r in table(out, what) if (r["layer"], r["head"]) == (2, 1)]
          for what in columns.TABLES}  # fmt: skip
    assert len(of["examples"]) == len(view.examples)
    for row, example in zip(of["examples"], view.examples, strict=True):
        assert (row["text"], row["slice"]) == (example.text, example.part)
        assert row["tenth"] == (None if example.group is None else example.group + 1)
        assert row["tokens"] == list(example.strings)
        used = example.weights > 0
        assert row["keys"] == [k[u].tolist() for k, u in zip(example.keys, used, strict=True)]
        weights = [w[u].tolist() for w, u in zip(example.weights, used, strict=True)]
        assert row["attention"] == weights
        looked = row["keys"][row["query"]].index(example.looked_at)
        assert weights[row["query"]][looked] == pytest.approx(row["largest"], abs=2e-5)
    assert [row["token"] for row in of["tokens"] if row["role"] == "key"] == [
        row.token for row in view.keys
    ]
    assert [row["count"] for row in of["pairs"]] == [row.count for row in view.pairs]
    assert len(of["classes"]) == len(view.classes) ** 2
    bars = {(r["histogram"], r["low"]): r for r in of["histograms"]}
    assert sum(r["value"] for (of_what, _), r in bars.items() if of_what == "largest") == sum(
        view.largest
    )
    assert bars["distance", 4]["high"] == 8 and bars["distance", 4096]["high"] is None
    assert bars["distance", 4]["value"] == view.distance[3]
    assert {low for what, low in bars if what == "loss"} == {
        at / 20 for at in np.flatnonzero(np.isfinite(view.loss)).tolist()
    }


def test_it_says_what_is_in_it_and_nothing_of_where_it_was_made(name: str, out: Path) -> None:
    about = json.loads((out / "about.json").read_text(encoding="utf-8"))
    assert (about["made_by"], about["format"]) == (reading.MADE_BY, reading.FORMAT)
    assert (about["model"], about["corpus"]) == ("gpt2", "some.jsonl")
    assert about["slices"]["old"]["documents"] == 20 and about["broken"] == 1
    assert about["broken_lines"][0][0] == "some.jsonl, line 41"
    assert set(about["scores"]) == {row["score"] for row in table(out, "heads")}
    for what in columns.TABLES:
        assert set(about["tables"][f"{what}.parquet"]) == set(table(out, what)[0])
    here = [str(place).encode() for place in (out.parent, store.root(), Path.home())]
    for path, content in files(written(name, out, ((1, 1),))).items():
        assert not [place for place in here if place in content], path


def test_it_is_read_back_as_what_was_found(name: str, out: Path) -> None:
    ours, theirs = reading.read(out), findings.whole(store.find(FINDINGS.kind, name))
    assert ours.strings == theirs.strings and ours.special == theirs.special
    assert asdict(ours.summary.kind) == asdict(theirs.summary.kind)
    np.testing.assert_array_equal(ours.summary.tokens.gets, theirs.summary.tokens.gets)
    assert ours.findings.about == theirs.findings.about | {"model": "gpt2"}


def test_ours_is_replaced_and_the_same_again(name: str, out: Path) -> None:
    before = files(out)
    written(name, out, ((0, 0),))
    assert set(files(out)) == {*before, "L0H0.html"}
    assert files(written(name, out)) == before
    assert [path.name for path in out.parent.iterdir()] == ["out"]


@pytest.mark.parametrize("strange", ["notes.txt", "about.json", "summary"])
def test_what_is_somebody_elses_stays(name: str, out: Path, strange: str) -> None:
    there = out / strange
    if there.is_dir():  # ours by its names, but nothing says that it is
        (out / "about.json").unlink()
    else:
        there.write_text("{}")
    before = files(out)
    with pytest.raises(HeadscopeError, match="did not write"):
        folder.check(out)
    with pytest.raises(HeadscopeError, match="did not write"):
        folder.write(name, out, (), lambda _: None)
    assert files(out) == before and len([*out.parent.iterdir()]) == 1


def test_places_that_are_no_folder_are_refused(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_text("")
    link.symlink_to(tmp_path)
    for place, said in (
        (file, "is no folder"),
        (link, "is no folder"),
        (tmp_path / "not" / "there", "in a folder that exists"),
    ):
        with pytest.raises(HeadscopeError, match=said):
            folder.check(place)
    folder.check(tmp_path / "new")


@pytest.mark.parametrize("last", [False, True])
def test_nothing_is_lost_if_writing_fails(
    name: str, out: Path, monkeypatch: pytest.MonkeyPatch, last: bool
) -> None:
    before = files(out)
    rename = os.rename

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    def once(source: Path, target: Path) -> None:
        if source.name.endswith(".new"):
            full()
        rename(source, target)

    if last:
        monkeypatch.setattr(os, "rename", once)
    else:
        monkeypatch.setattr(tables, "write", full)
    with pytest.raises(HeadscopeError, match="could not be written: No space left on device"):
        folder.write(name, out, (), lambda _: None)
    assert files(out) == before and len([*out.parent.iterdir()]) == 1


def test_folders_that_are_not_ours_or_damaged_are_no_results(out: Path, tmp_path: Path) -> None:
    with pytest.raises(HeadscopeError, match="no folder that was written by"):
        reading.read(tmp_path)
    about = out / "about.json"
    told = about.read_text()
    about.write_text(told.replace('"format": 1', '"format": 2'))
    with pytest.raises(HeadscopeError, match="another version"):
        reading.read(out)
    about.write_text(told)
    manifest = out / "summary" / "manifest.json"
    known = manifest.read_text()
    manifest.write_text(known.replace('"names": ["previous"', '"names": ["earlier"'))
    with pytest.raises(HeadscopeError, match="another version"):
        reading.read(out)
    manifest.write_text(known)
    counts = out / "summary" / "count_largest.npy"
    counts.write_bytes(counts.read_bytes()[:-1])
    with pytest.raises(HeadscopeError, match="is damaged"):
        reading.read(out)


def test_findings_that_are_gone_are_said(tmp_path: Path) -> None:
    with pytest.raises(HeadscopeError, match="not kept any more"):
        folder.write("0" * 24, tmp_path / "out", (), lambda _: None)
    assert not [*tmp_path.iterdir()]
