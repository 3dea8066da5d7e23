"""Background jobs on a Dask worker, as a browser sees them: all of it real, but for the page."""

import os
import signal
import sys
from pathlib import Path

import psutil
import pytest
import stand_in
from clusters import Cluster
from servers import gone, until
from stand_in import Page

from compute.engine import on_dask
from compute.jobs import manager as managers
from compute.jobs import running
from compute.jobs.remote import runner

HERE = Path(stand_in.__file__).parent


class Server(stand_in.Server):
    app = HERE / "remote_app.py"

    def __init__(self, folder: Path, cluster: Cluster):
        self.cluster = cluster
        super().__init__(folder)

    def launch(self):
        self.env = {**self.env, "HEADSCOPE_SCHEDULER": self.cluster.address}
        super().launch()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster")
    with Cluster(folder, PYTHONPATH=os.pathsep.join([str(HERE.parent), str(HERE)])) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def server(tmp_path_factory, cluster):
    server = Server(tmp_path_factory.mktemp("remote"), cluster)
    yield server
    server.stop(signal.SIGTERM)


@pytest.fixture(scope="module")
def worker(cluster, server):
    """A worker of two threads, which is told of no folder, and comes after the server."""
    process = cluster.worker("--nthreads", "2", JOB_TRACES=str(server.folder), HEADSCOPE_CACHE="")
    return psutil.Process(process.pid)


def test_a_job_waits_for_a_worker(server, cluster, request):
    page = Page(server).start("quick a").sees(runner.NOBODY)
    request.getfixturevalue("worker")
    assert page.outcome() == {"result": {"plan": "quick a"}}
    assert psutil.Process(server.process.pid).children() == []


def test_a_cached_result_starts_no_process(server, worker):
    assert Page(server).start("quick a").ask() == {"result": {"plan": "quick a"}}
    assert len(server.pids("a")) == 1


def test_it_runs_below_the_worker_and_its_progress_is_seen(server, worker):
    page = Page(server).start("wait b").sees("began b")
    job = psutil.Process(server.pids("b")[0])
    assert worker.pid in [parent.pid for parent in job.parents()]
    server.go("b")
    assert page.outcome()["result"]["pid"] == job.pid


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        ("user-error c1", "The text is empty. Type something."),
        ("bug c2", "Something went wrong while computing: ValueError: no c2."),
        ("crash c3", running.ENDED),
    ],
)
def test_failure_is_told(server, worker, plan, message):
    assert Page(server).start(plan).outcome()["error"].startswith(message)


def test_no_update_is_no_failure(server, worker):
    assert Page(server).start("nothing d").outcome() == {"nothing": True}


def test_cancel_ends_all_processes_and_starting_again_works_at_once(server, worker):
    page = Page(server).start("family e").sees("began e")
    child = server.child("e")
    page.cancel()
    assert page.outcome() == {"error": managers.CANCELLED}
    until(lambda: gone(server.pids("e")[0]) and gone(child), "the end of the job")
    server.go("e")
    assert page.start("family e").outcome()["result"]["pid"] == server.pids("e")[1]


def test_two_tabs_share_a_job_and_one_may_leave(server, worker):
    one, other = (Page(server).start("wait f") for _ in range(2))
    one.sees("began f")
    one.cancel()
    other.sees("began f")
    server.go("f")
    assert other.outcome() == {"result": {"plan": "wait f", "pid": server.pids("f")[0]}}
    assert len(server.pids("f")) == 1


def test_the_job_of_a_closed_page_ends_with_its_draft(server, worker):
    page = Page(server).start("draft g").sees("drew g")
    drafts = server.folder / "cache" / "drafts"
    assert len([*drafts.glob(".*")]) == 1
    page.close()
    until(lambda: gone(server.pids("g")[0]) and not [*drafts.glob(".*")], "the end of its job")


def test_a_third_job_waits_its_turn_and_can_be_cancelled(server, worker):
    pages = [Page(server).start(f"wait h{i}") for i in range(2)]
    for i in range(2):
        server.running(f"h{i}")
    third, fourth = Page(server).start("quick h2"), Page(server).start("quick h3")
    third.sees(running.QUEUED)
    fourth.cancel()
    assert fourth.outcome() == {"error": managers.CANCELLED}
    server.go("h0")
    assert third.outcome() == {"result": {"plan": "quick h2"}}
    assert server.pids("h2") and not server.pids("h3")
    server.go("h1")
    assert all("result" in page.outcome() for page in pages)


@pytest.mark.skipif(sys.platform != "linux", reason="the system sets no such limit")
def test_a_job_that_wants_more_memory_than_is_free_says_so(server, worker):
    told = Page(server).start("greedy i").outcome()["error"]
    assert told.startswith("There was not enough memory")


def test_jobs_and_their_template_end_when_the_server_is_killed(server, worker):
    Page(server).start("family j").sees("began j")
    job = psutil.Process(server.pids("j")[0])
    below = [each for each in job.parents() if worker.pid in [p.pid for p in each.parents()]]
    child = server.child("j")
    server.stop(signal.SIGKILL)
    until(lambda: gone(job.pid) and gone(child), "the end of the job")
    until(lambda: not any("host" in " ".join(each.cmdline()) for each in _alive(below)), "its host")
    assert worker.is_running()
    server.start()
    assert Page(server).start("quick k").outcome() == {"result": {"plan": "quick k"}}


def _alive(processes):
    return [each for each in processes if not gone(each.pid)]


def test_a_job_whose_worker_is_killed_is_done_by_another(server, cluster, worker):
    page = Page(server).start("wait l").sees("began l")
    job = server.running("l")
    for process in (worker, *worker.children()):
        process.kill()
    until(lambda: gone(job), "the end of the job")
    server.go("l")
    cluster.worker(JOB_TRACES=str(server.folder), HEADSCOPE_CACHE="")
    assert page.outcome()["result"]["pid"] == server.pids("l")[1]


def test_a_scheduler_that_is_lost_is_said_and_one_that_is_back_is_used(server, cluster, worker):
    page = Page(server).start("wait m").sees("began m")
    cluster.scheduler.kill()
    cluster.scheduler.wait()
    assert page.outcome() == {"error": on_dask.LOST_WORK}
    until(lambda: gone(server.pids("m")[0]), "the end of the job")
    cluster.start_scheduler(cluster.address.rpartition(":")[2])
    cluster.worker(JOB_TRACES=str(server.folder), HEADSCOPE_CACHE="")
    server.go("m")
    assert page.start("wait m").outcome()["result"]["pid"] == server.pids("m")[1]
    assert "Traceback" not in server.log.read_text()
