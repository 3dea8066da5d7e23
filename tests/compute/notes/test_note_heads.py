"""Stars and notes on heads: kept for a model, on the disk, whoever else writes at the same time."""

import contextlib
import json
import os
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from servers import ROOT

from compute import limits, store
from compute.errors import HeadscopeError
from compute.notes import heads, on_disk
from compute.notes.heads import Note

pytestmark = pytest.mark.usefixtures("cache")


def files(cache: Path) -> list[Path]:
    return sorted((cache / "notes").glob("*"))


def test_what_is_kept_is_read_again(cache: Path) -> None:
    assert heads.of_model("m") == ()
    heads.change("m", 3, 1, star=True)
    heads.change("m", 0, 11, text="Looks at “,” and\nat the verb\n")
    heads.change("m", 3, 1, text="Previous token")
    assert heads.of_model("m") == (
        Note(0, 11, False, "Looks at “,” and\nat the verb"),
        Note(3, 1, True, "Previous token"),
    )
    assert heads.of_model("another") == ()
    heads.change("m", 0, 11, text="")  # nothing is left of it
    heads.change("m", 3, 1, star=False)
    assert heads.of_model("m") == (Note(3, 1, False, "Previous token"),)
    assert [path.name[24:] for path in files(cache)] == ["-L3H1.json"]


def test_two_at_once_lose_nothing_of_one_another() -> None:
    with ThreadPoolExecutor(8) as pool:
        for head in range(40):
            pool.submit(heads.change, "m", head % 5, head, text=f"note {head}")
    assert {note.text for note in heads.of_model("m")} == {f"note {n}" for n in range(40)}


def test_a_star_and_a_note_at_once_are_both_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    read, both = on_disk.read, threading.Barrier(2)

    def slow(*which: str) -> dict | None:
        found = read(*which)
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(0.5)  # for the other, as long as that may come at all
        return found

    monkeypatch.setattr(on_disk, "read", slow)
    with ThreadPoolExecutor(2) as pool:
        for changed in ({"star": True}, {"text": "A note"}):
            pool.submit(heads.change, "m", 1, 1, **changed)
    assert heads.of_model("m") == (Note(1, 1, True, "A note"),)


def test_of_one_head_the_last_wins() -> None:
    for text in ("first", "second"):
        heads.change("m", 1, 1, text=text)
    assert heads.of_model("m")[0].text == "second"


@pytest.mark.parametrize("content", ["", "{", "[]", '"x"', "[" * 100_000, "\0\xff"])
def test_a_damaged_file_is_no_note_and_stays_where_it_is(cache: Path, content: str) -> None:
    heads.change("m", 0, 0, star=True)
    heads.change("m", 0, 1, star=True)
    files(cache)[0].write_text(content, encoding="latin-1")
    assert heads.of_model("m") == (Note(0, 1, True),)
    assert len(files(cache)) == 2


def test_strange_contents_are_no_stars(cache: Path) -> None:
    heads.change("m", 0, 0, star=True)
    (path,) = files(cache)
    path.write_text(json.dumps({"star": "yes", "text": 7}))
    assert heads.of_model("m") == ()
    path.write_text(json.dumps({"star": 1, "text": "x" * 10_000}))
    assert heads.of_model("m") == (Note(0, 0, False, "x" * limits.NOTE),)
    path.write_text(json.dumps({"text": "a\ud800\0b"}))  # no page could be sent these
    assert heads.of_model("m") == (Note(0, 0, False, "a  b"),)
    path.rename(path.with_name(path.name.replace("L0H0", "L0H0x")))
    assert heads.of_model("m") == ()


def test_a_note_is_plain_text_and_has_an_end() -> None:
    heads.change("m", 0, 0, text="a\0b\x1b[31m\r\n<b>=1+1</b>\u2028")
    assert heads.of_model("m")[0].text == "a b [31m\n<b>=1+1</b>"
    with pytest.raises(HeadscopeError, match="at most 2,000 characters"):
        heads.change("m", 0, 0, text="x" * 2_001)


def test_a_full_disk_is_told(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise store.TroubleWriting("The disk is full.")

    monkeypatch.setattr(store, "write_text", full)
    with pytest.raises(HeadscopeError, match=r"Your note on L2H3 could not be kept. The disk is"):
        heads.change("m", 2, 3, star=True)


def test_no_sweep_deletes_them(cache: Path) -> None:
    heads.change("m", 1, 2, star=True, text="Mine")
    with store.writing("runs", "ab" * 12) as draft:
        draft.values = {"a": 1}
    os.utime(cache / "runs" / ("ab" * 12) / store.MANIFEST, (0, 0))
    left = store.sweep(0)
    assert left.entries == 0 < left.texts and left.others == 0
    assert heads.of_model("m") == (Note(1, 2, True, "Mine"),)


def test_clean_cache_leaves_them_and_says_so(tmp_path: Path) -> None:
    home = tmp_path / "cache"
    for name in ("README.md", "runs/ab/manifest.json", "texts/own.json", "notes/a-L0H0.json"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("x")
    env = {key: value for key, value in os.environ.items() if key != "HEADSCOPE_CACHE"}
    made = subprocess.run(
        ["make", "-f", str(ROOT / "Makefile"), "clean-cache"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    left = {p.relative_to(home).as_posix() for p in home.rglob("*") if p.is_file()}
    assert left == {"README.md", "notes/a-L0H0.json"}
    assert "were left alone" in made.stdout
