"""Jobs that are cancelled, shared, killed, or lose their server."""

import pytest
from pages import (
    address,
    choose,
    message,
    numbers,
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


def test_a_cancelled_opening_changes_nothing(page, server, small, long_content):
    show(page, server, model="minilm", text=small)
    choose(page, text_select="own")
    page.fill("#text-input", long_content)
    page.click("#text-use")
    wait_for_reading(page)
    page.click("#open-cancel")
    sentence = message(page)
    assert "Cancelled" in sentence and "Nothing was changed." in sentence
    page.wait_for_selector("#open-job", state="hidden")
    until(lambda: page.input_value("#text-select") == small, "the old text", page)
    assert run(page)["text"] == query(page)["text"] == small
    choose(page, head_select="5")
    until(lambda: query(page)["head"] == "5", "the page to go on", page)
    choose(page, text_select="code")  # and another text can be opened
    reopen(page, "minilm", "code")


def test_a_cancelled_first_opening(page, server, long_text):
    open_text(page, server, long_text)
    page.click("#open-cancel")
    assert "Cancelled" in message(page)
    page.wait_for_selector("#nothing", state="visible")
    until(lambda: jobs(server) == [], "the end of the job's process", page)
    page.click("#open-again")
    wait_for_reading(page)
    page.click("#open-cancel")
    page.wait_for_selector("#nothing", state="visible")


def test_a_cancelled_map(page, server, small):
    show(page, server, model="minilm", text="prose", layer=5, head=5)
    first = numbers(page, "qk-map", 0, "x")
    choose(page, method_select="tsne")  # takes many seconds on any machine
    page.wait_for_selector("#map-job", state="visible")
    page.click("#map-cancel")
    assert "Cancelled" in message(page)
    page.wait_for_selector("#map-job", state="hidden")
    choose(page, method_select="pca")
    until(lambda: (numbers(page, "qk-map", 0, "x") == first).all(), "the page to go on", page)
    choose(page, method_select="tsne")  # and what was cancelled can be begun again
    page.wait_for_selector("#map-job", state="visible")
    page.click("#map-cancel")


def test_a_killed_worker_is_told(page, server, long_text):
    open_text(page, server, long_text)
    for process in until(lambda: jobs(server), "the job's process", page):
        process.kill()
    sentence = message(page)
    assert "ended by the system" in sentence and "out of memory" in sentence
    page.click("#error-toast .btn-close")
    page.click("#open-again")
    wait_for_reading(page)
    page.click("#open-cancel")


def test_a_reload_in_the_middle(page, server, long_text):
    open_text(page, server, long_text)
    page.reload()
    wait_for_plot(page, "qk-map")
    assert run(page)["text"] == long_text
    assert page.query_selector("#error-toast.show") is None


def test_two_tabs_share_one_job(tab, server, small, long_text, long_content):
    one, two = tab(), show(tab(), server, model="minilm", text=small)
    until(lambda: jobs(server) == [], "an idle server", two)
    choose(two, text_select="own")
    two.fill("#text-input", long_content)
    open_text(one, server, long_text)
    two.click("#text-use")
    wait_for_reading(two)
    assert len(jobs(server)) == 1
    one.click("#open-cancel")  # one leaves: the other gets its result all the same
    assert "Cancelled" in message(one)
    reopen(two, "minilm", long_text)


def test_a_job_cancelled_before_the_server_has_heard_of_it(page, server, small):
    show(page, server, model="minilm", text=small, layer=1, head=4)
    held = []

    def hold(route) -> None:
        """Keep the request that starts the map back until "Cancel" was pressed."""
        asked = route.request.post_data_json
        starts = "wanted.data" in asked["changedPropIds"] and "job=" not in route.request.url
        if starts and not held:
            held.append(route)
        else:
            route.continue_()

    page.route("**/_dash-update-component*", hold)
    choose(page, method_select="tsne")
    until(lambda: held, "the request", page)
    page.click("#map-cancel")
    held[0].continue_()
    assert "Cancelled" in message(page)
    page.wait_for_selector("#map-job", state="hidden")
