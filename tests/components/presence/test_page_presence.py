"""A page says that it is there, and what becomes of its job when it does not."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from pages import address, message, until, wait_for, wait_for_address, wait_for_plot
from servers import jobs

from compute import texts


@contextmanager
def asleep(browser) -> Iterator[None]:
    """Stop the browser's pages, as a machine does that sleeps."""
    session = browser.new_browser_cdp_session()
    found = session.send("SystemInfo.getProcessInfo")["processInfo"]
    pages = [each["id"] for each in found if each["type"] == "renderer"]
    assert pages
    for pid in pages:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pages:
            os.kill(pid, signal.SIGCONT)


def test_a_job_ends_while_its_page_sleeps_and_begins_again(tab, browser, server, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_CACHE", str(server.cache))
    content = "\n".join(f"sleep {i} the cat and the dog of the house " * 8 for i in range(1200))
    text = texts.save_user(texts.from_user(content, name="Very long"))
    page = tab(locale="en-GB")  # in a browser of its own
    page.goto(address(server, model="minilm", text=text))
    wait_for(page, "() => /of [\\d,]+ tokens/.test(document.body.innerText)")
    (job,) = until(lambda: len(found := jobs(server)) == 1 and found, "its job alone", page)
    with asleep(browser):
        until(lambda: not job.is_running(), "its end")
        until(lambda: not list((server.cache / "runs").glob(".*")), "the end of its draft")
    # It was ended: of a text that was read to its end nothing would be asked once more.
    again = until(lambda: jobs(server), "the job, once more", page)
    assert again[0].pid != job.pid
    assert page.query_selector("#error-toast.show") is None
    page.click("#open-cancel")
    assert "Cancelled" in message(page)


def test_a_page_that_is_stuck_is_there_and_one_whose_request_got_lost_begins_anew(tab, server):
    page, asked = tab(lost_server=True), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address(server, text="grammar"))
    until(lambda: page.workers, "its worker", page)
    page.evaluate("""() => {
        window.stays = true;
        const script = document.createElement("script");  // is not fetched: this is no type of one
        Object.assign(script, {type: "text/x", src: "https://elsewhere.example/x.js"});
        document.head.append(script);
        script.dispatchEvent(new Event("error"));
        setTimeout(() => {
            for (const t = Date.now(); Date.now() < t + 5000;);
            fetch("/health?stuck-no-more");
        });
    }""")
    before = len(asked)

    def signs() -> list[int]:
        return [at for at in range(before, len(asked)) if "/health?page=" in asked[at]]

    free = until(lambda: [url for url in asked if "stuck-no-more" in url], "its end", page)[0]
    assert signs() and signs()[0] < asked.index(free)  # it said so while it was stuck
    until(lambda: len(signs()) >= 2, "two answers", page)
    assert page.evaluate("window.stays")  # though somebody else's script failed
    wait_for_plot(page, "qk-map")
    lost = []

    def lose(route) -> None:
        lost.append(route) or route.abort("connectionrefused")

    page.route("**/_dash-update-component*", lose, times=1)
    page.select_option("#head-select", "2")
    until(lambda: lost, "a request", page)
    wait_for(page, "() => !window.stays")
    wait_for_plot(page, "qk-map")
    wait_for_address(page, head="2")
