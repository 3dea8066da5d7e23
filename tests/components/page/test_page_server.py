"""A server that is started with a model that isn't there, is killed, and comes back."""

import re
import signal
from collections.abc import Iterator

import psutil
import pytest
from pages import Server, dismiss, message, run, until, wait_for, wait_for_address, wait_for_plot
from servers import gone


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that may be killed."""
    with Server(tmp_path_factory.mktemp("cache"), "--model", "nobody/has-it") as server:
        yield server


def test_a_bad_start_and_a_server_that_comes_back(tab, own):
    page = tab(lost_server=True)
    page.goto(own.url)
    assert "nobody/has-it is not on this machine" in message(page)
    page.wait_for_selector("#nothing", state="visible")
    assert not page.is_visible("#main")
    dismiss(page)
    page.click("#open-again")
    assert "nobody/has-it is not on this machine" in message(page)
    page.wait_for_selector("#nothing", state="visible")
    page.select_option("#model-select", "demo-bert")
    wait_for_plot(page, "qk-map")
    assert page.is_visible("#main") and not page.is_visible("#nothing")
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        page.locator("body").press(key)
    wait_for_plot(page, "induction-grid")
    wait_for_address(page, layer="1", head="2")
    text, key = run(page)["text"], run(page)["key"]
    _lost_in_mid_job(page, own)
    assert run(page)["text"] == text
    wait_for_address(page, layer="1", head="2")
    # Nothing was computed anew: the entry is older than the server.
    started = psutil.Process(own.process.pid).create_time()
    assert run(page)["key"] == key
    assert (own.cache / "runs" / key / "q.npy").stat().st_mtime < started
    page.select_option("#model-select", "minilm")  # what was lost can be begun again
    until(lambda: run(page)["spec"] == "minilm", "the other model", page)
    told = lambda: re.search(r"2,\d\d\d tokens", page.inner_text("#run-state"))  # noqa: E731
    until(told, "what is said of it", page)


def _lost_in_mid_job(page, own):
    """Kill the server while it reads a text with another model, and start it again."""
    page.select_option("#model-select", "minilm")
    page.wait_for_selector("#open-job", state="visible")
    workers = psutil.Process(own.process.pid).children(recursive=True)
    own.stop(signal.SIGKILL)
    until(lambda: all(gone(each.pid) for each in workers), "the end of its processes", page)
    page.wait_for_selector("#lost", state="visible", timeout=30_000)
    assert "stopped answering" in page.inner_text("#lost")
    page.evaluate("() => { window.before = true }")
    own.start()
    wait_for(page, "() => window.before === undefined && !!window.headscope?.run")
    wait_for_plot(page, "attention-heatmap")
    assert page.is_hidden("#lost")
