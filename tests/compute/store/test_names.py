"""Names from requests: what is none finds nothing, and nothing outside the cache is touched."""

import os
from pathlib import Path

import numpy as np
import pytest

from compute import runs, store

NAME = store.key("a")
FORGED = [
    "",
    ".",
    "..",
    "*",
    "a",
    NAME[:-1],
    NAME + "0",
    NAME.upper().replace("0", "A"),
    NAME + "\n",
    NAME + "\0",
    NAME + "-",
    NAME + "-x",
    f"../{NAME}",
    f"../../outside/{NAME}",
    f"{NAME}/../{NAME}",
    f"./{NAME}",
    None,
    7,
    [NAME],
    {"key": NAME},
]


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder of the user's, outside the cache, that even looks like an entry."""
    folder = tmp_path / "outside" / NAME
    folder.mkdir(parents=True)
    (folder / store.MANIFEST).write_text('{"values": {}, "files": {"gone.npy": 1}}')
    (folder / "letter.txt").write_text("dear")
    return folder


@pytest.mark.parametrize("name", FORGED, ids=repr)
def test_what_is_no_name_finds_and_deletes_nothing(name, outside):
    (store.root() / "things").mkdir()
    for kind in ("things", "..", "../outside", str(outside.parent), "things/..", None, 3, ""):
        assert store.find(kind, name) is None
        store.discard(kind, name)
    assert (outside / "letter.txt").exists() and (store.root() / "things").exists()


def test_a_path_is_not_a_name(outside):
    name = str(outside)
    assert store.find("runs", name) is None and runs.RUNS.get(name) is None
    store.discard("runs", name)
    with pytest.raises(ValueError), store.writing("runs", name):
        pass
    assert (outside / "letter.txt").exists()


def test_a_link_out_of_the_cache_is_not_followed(outside):
    (store.root() / "things").mkdir()
    (store.root() / "things" / NAME).symlink_to(outside)
    (store.root() / "links").symlink_to(outside.parent)
    for kind in ("things", "links"):
        assert store.find(kind, NAME) is None
        store.discard(kind, NAME)
        with pytest.raises(ValueError), store.writing(kind, NAME):
            pass
    (outside.parent / ".aside.theirs").mkdir()
    store.sweep(0)
    assert (outside / "letter.txt").read_text() == "dear"
    assert (outside.parent / ".aside.theirs").exists()


def test_a_link_in_a_circle_is_no_entry():
    (store.root() / "things").mkdir()
    place = store.root() / "things" / NAME
    place.symlink_to(place)
    assert store.find("things", NAME) is None
    store.discard("things", NAME)
    assert store.sweep(0).entries == 0 and place.is_symlink()


def test_a_folder_without_a_manifest_of_ours_is_left_alone():
    for text in (None, "", "[]", "{", '{"values": 1}', "\xff", "[" * 10**5):
        folder = store.root() / "things" / NAME
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "kept.npy").write_bytes(b"mine")
        if text is not None:
            (folder / store.MANIFEST).write_text(text, encoding="latin-1")
            os.utime(folder / store.MANIFEST, (1000, 1000))
        assert store.find("things", NAME) is None
        store.discard("things", NAME)
        store.sweep(0)
        assert (folder / "kept.npy").exists()


def test_the_names_of_maps_that_are_being_fitted_are_names():
    frame = f"{NAME}-120"
    with store.writing("maps", frame) as draft:
        draft.save("q", np.ones(2))
    assert store.find("maps", frame) is not None
    store.discard("maps", frame)
    assert store.find("maps", frame) is None


def test_a_folder_that_is_no_entry_makes_way_for_a_real_one():
    folder = store.root() / "things" / NAME
    folder.mkdir(parents=True)
    (folder / "strange").touch()
    with store.writing("things", NAME) as draft:
        draft.save("q", np.ones(2))
    assert store.find("things", NAME) is not None
    store.clear_drafts()
    assert [p.name for p in folder.parent.iterdir()] == [NAME]
