"""Firefox for the browser tests: a tab with what `pages` uses of Playwright's, over WebDriver BiDi.

Playwright drives only a Firefox of its own making, and Selenium a driver that Debian does not have.
BiDi is a standard, and Firefox speaks it by itself: https://www.w3.org/TR/webdriver-bidi/
"""

import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Self

from servers import PATIENCE, until
from websockets.sync.client import connect

FOUND = shutil.which(os.environ.get("FIREFOX") or "firefox-esr") or shutil.which("firefox")
SIZE = {"width": 1024, "height": 768}
STILL = 'user_pref("ui.prefersReducedMotion", 1);'
"""Nothing moves by itself, as in the fixture `tab`."""
KEYS = {"ArrowRight": "\ue014", "Escape": "\ue00c"}


class Firefox:
    """A Firefox without windows, with a profile of its own, and its one tab.

    Attributes
    ----------
    problems : list of str
        Errors on its console, and exceptions that nobody caught.
    """

    def __init__(self, profile: Path):
        self.problems: list[str] = []
        self.mouse, self._sent = Mouse(self), 0
        log = profile.with_name(f"{profile.name}.log")
        profile.mkdir()
        (profile / "user.js").write_text(STILL)
        command = [FOUND, "--headless", "--no-remote", "--profile", profile]
        command += ["--remote-debugging-port", "0"]
        with log.open("w") as to:
            self.process = subprocess.Popen(command, stdout=to, stderr=to)

        def where() -> str | None:
            assert self.process.poll() is None, log.read_text()
            found = re.search(r"BiDi listening on (ws://\S+)", log.read_text())
            return found and found[1]

        self.socket = connect(f"{until(where, 'Firefox')}/session", max_size=None)
        self._ask("session.new", capabilities={})
        self._ask("session.subscribe", events=["log.entryAdded"])
        self._tab = self._ask("browsingContext.getTree")["contexts"][0]["context"]
        self._ask("browsingContext.setViewport", context=self._tab, viewport=SIZE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()
        self.process.terminate()
        self.process.wait(PATIENCE)

    def _ask(self, method: str, **params: object) -> dict:
        self._sent += 1
        self.socket.send(json.dumps({"id": self._sent, "method": method, "params": params}))
        while True:
            answer = json.loads(self.socket.recv(timeout=PATIENCE))
            if answer["type"] == "event":
                entry = answer["params"]
                if entry.get("level") == "error":
                    self.problems.append(entry["text"])
            elif answer["id"] == self._sent:
                assert answer["type"] == "success", answer
                return answer["result"]

    def do(self, kind: str, actions: list[dict], **more: object) -> None:
        """Move, press or type."""
        source = {"type": kind, "id": kind, "actions": actions} | more
        self._ask("input.performActions", context=self._tab, actions=[source])

    # As Playwright's page

    def goto(self, url: str) -> None:
        self._ask("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    def evaluate(self, js: str, arg: object = None) -> object:
        """Call a JavaScript function, or return an expression's value."""
        value = f"((f, arg) => typeof f === 'function' ? f(arg) : f)(({js}), JSON.parse(given))"
        found = self._ask(
            "script.callFunction",
            functionDeclaration=f"async given => JSON.stringify(await {value}) ?? 'null'",
            arguments=[{"type": "string", "value": json.dumps(arg)}],
            target={"context": self._tab},
            awaitPromise=True,
        )
        assert found["type"] == "success", found.get("exceptionDetails", {}).get("text")
        return json.loads(found["result"]["value"])

    def wait_for_function(self, js: str, arg: object = None, timeout: float = 0) -> None:
        until(lambda: self.evaluate(js, arg), js, self)

    def wait_for_timeout(self, milliseconds: float) -> None:
        time.sleep(milliseconds / 1000)

    def wait_for_selector(self, selector: str) -> None:
        self.wait_for_function("s => !!document.querySelector(s)?.checkVisibility()", selector)

    def inner_text(self, selector: str) -> str:
        return self.evaluate("s => document.querySelector(s).innerText", selector)

    def locator(self, selector: str) -> "Located":
        return Located(self, selector)

    def click(self, selector: str) -> None:
        """Click the middle of an element, once nothing lies over it and it stays where it is."""
        self.wait_for_selector(selector)
        self.locator(selector).scroll_into_view_if_needed()
        middle = """async s => {
            const of = () => {
                const box = document.querySelector(s).getBoundingClientRect();
                return [box.left + box.width / 2, box.top + box.height / 2];
            };
            const first = of();
            await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
            const hit = document.elementFromPoint(...of());
            return String(first) === String(of()) && hit && hit.closest(s) && first;
        }"""
        self.mouse.click(*until(lambda: self.evaluate(middle, selector), selector, self))

    def press(self, key: str) -> None:
        value = KEYS.get(key, key)
        self.do("key", [{"type": kind, "value": value} for kind in ("keyDown", "keyUp")])


class Located:
    """An element, by its selector."""

    def __init__(self, page: Firefox, selector: str):
        self.page, self.selector = page, selector

    def scroll_into_view_if_needed(self) -> None:
        js = (
            "s => document.querySelector(s).scrollIntoView({block: 'nearest', behavior: 'instant'})"
        )
        self.page.evaluate(js, self.selector)


class Mouse:
    """The mouse in a tab."""

    def __init__(self, page: Firefox):
        self.page = page

    def move(self, x: float, y: float) -> None:
        self.page.do("pointer", [{"type": "pointerMove", "x": round(x), "y": round(y)}])

    def click(self, x: float, y: float) -> None:
        down, up = ({"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp"))
        self.move(x, y)  # then a moment, in which Plotly looks what is there
        self.page.do("pointer", [{"type": "pause", "duration": 120}, down, up])
