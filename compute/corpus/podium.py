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

    def wanted(self, layer: int, heads: slice, peaks: np.ndarray) -> np.ndarray:
        """Return which passages may be among which heads' strongest, bool (b, h), by peaks."""
        return peaks >= self._found.peak[layer, heads, -1]

    def offer(
        self,
        layer: int,
        passage: Passage,
        heads: np.ndarray,
        peaks: np.ndarray,
        places: np.ndarray,
        keys: np.ndarray,
        weights: np.ndarray,
    ) -> None:
        """Take what some heads (h,) of a layer have in a passage: keys and weights (h, t, 8)."""
        found = self._found
        for own, head in enumerate(heads.tolist()):
            known = found.peak[layer, head]
            level = (known == peaks[own]) & (found.hash[layer, head] < passage.hash)
            at = int(((known > peaks[own]) | level).sum())
            if at == STRONGEST:
                continue
            for array in (found.hash, found.peak, found.place, found.keys, found.weights):
                array[layer, head, at + 1 :] = array[layer, head, at:-1].copy()
            found.hash[layer, head, at] = passage.hash
            found.peak[layer, head, at] = peaks[own]
            found.place[layer, head, at] = places[own]
            for array, new in ((found.keys, keys), (found.weights, weights)):
                array[layer, head, at] = _filled(new[own], array.shape[3])
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
