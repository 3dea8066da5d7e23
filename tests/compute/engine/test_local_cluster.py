import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import psutil
import pytest
from servers import until

from compute import store
from compute.engine import hire, local_cluster
from compute.errors import HeadscopeError
from compute.machine import memory, pool
from tests import items

GIB = 2**30


@pytest.mark.parametrize(
    ("threads", "each", "count"),
    [
        (1, 1, 8),  # a core each
        (3, 1, 2),
        (1, 2 * GIB, 4),  # memory for four
        (16, 1, 1),
        (1, 99 * GIB, 1),
        (0, 0, 8),
    ],
)
def test_as_many_workers_as_cores_and_memory_allow(monkeypatch, threads, each, count):
    monkeypatch.setattr(pool, "cores", lambda: 8)
    monkeypatch.setattr(memory, "free", lambda: 10 * GIB)
    monkeypatch.setattr(memory, "reserve", lambda: GIB)
    assert local_cluster.fitting(threads, each) == count


def test_one_that_computes_is_ended_at_once_and_leaves_nothing(own_cache, tmp_path):
    notes = tmp_path / "notes"
    notes.mkdir()
    with hire(workers=1, threads=1, memory=0, scheduler=None) as crew:
        assert crew.words == "1 worker of one thread."
        outcomes = crew.each(partial(items.endless, notes), range(9))
        assert next(outcomes) == (0, 0)
        worker = psutil.Process(int((notes / "0").read_text()))
    worker.wait(timeout=10)
    outcomes.close()
    assert [*own_cache.iterdir()] == []


SCRIPT = """
import sys
from functools import partial
from pathlib import Path
from compute.engine import hire
from tests import items

if __name__ == "__main__":
    with hire(workers=2, threads=1, memory=0, scheduler=None) as crew:
        for _ in crew.each(partial(items.endless, Path(sys.argv[1])), [0, 0, 0, 1, 1]):
            pass
"""


def test_workers_end_with_a_process_that_is_killed(own_cache, tmp_path):
    notes, script = tmp_path / "notes", tmp_path / "script.py"
    notes.mkdir()
    script.write_text(SCRIPT)
    root = Path(__file__).parents[3]
    environment = os.environ | {"PYTHONPATH": str(root)}
    process = subprocess.Popen([sys.executable, script, notes], env=environment)
    parent = psutil.Process(process.pid)
    until(lambda: (notes / "1").exists() or process.poll() is not None, "a worker at work")
    children = parent.children(recursive=True)
    assert len(children) >= 2
    process.kill()
    process.wait()
    _, alive = psutil.wait_procs(children, timeout=30)
    assert alive == []
    assert len([*own_cache.iterdir()]) == 1
    store.clear_drafts()
    assert [*own_cache.iterdir()] == []


def test_what_keeps_workers_from_starting_is_said(monkeypatch):
    import distributed

    def refuse(*_: object, **__: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(distributed, "SpecCluster", refuse)
    with (
        pytest.raises(HeadscopeError, match=r"could not be started .*Too many open files"),
        hire(workers=1, threads=1, memory=0, scheduler=None),
    ):
        pass


@pytest.mark.parametrize(
    ("count", "threads", "cards", "words"),
    [
        (1, 1, [], "1 worker of one thread."),
        (2, 4, [], "2 workers of 4 threads each."),
        (1, 4, ["0"], "1 worker, with a GPU of its own."),
        (2, 4, ["0", "1"], "2 workers, each with a GPU of its own."),
    ],
)
def test_a_crew_says_who_it_is(count, threads, cards, words):
    assert local_cluster._words(count, threads, cards) == words
