import dataclasses

import pytest

from compute.engine import shared


@pytest.fixture
def seen() -> shared.Seen:
    with shared.sign() as sign:
        return shared.look(sign)


def test_who_has_the_folder_sees_it(own_cache, seen):
    assert seen.cache == str(own_cache)
    with shared.sign() as sign:
        assert shared.trouble(seen, sign) == ""


def test_the_sign_lies_there_only_as_long_as_it_is_asked_for(own_cache):
    with shared.sign():
        assert len([*own_cache.iterdir()]) == 1
    assert [*own_cache.iterdir()] == []


def test_the_same_folder_by_another_path_is_found(own_cache, tmp_path, monkeypatch):
    with shared.sign() as sign:
        own_cache.rename(tmp_path / "mounted")
        monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path / "mounted"))
        assert shared.look(sign).cache == str(tmp_path / "mounted")
        assert shared.here(str(own_cache)) == str(tmp_path / "mounted")


def test_a_worker_without_a_folder_of_its_own_takes_the_caller_s(own_cache, monkeypatch):
    with shared.sign() as sign:
        monkeypatch.delenv("HEADSCOPE_CACHE")
        assert shared.look(sign).cache == str(own_cache)
        assert shared.here(str(own_cache)) == str(own_cache)


def test_another_folder_is_said(own_cache, tmp_path, monkeypatch):
    with shared.sign() as sign:
        monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path / "other"))
        own_cache.rename(tmp_path / "gone")
        seen = shared.look(sign)
        assert f"does not see the cache folder {own_cache}" in shared.trouble(seen, sign)
        (tmp_path / "gone").rename(own_cache)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"code": "0"}, "another version of Headscope's code"),
        ({"python": "3.99"}, "has Python 3.99, and here is 3."),
        ({"dask": "1.0"}, "has Dask 1.0, and here is 2"),
        ({}, ""),
    ],
)
def test_other_versions_are_said(seen, other, said):
    with shared.sign() as sign:
        trouble = shared.trouble(dataclasses.replace(seen, **other), sign)
    assert said in trouble
    assert bool(said) == bool(trouble)
