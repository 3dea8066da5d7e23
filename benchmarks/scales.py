"""Two more speeds of the maps: ``python benchmarks/scales.py``.

The scan of all heads of MiniLM for the scale c (seven points and the continuous search, six
criteria) over the default text, on all cores; and the placing of a new passage into a fitted map,
the median over heads and passages.
"""

import os
import statistics
import tempfile
from functools import partial

from shared import extract, seconds

from compute import runs, texts
from compute.maps import out_of_sample, projection
from compute.scale import all_scales

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
        found = {"scan": scan(extract("minilm", "prose")), "placing": new_passages()}
    for name, took in found.items():
        print(f"{name:<10}{took:>10.3f} s   (at most {MOST[name]:g} s)")
    return int(any(took > MOST[name] for name, took in found.items()))


def scan(key: str) -> float:
    """Return the seconds of the scan of all heads."""
    return seconds(lambda: all_scales.scan_all(key))


def new_passages() -> float:
    """Return the median seconds that a new passage takes in one head's map."""
    old = runs.load(extract("minilm", "prose"))
    added = [runs.load(extract("minilm", texts.from_user(words))) for words in SENTENCES]
    times = []
    for at in HEADS:
        cloud = projection.cloud(old, *at)
        layout = projection.fit(cloud, "attention")
        for run in added:
            new = projection.cloud(run, *at)
            times.append(seconds(partial(out_of_sample.place, cloud, layout, new)))
    return statistics.median(times)


if __name__ == "__main__":
    raise SystemExit(main())
