"""Sets of pictures: the user's own are kept under the digest of what they hold."""

import os
from pathlib import Path

import pytest
from drawings import encoded, folder, noise

from compute import pictures, store
from compute.errors import HeadscopeError
from compute.pictures import collections


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path / "cache"))


def test_a_folder_is_kept_and_loaded_again(tmp_path):
    place = folder(tmp_path / "mine")
    (place / "notes.txt").write_text("no picture")
    name = pictures.keep(pictures.of_paths([place]), "Mine")
    found = pictures.load(name)
    assert found.labels == ("noise-0", "noise-1", "noise-2") and found.title == "Mine"
    assert list(found.contents()) == [file.read_bytes() for file in sorted(place.glob("*.png"))]
    assert pictures.is_name(name) and found.name == name


def test_equal_pictures_have_one_name_and_are_kept_once(tmp_path):
    place = folder(tmp_path / "mine", 1)
    items = [("noise-0.png", (place / "noise-0.png").read_bytes())]
    name = pictures.keep(items)
    assert pictures.keep(pictures.of_paths([place / "noise-0.png"])) == name
    assert pictures.keep([*items, ("other.png", items[0][1])]) != name
    assert len(list((store.root() / "pictures").glob("*.picture"))) == 1


def test_the_built_in_set_is_there():
    (found,) = pictures.built_in().values()
    assert found == pictures.load("twins") and found.title == "Twins"
    assert len(found.labels) == 24 and found.labels[0] == "column-1"
    assert all(content.startswith(b"\x89PNG") for content in found.contents())


def test_what_cannot_be_a_set_is_refused(tmp_path, monkeypatch):
    with pytest.raises(HeadscopeError, match="no picture in it"):
        pictures.keep([])
    with pytest.raises(HeadscopeError, match=r"bad\.png is no picture"):
        pictures.keep([("bad.png", b"text")])
    with pytest.raises(HeadscopeError, match="can't be read"):
        list(pictures.of_paths([tmp_path / "nothing.png"]))
    (tmp_path / "empty").mkdir()
    with pytest.raises(HeadscopeError, match="has no pictures"):
        list(pictures.of_paths([tmp_path / "empty"]))
    monkeypatch.setattr(pictures.collections, "MOST", 2)
    with pytest.raises(HeadscopeError, match="At most 2"):
        pictures.keep([(f"{i}.png", encoded(noise(seed=i))) for i in range(3)])


@pytest.mark.parametrize("name", ["pictures-../../etc", "pictures-" + "0" * 23, "prose", ""])
def test_a_name_from_a_link_reaches_no_other_file(name):
    assert not pictures.is_name(name)
    with pytest.raises(HeadscopeError, match="There is no set"):
        pictures.load(name)


def test_a_set_that_is_gone_or_damaged_is_told(tmp_path):
    name = pictures.keep(pictures.of_paths([folder(tmp_path / "mine")]))
    kept = store.root() / "pictures" / f"{name}.json"
    kept.write_text(kept.read_text().replace("noise-1", "noise-9"))
    with pytest.raises(HeadscopeError, match="not kept here any more"):
        pictures.load(name)
    with pytest.raises(HeadscopeError, match="not kept here any more"):
        pictures.load("pictures-" + "0" * 24)


def test_a_kept_picture_that_was_damaged_is_not_read(tmp_path):
    place = folder(tmp_path / "mine", 2)
    name = pictures.keep(pictures.of_paths([place]))
    file = pictures.load(name).files[1]
    file.write_bytes((place / "noise-0.png").read_bytes())  # a picture, but another
    with pytest.raises(HeadscopeError, match="damaged"):
        list(pictures.load(name).contents())
    assert pictures.keep(pictures.of_paths([place])) == name
    assert len(list(pictures.load(name).contents())) == 2


def test_a_path_that_no_disk_knows_is_told():
    with pytest.raises(HeadscopeError, match="can't be read: File name too long"):
        pictures.files_of([Path("x" * 400)])


def test_a_folder_gives_its_pictures_and_nothing_that_only_has_their_names(tmp_path):
    place = folder(tmp_path / "mine", 2)
    (place / "._noise-0.png").write_bytes(b"what a system keeps beside a file")
    (place / "folder.png").mkdir()
    (place / "gone.png").symlink_to(place / "nowhere.png")
    os.mkfifo(place / "pipe.png")
    assert [name for name, _ in pictures.of_paths([place])] == ["noise-0.png", "noise-1.png"]
    with pytest.raises(HeadscopeError, match="no file of a picture"):
        list(pictures.of_paths([place / "pipe.png"]))


def test_a_set_that_is_refused_leaves_no_picture_behind(tmp_path, monkeypatch):
    place = folder(tmp_path / "mine", 2)
    kept = store.root() / "pictures"
    first = (place / "noise-0.png").read_bytes()
    with pytest.raises(HeadscopeError, match="no picture"):
        pictures.keep([("a.png", first), ("b.png", b"text")])
    assert not list(kept.glob("*"))
    name = pictures.keep([("a.png", first)])
    with pytest.raises(HeadscopeError, match="no picture"):
        pictures.keep([("c.png", first), ("b.png", b"text")])
    assert pictures.load(name).labels == ("a",)  # what another set needs stays
    monkeypatch.setattr(collections, "MOST", 1)
    with pytest.raises(HeadscopeError, match="At most 1 "):
        next(pictures.of_paths([place]))
