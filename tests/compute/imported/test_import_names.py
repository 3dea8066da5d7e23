"""Records of imports: one for a name, kept by all that deletes, replaced, forgotten."""

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import imports
import pytest
from filelock import FileLock

from compute import runs, store
from compute.errors import HeadscopeError
from compute.finding import imported, known
from compute.imported import making
from compute.store import space

ROOT = Path(__file__).parents[3]


def test_a_name_is_of_one_import(cache, tmp_path):
    asked = imports.written(tmp_path, imports.vectors())
    first = making.make(asked)
    assert making.make(asked).run.key == first.run.key
    with pytest.raises(HeadscopeError, match="--delete mine"):  # other rules
        making.make(replace(asked, causal=False))
    other = imports.written(tmp_path, imports.vectors(seed=1))
    with pytest.raises(HeadscopeError, match="--delete mine"):
        making.make(other)
    with pytest.raises(HeadscopeError, match="begins with a letter"):
        making.make(replace(asked, name="../mine"))


def test_tokens_that_are_shown_alike_are_told_apart(cache, tmp_path):
    asked = imports.written(tmp_path, imports.vectors())
    file = tmp_path / "tokens.json"
    asked = replace(asked, tokens=file)
    file.write_text(json.dumps([["·a", " a", *"bcd"], [*"efg"]]))
    first = making.make(asked).run
    file.write_text(json.dumps([[" a", " a", *"bcd"], [*"efg"]]))
    with pytest.raises(HeadscopeError, match="Something else"):
        making.make(asked)
    second = making.make(replace(asked, name="other")).run
    assert first.tokens.strings == second.tokens.strings
    assert [run.tokens.ids[:2].tolist() for run in (first, second)] == [[0, 1], [0, 0]]


def test_records_that_others_damaged_are_none(cache, tmp_path):
    making.make(imports.written(tmp_path, imports.vectors()))
    folder = cache / "imports"
    for name, content in (("a" * 24, "{"), ("b" * 24, "[]"), ("c" * 24, json.dumps({"name": "x"}))):
        (folder / f"{name}.json").write_text(content)
    (folder / f"{'d' * 24}.json").write_text(
        json.dumps({"name": "../x", "title": "", "identity": ""})
    )
    assert [each.name for each in imported.every()] == ["mine"]


def test_a_sweep_deletes_results_and_no_import(cache, tmp_path, monkeypatch):
    made = making.make(imports.written(tmp_path, imports.vectors()))
    other = store.key("another")
    runs.RUNS.put(other, made.run)
    monkeypatch.setattr(space, "IN_USE", -1)
    left = store.sweep(0)
    assert runs.RUNS.has(made.run.key) and not runs.RUNS.has(other)
    assert left.entries == 0 and left.texts > 0 and "imported vectors" in left.trouble


def kept(cache):
    """Return the names of the records, and of the runs."""
    stems = {path.stem for path in (cache / "imports").glob("*.json")}
    return stems, {path.name for path in (cache / "runs").iterdir()}


def test_of_two_imports_of_a_name_at_once_the_later_is_refused(cache, tmp_path, monkeypatch):
    asked = imports.written(tmp_path, imports.vectors())
    (tmp_path / "other").mkdir()
    other = imports.written(tmp_path / "other", imports.vectors(seed=1))
    copy, done = making._kept, []

    def meanwhile(*given):
        if not done:
            done.append("once")
            done[0] = making.make(other).run.key
        return copy(*given)

    monkeypatch.setattr(making, "_kept", meanwhile)
    with pytest.raises(HeadscopeError, match="Something else was imported as mine"):
        making.make(asked)
    assert kept(cache) == ({done[0]}, {done[0]})


def test_an_import_of_before_it_was_said_has_no_weights_either(cache, tmp_path):
    key = making.make(imports.written(tmp_path, imports.vectors())).run.key
    manifest = cache / "runs" / key / store.MANIFEST
    kept_then = json.loads(manifest.read_text())
    assert kept_then["values"]["model"].pop("weights") is False
    manifest.write_text(json.dumps(kept_then))
    assert runs.load(key).model.weights is False


def test_records_are_written_one_after_the_other(cache, tmp_path, monkeypatch):
    monkeypatch.setattr(imported, "_PATIENCE", 0)
    (cache / "imports").mkdir()
    with (
        FileLock(cache / "imports" / ".lock"),
        pytest.raises(store.TroubleWriting, match=r"[.]lock"),
    ):
        making.make(imports.written(tmp_path, imports.vectors()))
    assert kept(cache) == (set(), set())


@pytest.mark.parametrize("what", ["title", "version"])
def test_the_same_vectors_titled_or_made_otherwise_replace_those_before(
    cache, tmp_path, monkeypatch, what
):
    asked = imports.written(tmp_path, imports.vectors())
    first = making.make(asked).run
    if what == "title":
        asked = replace(asked, title="other.txt")
    else:
        monkeypatch.setattr(runs, "VERSION", runs.VERSION + 1)
    second = making.make(asked).run
    assert second.key != first.key and second.title == asked.title
    assert kept(cache) == ({second.key}, {second.key})


def test_a_name_of_a_file_that_is_no_text_is_shown_as_well_as_it_can_be(cache, tmp_path):
    asked = imports.written(tmp_path, imports.vectors())
    assert making.make(replace(asked, title=os.fsdecode(b"\xff.txt"))).run.title == "?.txt"


def test_a_damaged_record_is_named_and_deleted_by_its_key(cache, tmp_path, monkeypatch):
    key = making.make(imports.written(tmp_path, imports.vectors())).run.key
    record = cache / "imports" / f"{key}.json"
    record.write_text("{")
    monkeypatch.setattr(space, "IN_USE", -1)
    store.sweep(0)
    assert runs.RUNS.has(key)  # nobody said to delete it
    with pytest.raises(HeadscopeError) as told:
        making.forget("mine")
    assert str(record) in str(told.value) and f"--delete {key}" in str(told.value)
    making.forget(key)
    assert kept(cache) == (set(), set())
    with pytest.raises(HeadscopeError, match="Import it with"):
        making.forget(key)


def test_only_what_can_be_a_name_is_known(cache):
    assert known.knows("imported:mine-1.0")
    for spec in ("imported:/etc/passwd", "imported:../x", "imported:", "imported:x + y"):
        assert not known.knows(spec)


def test_clean_cache_leaves_imports_and_says_so(tmp_path):
    key, other = "ab" * 12, "cd" * 12
    home = tmp_path / "cache"
    files = {f"runs/{key}/q.npy", f"runs/{key}/manifest.json", f"imports/{key}.json"}
    for name in (*files, f"runs/{other}/q.npy", "scores/ab/manifest.json"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("x")
    env = {name: value for name, value in os.environ.items() if name != "HEADSCOPE_CACHE"}
    made = subprocess.run(
        ["make", "-f", str(ROOT / "Makefile"), "clean-cache"],
        cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert {p.relative_to(home).as_posix() for p in home.rglob("*") if p.is_file()} == files
    assert "imported vectors were left alone" in " ".join(made.stdout.split())
