"""UMAP's import, with stand-ins for Numba and UMAP that take no time to compile."""

import sys
import threading
import warnings
from types import ModuleType

import pytest
from filelock import FileLock

from compute import store
from compute.maps import umap_code, umap_library


@pytest.fixture
def numba(tmp_path, monkeypatch):
    """A Numba that notes how its decorator is called, and a UMAP that uses it twice."""
    for name in ("NUMBA_CACHE_DIR", "NUMBA_THREADING_LAYER"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    numba = ModuleType("numba")
    numba.calls = []

    def njit(*args, **options):
        numba.calls.append(options)
        return args[0] if args else lambda function: function

    numba.njit = numba.original = njit
    (tmp_path / "umap.py").write_text(
        "import numba\n@numba.njit\ndef f(): 1\n@numba.njit(cache=False)\ndef g(): 2\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "numba", numba)
    monkeypatch.delitem(sys.modules, "umap", raising=False)
    yield numba
    sys.modules.pop("umap", None)


def test_code_is_kept_unless_umap_says_otherwise(numba):
    umap = umap_library.load_umap()
    assert umap.f() is None
    assert numba.calls == [{"cache": True}, {"cache": False}]
    assert numba.njit is numba.original
    assert umap_library.load_umap() is umap


def test_umap_is_imported_as_it_is_if_its_code_cannot_be_kept(numba):
    def fussy(*args, **options):
        if options.get("cache"):
            raise RuntimeError("no locator")
        return numba.original(*args, **options)

    numba.njit = fussy
    with pytest.warns(UserWarning, match="no locator"):
        umap_library.load_umap()
    assert numba.calls == [{}, {"cache": False}]
    assert numba.njit is fussy


def test_numba_keeps_its_code_in_the_cache_and_uses_threads_that_survive_a_fork(numba):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        umap_library.settle_numba()
    import os

    assert os.environ["NUMBA_CACHE_DIR"] == str(store.root() / "numba")
    assert os.environ["NUMBA_THREADING_LAYER"] == "workqueue"


def test_umap_counts_as_compiled_only_after_it_was(numba):
    assert not umap_code.umap_is_compiled()
    umap_code._mark().touch()
    assert umap_code.umap_is_compiled()


def test_the_mark_lies_where_the_code_does(numba, tmp_path, monkeypatch):
    umap_code._mark().touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "elsewhere"))
    assert not umap_code.umap_is_compiled()
    umap_code._mark().touch()
    assert umap_code._mark().parent == tmp_path / "elsewhere"
    assert umap_code.umap_is_compiled()


def test_of_two_that_compile_at_once_one_waits(numba, monkeypatch):
    events = []
    monkeypatch.setattr(umap_code, "load_umap", lambda: events.append("second"))
    monkeypatch.setattr("compute.maps.umap_code.fit_umap", lambda cloud: None)
    second = threading.Thread(target=umap_code.compile_umap)
    with FileLock(f"{umap_code._mark()}.lock"):
        second.start()
        second.join(0.3)  # it would long have ended
        events.append("first")
    second.join()
    assert events == ["first", "second"]
    assert umap_code.umap_is_compiled()
