"""Background jobs, as a browser sees them: a real app, real processes, a stand-in for the page."""

import os
import re
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from dash.background_callback.managers import BaseBackgroundCallbackManager
from servers import gone, until
from stand_in import Page, Server

from compute.jobs import manager as managers
from compute.jobs import results, running, tickets
from compute.machine import memory


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("jobs"))
    yield server
    server.stop(signal.SIGTERM)


def test_cached_result_starts_no_process(server):
    first, second = Page(server), Page(server)
    assert first.start("quick b").outcome() == {"result": {"plan": "quick b"}}
    assert second.start("quick b").ask() == {"result": {"plan": "quick b"}}
    assert len(server.pids("b")) == 1


def test_result_that_is_no_longer_valid_is_computed_again(server):
    page = Page(server)
    page.start("quick c").outcome()
    (server.folder / "c.evicted").touch()
    assert page.start("quick c").outcome() == {"result": {"plan": "quick c"}}
    assert len(server.pids("c")) == 2


def test_killed_worker_is_told_and_can_be_tried_again(server):
    page = Page(server).start("wait d")
    os.kill(server.running("d"), signal.SIGKILL)
    assert page.outcome() == {"error": running.ENDED}
    server.go("d")
    assert page.start("wait d").outcome()["result"]["plan"] == "wait d"


def test_worker_that_ends_itself_is_told(server):
    assert Page(server).start("crash e").outcome() == {"error": running.ENDED}


UNEXPECTED = "Something went wrong while computing: {}. (Details are in the terminal.)"


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        ("user-error f1", "The text is empty. Type something."),
        ("bug f2", UNEXPECTED.format("ValueError: no f2")),
        ("panic f4", UNEXPECTED.format("BaseException: no f4")),
        ("unprintable f3", UNEXPECTED.format("TypeError: Type is not JSON serializable: object")),
    ],
)
def test_failure_is_told_and_not_kept(server, plan, message):
    page = Page(server)
    assert page.start(plan).outcome() == {"error": message}
    assert page.start(plan).outcome() == {"error": message}
    assert len(server.pids(plan.split()[1])) == 2
    traceback = "Traceback" in server.log.read_text()
    assert traceback or plan.startswith("user-error")


def test_no_update_is_no_failure(server):
    page = Page(server)
    assert page.start("nothing g").outcome() == {"nothing": True}


def test_job_that_does_not_end_after_its_result_is_ended(server):
    assert Page(server).start("lingers s").outcome() == {"result": {"plan": "lingers s"}}
    assert gone(server.pids("s")[0])


def test_cancel_ends_all_processes_and_starting_again_works_at_once(server):
    page = Page(server).start("family h").sees("began h")
    child = server.child("h")
    page.cancel()
    assert page.outcome() == {"error": managers.CANCELLED}
    until(lambda: gone(server.pids("h")[0]) and gone(child), "the end of the job")
    server.go("h")
    assert page.start("family h").outcome()["result"]["pid"] == server.pids("h")[1]
    until(lambda: gone(server.child("h")), "the end of what it left")


def test_two_tabs_share_a_job(server):
    tabs = [Page(server).start("wait i") for _ in range(2)]
    for tab in tabs:
        tab.sees("began i")
    server.go("i")
    results = [tab.outcome() for tab in tabs]
    assert results[0] == results[1] == {"result": {"plan": "wait i", "pid": server.pids("i")[0]}}
    assert len(server.pids("i")) == 1


def test_two_tabs_share_a_failure(server):
    tabs = [Page(server).start("wait j") for _ in range(2)]
    os.kill(server.running("j"), signal.SIGKILL)
    assert tabs[0].outcome() == {"error": running.ENDED}
    tabs[0].start("wait j")  # must not take the news from the other tab
    assert tabs[1].outcome() == {"error": running.ENDED}
    server.go("j")
    assert "result" in tabs[0].outcome()


def test_cancel_in_one_tab_leaves_the_other_its_job(server):
    one, other = (Page(server).start("wait k") for _ in range(2))
    one.sees("began k")
    one.cancel()
    assert one.outcome() == {"error": managers.CANCELLED}
    asked = time.monotonic()
    until(lambda: other.ask() or time.monotonic() > asked + 3, "longer than silence")
    server.go("k")
    assert other.outcome()["result"]["pid"] == server.pids("k")[0]


def test_new_arguments_stop_the_old_job_of_this_page_only(server):
    one, other = (Page(server).start("wait l") for _ in range(2))
    shared = server.running("l")
    one.start("wait m")
    alone = server.running("m")
    one.start("quick n")
    assert one.outcome() == {"result": {"plan": "quick n"}}
    until(lambda: gone(alone), "the end of the unwanted job")
    assert not gone(shared)
    server.go("l")
    assert other.outcome()["result"]["pid"] == shared


def test_reloaded_page_joins_its_job_and_can_cancel_it(server):
    Page(server).start("wait o").sees("began o")
    page = Page(server).start("wait o").sees("began o")
    assert len(server.pids("o")) == 1
    page.cancel()
    assert page.outcome() == {"error": managers.CANCELLED}
    server.pages[-2].close()  # what the reload left
    until(lambda: gone(server.pids("o")[0]), "the end, after the reloaded page's silence")


def drafts(server):
    return list((server.folder / "cache" / "drafts").glob(".*"))


def test_the_job_of_a_closed_page_ends_with_its_draft(server):
    page = Page(server).start("draft t").sees("drew t")
    assert len(drafts(server)) == 1
    page.close()
    until(lambda: gone(server.pids("t")[0]) and not drafts(server), "the end of its job")


def test_a_cancelled_job_leaves_no_draft(server):
    page = Page(server).start("draft u").sees("drew u")
    page.cancel()
    assert page.outcome() == {"error": managers.CANCELLED}
    until(lambda: gone(server.pids("u")[0]) and not drafts(server), "the end of its job")


def test_a_page_that_comes_back_has_its_job_started_again(server):
    page = Page(server).start("wait v").sees("began v")
    page.close()
    until(lambda: gone(server.pids("v")[0]), "the end of its job")
    page.come_back()
    assert page.ask() is None
    until(lambda: len(server.pids("v")) == 2, "the job, once more")
    server.go("v")
    assert page.outcome() == {"result": {"plan": "wait v", "pid": server.pids("v")[1]}}


def test_a_page_that_comes_back_gets_what_another_had_computed(server):
    page = Page(server).start("wait w").sees("began w")
    page.close()
    until(lambda: gone(server.pids("w")[0]), "the end of its job")
    server.go("w")
    result = Page(server).start("wait w").outcome()
    assert page.outcome() == result
    assert len(server.pids("w")) == 2


def test_a_hidden_page_that_only_gives_signs_of_life_keeps_its_job(server):
    page = Page(server).start("wait x")
    started = time.monotonic()
    pid = server.running("x")
    until(lambda: time.monotonic() > started + 2.8, "longer than silence")
    assert not gone(pid)
    server.go("x")
    assert page.outcome() == {"result": {"plan": "wait x", "pid": pid}}


@pytest.mark.skipif(sys.platform != "linux", reason="the system sets no such limit")
def test_a_job_that_wants_more_memory_than_is_free_says_so(server):
    told = Page(server).start("greedy y").outcome()["error"]
    assert re.match(r"There was not enough memory: \d+(\.\d)? [GM]iB could be taken", told), told


def test_the_largest_job_is_ended_before_memory_runs_out(server):
    small, large = Page(server).start("wait z1"), Page(server).start("hog z2")
    small.sees("began z1")
    large.sees(f"holds {2 * memory.WORTH_ENDING}")
    (server.folder / "short").touch()
    told = large.outcome()["error"]
    (server.folder / "short").unlink()
    assert "ended before the machine ran out of memory: it had taken" in told
    server.go("z1")
    assert "result" in small.outcome()


def test_nothing_of_the_base_is_left_undone():
    base = BaseBackgroundCallbackManager
    undone = [name for name, f in vars(base).items() if "NotImplementedError" in _names(f)]
    assert len(undone) > 8
    assert set(undone) <= vars(managers.JobManager).keys()


def _names(function):
    return getattr(getattr(function, "__code__", None), "co_names", ())


def test_third_job_waits_its_turn(server):
    pages = [Page(server).start(f"wait p{i}") for i in range(2)]
    for i in range(2):
        server.running(f"p{i}")
    third = Page(server).start("quick p2")
    third.sees(running.QUEUED)
    assert not server.pids("p2")
    server.go("p0")
    assert third.outcome() == {"result": {"plan": "quick p2"}}
    server.go("p1")
    assert all("result" in page.outcome() for page in pages)


def test_two_hundred_quick_jobs(server):
    pages = [Page(server) for _ in range(4)]

    def fifty(page, tab):
        plans = [f"quick q{tab // 2}-{i}" for i in range(50)]  # every job is asked for by two tabs
        return [page.start(plan).outcome() == {"result": {"plan": plan}} for plan in plans]

    with ThreadPoolExecutor(4) as pool:
        delivered = pool.map(fifty, pages, range(4))
    assert sum(sum(each) for each in delivered) == 200


def test_errors_of_ordinary_callbacks(server):
    def shown(clicks):
        answer = Page(server).post("oops.children", {"oops.n_clicks": clicks})
        return answer["sideUpdate"]["error"]["children"]

    assert shown(1) == "No such page."
    assert shown(2) == (
        "Something went wrong while updating the page: KeyError: 'page'. "
        "(Details are in the terminal.)"
    )


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_jobs_end_with_the_server_and_can_be_run_again(tmp_path, how):
    server = Server(tmp_path)
    page = Page(server).start("family r").sees("began r")
    child = server.child("r")
    server.stop(how)
    until(lambda: gone(server.pids("r")[0]) and gone(child), "the end of the job")
    server.start()  # on the same port
    try:
        assert page.outcome() == {"error": managers.LOST}
        server.go("r")
        assert page.start("family r").outcome()["result"]["pid"] == server.pids("r")[1]
    finally:
        server.stop(signal.SIGTERM)
    assert "Traceback" not in server.log.read_text()


def test_outcomes_that_nobody_fetches_are_forgotten(monkeypatch):
    monkeypatch.setattr(tickets, "OUTCOMES", 3)
    cache = results.Results()
    manager = managers.JobManager(cache, cache_by=[])
    cache.set("key", '"value"')
    names = [manager.call_job_fn("key", print, [], None) for _ in range(5)]
    assert [manager.job_running(name) for name in names] == [False, False, True, True, True]
    assert manager.get_result("key", names[0]) == "value"  # still: it is in the cache


def test_only_so_many_jobs_may_wait(monkeypatch):
    monkeypatch.setattr(managers, "MOST_JOBS", 0)
    manager = managers.JobManager(results.Results(), cache_by=[])
    told = manager.get_result("key", manager.call_job_fn("key", print, [], None))
    assert told["background_callback_error"]["msg"] == managers.TOO_MANY
