"""Openings that are cancelled, shared, killed, or that a page leaves."""

import pytest
from pages import (
    address,
    choose,
    dismiss,
    message,
    query,
    reopen,
    run,
    show,
    until,
    wait_for,
    wait_for_plot,
)
from servers import jobs

from compute import texts


@pytest.fixture
def long_content(request) -> str:
    """A text of some 10,000 tokens that no other test has opened; MiniLM reads it for seconds."""
    seed, line = request.node.name, "the cat and the dog of the house " * 8
    return "\n".join(f"{seed} {i} {line}" for i in range(130))


@pytest.fixture
def long_text(server, long_content, monkeypatch) -> str:
    """The name of that text, kept by the server as one's own."""
    monkeypatch.setenv("HEADSCOPE_CACHE", str(server.cache))
    return texts.save_user(texts.from_user(long_content, name="Long"))


def wait_for_reading(page) -> None:
    """Wait until a text is being read, with a count and the time left."""
    page.wait_for_selector("#open-job", state="visible")
    wait_for(
        page,
        "() => /^[1-9][\\d,]* of [\\d,]+ tokens/"
        ".test(document.querySelector('#open-progress-text').textContent)",
    )


def open_text(page, server, text) -> None:
    page.goto(address(server, model="minilm", text=text))
    wait_for_reading(page)


def test_an_opening_is_cancelled_and_killed(page, server, long_text):
    open_text(page, server, long_text)
    page.click("#open-cancel")
    assert "Cancelled" in message(page)
    page.wait_for_selector("#nothing", state="visible")
    until(lambda: jobs(server) == [], "the end of the job's process", page)
    page.click("#open-again")
    wait_for_reading(page)
    for process in until(lambda: jobs(server), "the job's process", page):
        process.kill()
    until(lambda: "ended by the system" in message(page), "the message", page)
    assert "out of memory" in message(page)
    dismiss(page)
    page.click("#open-again")
    wait_for_reading(page)
    page.click("#open-cancel")
    page.wait_for_selector("#nothing", state="visible")


def test_a_cancelled_opening_changes_nothing_and_two_tabs_share_one(
    tab, server, small, long_text, long_content
):
    one, two = tab(), show(tab(), server, model="minilm", text=small)
    choose(two, text_select="own")
    two.fill("#text-input", long_content)
    two.click("#text-use")
    wait_for_reading(two)
    two.click("#open-cancel")
    sentence = message(two)
    assert "Cancelled" in sentence and "Nothing was changed." in sentence
    two.wait_for_selector("#open-job", state="hidden")
    until(lambda: two.input_value("#text-select") == small, "the old text", two)
    assert run(two)["text"] == query(two)["text"] == small
    choose(two, head_select="5")
    until(lambda: query(two)["head"] == "5", "the page to go on", two)
    choose(two, text_select="grammar")  # and another text can be opened
    reopen(two, "minilm", "grammar")
    until(lambda: jobs(server) == [], "an idle server", two)
    open_text(one, server, long_text)
    choose(two, text_select=long_text)
    wait_for_reading(two)
    assert len(jobs(server)) == 1
    one.reload()  # in the middle
    wait_for_reading(one)
    assert len(jobs(server)) == 1
    two.click("#open-cancel")  # one leaves: the other gets its result all the same
    assert "Cancelled" in message(two)
    wait_for_plot(one, "qk-map")
    assert run(one)["text"] == long_text
    assert one.query_selector("#error-toast.show") is None
