"""How long the page takes, in a real browser: start, first picture, another head, a click.

Everything is measured with results in the cache, as on a second visit: medians over heads.
``python benchmarks/page.py`` starts the app itself, with a cache of its own.
"""

import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from shared import BROWSER, Server, machine

HEADS = [(0, 1), (0, 2), (1, 8), (2, 10), (3, 11), (4, 1), (5, 2), (5, 8)]
METHODS = ("attention", "pca")

# Resolves with the milliseconds from an action to the plot's next drawing.
AFTER = """([id, action]) => new Promise(done => {
  const gd = document.querySelector(`#${id} .js-plotly-plot`), start = performance.now();
  const drawn = () => {
    gd.removeListener("plotly_afterplot", drawn);
    done(performance.now() - start);
  };
  gd.on("plotly_afterplot", drawn);
  new Function(action)();
})"""
READY = """(id) => { const gd = document.querySelector(`#${id} .js-plotly-plot`);
  return !!(gd && gd._fullData && gd._fullData.length) }"""
QUIET = """() => document.querySelector('#map-job').hidden
  && !document.querySelector('#map-note').textContent"""


def main() -> None:
    """Measure and print a table."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder) / "cache") as server:
        rows = [("start of python app.py to its first answer", time.perf_counter() - began)]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(**BROWSER)
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            rows += _measure(page, server.url)
            browser.close()
    print(f"{machine()}; WebGL drawn by software")
    for name, seconds in rows:
        shown = f"{1000 * seconds:,.0f} ms" if seconds < 2 else f"{seconds:.1f} s"
        print(f"| {name} | {shown} |")


def _measure(page: Page, address: str) -> list[tuple[str, float]]:
    began = time.perf_counter()
    page.goto(address)
    page.wait_for_function(READY, arg="qk-map", timeout=300_000)
    rows = [("first visit: nothing cached, to the first map", time.perf_counter() - began)]
    for method in METHODS:
        page.select_option("#method-select", method)
        for layer, head in HEADS:
            page.evaluate(AFTER, ["qk-map", _script(layer, head)])
            page.wait_for_function(QUIET, timeout=300_000)
    for _ in range(2):  # the first reload warms the browser's own caches
        began = time.perf_counter()
        page.goto(address)
        page.wait_for_function(READY, arg="qk-map")
        again = time.perf_counter() - began
    rows.append(("a second visit, to the first map", again))
    page.wait_for_function(READY, arg="attention-heatmap")
    for method in METHODS:
        page.select_option("#method-select", method)
        for id, what in (("qk-map", "map"), ("attention-heatmap", "heatmap")):
            times = []
            for layer, head in HEADS * 2:
                page.wait_for_function(QUIET)
                page.wait_for_load_state("networkidle")
                times.append(page.evaluate(AFTER, [id, _script(layer, head)]))
            rows.append(
                (f"another head, to its {what} ({method})", statistics.median(times) / 1000)
            )
    times = []
    for token in range(40, 2000, 98):
        page.wait_for_load_state("networkidle")
        action = (
            "document.querySelector('#qk-map .js-plotly-plot').emit('plotly_click', "
            f"{{points: [{{curveNumber: 0, pointNumber: {token}}}], event: {{}}}})"
        )
        times.append(page.evaluate(AFTER, ["attention-heatmap", action]))
    rows.append(("a click on a point, to its heatmap", statistics.median(times) / 1000))
    return rows


def _script(layer: int, head: int) -> str:
    return (
        f"dash_clientside.set_props('layer-select', {{value: '{layer}'}});"
        f"dash_clientside.set_props('head-select', {{value: '{head}'}});"
    )


if __name__ == "__main__":
    main()
