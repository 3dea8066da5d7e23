"""Spoiled requests against a running app: none may be answered 500, nothing may be touched.

``python benchmarks/fuzz.py --requests 10000 --seed 7`` starts the app in a throw-away folder,
visits all stages, spoils what a page would send then, and looks at every answer, the log, the files
around the cache and the memory. It ends with exit code 1 if something is not as it should be.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from itertools import chain
from pathlib import Path

import orjson
from fuzzing import witness
from fuzzing.mutations import Spoiler
from fuzzing.page import Page
from fuzzing.server import Server
from fuzzing.talk import Answer, Line, Sent
from shared import BROWSER

GROWTH = 200 * 2**20
"""So much more memory the web process may take in the end."""
LET_RUN = 0.3  # share of the jobs that are waited for; the others are cancelled at once
PATIENCE = 3.0  # seconds that such a job is given
FULL = (200, None)
"""Status and sentence of a full answer. A job that a spoiled request started may have brought what
was missing before, so a full answer where there was none is not a fault."""
UNEXPECTED = "Something went wrong"  # how a sentence begins that stands for an exception
KEPT = 12  # problems that are told in full


def main() -> int:
    """Run it, print what came of it, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--browser", action=argparse.BooleanOptionalAction, default=True,
                        help="whether a real page is opened at the end")  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="leave out jobs that take long")
    options = parser.parse_args()
    folder = tempfile.TemporaryDirectory(prefix="headscope-fuzz-")
    with folder as cache, Server(Path(cache)) as server:
        run = Run(server, options.seed, options.quick)
        run.spoil(options.requests)
        run.look_back(options.browser)
    run.tell(options.requests, options.seed)
    return 1 if run.problems else 0


class Run:
    """One run: what was sent, and what was wrong."""

    def __init__(self, server: Server, seed: int, quick: bool = False):
        self.problems: list[str] = []
        self._server, self._line = server, Line(server.port)
        self._page = Page(self._line)
        self._page.visit(quick=quick)
        self._valid = {output: self._ask_rightly(output) for output in self._page.callbacks}
        names = witness.plant(server.folder)
        self._record()
        self._spoiler = Spoiler(self._page, names, seed)
        self._untouched = (server.cache, server.log)
        self._files = witness.seen(server.folder, self._untouched)
        self._memory = self._peak = server.memory()
        self._read = len(server.said())
        self._statuses: Counter[str] = Counter()
        self._jobs, self._slowest, self._seconds = 0, 0.0, 0.0

    def _record(self) -> None:
        """Keep the valid requests, to be looked at when something is wrong."""
        requests = [self._page.body(output) for output in self._page.callbacks]
        (self._server.folder / "recording.json").write_bytes(orjson.dumps(requests))

    def _ask_rightly(self, output: str) -> tuple[int, str | None]:
        """Send a valid request; return the status, and the sentence if there is one."""
        answer = self._page.send(output)
        if "job" in answer.json():
            self._page.cancel(answer.json())
        return answer.status, answer.sentence

    def spoil(self, count: int) -> None:
        """Send the requests that lack something, and so many others that are spoiled."""
        began = time.monotonic()
        others = (self._spoiler.next() for _ in range(count))
        for number, (output, sent) in enumerate(chain(self._spoiler.every(), others)):
            try:
                answer = self._line.send(sent)
            except (OSError, ValueError) as error:
                self._wrong(f"no answer ({error})", sent)
                if not self._server.alive():
                    break
                continue
            self._look(output, sent, answer)
            if number % 100 == 99:
                self._peak = max(self._peak, self._server.memory())
        self._seconds = time.monotonic() - began

    def _look(self, output: str, sent: Sent, answer: Answer) -> None:
        kind = f"{answer.status}" + (" with a sentence" if answer.sentence else "")
        self._statuses[kind] += 1
        self._slowest = max(self._slowest, answer.seconds)
        if answer.status >= 500:
            self._wrong(f"answered {answer.status}", sent)
        if (answer.sentence or "").startswith(UNEXPECTED):
            self._wrong(answer.sentence, sent)
        handle = answer.json()
        if "job" in handle and "cacheKey" in handle:
            self._see_through(output, sent, handle)
        self._read_log(sent)

    def _see_through(self, output: str, sent: Sent, handle: dict) -> None:
        """Wait a moment for a job that was started, or don't; then cancel it."""
        self._jobs += 1
        asked = orjson.loads(sent.body)["output"]
        if self._spoiler.chance() < LET_RUN:
            end = time.monotonic() + PATIENCE
            while time.monotonic() < end:
                answer = self._page.ask(asked, handle)
                if (answer.sentence or "").startswith(UNEXPECTED):
                    self._wrong(f"a job of {output}: {answer.sentence}", sent)
                if answer.status != 200 or "response" in answer.json():
                    return
                time.sleep(0.02)
        self._page.cancel(handle)

    def _read_log(self, sent: Sent) -> None:
        if self._server.log.stat().st_size == self._read:
            return
        said = self._server.said()
        self._read = self._server.log.stat().st_size
        if "Traceback" in said:
            self._wrong(f"a traceback:\n{said[-3000:]}", sent)
            self._server.log.write_text("")  # the next one is told of alone
            self._read = 0

    def look_back(self, browser: bool) -> None:
        """Look at what is left: files, memory, and whether the page still works."""
        if not self._server.alive():
            self._wrong(f"the app has ended:\n{self._server.said()[-3000:]}")
            return
        left = witness.seen(self._server.folder, self._untouched)
        for change in witness.changes(self._files, left):
            self._wrong(f"outside the cache: {change}")
        self._grown = self._server.memory() - self._memory
        if self._grown > GROWTH:
            self._wrong(f"{self._grown / 2**20:.0f} MB more memory than before")
        for output, before in self._valid.items():
            now = self._ask_rightly(output)
            if now != before and not before[1] and now != FULL:
                self._wrong(f"{output} was answered {before} before and {now} now")
        if browser and not _opens(self._server.port):
            self._wrong("the page does not open any more")

    _grown = 0

    def _wrong(self, what: str, sent: Sent | None = None) -> None:
        asked = ""
        if sent is not None:
            asked = f"\n  {sent.method} {sent.path[:200]} {sent.headers} {sent.query!r:.300}"
            asked += f"\n  {sent.body[:3000]!r}"
        self.problems.append(what + asked)

    def tell(self, count: int, seed: int) -> None:
        """Print the table, and the problems."""
        rows = [
            ("requests, seed", f"{count:,}, {seed}"),
            ("callbacks", f"{len(self._page.callbacks)}"),
            *((f"answered {kind}", f"{n:,}") for kind, n in sorted(self._statuses.items())),
            ("jobs that were started by them", f"{self._jobs:,}"),
            ("slowest answer", f"{self._slowest:.2f} s"),
            ("all of them", f"{self._seconds:.0f} s"),
            ("memory of the web process, before", f"{self._memory / 2**20:.0f} MB"),
            ("… at most, and more at the end than before",
             f"{self._peak / 2**20:.0f} MB, {self._grown / 2**20:+.0f} MB"),
            ("problems", f"{len(self.problems)}"),
        ]  # fmt: skip
        print("\n".join(f"| {name} | {value} |" for name, value in rows))
        for problem in self.problems[:KEPT]:
            print(f"\n{problem}", file=sys.stderr)


def _opens(port: int) -> bool:
    """Tell whether a real page draws a map."""
    from playwright.sync_api import Error, sync_playwright

    drawn = "() => (document.querySelector('#qk-map .js-plotly-plot') || {})._fullData?.length > 0"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**BROWSER)
        try:
            page = browser.new_page()
            page.goto(f"http://127.0.0.1:{port}/?model=demo-gpt&map=pca")
            page.wait_for_function(drawn, timeout=90_000)
        except Error:
            return False
        finally:
            browser.close()
    return True


if __name__ == "__main__":
    sys.exit(main())
