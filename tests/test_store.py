"""Entries on disk: whole or not there."""

import os
import subprocess
import sys

import numpy as np
import pytest

from compute import store


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path / "cache"))


def write(name: str = "a", size: int = 8) -> None:
    with store.writing("things", name) as draft:
        draft.save("whole", np.arange(size, dtype=np.float32))
        streamed = draft.create("streamed", (2, 3))
        streamed[1] = 5
        draft.values["told"] = {"n": 1}


def test_what_was_written_is_read_back_memory_mapped():
    write()
    entry = store.find("things", "a")
    assert entry.values == {"told": {"n": 1}}
    assert entry.array("whole").tolist() == list(range(8))
    assert entry.array("streamed").tolist() == [[0, 0, 0], [5, 5, 5]]
    assert isinstance(entry.array("whole"), np.memmap)
    with pytest.raises(ValueError):
        entry.array("whole")[0] = 1


def test_the_cache_is_private():
    os.umask(0o022)
    assert store.root().stat().st_mode & 0o777 == 0o700


def test_a_cache_that_was_open_to_others_is_closed():
    store.root().chmod(0o755)
    assert store.root().stat().st_mode & 0o077 == 0


def test_nothing_appears_when_writing_fails():
    with pytest.raises(RuntimeError), store.writing("things", "a") as draft:
        draft.save("whole", np.ones(3))
        raise RuntimeError("killed half way")
    assert store.find("things", "a") is None
    assert not list((store.root() / "things").iterdir())


@pytest.mark.parametrize("damage", ["flip", "cut", "remove", "manifest"])
def test_a_damaged_entry_is_not_there_and_can_be_written_again(damage):
    write()
    folder = store.root() / "things" / "a"
    file = folder / "whole.npy"
    content = bytearray(file.read_bytes())
    if damage == "flip":
        content[-1] ^= 1
        file.write_bytes(content)
    elif damage == "cut":
        file.write_bytes(content[:-4])
    elif damage == "remove":
        file.unlink()
    else:
        (folder / store.MANIFEST).write_text("{")
    assert store.find("things", "a") is None
    assert not folder.exists()
    write()
    assert store.find("things", "a") is not None


def test_two_writers_of_one_entry_do_not_disturb_each_other():
    with store.writing("things", "a") as first:
        first.save("whole", np.zeros(2))
        write("a")
    assert store.find("things", "a") is not None
    assert [p.name for p in (store.root() / "things").iterdir()] == ["a"]


def test_sweep_removes_what_killed_writers_left_and_spares_living_ones():
    home = store.root() / "things"
    home.mkdir()
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    dead, alive = home / f".a.{ended.pid}.xyz", home / f".b.{os.getpid()}.xyz"
    dead.mkdir()
    alive.mkdir()
    store.sweep()
    assert not dead.exists() and alive.exists()


def test_sweep_takes_the_least_recently_used_first():
    for i, name in enumerate("abc"):
        write(name, 1000)
        manifest = store.root() / "things" / name / store.MANIFEST
        os.utime(manifest, (1000 + i, 1000 + i))
    store.find("things", "a")  # used again
    size = sum(p.stat().st_size for p in (store.root() / "things" / "a").iterdir())
    store.sweep(2 * size + size // 2)
    assert [bool(store.find("things", name)) for name in "abc"] == [True, False, True]


def test_keys_depend_on_everything_and_on_nothing_else():
    assert store.key("a", 1, {"x": 1, "y": 2}) == store.key("a", 1, {"y": 2, "x": 1})
    assert store.key("a", 1) != store.key("a", 2) != store.key("a", "2")


def test_an_entry_of_any_kind_exists_by_its_name():
    write("a")
    assert store.exists("a") and not store.exists("b") and not store.exists("*")
