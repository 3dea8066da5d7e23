"""Results of jobs on disk, and the version of the code in their keys."""

import os
import pickle
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from compute.jobs import results
from compute.version import code_version


@pytest.fixture(autouse=True)
def file(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the database is."""
    monkeypatch.setattr(results, "REST", 0)
    monkeypatch.setattr(results, "PATIENCE", 0.05)
    return own_cache / "results" / "cache.db"


class Runs:
    """Code in a pickle: it makes a file when it is loaded."""

    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self) -> tuple:
        return os.mkdir, (str(self.path),)


def test_what_was_kept_is_found_by_the_next_server():
    results.Results().set("key", '["ä", 1]')
    assert results.find(results.Results(), "key", None) == '["ä", 1]'
    assert results.find(results.Results(), "other", None) is None


def test_what_is_no_json_or_no_longer_valid_is_forgotten():
    cache = results.Results()
    for text, valid in (("[1", lambda value: True), ("[1]", lambda value: False)):
        cache.set("key", text)
        assert results.find(cache, "key", valid) is None
        assert cache.get("key") is None


def test_damaged_results_are_begun_anew(file, capsys):
    results.Results().set("key", "[1]")
    for each in file.parent.iterdir():
        each.write_bytes(b"no database" * 100)
    cache = results.Results()
    assert "damaged" in capsys.readouterr().err
    assert results.find(cache, "key", None) is None
    cache.set("key", "[2]")
    assert results.find(cache, "key", None) == "[2]"


@pytest.mark.parametrize("how", ["junk", "cut", "deleted"])
def test_a_database_damaged_while_it_is_open_is_repaired(file, how):
    cache = results.Results()
    for i in range(50):
        cache.set(f"key{i}", f'"{i * 1000}"')
    if how == "junk":
        file.write_bytes(b"junk" * 10_000)
    elif how == "cut":
        os.truncate(file, 5000)
    else:
        for each in file.parent.iterdir():
            each.unlink()
    seen = []

    def ask() -> None:
        results.find(cache, "key1", None)
        cache.set("new", "[1]")
        results.find(cache, "key2", None)
        cache.set("new", "[1]")
        seen.append(results.find(cache, "new", None))

    with ThreadPoolExecutor(4) as pool:
        for _ in range(4):
            pool.submit(ask)
    ask()
    assert seen[-1] == "[1]" and len(seen) == 5


def test_a_locked_database_is_waited_for_and_nothing_is_lost(file, capsys):
    results.Results().set("key", "[1]")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        cache = results.Results()
        assert results.find(cache, "key", None) is None
        cache.set("more", "[2]")
        assert "Headscope goes on without it" in capsys.readouterr().err
        other.execute("COMMIT")
    assert results.find(cache, "key", None) == "[1]"


def test_a_database_locked_while_it_is_open_is_used_again_later(file):
    cache = results.Results()
    cache.set("key", "[1]")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert results.find(cache, "key", None) is None
        other.execute("COMMIT")
    assert results.find(cache, "key", None) == "[1]"


@pytest.mark.parametrize("row", ["pickle", "pickled key", "file", "bytes", "setting"])
def test_a_database_with_other_rows_is_begun_anew_and_nothing_in_it_runs(file, own_cache, row):
    results.Results().set("key", "[1]")
    marker = own_cache / "it ran"
    code = pickle.dumps(Runs(marker))
    (own_cache / "evil.val").write_bytes(code)
    put = "INSERT INTO Cache(key, raw, mode, filename, value, size) VALUES (?, ?, ?, ?, ?, 0)"
    rows = {
        "pickle": ("forged", 1, 4, None, code),
        "pickled key": (code, 0, 1, None, "[1]"),
        "file": ("forged", 1, 4, "../evil.val", None),
        "bytes": ("forged", 1, 1, None, code),
    }
    with closing(sqlite3.connect(file)) as other, other:
        if row == "setting":
            other.execute("INSERT INTO Settings VALUES ('disk_evil', 1)")
        else:
            other.execute(put, rows[row])
    cache = results.Results()
    assert results.find(cache, "forged", None) is None
    assert results.find(cache, "key", None) is None
    assert not marker.exists() and (own_cache / "evil.val").exists()


def test_a_pickle_planted_while_the_database_is_open_does_not_run(file, tmp_path):
    cache = results.Results()
    cache.set("key", "[1]")
    marker = tmp_path / "it ran"
    with closing(sqlite3.connect(file)) as other, other:
        other.execute("UPDATE Cache SET mode = 4, value = ?", (pickle.dumps(Runs(marker)),))
    assert results.find(cache, "key", None) is None
    cache.set("key", "[2]")
    assert results.find(cache, "key", None) == "[2]"
    assert not marker.exists()


def test_a_database_of_before_loses_only_the_secret_that_it_held(file):
    results.Results().set("key", "[1]")
    put = "INSERT INTO Cache(key, raw, mode, value, size) VALUES (?, 1, 1, ?, 0)"
    with closing(sqlite3.connect(file)) as other, other:
        other.execute(put, ("__dash_background_signing_secret__", b"secret"))
    assert results.find(results.Results(), "key", None) == "[1]"


def test_damage_of_the_words_in_it_is_damage_too(file, capsys):
    results.Results().set("key", "[1]")
    content = file.read_bytes()
    for word in (b"CREATE TRIGGER Settings_size_update", b"eviction_policy"):
        assert word in content
        file.write_bytes(content.replace(word, word[:-4] + b"\xff" + word[-3:]))
        cache = results.Results()
        cache.set("key", "[2]")
        assert results.find(cache, "key", None) == "[2]"
        assert capsys.readouterr().err.count("begun anew") == 1
        del cache


@pytest.mark.parametrize("by", ["hand", "another server"])
def test_a_database_that_was_taken_away_is_made_again(file, by):
    cache = results.Results()
    cache.set("key", "[1]")
    shutil.rmtree(file.parent)
    if by == "another server":
        results.Results().set("other", "[2]")
    cache.set("key", "[3]")  # fails: the file that it has open is gone
    cache.set("key", "[3]")
    assert results.find(results.Results(), "key", None) == "[3]"


def test_only_text_is_kept(file):
    cache = results.Results()
    cache.set("key", "[1]")
    cache.set("bytes", b"[1]")
    assert cache.get("bytes") is None


def test_code_version_follows_the_source(tmp_path, monkeypatch):
    assert code_version() == code_version.__wrapped__()
    monkeypatch.setattr("compute.version.__file__", str(tmp_path / "version.py"))
    versions = set()
    for text in ("a = 1", "a = 2"):
        (tmp_path / "some.py").write_text(text)
        versions.add(code_version.__wrapped__())
    assert len(versions) == 2
