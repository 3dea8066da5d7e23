import importlib.util

import pytest

from compute.engine import crew, hire
from compute.errors import HeadscopeError
from tests import items


@pytest.fixture
def without_dask(monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "distributed" else found(name)
    )


def test_without_dask_this_process_does_it_and_says_so(without_dask):
    with hire(workers=4, threads=1, memory=0, scheduler=None) as found:
        assert found.words == crew.NO_DASK
        assert "pip install -r requirements-cluster.txt" in found.words
        assert dict(found.each(items.square, [3])) == {0: 9}


def test_without_dask_no_scheduler_can_be_asked(without_dask):
    with pytest.raises(HeadscopeError, match="Dask is not installed, so the scheduler tcp://a:1"):
        hire(workers=4, threads=1, memory=0, scheduler="tcp://a:1").__enter__()


def test_no_workers_are_this_process():
    with hire(workers=0, threads=1, memory=0, scheduler=None) as found:
        assert (found.words, found.workers) == (crew.ALONE, 1)
