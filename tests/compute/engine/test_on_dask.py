"""Two workers of a real cluster on this machine, one for all tests."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import psutil
import pytest
from distributed.comm import connect

from compute import store
from compute.engine import Crew, Failed, gpus, hire
from compute.engine.tries import KILLED
from compute.errors import HeadscopeError
from tests import items


@pytest.fixture(scope="module")
def crew(shared_cache: Path) -> Iterator[Crew]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gpus, "names", lambda: ["4", "GPU-7"])  # which nobody touches
        with hire(workers=2, threads=3, memory=0, scheduler=None) as crew:
            yield crew


def test_every_item_is_done_once(crew, tmp_path):
    found = sorted(crew.each(partial(items.noted, tmp_path), range(9)))
    assert found == [(number, number) for number in range(9)]
    assert items.tries(tmp_path) == dict.fromkeys(range(9), 1)
    pids = {path.read_text() for path in tmp_path.iterdir()}
    assert len(pids) == crew.workers == 2


def test_workers_are_settled_as_they_must_be(crew):
    first, second = (told for _, told in crew.each(items.surroundings, range(2)))
    assert {first["CUDA_VISIBLE_DEVICES"], second["CUDA_VISIBLE_DEVICES"]} == {"4", "GPU-7"}
    assert first["OMP_NUM_THREADS"] == second["OMP_NUM_THREADS"] == "3"
    assert not first["torch"]
    assert crew.words == "2 workers, each with a GPU of its own."


def test_one_that_fails_three_times_is_left_out(crew):
    found = dict(crew.each(items.fussy, range(4)))
    assert found.pop(2) == Failed(
        "It failed 3 times, the last time so: ValueError: two is not to my liking.", 3
    )
    assert found == {0: 0, 1: 1, 3: 3}


def test_an_item_whose_worker_was_killed_is_done_again(crew, tmp_path):
    found = dict(crew.each(partial(items.deadly, tmp_path, 1), range(6)))
    assert found == {number: number for number in range(6)}
    assert items.tries(tmp_path) == {0: 1, 1: 2, 2: 1, 3: 1, 4: 1, 5: 1}


def test_an_item_that_kills_each_time_is_left_out_and_no_other(crew, tmp_path):
    found = dict(crew.each(partial(items.deadly, tmp_path, 9), range(6)))
    assert found.pop(1) == Failed(f"It failed 3 times, the last time so: {KILLED}.", 3)
    assert found == {number: number for number in (0, 2, 3, 4, 5)}
    assert items.tries(tmp_path)[1] == 3


def test_an_error_for_the_person_ends_all(crew):
    with pytest.raises(HeadscopeError, match="There is no corpus"):
        next(crew.each(items.refused, range(9)))


def test_items_are_read_as_they_are_begun_and_no_more_when_closed(crew, tmp_path):
    taken = []

    def coming() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    outcomes = crew.each(partial(items.noted, tmp_path), coming())
    next(outcomes)
    outcomes.close()
    assert len(taken) <= 1 + crew.workers


def test_nobody_else_reaches_it(crew):
    here = psutil.Process()
    listening = [
        connection
        for process in (here, *here.children(recursive=True))
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(listening) > crew.workers  # a scheduler, and theirs
    assert {connection.laddr.ip for connection in listening} == {"127.0.0.1"}


def test_who_has_no_key_is_refused(crew):
    address = crew.client.scheduler_info(n_workers=0)["address"]
    assert address.startswith("tls://127.0.0.1:")

    async def ask() -> None:
        comm = await connect(address.replace("tls", "tcp"), timeout=1)
        await comm.write({"op": "identity"})
        await comm.read()

    # In a thread: other tests may have left this one a loop.
    with ThreadPoolExecutor(1) as pool, pytest.raises(OSError):  # closed, or no answer
        pool.submit(lambda: asyncio.run(asyncio.wait_for(ask(), 5))).result()


def test_its_folder_is_in_the_cache_and_hidden(crew, shared_cache, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_CACHE", str(shared_cache))
    (folder,) = [path for path in shared_cache.iterdir() if path.name.startswith(".")]
    store.clear_drafts()
    assert folder.is_dir()
