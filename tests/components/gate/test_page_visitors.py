"""The token, other pages and names that lead here, as a browser sees them."""

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import pytest
from pages import Server, address, wait_for, wait_for_plot
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page
from servers import BROWSER

EVIL = "evil.example"
VIEW = "?model=demo-bert&map=pca&text=grammar&layer=1&head=2"
ATTACK = """
<iframe id="frame" src="HERE?model=demo-gpt"></iframe>
<script>
const call = body => ({method: "POST", body, credentials: "include"});
const asJson = {...call("{}"), headers: {"Content-Type": "application/json"}};
const tries = {
  json: fetch("HERE_dash-update-component", asJson),
  text: fetch("HERE_dash-update-component", call("{}")),
  blind: fetch("HERE_dash-update-component", {...call("{}"), mode: "no-cors"}),
  layout: fetch("HERE_dash-layout", {credentials: "include"}),
  look: fetch("HEREhealth", {mode: "no-cors"}),
};
const loads = name => new Promise((yes, no) => {
  const made = document.createElement(name === "link" ? "link" : name);
  if (name === "link") { made.rel = "stylesheet"; made.href = "HEREassets/page/page.css"; }
  else made.src = name === "img" ? "HEREassets/favicon.ico" : "HEREassets/page/headscope.js";
  made.onload = () => yes({type: "loaded"});
  made.onerror = no;
  document.head.append(made);
});
for (const name of ["script", "img", "link"]) tries[name] = loads(name);
window.results = Promise.all(Object.entries(tries).map(async ([name, wait]) =>
  [name, await wait.then(a => a.type, () => "refused")])).then(Object.fromEntries);
</script>"""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("cache"), "--model", "demo-bert", token=True) as server:
        yield server


@pytest.fixture(scope="module")
def chrome(chromium: BrowserType) -> Iterator[Browser]:
    """A browser for which a foreign name leads to this machine, as after DNS rebinding."""
    rule = f"--host-resolver-rules=MAP {EVIL} 127.0.0.1"
    browser = chromium.launch(**BROWSER | {"args": [*BROWSER["args"], rule]})
    yield browser
    browser.close()


@pytest.fixture
def person(chrome: Browser, own: Server) -> Iterator[BrowserContext]:
    """Somebody who has opened the page with the address from the terminal."""
    context = chrome.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(own.opening())
    page.wait_for_url(lambda url: "token" not in url)
    page.close()
    yield context
    context.close()


@contextlib.contextmanager
def elsewhere(html: str) -> Iterator[int]:
    """Serve a page of somebody else on another port of this machine; yield the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def token(server: Server) -> str:
    return server.opening().partition("?token=")[2]


def drawn(page: Page) -> None:
    wait_for_plot(page, "qk-map")
    wait_for_plot(page, "attention-heatmap")


def test_the_token_is_nowhere_to_be_found_afterwards(chrome: Browser, own: Server) -> None:
    rights = ["clipboard-read", "clipboard-write"]
    context = chrome.new_context(permissions=rights, reduced_motion="reduce")
    _a_stranger_is_told_what_to_do(context.new_page(), own)
    page, asked, said = context.new_page(), [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append((request.url, json.dumps(request.headers))))
    page.goto(f"{own.url}{VIEW}&token={token(own)}")
    drawn(page)
    assert dict(parse_qsl(urlsplit(page.url).query)).items() >= dict(parse_qsl(VIEW[1:])).items()
    page.click("#save-menu > button")
    page.click("#copy-link")
    page.wait_for_selector("#copied")
    assert page.evaluate("() => navigator.clipboard.readText()") == page.url
    seen = page.evaluate(
        """() => JSON.stringify([location.href, document.referrer, history.state, name,
            document.cookie, {...localStorage}, {...sessionStorage},
            document.documentElement.outerHTML])"""
    )
    assert token(own) not in seen and "headscope-" + str(own.port) not in seen
    assert token(own) not in "".join(said)
    later = asked[1:]  # the first is the visit itself
    assert len(later) > 20 and not any(token(own) in "".join(each) for each in later)
    (cookie,) = [c for c in context.cookies() if c["name"] == f"headscope-{own.port}"]
    assert cookie["httpOnly"] and cookie["sameSite"] == "Strict" and cookie["path"] == "/"
    page.go_back()  # the visit with the token left no step in the history
    assert page.url == "about:blank"
    context.close()


def _a_stranger_is_told_what_to_do(page: Page, own: Server) -> None:
    assert page.goto(f"{own.url}{VIEW}").status == 403
    assert "Open the address that stands in the terminal" in page.inner_text("main")
    page.click("text=Go on")  # leads nowhere without the cookie, and is not offered again
    page.wait_for_load_state()
    assert page.url == f"{own.url}{VIEW}" and "Go on" not in page.inner_text("main")


def test_an_open_tab_whose_cookie_is_gone_says_so(person: BrowserContext, own: Server) -> None:
    page = person.new_page()
    page.goto(address(own, text="grammar"))
    drawn(page)
    person.clear_cookies()
    page.wait_for_selector("#lost", state="visible", timeout=30_000)
    assert "does not know this browser any more" in page.inner_text("#lost")
    page.select_option("#layer-select", "2")
    page.wait_for_selector("#error-toast.show")
    assert "Open the address that stands in the terminal" in page.inner_text("#error-toast")
    page.evaluate("() => { window.before = true }")
    other = person.new_page()
    other.goto(own.opening())  # in another tab
    wait_for(page, "() => window.before === undefined && !!window.headscope?.run")
    assert page.is_hidden("#lost")


def test_a_link_on_another_site_leads_to_the_view(person: BrowserContext, own: Server) -> None:
    page = person.new_page()
    with elsewhere(f'<a href="{own.url}{VIEW}">look</a>') as port:
        for host in (EVIL, "127.0.0.1"):
            page.goto(f"http://{host}:{port}/")
            page.click("text=look")
            page.wait_for_url(f"{own.url}**")
            if host == EVIL:  # the browser holds the cookie back for the first step
                assert "came through a link" in page.inner_text("main")
                page.click("text=Go on")
            wait_for(page, "() => !!window.headscope?.run")


def test_foreign_pages_and_names_reach_nothing(person: BrowserContext, own: Server) -> None:
    """They ask in every way that a page has; the person's browser would send the cookie along."""
    for host in (EVIL, "127.0.0.1"):
        _a_page_reaches_nothing(person, own, host)
    assert "demo-gpt" not in own.log.read_text()
    page = person.new_page()  # of a name that was made to lead here
    answer = page.goto(f"http://{EVIL}:{own.port}/?token={token(own)}")
    assert answer.status == 403 and f"{EVIL} is none of them" in page.inner_text("body")
    status = page.evaluate(
        """() => fetch("/_dash-update-component", {method: "POST", body: "{}",
            headers: {"Content-Type": "application/json"}}).then(a => a.status)"""
    )
    assert status == 403
    assert not [c for c in person.cookies() if c["domain"] == EVIL]


def _a_page_reaches_nothing(person: BrowserContext, own: Server, host: str) -> None:
    page, answers = person.new_page(), {}
    page.on("response", lambda r: answers.setdefault(urlsplit(r.url).path, []).append(r.status))
    with elsewhere(ATTACK.replace("HERE", own.url)) as port:
        page.goto(f"http://{host}:{port}/")
        results = page.evaluate("() => window.results")
        page.wait_for_load_state()
        assert set(results.values()) == {"refused"}
        framed = page.frames[1]
        assert framed.url.startswith("chrome-error:") or not framed.query_selector("#main")
        page.evaluate(
            """here => { document.body.innerHTML = `<form method="post" action="${here}"></form>`;
                document.forms[0].submit() }""",
            f"{own.url}_dash-update-component",
        )
        page.wait_for_url(f"{own.url}**")
        assert "not Headscope's own" in page.inner_text("body")
    here = {path: found for path, found in answers.items() if path != "/"}
    assert here and all(status == 403 for found in here.values() for status in found)
