"""Two more speeds of the maps: ``python benchmarks/scales.py``.

The scan of all heads of MiniLM for the scale c (seven points and the continuous search, six
criteria) over the default text, on all cores; and the placing of a new passage into a fitted map,
the median over heads and passages.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from compute import runs, texts
from compute.maps import all_scales, out_of_sample, projection
from compute.models import catalog, loading
from compute.progress import unseen
from compute.runs import vectors
from compute.texts import Text

HEADS = [(0, 1), (1, 8), (2, 10), (3, 11), (4, 1), (5, 2)]
SENTENCES = (
    "The keeper of the old lighthouse counted the ships that never came back.",
    "A comet is mostly ice and dust, and its tail always points away from the sun.",
    "When the rain stopped, she closed the book and went out to look for her brother.",
)
MOST = {"scan": 60.0, "placing": 0.030}  # seconds


def main() -> int:
    """Measure, print, and return 1 if a limit is missed."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HEADSCOPE_CACHE"] = folder
        found = {"scan": scan(extract(texts.load("prose"))), "placing": new_passages()}
    for name, seconds in found.items():
        print(f"{name:<10}{seconds:>10.3f} s   (at most {MOST[name]:g} s)")
    return int(any(seconds > MOST[name] for name, seconds in found.items()))


def extract(text: Text) -> str:
    """Return the key of a text's vectors in MiniLM."""
    source = catalog.find("minilm")
    key = runs.key_of(source, text)
    if runs.find(key) is None:
        vectors.extract(loading.load(source), text, key, unseen)
    return key


def scan(key: str) -> float:
    """Return the seconds of the scan of all heads."""
    began = time.perf_counter()
    all_scales.scan_all(key)
    return time.perf_counter() - began


def new_passages() -> float:
    """Return the median seconds that a new passage takes in one head's map."""
    old = runs.load(extract(texts.load("prose")))
    added = [runs.load(extract(texts.from_user(words))) for words in SENTENCES]
    times = []
    for at in HEADS:
        cloud = projection.cloud(old, *at)
        layout = projection.fit(cloud, "attention")
        for run in added:
            new = projection.cloud(run, *at)
            began = time.perf_counter()
            out_of_sample.place(cloud, layout, new)
            times.append(time.perf_counter() - began)
    return statistics.median(times)


if __name__ == "__main__":
    raise SystemExit(main())
