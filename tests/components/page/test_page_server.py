"""A server that is started with a model that isn't there, is killed, and comes back."""

import re
import signal
from collections.abc import Iterator

import psutil
import pytest
from pages import Server, address, message, query, run, show, until, wait_for, wait_for_plot


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that these tests may kill; each leaves it running."""
    server = Server(tmp_path_factory.mktemp("cache"), "--model", "nobody/has-it")
    yield server
    server.stop()


def test_started_with_a_bad_model(tab, own):
    page = tab()
    page.goto(own.url)
    assert "nobody/has-it is not on this machine" in message(page)
    page.wait_for_selector("#nothing", state="visible")
    assert not page.is_visible("#main")
    page.click("#error-toast .btn-close")
    page.wait_for_selector("#error-toast", state="hidden")
    page.click("#open-again")
    assert "nobody/has-it is not on this machine" in message(page)
    page.wait_for_selector("#nothing", state="visible")
    page.select_option("#model-select", "demo-bert")
    wait_for_plot(page, "qk-map")
    assert page.is_visible("#main") and not page.is_visible("#nothing")


def test_a_server_that_goes_away_and_comes_back(tab, own):
    page = show(tab(lost_server=True), own, text="grammar", layer=1, head=2)
    wait_for_plot(page, "induction-grid")
    own.stop(signal.SIGKILL)
    page.wait_for_selector("#lost", state="visible", timeout=30_000)
    assert "stopped answering" in page.inner_text("#lost")
    page.evaluate("() => { window.before = true }")
    own.start()
    wait_for(page, "() => window.before === undefined && !!window.headscope?.run")
    wait_for_plot(page, "attention-heatmap")
    assert page.is_hidden("#lost")
    assert (query(page)["layer"], query(page)["head"]) == ("1", "2")
    assert page.evaluate("() => window.headscope?.run.text") == "grammar"
    # Nothing was computed anew: the entry is older than the server.
    started = psutil.Process(own.process.pid).create_time()
    entry = own.cache / "runs" / run(page)["key"] / "q.npy"
    assert entry.stat().st_mtime < started


def test_a_server_lost_in_mid_job(tab, own):
    page = tab(lost_server=True)
    page.goto(address(own, model="minilm", text="prose"))
    page.wait_for_selector("#open-job", state="visible")
    workers = psutil.Process(own.process.pid).children(recursive=True)
    own.stop(signal.SIGKILL)
    until(lambda: not any(map(alive, workers)), "the end of its processes", page)
    page.wait_for_selector("#lost", state="visible", timeout=30_000)
    own.start()
    wait_for_plot(page, "qk-map")
    assert re.search(r"2,\d\d\d tokens", page.inner_text("#run-state"))


def alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
