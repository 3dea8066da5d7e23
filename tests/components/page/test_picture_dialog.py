"""One's own pictures: what is dropped, and what a path leads to; what can't be read is told."""

import base64

import pytest
from dash import no_update
from drawings import encoded, folder, noise

from components.forms.form import Form
from components.page import picture_dialog
from compute import pictures
from compute.errors import HeadscopeError
from compute.jobs import opening

OPTIONS = [{"value": "twins", "label": "Twins"}, {"value": "own", "label": "Your own pictures …"}]


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path / "cache"))
    told = []
    monkeypatch.setattr(picture_dialog, "show_problem", told.append)
    return told


def url(content: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def read(said: str) -> tuple:
    """What becomes of a path: the button, the job, and what follows from what it found."""
    *left, asked = picture_dialog.use_pictures(1, said, None, None, OPTIONS)
    assert left == [no_update] * 4
    kept = picture_dialog.keep_folder(reports.append, asked)
    Form(picture_dialog.Kept).check(kept, "the set")
    return picture_dialog.use_kept(kept, True, OPTIONS)


reports: list[tuple] = []


def test_dropped_files_are_kept_and_chosen():
    files = [url(encoded(noise(seed=seed))) for seed in (1, 2)]
    options, name, is_open, contents, asked = picture_dialog.use_pictures(
        1, "", files, ["a.png", "b.png"], OPTIONS
    )
    assert pictures.load(name).labels == ("a", "b") and (is_open, contents) == (False, None)
    assert options[1] == {"value": name, "label": "Your pictures (2 pictures)"}
    assert [option["value"] for option in options] == ["twins", name, "own"]
    assert asked is no_update


def test_a_folder_of_this_machine_is_read_by_a_job_that_says_how_far_it_is(tmp_path):
    reports.clear()
    place = folder(tmp_path / "photos", 3)
    options, name, is_open = read(f' "{place}" ')
    assert options[1]["label"] == "photos (3 pictures)" and is_open is False
    assert pictures.load(name).labels == ("noise-0", "noise-1", "noise-2")
    assert reports[-1] == (100, "3 of 3 pictures checked")
    assert not opening.still_there(picture_dialog.keep_folder(reports.append, str(place)))


def test_a_set_is_only_offered_if_the_dialog_was_closed_meanwhile(tmp_path):
    kept = picture_dialog.keep_folder(reports.append, str(folder(tmp_path / "photos", 1)))
    options, *left = picture_dialog.use_kept(kept, False, OPTIONS)
    assert options[1]["label"] == "photos (1 picture)" and left == [no_update, no_update]


@pytest.mark.parametrize(
    "said, why",
    [("", "Type the folder"), ("/no/where", "no folder or file"), ("\x00", "no folder or file")],
)
def test_what_is_not_there_is_told(said, why, own_cache):
    assert picture_dialog.use_pictures(1, said, None, None, OPTIONS) == (no_update,) * 5
    assert why in own_cache[0]
    with pytest.raises(HeadscopeError, match=why):
        picture_dialog.keep_folder(reports.append, said)


def test_what_is_no_picture_is_told(own_cache):
    files = [url(b"text")]
    assert picture_dialog.use_pictures(1, "", files, ["a.png"], OPTIONS)[0] is no_update
    assert "a.png is no picture" in own_cache[0]


def test_pictures_without_their_names_are_told(own_cache):
    files = [url(encoded(noise()))]
    for names in (None, [], ["a.png", "b.png"]):
        assert picture_dialog.use_pictures(1, "", files, names, OPTIONS)[0] is no_update
    assert len(own_cache) == 3 and "without their names" in own_cache[0]


def test_the_files_that_were_chosen_are_named():
    assert picture_dialog.show_files(["a.png"]) == "a.png"
    assert picture_dialog.show_files(["a.png", "b", "c"]) == "a.png and 2 more"
