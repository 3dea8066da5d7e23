"""A real tab and somebody who uses it: opens models, switches heads, clicks, compares, cancels."""

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from playwright.sync_api import BrowserContext, Error, Page

from soaking.dying import Dying

BOUND = 180.0
"""Seconds in which a tab must show something new, while there is a server."""
BLANK = 90.0
"""Seconds after which somebody reloads a page on which nothing is seen."""
AFTERWARDS = 45.0
"""Seconds after the return of a lost server in which the console may speak of it."""
MODELS, TEXTS = ("demo-bert", "demo-gpt", "minilm"), ("grammar", "questions", "prose", "code")
METHODS = ("attention", "pca", "umap", "tsne")
STAGES = ("heads", "all", "patterns", "scale", "lab")
OF_A_LOST_SERVER = (
    "ERR_CONNECTION",
    "ERR_EMPTY_RESPONSE",
    "ERR_CONTENT_LENGTH_MISMATCH",
    "ERR_INCOMPLETE_CHUNKED",
    "ERR_INVALID_HTTP_RESPONSE",
    "Failed to fetch",
    "Loading chunk",
    "plotly.js did not load after 30 seconds",
    "the server did not respond",
)
STATE = """() => {
    const visible = e => e.getClientRects().length > 0;
    const text = q => [...document.querySelectorAll(q)].filter(visible).map(e => e.innerText);
    const drawn = id => {
        const gd = document.querySelector(`#${id} .js-plotly-plot`);
        return !!(gd && gd._fullData && gd._fullData.length);
    };
    const run = window.headscope && window.headscope.run;
    return {
        loaded: document.readyState + (document.querySelector("#main") ? ", with its parts" : ""),
        lost: text("#lost").join(), words: text("#error-toast.show, #nothing").join(" "),
        busy: text(".job").join(" | "), run: run ? run.key : "",
        drawn: drawn("qk-map") && drawn("attention-heatmap"),
        stage: new URLSearchParams(location.search).get("stage") || "heads",
    };
}"""
POINT = """seed => {
    const gd = document.querySelector("#qk-map .js-plotly-plot"), box = gd.getBoundingClientRect();
    const {xaxis, yaxis} = gd._fullLayout, t = gd._fullData[seed % 2], i = seed % t.x.length;
    return [box.left + xaxis._offset + xaxis.d2p(t.x[i]),
            box.top + yaxis._offset + yaxis.d2p(t.y[i])];
}"""


@dataclass
class Notes:
    """What is counted and told over all tabs."""

    actions: Counter = field(default_factory=Counter)
    sentences: Counter = field(default_factory=Counter)
    drawn: int = 0
    runs: dict[str, int] = field(default_factory=dict)  # key of a finished run: its folder's inode
    problems: Counter = field(default_factory=Counter)
    hung: int = 0


class Tab:
    """One tab of a visitor.

    Parameters
    ----------
    context : BrowserContext
        Of the visitor; tabs of a context share their cookies.
    texts : sequence of str
        The names of texts of their own.
    """

    def __init__(
        self,
        number: int,
        context: BrowserContext,
        server: Dying,
        texts: Sequence[str],
        notes: Notes,
        chance: random.Random,
    ):
        self.number, self.context, self.server = number, context, server
        self.texts, self.notes, self.chance = [*TEXTS, *texts], notes, chance
        self.page: Page | None = None
        self.changed, self.state, self.view = time.monotonic(), {}, {}
        self.come()

    def come(self) -> None:
        """Open the tab, at the view that it had last or at a new one."""
        self.page = self.context.new_page()
        self.page.set_default_timeout(8000)
        self.page.on("console", lambda m: self._hear(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self._hear(str(error)))
        self._go(self.view or self._somewhere())

    def look(self) -> bool:
        """Look at the tab; tell whether it shows a picture or a sentence and waits for nothing."""
        try:
            state = self.page.wait_for_function(STATE, timeout=15_000).json_value()
        except Error as error:
            state = {"busy": f"can't be asked: {str(error).splitlines()[0]}"}
        if state != self.state:
            self.state, self.changed = state, time.monotonic()
            self._note(state)
        shows = state.get("words") or (state.get("run") and (state["drawn"] or self._elsewhere()))
        settled = bool(shows) and not state["busy"] and not state.get("lost")
        now = time.monotonic()
        blank = self.server.back and "parts" not in state.get("loaded", "parts")
        if blank and now - max(self.changed, self.server.back) > BLANK:
            self.changed = now
            self._do(self.reload_a_blank_page)
        if not settled and self.server.back and now - max(self.changed, self.server.back) > BOUND:
            self.notes.hung += 1
            self.notes.problems[f"hung at {self.page.url}: {state}"] += 1
            self.leave_and_come_back()
        return settled

    def step(self) -> None:
        """Do something, as somebody would who sees what the tab shows."""
        if self.look():
            act = self.chance.choices(*zip(*self._acts(), strict=True))[0]
        elif self.chance.random() < 0.12:
            act = self.cancel
        elif self.chance.random() < 0.04:
            act = self.chance.choice([self.leave_and_come_back, self.reload])
        else:
            return
        self._do(act)

    def close(self) -> None:
        """Close the tab."""
        self._do(self.page.close)

    def cancel(self) -> None:
        """Press a cancel button that is seen."""
        buttons = self.page.locator(".job button:visible")
        if buttons.count():
            buttons.first.click(timeout=2000)

    def leave_and_come_back(self) -> None:
        """Close the tab and open it again."""
        self.page.close()
        self.come()

    def reload(self) -> None:
        """Load the page anew."""
        self.page.reload(wait_until="commit")

    def reload_a_blank_page(self) -> None:
        """Load a page anew whose server died before its scripts were there."""
        self.reload()

    def open(self) -> None:
        """Follow a link to another model and text."""
        self._go(self._somewhere())

    def switch_head(self) -> None:
        """Show another head."""
        self._choose(self.chance.choice(["layer-select", "head-select"]))

    def switch_method(self) -> None:
        """Show another map."""
        self._choose("method-select", METHODS, (4, 4, 3, 1))

    def switch_text(self) -> None:
        """Open another text in the page."""
        self._choose("text-select", self.texts)

    def switch_stage(self) -> None:
        """Go to another stage; mostly back to the heads."""
        name = self.chance.choices(STAGES, (6, 1, 1, 1, 1))[0]
        self.page.click(f"#stage-select input[value={name}] + label", timeout=3000)

    def click(self) -> None:
        """Click a point of the map."""
        if self.state.get("drawn") and self.page.is_visible("#qk-map"):
            x, y = self.page.evaluate(POINT, self.chance.randrange(10**6))
            self.page.mouse.move(x, y)
            self.page.wait_for_timeout(100)
            self.page.mouse.click(x, y)

    def compare(self) -> None:
        """Begin or end a comparison."""
        self.page.click("#compare-toggle", timeout=3000)

    def _acts(self) -> list[tuple[Callable, int]]:
        return [
            (self.switch_head, 8),
            (self.click, 6),
            (self.switch_method, 4),
            (self.switch_text, 3),
            (self.open, 3),
            (self.compare, 2),
            (self.switch_stage, 2),
            (self.leave_and_come_back, 1),
            (self.reload, 1),
        ]

    def _do(self, act: Callable) -> None:
        self.notes.actions[act.__name__.replace("_", " ")] += 1
        try:
            act()
        except Error:  # the page went on meanwhile, or its server is gone: the next look tells
            self.notes.actions["(came too late)"] += 1

    def _go(self, view: dict[str, str]) -> None:
        self.view = view
        try:
            self.page.goto(f"{self.server.url}?{urlencode(view)}", wait_until="commit")
        except Error:  # no server now; a page that never loaded can't come back by itself
            self.notes.actions["(no server)"] += 1
        self.changed = time.monotonic()

    def _somewhere(self) -> dict[str, str]:
        method = self.chance.choices(METHODS, (4, 4, 2, 1))[0]
        model, text = self.chance.choice(MODELS), self.chance.choice(self.texts)
        return {"model": model, "text": text, "map": method}

    def _choose(
        self, id: str, values: Sequence[str] = (), weights: Sequence[int] | None = None
    ) -> None:
        values = values or self.page.locator(f"#{id} option").evaluate_all(
            "e => e.map(o => o.value)"
        )
        self.page.select_option(f"#{id}", self.chance.choices(values, weights)[0], timeout=3000)

    def _elsewhere(self) -> bool:
        return self.state.get("stage") != "heads"

    def _note(self, state: dict) -> None:
        self.notes.drawn += bool(state.get("drawn"))
        if words := state.get("words"):
            words = " ".join(words.split())
            self.notes.sentences[words[:90]] += 1
            if "Something went wrong" in words:
                self.notes.problems[words] += 1
        if key := state.get("run"):
            self.notes.runs.setdefault(key, self.server.inode(key))

    def _hear(self, text: str) -> None:
        back = self.server.back
        lately = not back or time.monotonic() - back < AFTERWARDS
        if not (lately and any(sign in text for sign in OF_A_LOST_SERVER)):
            self.notes.problems[f"on the console: {text[:200]}"] += 1
