"""The cache folder is the user's alone, or is not used; and a full or read-only disk is told."""

import errno
import os
from pathlib import Path

import pytest

from compute import store

ROOT = Path(__file__).parents[3]
as_root = pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can give files away"
)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A cache folder as it is left by a first run."""
    monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    (store.root() / "numba" / "umap").mkdir(parents=True)
    (store.root() / "numba" / "umap" / "code.nbi").write_bytes(b"code")
    yield store.root()
    store.remove_fresh()


def test_a_folder_of_ones_own_is_used_without_a_word(cache):
    (cache / "numba" / "umap" / "code.nbi").chmod(0o664)  # nobody else comes this far
    assert store.settle() == []
    assert store.root() == cache


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_a_folder_that_others_can_write_to_is_not_used(cache, mode):
    cache.chmod(mode)
    (note,) = store.settle()
    assert "others can write to it" in note and str(cache) in note
    fresh = store.root()
    assert fresh != cache and str(fresh) in note and fresh.stat().st_mode & 0o777 == 0o700
    assert list(fresh.iterdir()) == []
    assert (cache / "numba" / "umap" / "code.nbi").exists()
    store.remove_fresh()
    assert not fresh.exists()


def test_a_folder_just_unpacked_for_a_group_is_closed_and_used(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    folder.mkdir()
    (folder / "README.md").touch()
    folder.chmod(0o775)
    (folder / "README.md").chmod(0o664)
    monkeypatch.setenv("HEADSCOPE_CACHE", str(folder))
    assert store.settle() == [] and store.root() == folder
    assert folder.stat().st_mode & 0o777 == 0o700


def test_code_that_others_can_write_to_is_not_used(cache):
    (cache / "numba" / "umap").chmod(0o777)
    cache.chmod(0o755)
    (note,) = store.settle()
    assert "others can write to numba/umap in it" in note and store.root() != cache


@as_root
@pytest.mark.parametrize("part", ["", "numba", "numba/umap/code.nbi", "runs"])
def test_what_belongs_to_another_user_is_not_used(cache, part):
    (cache / "runs").mkdir()
    os.chown(cache / part, 12345, -1)
    (note,) = store.settle()
    assert "belongs to another user" in note and store.root() != cache


def test_a_folder_that_cannot_be_read_is_not_used(cache, monkeypatch):
    def refuse(_: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as forbidden:
        forbidden.setattr(Path, "iterdir", refuse)
        (note,) = store.settle()
    assert "can't be read (Permission denied)" in note and store.root() != cache


def test_a_limit_may_be_infinite(monkeypatch):
    monkeypatch.setenv("HEADSCOPE_CACHE_LIMIT", "")
    store.set_limit(float("inf"))
    assert store.usage().limit > 2**50


def test_a_folder_for_compiled_code_that_others_can_write_to_is_not_used(
    cache, tmp_path, monkeypatch
):
    other = tmp_path / "code"
    other.mkdir()
    (other / "planted.nbi").touch()
    other.chmod(0o777)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(other))
    (note,) = store.settle()
    assert "NUMBA_CACHE_DIR" in note and "NUMBA_CACHE_DIR" not in os.environ
    other.chmod(0o700)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(other))
    assert store.settle() == []


# A disk of a size, in a mount of the process's own; `mount` and `unshare` are part of every Linux.


@pytest.mark.parametrize("name", ["file/cache", "file", "loop"])
def test_a_cache_that_cannot_be_made_is_told(tmp_path, monkeypatch, name):
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path / name))
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")  # it gets another; put back at the end
    (note,) = store.settle()
    store.remove_fresh()
    assert "can't be written (" in note and str(tmp_path) in note
    store.sweep()
    with pytest.raises(store.TroubleWriting), store.writing("things", store.key("a")):
        pass
    assert store.find("things", store.key("a")) is None
