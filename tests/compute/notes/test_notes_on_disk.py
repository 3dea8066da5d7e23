"""What others put where notes and selections lie: it is not followed, not waited for, not read."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from compute import store
from compute.notes import on_disk

OWNER = "ab" * 12
GOOD = {"star": True}


def pipe(path: Path) -> None:
    os.mkfifo(path)


def link(path: Path) -> None:
    path.symlink_to(path.parent.parent / "elsewhere.json")


def loop(path: Path) -> None:
    path.symlink_to(path)


def folder(path: Path) -> None:
    path.mkdir()


def too_large(path: Path) -> None:
    text = json.dumps(GOOD).encode()
    path.write_bytes(text.ljust(on_disk.LARGEST + 1))  # JSON may end with spaces


@pytest.mark.parametrize("put", [pipe, link, loop, folder, too_large])
def test_what_is_no_file_of_these_is_left_alone(cache: Path, put: Callable[[Path], None]) -> None:
    (cache / "elsewhere.json").write_text(json.dumps(GOOD))
    on_disk.write("notes", OWNER, "L0H1", GOOD)
    (sound,) = (cache / "notes").iterdir()
    put(sound.with_name(f"{OWNER}-L0H0.json"))
    handles = open_files()
    assert on_disk.read("notes", OWNER, "L0H0") is None
    assert dict(on_disk.read_all("notes", OWNER)) == {"L0H1": GOOD}
    assert open_files() == handles
    if put is folder:
        with pytest.raises(store.TroubleWriting):
            on_disk.write("notes", OWNER, "L0H0", GOOD)
        return
    on_disk.write("notes", OWNER, "L0H0", {"star": False})  # in its place, not where it led
    assert on_disk.read("notes", OWNER, "L0H0") == {"star": False}
    assert json.loads((cache / "elsewhere.json").read_text()) == GOOD


def test_as_much_as_there_may_be_is_read(cache: Path) -> None:
    on_disk.write("notes", OWNER, "L0H0", GOOD)
    (path,) = (cache / "notes").iterdir()
    path.write_bytes(json.dumps(GOOD).encode().ljust(on_disk.LARGEST))
    assert on_disk.read("notes", OWNER, "L0H0") == GOOD


def test_a_folder_that_leads_elsewhere_holds_nothing_and_takes_nothing(cache: Path) -> None:
    on_disk.write("notes", OWNER, "L0H0", GOOD)
    (cache / "notes").rename(cache / "elsewhere")
    (cache / "notes").symlink_to(cache / "elsewhere")
    assert on_disk.read("notes", OWNER, "L0H0") is None
    assert list(on_disk.read_all("notes", OWNER)) == []
    with pytest.raises(store.TroubleWriting, match="is a link, and nothing is kept where"):
        on_disk.write("notes", OWNER, "L0H0", {})
    with pytest.raises(store.TroubleWriting, match="is a link, and nothing is kept where"):
        on_disk.delete("notes", OWNER, "L0H0")
    assert json.loads((cache / "elsewhere" / f"{OWNER}-L0H0.json").read_text()) == GOOD


def test_text_says_nothing_in_another_direction() -> None:
    assert on_disk.plain("a\u202eb\u061c\u200e\u2069 \u05d0\u200d") == "ab \u05d0\u200d"


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))
