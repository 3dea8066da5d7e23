"""The histograms of a head in a corpus, with their bins in words."""

from dataclasses import replace

import numpy as np

from components.corpus.figures import Histogram
from compute.corpus.views import HeadView

_DOUBLING = ("0", "1", *(f"{2**n:,}–{2 ** (n + 1) - 1:,}" for n in range(1, 12)), "4,096+")
"""Distances and positions: each bin twice as wide as the one before."""


def of(view: HeadView) -> list[Histogram]:
    """Return the four histograms of a head."""
    largest = [f"{n / 20:.2f} – {(n + 1) / 20:.2f}" for n in range(len(view.largest))]
    entropy = [f"{n / 4:.2f} – {(n + 1) / 4:.2f} nats" for n in range(len(view.entropy))]
    doubling = _DOUBLING[: len(view.distance)]
    far = [f"{bin} tokens" for bin in doubling]
    places = [f"{bin} from the beginning" for bin in doubling]
    some = {n: _begin(doubling[n]) for n in range(1, len(doubling), 2)}
    tenths = {n: f"{n / 20:.1f}" for n in range(0, len(largest), 4)}
    nats = {n: f"{n / 4:.0f}" for n in range(0, len(entropy), 4)}
    made = [
        Histogram("largest attention", view.largest, largest, tenths, _OF_ALL),
        Histogram("entropy, nats", view.entropy, entropy, nats, _OF_ALL),
        Histogram("distance, tokens", view.distance, far, {0: "0"} | some, _OF_ITS),
        Histogram("position of the key", view.position, places, {0: "0"} | some, _OF_ITS),
    ]
    shown = [made[0], *(_cut(each) for each in made[1:])]
    if np.isfinite(view.loss).any():
        title = "loss by largest attention"
        shown.append(Histogram(title, view.loss, largest, tenths, "nats of loss", shared=False))
    return shown


def _cut(whole: Histogram) -> Histogram:
    """Return a histogram without the empty bins at its end."""
    there = np.flatnonzero(whole.values)
    last = int(there[-1]) + 1 if len(there) else 1
    ticks = {n: said for n, said in whole.ticks.items() if n < last}
    return replace(whole, values=whole.values[:last], bins=whole.bins[:last], ticks=ticks)


def _begin(bin: str) -> str:
    """Return where a bin begins."""
    return bin.partition("–")[0].rstrip("+").replace(",", "")


_OF_ALL, _OF_ITS = "of all tokens", "of its attention"
