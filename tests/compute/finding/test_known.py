"""Which models a link may open: those that come with Headscope or were opened here before."""

import json
import os

import pytest
import stored
import tiny

from compute import runs, store
from compute.errors import HeadscopeError
from compute.finding import catalog, known
from compute.jobs import opening
from compute.model_files import sources
from compute.model_files.sources import Source


def of_hub(spec):
    folder = store.root() / "0123"
    return Source(spec, "name", folder, f"{spec}@0123", "", "", revision="0123")


def untouched(monkeypatch):
    """Let every look at the disk fail, but for what the cache folder needs."""

    def fail(path, *_, **__):
        raise AssertionError(f"{path} was looked at")

    for name in ("isdir", "exists", "isfile", "realpath", "lexists"):
        monkeypatch.setattr(os.path, name, fail)


@pytest.mark.parametrize(
    "spec",
    [
        "/etc",
        "./model",
        "~/model",
        "owner/name",
        "name",
        "/net/host/model",
        "C:\\model",
        "/etc/x.gguf",
        "owner/name:x.gguf",
        "minilm + /etc",
        "/etc + minilm",
        "minilm+owner/name",
    ],
)
def test_a_name_that_nobody_opened_is_not_known_and_not_looked_at(spec, monkeypatch):
    store.root()
    untouched(monkeypatch)
    assert not known.knows(spec)


def test_what_comes_with_headscope_is_known():
    assert all(known.knows(model.spec) for model in sources.built_in())


def test_a_folder_is_known_once_it_was_opened(tmp_path):
    folder = tiny.save(tmp_path / "model", "bert")
    assert not known.knows(str(folder))
    opening.open_run(str(folder), "questions", lambda _: None)
    assert known.knows(str(folder)) and known.knows(f" {folder}/./ ")
    assert not known.knows(str(tmp_path))
    (store.root() / known.FILE).unlink()
    (store.root() / known.FILE).write_text("[]")
    assert not known.knows(str(folder))
    opening.open_run(str(folder), "questions", lambda _: None)  # what is stored counts as well
    assert known.knows(str(folder))
    assert (store.root() / known.FILE).stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_opened_stays_unknown(tmp_path):
    folder = tiny.save(tmp_path / "model", "bert")
    (folder / "config.json").write_text("{}")
    with pytest.raises(HeadscopeError):
        opening.open_run(str(folder), "questions", lambda _: None)
    assert not known.knows(str(folder))


def test_steps_back_are_not_taken_out_of_a_name(tmp_path, monkeypatch):
    folder = tiny.save(tmp_path / "models" / "model", "bert")
    known.note(catalog.find(str(folder)))
    (tmp_path / "models" / "link").symlink_to(tmp_path / "elsewhere" / "inner")
    tiny.save(tmp_path / "elsewhere" / "model", "gpt2")
    (tmp_path / "elsewhere" / "inner").mkdir()
    back = f"{folder.parent}/link/../model"  # of elsewhere, to whoever follows the link
    assert not known.knows(back)
    assert not known.knows(f"/net/host/../..{folder}")
    monkeypatch.chdir(folder)
    own = "../model"
    assert not known.knows(own)
    known.note(catalog.find(own))
    assert known.knows(own) and not known.knows(back)


def test_a_link_that_leads_elsewhere_by_now_is_not_known(tmp_path):
    one, other = tiny.save(tmp_path / "one", "bert"), tiny.save(tmp_path / "other", "gpt2")
    link = tmp_path / "link"
    link.symlink_to(one)
    known.note(catalog.find(str(link)))
    assert known.knows(str(link)) and known.knows(str(one))
    link.unlink()
    link.symlink_to(other)
    assert not known.knows(str(link))


def test_a_model_of_the_hub_is_known_by_its_name():
    known.note(of_hub("owner/name"))
    assert known.knows("owner/name") and not known.knows("owner/other")
    assert not known.knows("./owner/name")


@pytest.mark.parametrize("content", ["", "{", "{}", "[1]", '"x"', "[" * 100_000, "\udcff"])
def test_a_damaged_file_means_that_nothing_is_known(content):
    file = store.root() / known.FILE
    file.write_bytes(content.encode(errors="surrogateescape"))
    assert not known.knows("owner/name")
    known.note(of_hub("owner/name"))
    assert known.knows("owner/name")


def test_the_file_does_not_grow_for_ever(monkeypatch):
    monkeypatch.setattr(known, "MOST", 3)
    for i in range(5):
        known.note(of_hub(f"owner/{i}"))
    assert [known.knows(f"owner/{i}") for i in range(5)] == [False, False, True, True, True]
    assert len(json.loads((store.root() / known.FILE).read_text())) == 3


def test_models_of_texts_that_are_stored_are_known_without_a_file(tmp_path):
    stored.random_run()  # its model is called "made"
    folder = tiny.save(tmp_path / "model", "bert")
    key = opening.open_run(str(folder), "questions", lambda _: None)["key"]
    (store.root() / known.FILE).unlink()
    assert runs.RUNS.get(key) and known.knows(str(folder)) and known.knows("made")


@pytest.mark.parametrize("spec", ["", "//host/share", "a\0b", "a" * 2000])
def test_what_is_no_name_is_told(spec):
    with pytest.raises(HeadscopeError):
        known.knows(spec)
