"""The page under its Content-Security-Policy, and what is too large for the server."""

import re
from collections.abc import Iterator

import pytest
from pages import Server, address, dismiss, message, show, wait_for_plot
from playwright.sync_api import BrowserContext, Page, Route

from components.gate import limits
from components.patterns.stage import FILE_PROMPT

STAGES = {
    "Why": "why",
    "All heads": "all",
    "Patterns": "patterns",
    "Corpus": "corpus",
    "Lab": "lab",
    "Methods": "scale",
}


@pytest.fixture
def free(visitor: BrowserContext) -> Iterator[Page]:
    """A tab that may have errors on its console."""
    page = visitor.new_page()
    yield page
    page.close()


def test_the_policy_is_in_force_and_what_the_server_refuses_is_told(
    free: Page, server: Server
) -> None:
    free.goto(address(server, text="grammar"))
    free.wait_for_selector("#stage-select")
    refused = free.evaluate(
        """() => new Promise(done => {
            const found = [];
            document.addEventListener("securitypolicyviolation", event => {
                found.push(event.effectiveDirective);
                if (found.length === 4) done(found.sort());
            });
            const put = (name, more) => document.body.append(
                Object.assign(document.createElement(name), more));
            put("script", {textContent: "window.ran = true"});
            put("img", {src: "http://127.0.0.1:9/x.png"});
            put("iframe", {src: "/health"});
            fetch("http://127.0.0.1:9/").catch(() => {});
        })"""
    )
    assert refused == ["connect-src", "frame-src", "img-src", "script-src-elem"]
    assert free.evaluate("() => window.ran") is None
    free.evaluate(
        "size => { fetch('_dash-update-component', {method: 'POST', body: ' '.repeat(size)}) }",
        limits.BODY_BYTES + 1,
    )
    assert "A text may have 1,000,000 characters" in message(free)


def test_plotly_needs_eval(free: Page, server: Server) -> None:
    """When this fails after an upgrade, 'unsafe-eval' can go from `components.gate.headers`."""

    def without(route: Route) -> None:
        answer = route.fetch()
        policy = answer.headers["content-security-policy"]
        assert "'unsafe-eval'" in policy
        kept = policy.replace("'unsafe-eval'", "")
        route.fulfill(response=answer, headers=answer.headers | {"content-security-policy": kept})

    free.route(re.compile(f"^{server.url}\\?.*"), without)
    free.goto(address(server, text="grammar"))
    wait_for_plot(free, "attention-heatmap")
    free.wait_for_selector("#qk-map >> text=WebGL is not supported")


@pytest.fixture
def large() -> bytes:
    return b"a line of ten\n" * (limits.FILE_BYTES // 14 + 1)


def choose(page: Page, id: str, content: bytes) -> None:
    with page.expect_file_chooser() as chooser:
        page.click(f"#{id}")
    file = {"name": "mine.txt", "mimeType": "text/plain", "buffer": content}
    chooser.value.set_files(file)


def test_all_stages_keep_to_the_policy_and_what_is_too_large_is_told(
    page: Page, server: Server, large: bytes
) -> None:
    """The tab fixture fails on anything on the console: violations of the policy stand there."""
    show(page, server, text="grammar", **{"patterns-view": "classes", "patterns-source": "file"})
    page.select_option("#text-select", "own")
    page.wait_for_selector("#text-use")
    sent = []
    page.evaluate(
        """words => {
            const field = document.getElementById("text-input");
            const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set;
            set.call(field, words);
            field.dispatchEvent(new Event("input", {bubbles: true}));
        }""",
        large.decode(),
    )
    page.on("request", lambda r: sent.append(r.url) if r.method == "POST" else None)
    page.click("#text-use")
    assert "more than Headscope takes at once (4 MB)" in message(page)
    assert not any(url.endswith("component") for url in sent)
    assert page.is_visible("#text-use")  # it can still be cut
    dismiss(page)
    choose(page, "text-file", large)
    assert "more than Headscope takes at once (4 MB)" in message(page)
    assert "drop a .txt file" in page.inner_text("#text-file")
    dismiss(page)
    page.keyboard.press("Escape")
    page.wait_for_selector("#text-use", state="detached")
    for title, name in STAGES.items():
        page.locator("#stage-select").get_by_text(title, exact=True).click()
        page.wait_for_selector(f"#stage-{name} > *", state="visible")
        page.wait_for_load_state("networkidle")
    page.locator("#stage-select").get_by_text("Patterns", exact=True).click()
    page.wait_for_selector("#patterns-file", state="visible")
    choose(page, "patterns-file", large)
    assert "more than Headscope takes at once (4 MB)" in message(page)
    assert page.inner_text("#patterns-file") == FILE_PROMPT
