"""Entries on disk: whole or not there."""

import os
import re
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from stored import damage, in_threads

from compute import store
from compute.store import drafts, entries

A, B, C = (store.key(letter) for letter in "abc")


def write(name: str = A, size: int = 8) -> None:
    with store.writing("things", name) as draft:
        draft.save("whole", np.arange(size, dtype=np.float32))
        streamed = draft.create("streamed", (2, 3))
        streamed[1] = 5
        draft.values["told"] = {"n": 1}


def test_what_was_written_is_read_back():
    write()
    entry = store.find("things", A)
    assert entry.values == {"told": {"n": 1}}
    assert entry.array("whole").tolist() == list(range(8))
    assert entry.array("streamed").tolist() == [[0, 0, 0], [5, 5, 5]]
    with pytest.raises(ValueError):
        entry.array("whole")[0] = 1


def test_the_cache_is_private():
    os.umask(0o022)
    assert store.root().stat().st_mode & 0o777 == 0o700


def test_a_cache_that_was_open_to_others_is_closed():
    store.root().chmod(0o755)
    assert store.root().stat().st_mode & 0o077 == 0


def test_nothing_appears_when_writing_fails():
    with pytest.raises(RuntimeError), store.writing("things", A) as draft:
        draft.save("whole", np.ones(3))
        raise RuntimeError("killed half way")
    assert store.find("things", A) is None
    assert not list((store.root() / "things").iterdir())


@pytest.mark.parametrize("how", ["flip", "cut", "remove", "manifest"])
def test_a_damaged_entry_is_not_there_and_can_be_written_again(how):
    write()
    folder = store.root() / "things" / A
    damage(folder, "whole", how)
    assert store.find("things", A) is None
    assert folder.exists() == (how == "manifest")  # without one nothing shows that it is ours
    write()
    assert store.find("things", A) is not None


def test_an_entry_that_was_taken_along_is_read_where_it_lies(tmp_path):
    write()
    folder = tmp_path / "elsewhere"
    shutil.copytree(store.find("things", A).folder, folder)
    entry = store.outside(folder)
    assert entry.values == {"told": {"n": 1}}
    assert entry.array("whole").tolist() == list(range(8))
    (folder / "whole.npy").write_bytes(b"")
    for damaged in (folder, tmp_path / "nowhere"):
        with pytest.raises(store.Damaged):
            store.outside(damaged)
    assert folder.is_dir(), "what is the person's is never deleted"


def test_large_files_are_read_two_at_a_time_and_their_damage_is_seen(monkeypatch):
    monkeypatch.setattr(entries, "LARGE", 100)
    monkeypatch.setattr(entries, "BLOCK", 64)
    write(size=300)
    folder = store.root() / "things" / A
    expected = {path.name: zlib.crc32(path.read_bytes()) for path in folder.glob("*.npy")}
    assert entries.checksums(folder) == expected and len(expected) == 2
    monkeypatch.setattr(entries, "LARGE", 2**30)
    assert entries.checksums(folder) == expected
    damage(folder, "whole", "flip")
    monkeypatch.setattr(entries, "LARGE", 100)
    assert entries.checksums(folder) != expected and store.find("things", A) is None


def test_two_writers_of_one_entry_do_not_disturb_each_other():
    with store.writing("things", A) as first:
        first.save("whole", np.zeros(2))
        write(A)
    assert store.find("things", A) is not None
    assert [p.name for p in (store.root() / "things").iterdir()] == [A]


def test_a_draft_takes_its_place_though_others_delete_and_write_there_meanwhile():
    place, seen = store.root() / "things" / A, []

    def changes() -> bool:
        if seen:
            (place / "of another").touch()
        else:
            store.discard("things", A)
        seen.append(1)
        return False

    write(A)
    with store.draft_folder(place, changes) as folder:
        (folder / "file").touch()
    assert [p.name for p in place.iterdir()] == ["file"]
    store.clear_drafts()
    assert [p.name for p in place.parent.iterdir()] == [A]


def test_what_a_kill_leaves_of_an_entry_that_was_being_deleted_goes(monkeypatch):
    write(A)
    with monkeypatch.context() as killed:
        killed.setattr(entries.shutil, "rmtree", lambda *_, **__: None)
        store.discard("things", A)
    (rest,) = (store.root() / "things").iterdir()
    assert rest.name != A and (rest / "whole.npy").exists()
    store.clear_drafts()
    assert not rest.exists()


def test_many_threads_may_find_entries_at_the_same_time():
    def note(name: str) -> None:
        for i in range(5000):
            entries.note_sound(Path(name, str(i)), entries.State((), ""))

    in_threads(note)
    assert len(entries._sound) <= entries.KNOWN


def test_the_drafts_of_dead_processes_go_and_those_of_living_ones_stay():
    home = store.root() / "things"
    kill_a_writer()
    (dead,) = home.iterdir()
    with store.writing("things", B) as draft:
        store.sweep()
        assert not dead.exists() and draft.folder.exists()
    assert [p.name for p in home.iterdir()] == [B]


def test_a_dead_writers_draft_goes_even_if_its_number_is_in_use_again():
    kill_a_writer()
    (dead,) = (store.root() / "things").iterdir()
    pid = re.search(r"\.([0-9]+)-", dead.name)[1]
    again = dead.rename(dead.with_name(dead.name.replace(f".{pid}-", f".{os.getpid()}-")))
    of_before = dead.with_name(f".{A}.{os.getpid()}.abcdefgh")  # as drafts were called once
    of_before.mkdir()
    store.clear_drafts()
    assert not again.exists() and of_before.exists()


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_the_drafts_of_another_machine_stay_until_nobody_can_want_them(monkeypatch, kind):
    def elsewhere() -> str:
        return "0123abcd"

    write()
    with monkeypatch.context() as there:
        there.setattr(drafts, "_machine", elsewhere)
        name = f"{drafts._prefix(A)}abcdefgh".replace(f".{os.getpid()}-", ".4000000-")
    draft = store.root() / "things" / name
    draft.mkdir() if kind == "folder" else draft.touch()
    store.clear_drafts()
    assert draft.exists()
    os.utime(draft, (1000, 1000))
    store.clear_drafts()
    assert not draft.exists()


def test_hidden_files_that_are_no_drafts_stay():
    names = (".notes.2024.swp", f".{A}", ".a.1.12345678", f".{A}.1.much-longer")
    for name in names:
        (store.root() / name).touch()
        (store.root() / "things" / name).mkdir(parents=True)
    store.clear_drafts()
    assert all((store.root() / name).exists() for name in names)
    assert all((store.root() / "things" / name).exists() for name in names)


def kill_a_writer() -> None:
    """Leave the draft of a process that was killed while it wrote."""
    code = (
        "import os, signal; from compute import store\n"
        f"with store.writing('things', {A!r}): os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == -9


def test_sweep_takes_the_least_recently_used_first():
    for i, name in enumerate((A, B, C)):
        write(name, 1000)
        manifest = store.root() / "things" / name / store.MANIFEST
        os.utime(manifest, (1000 + i, 1000 + i))
    store.find("things", A)  # used again
    size = sum(p.stat().st_size for p in (store.root() / "things" / A).iterdir())
    store.sweep(2 * size + size // 2)
    assert [bool(store.find("things", name)) for name in (A, B, C)] == [True, False, True]


def test_keys_depend_on_everything_and_on_nothing_else():
    assert store.key("a", 1, {"x": 1, "y": 2}) == store.key("a", 1, {"y": 2, "x": 1})
    assert store.key("a", 1) != store.key("a", 2) != store.key("a", "2")


def test_a_folder_to_scratch_in_is_gone_afterwards_and_hidden_before():
    with store.scratch() as folder:
        (folder / "file").touch()
        store.clear_drafts()
        assert [*store.root().iterdir()] == [folder]
        assert folder.name.startswith(".")
    assert [*store.root().iterdir()] == []
