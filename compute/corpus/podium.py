"""The strongest passages of each head so far, while a stretch of text is read."""

import numpy as np

from compute.summaries import passages
from compute.summaries.passages import KEYS, STRONGEST, Passage, Strongest


class Podium:
    """Takes passages as they come and keeps `STRONGEST` of them for each head.

    Parameters
    ----------
    length : int
        The longest passage, in tokens.
    """

    def __init__(self, layers: int, heads: int, length: int):
        self._found = passages.none(layers, heads, length)
        self._passages: dict[int, Passage] = {}

    def wanted(self, layer: int, peaks: np.ndarray) -> np.ndarray:
        """Return which passages may be among a head's strongest, bool (b,), by peaks (b, heads)."""
        return (peaks >= self._found.peak[layer, :, -1]).any(1)

    def offer(
        self,
        layer: int,
        passage: Passage,
        peaks: np.ndarray,
        places: np.ndarray,
        keys: np.ndarray,
        weights: np.ndarray,
    ) -> None:
        """Take what a layer's heads (H,) have in a passage: keys and weights (H, t, `KEYS`)."""
        found = self._found
        higher = found.peak[layer] > peaks[:, None]
        level = found.peak[layer] == peaks[:, None]
        ranks = (higher | (level & (found.hash[layer] < passage.hash))).sum(1)
        for head in np.flatnonzero(ranks < STRONGEST).tolist():
            at = int(ranks[head])
            for array in (found.hash, found.peak, found.place, found.keys, found.weights):
                array[layer, head, at + 1 :] = array[layer, head, at:-1].copy()
            found.hash[layer, head, at] = passage.hash
            found.peak[layer, head, at] = peaks[head]
            found.place[layer, head, at] = places[head]
            for array, new in ((found.keys, keys), (found.weights, weights)):
                array[layer, head, at] = _filled(new[head], array.shape[3])
            self._passages[passage.hash] = passage

    def result(self) -> Strongest:
        """Return what was kept."""
        empty = passages.none(*self._found.peak.shape[:2], self._found.keys.shape[3])
        held = Strongest(
            *(getattr(self._found, n) for n in ("hash", "peak", "place", "keys", "weights")),
            self._passages,
        )
        return held.plus(empty)


def _filled(cells: np.ndarray, length: int) -> np.ndarray:
    """Return keys or weights (t, KEYS) of a passage at the length of the longest."""
    found = np.zeros((length, KEYS), np.uint16)
    found[: len(cells)] = cells
    return found
