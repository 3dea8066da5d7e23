"""What each map says truly and what it costs: ``python benchmarks/maps.py [--tsne]``.

Eight heads of MiniLM over the default built-in text, one core, the same vectors for all methods:
means over heads of the trust score, recall and percentile of `compute.trust`, of the trust score
of passages that were placed without their own attention (`compute.heldout`, one fifth), and of
the seconds of a fit. UMAP's compilation is not counted. t-SNE takes half a minute a head.
"""

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from compute import projection, runs, trust
from compute.cloud import Cloud, Layout, part
from compute.heldout import held_out

HEADS = ((0, 1), (0, 2), (1, 8), (2, 10), (3, 11), (4, 1), (5, 2), (5, 8))
COLUMNS = (
    "T",
    "least",
    "held out",
    "T, all",
    "recall@1",
    "@3",
    "@5",
    "corpus",
    "mixing",
    "seconds",
)


def main() -> int:
    """Measure and print the tables; return 1 if the attention map misses its aims."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HEADSCOPE_CACHE"] = folder
        clouds = vectors()
    methods = [m for m in projection.METHODS if m != "tsne" or "--tsne" in sys.argv]
    projection.fit(part(clouds[0], np.arange(3))[0], "umap")  # compiles
    print(f"{len(clouds)} heads of MiniLM, 2 x {len(clouds[0]):,} points, {platform.machine()}")
    print(f"{'':<26}" + "".join(f"{c:>10}" for c in COLUMNS))
    rows = {}
    for method in methods:
        rows[method] = measure(method, clouds)
        title = projection.METHODS[method].title
        print(f"{title:<26}" + "".join(f"{x:>10.3f}" for x in rows[method]), flush=True)
    print("\nThe attention map while it is fitted")
    steps = refine(clouds)
    for step, (seconds, score) in steps.items():
        print(f"{step:>5} steps {seconds:>8.2f} s   T {score:.3f}")
    score, least, hidden, *_, seconds = rows["attention"]
    met = score >= 0.9 and least >= 0.75 and hidden >= 0.73 and seconds <= 0.9
    print("aims met" if met else "aims missed: T .90, least .75, held out .73, .9 s")
    return int(not met)


def vectors() -> list[Cloud]:
    """Return the clouds of the eight heads."""
    from compute import catalog, models, texts
    from compute import vectors as extraction

    source, text = catalog.find("minilm"), next(iter(texts.built_in().values()))
    key = catalog.run_key(source, text)
    extraction.extract(models.load(source), text, key, lambda *_: None)
    return [projection.cloud(runs.load(key), layer, head) for layer, head in HEADS]


def measure(method: str, clouds: list[Cloud]) -> list[float]:
    """Return the means of `COLUMNS` for one method."""
    rows = []
    for cloud in clouds:
        start = time.perf_counter()
        layout = projection.fit(cloud, method)
        seconds = time.perf_counter() - start
        found = trust.trust(cloud, layout)
        hidden = held_out(cloud, lambda c: projection.fit(c, method), rounds=1)
        recall = [found.recall[r] for r in trust.RECALLS]
        others = [found.score_all, *recall, found.corpus, found.mixing]
        rows.append([found.score, found.score, hidden["score"], *others, seconds])
    means = np.mean(rows, 0)
    means[1] = np.min(rows, 0)[1]
    means[-1] = statistics.median(row[-1] for row in rows)
    return means.tolist()


def refine(clouds: list[Cloud]) -> dict[int, tuple[float, float]]:
    """Return the median seconds until each frame, measuring not counted, and the mean T then."""
    seen: dict[int, list[tuple[float, float]]] = {}
    for cloud in clouds:
        frames: list[tuple[int, float, Layout]] = []
        start = time.perf_counter()

        def keep(step: int, layout: Layout, start: float = start, frames: list = frames) -> None:
            frames.append((step, time.perf_counter() - start, layout))

        projection.fit(cloud, "attention", frame=keep)
        for step, seconds, layout in frames:
            seen.setdefault(step, []).append((seconds, trust.score(cloud, layout)))
    return {
        step: (statistics.median(s for s, _ in both), float(np.mean([t for _, t in both])))
        for step, both in seen.items()
    }


if __name__ == "__main__":
    sys.exit(main())
