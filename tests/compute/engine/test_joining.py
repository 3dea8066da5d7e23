"""A scheduler that was there before; the tests build on each other, and the last ends it."""

import contextlib
from collections.abc import Iterator
from functools import partial

import dask
import pytest
from servers import until

from compute.engine import hire, joining, on_dask, shared
from compute.errors import HeadscopeError
from tests import items
from tests.clusters import Cluster


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with Cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


def _hire(cluster: Cluster, workers: int | None = None):
    return hire(workers=workers, threads=1, memory=0, scheduler=cluster.address)


def test_a_scheduler_without_workers_is_said(cluster, monkeypatch):
    monkeypatch.setattr(joining, "FIRST", 0.0)
    with pytest.raises(HeadscopeError, match="has no worker yet"), _hire(cluster):
        pass


def test_a_worker_without_the_code_is_said(cluster):
    stranger = cluster.worker("--no-nanny", PYTHONPATH="")
    with pytest.raises(HeadscopeError) as caught, _hire(cluster):
        pass
    assert "can't run Headscope" in str(caught.value)
    assert str(caught.value).endswith(shared.START)
    stranger.kill()
    stranger.wait()


def test_its_workers_do_the_items(cluster, own_cache):
    cluster.worker("--no-nanny")
    with _hire(cluster) as crew:
        assert crew.words == f"1 worker of the Dask scheduler {cluster.address}."
        assert [*crew.each(items.square, range(4))] == [(0, 0), (1, 1), (2, 4), (3, 9)]
        ((_, told),) = crew.each(items.surroundings, [0])
        assert told["HEADSCOPE_CACHE"] == str(own_cache)
        assert told["OMP_NUM_THREADS"] == "1"


def test_one_that_comes_later_is_used_and_only_as_many_as_are_wanted(cluster, tmp_path):
    with _hire(cluster) as crew, _hire(cluster, 1) as one:
        cluster.worker("--no-nanny")
        until(lambda: crew.workers == 2, "the second worker")
        assert one.workers == 1
        assert len({*dict(crew.each(partial(items.noted, tmp_path), range(8)))}) == 8
        assert len({path.read_text() for path in tmp_path.iterdir() if path.is_file()}) == 2


def test_workers_that_do_not_see_the_folder_are_said(cluster, monkeypatch):
    @contextlib.contextmanager
    def elsewhere() -> Iterator[shared.Sign]:
        yield shared.Sign("/not/here", "nor", "this")

    monkeypatch.setattr(shared, "sign", elsewhere)
    with pytest.raises(HeadscopeError, match="does not see the cache folder /not/here"):
        _hire(cluster).__enter__()


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense", "ftp://a:1"])
def test_a_scheduler_that_is_not_there_is_said(address, monkeypatch, capfd):
    monkeypatch.setattr(joining, "ANSWER", 0.1)
    with pytest.raises(HeadscopeError, match=f"The Dask scheduler {address} can't be reached"):
        hire(workers=None, threads=1, memory=0, scheduler=address).__enter__()


def test_an_address_without_the_key_that_is_asked_for_is_said():
    asked = dask.config.set({"distributed.comm.require-encryption": True})
    with asked, pytest.raises(HeadscopeError, match=r"can't be reached .*encryption required"):
        hire(workers=None, threads=1, memory=0, scheduler="tcp://127.0.0.1:1").__enter__()


def test_a_scheduler_that_ends_is_said(cluster, tmp_path):
    with _hire(cluster) as crew:
        outcomes = crew.each(partial(items.endless, tmp_path), range(9))
        next(outcomes)
        cluster.scheduler.kill()
        with pytest.raises(HeadscopeError) as caught:
            next(outcomes)
    assert str(caught.value) == on_dask.LOST
