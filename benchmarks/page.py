"""How long the page takes, in a real browser: start, first picture, another head, a click.

Everything is measured with results in the cache, as on a second visit: medians over heads.
``python benchmarks/page.py`` starts the app itself, with a cache of its own.
"""

import os
import platform
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parent.parent
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
    with tempfile.TemporaryDirectory() as cache:
        port = _free_port()
        began = time.perf_counter()
        server = subprocess.Popen(
            [sys.executable, ROOT / "app.py", "--no-token", "--port", str(port)],
            cwd=ROOT,
            env={**os.environ, "HEADSCOPE_CACHE": cache, "HF_HUB_OFFLINE": "1"},
            stdout=subprocess.DEVNULL,
        )
        try:
            address = f"http://127.0.0.1:{port}/"
            _wait_for(address)
            rows = [("start of python app.py to its first answer", time.perf_counter() - began)]
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
                    args=["--no-sandbox", "--enable-unsafe-swiftshader"],
                )
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                rows += _measure(page, address)
                browser.close()
        finally:
            server.terminate()
            server.wait()
    print(f"{_machine()}; WebGL drawn by software")
    for name, seconds in rows:
        print(
            f"| {name} | {1000 * seconds:,.0f} ms |"
            if seconds < 2
            else f"| {name} | {seconds:.1f} s |"
        )


def _measure(page: Page, address: str) -> list[tuple[str, float]]:
    began = time.perf_counter()
    page.goto(address)
    page.wait_for_function(READY, arg="qk-map", timeout=300_000)
    rows = [("first visit: nothing cached, to the first map", time.perf_counter() - began)]
    for method in METHODS:
        page.select_option("#method-select", method)
        for layer, head in HEADS:
            _go(page, layer, head)
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


def _go(page: Page, layer: int, head: int) -> None:
    page.evaluate(AFTER, ["qk-map", _script(layer, head)])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(address: str) -> None:
    while True:
        try:
            urllib.request.urlopen(address)
            return
        except OSError:
            time.sleep(0.02)


def _machine() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        name = re.search(r"model name\s*: (.*)", text).group(1)
    except (OSError, AttributeError):
        name = platform.processor() or platform.machine()
    return f"{name}, {os.cpu_count()} cores, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
