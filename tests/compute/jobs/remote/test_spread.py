"""A job that gives its work to the workers among which it runs itself: here there is but one."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from clusters import Cluster
from servers import PATIENCE, until

from compute.engine.desk import Desk
from compute.jobs import aside, worker
from compute.jobs.remote.runner import Remote
from compute.jobs.running import Job
from tests import items


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable]:
    """Run a job, given its function and arguments; return what will be its outcome."""
    folder = tmp_path / "cluster"
    folder.mkdir()
    (tmp_path / "notes").mkdir()
    with Cluster(folder) as cluster, ThreadPoolExecutor(3) as pool:
        cluster.worker("--no-nanny")
        remote = Remote(Desk(cluster.address), [], None, silence=60)

        def begin(work: Callable, *arguments: object) -> Callable:
            target = partial(worker.run, work, True, ValueError, arguments)
            return pool.submit(remote.run, Job(work.__name__, target))

        yield begin
        remote.close()


def test_it_takes_nobody_s_place(run, tmp_path):
    assert run(items.squares).result(PATIENCE) == ("done", "[[0,0],[1,1],[2,4]]")
    waiting = run(items.held, str(tmp_path / "notes"))
    until(lambda: (tmp_path / "notes" / "0").exists(), "the job that waits")
    assert run(items.one).result(PATIENCE) == ("done", "1")
    assert not waiting.done()
    (tmp_path / "notes" / "go").touch()
    assert waiting.result(PATIENCE) == ("done", "1")


def test_it_is_known_by_its_function():
    assert aside.is_spread(partial(partial(worker.run, items.held, True, ValueError), {}))
    assert not aside.is_spread(partial(worker.run, items.one, True, ValueError))
