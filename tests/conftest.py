"""The real app and a real browser, for the tests whose names begin with test_page."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import hypothesis
import pytest
from pages import Server
from playwright.sync_api import (
    Browser,
    BrowserContext,
    BrowserType,
    Error,
    Page,
    Route,
    ViewportSize,
    sync_playwright,
)
from servers import BROWSER, PATIENCE, ROOT
from stored import FIVE_LINES, random_run

from components.page import scripts
from compute import runs, texts
from compute.jobs import opening

# UMAP's machine code is compiled once for all test processes and all servers that they start.
if "NUMBA_CACHE_DIR" not in os.environ:
    os.environ["NUMBA_CACHE_DIR"] = tempfile.mkdtemp(prefix="headscope-numba-")
    atexit.register(shutil.rmtree, os.environ["NUMBA_CACHE_DIR"], ignore_errors=True)

# The tests' own processes, as many as there are cores, would else wait for each other's threads.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Nor does a test fail because the machine is busy.
hypothesis.settings.register_profile(
    "busy",
    hypothesis.settings.default,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("busy")

SMALL = {"width": 1024, "height": 768}
"""A window in which the page fits; what software draws of it costs a fifth less than at 1440."""

LONG = (
    "test_cli_corpus.py",
    "test_contributing.py",
    "test_frozen_keys.py",
    "test_fuzz.py",
    "test_kills.py",
    "test_model_files.py",
    "test_pair_vectors.py",
    "test_reach.py",
    "test_training.py",
)
"""Files that take long, though none of their tests has a fixture that says so."""

BLANK = (ROOT / "tests" / "assets" / "blank.html").read_text("utf-8") + "".join(
    f'<script src="/{name}"></script>' for name in scripts.ordered() if name.endswith(".js")
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that start a server, and others that take long.

    At the end one core would idle.
    """
    long = {item.path for item in items if {"server", "page", "tab"} & set(item.fixturenames)}
    long |= {item.path for item in items if item.path.name in LONG}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty store for one test."""
    monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty store for all tests of a module."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("store") / "cache"
        patch.setenv("HEADSCOPE_CACHE", str(folder))
        yield folder


@pytest.fixture
def run(cache: Path) -> runs.Run:
    """A run of 2 × 3 heads and 72 tokens, in an empty store."""
    return random_run()


@pytest.fixture
def shown(run: runs.Run) -> dict:
    """What the page holds of it."""
    return opening.describe(run, "made", "prose")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app in its own process; what one test opened is there for all."""
    with Server(tmp_path_factory.mktemp("cache")) as server:
        yield server


@pytest.fixture(scope="session")
def chromium() -> Iterator[BrowserType]:
    with sync_playwright() as playwright:
        yield playwright.chromium


@pytest.fixture(scope="session")
def browser(chromium: BrowserType) -> Iterator[Browser]:
    browser = chromium.launch(**BROWSER)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def visitor(
    chromium: BrowserType, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """A visitor who was here before: the page's scripts, compiled, are kept in a profile on disk.

    That takes a third off what it costs to open the page, for which most of these tests' time goes.
    """
    context = chromium.launch_persistent_context(
        tmp_path_factory.mktemp("profile"), viewport=SMALL, reduced_motion="reduce", **BROWSER
    )
    yield context
    context.close()


@pytest.fixture
def tab(visitor: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """Open a fresh tab, in which nothing is kept; the test fails on any error in it.

    An error is: a message of that kind on the console, an exception that nobody caught, a request
    that leaves this machine. `lost_server=True` allows what a stopped server leaves on the console.
    With `more`, the settings of `new_context`, the tab is one of a new visitor.

    Nothing moves by itself in it: while a page waits for a job, what moves there would take up to
    half of a core from the job. `motion=True` leaves it as most people have it.
    """
    opened, problems = [], []

    def open_tab(
        lost_server: bool = False,
        viewport: ViewportSize = SMALL,
        color_scheme: str | None = None,
        motion: bool = False,
        **more,
    ) -> Page:
        new = request.getfixturevalue("browser").new_context if more else None
        context = new(**more) if new else visitor
        page = _watched(context, problems, lost_server)
        page.set_viewport_size(viewport)
        moves = "no-preference" if motion else "reduce"
        page.emulate_media(color_scheme=color_scheme, reduced_motion=moves)
        opened.append((page, context if more else page))
        return page

    yield open_tab
    for page, each in opened:
        if each is page and not page.is_closed():
            _forget(page)
        each.close()
    visitor.clear_cookies()
    assert problems == []


def _forget(page: Page) -> None:
    """Take away what a page has kept in its browser; the scripts that it has compiled stay."""
    kept = {"origin": urlsplit(page.url)._replace(path="", query="", fragment="").geturl()}
    session = page.context.new_cdp_session(page)
    session.send("Storage.clearDataForOrigin", kept | {"storageTypes": "local_storage"})


def _watched(context: BrowserContext, problems: list[str], lost_server: bool = False) -> Page:
    """Return a new tab that notes what goes wrong in it."""
    page = context.new_page()
    page.set_default_timeout(1000 * PATIENCE)

    def see(text: str) -> None:
        if not (lost_server and _of_a_lost_server(text)):
            problems.append(text)

    page.on("console", lambda message: see(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: see(str(error)))
    page.on("request", lambda r: None if _stays_here(r.url) else problems.append(r.url))
    return page


@pytest.fixture(scope="session")
def blank_tab(visitor: BrowserContext) -> Page:
    page = visitor.new_page()

    def answer(route: Route) -> None:
        name = urlsplit(route.request.url).path[1:]
        if name.endswith(".js"):
            route.fulfill(path=scripts.ASSETS / name)
        else:
            route.fulfill(body=BLANK, content_type="text/html")

    page.route("**/*", answer)
    return page


@pytest.fixture
def blank(blank_tab: Page) -> Iterator[Page]:
    """Return the one tab for tests of scripts: all of them loaded anew, and no app.

    `pages.call` calls their functions, `pages.sent` returns what they set on the page.
    """
    problems = []

    def see(error: Error) -> None:
        problems.append(str(error))

    blank_tab.on("pageerror", see)
    blank_tab.goto("http://127.0.0.1/")
    yield blank_tab
    blank_tab.remove_listener("pageerror", see)
    assert problems == []


@pytest.fixture
def page(tab: Callable[..., Page]) -> Page:
    return tab()


@pytest.fixture(scope="session")
def small(server: Server) -> str:
    """A text of five short passages, kept by the server as one's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSCOPE_CACHE", str(server.cache))
        return texts.save_user(texts.from_user(FIVE_LINES, name="Five lines"))


@pytest.fixture
def stored(server: Server, monkeypatch: pytest.MonkeyPatch) -> Callable[[Page], runs.Run]:
    """Read the run that a page shows from the server's cache, to compute with it here."""
    monkeypatch.setenv("HEADSCOPE_CACHE", str(server.cache))
    return lambda page: runs.RUNS.get(page.evaluate("() => window.headscope?.run.key"))


def _stays_here(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "data:", "blob:"))


def _of_a_lost_server(text: str) -> bool:
    signs = (
        *("ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "ERR_SOCKET_NOT_CONNECTED"),
        *("Failed to fetch", "the server did not respond"),
        *("ERR_CONTENT_LENGTH_MISMATCH", "ERR_INCOMPLETE_CHUNKED", "Loading chunk"),  # cut short
    )
    return any(sign in text for sign in signs)
