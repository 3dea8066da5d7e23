"""What is looked for in a batch of passages: which pairs of tokens count for which score.

The definitions are those of `scores.head_scores`; here each is a few places instead of a weight for
every pair, for they are looked up in every layer.
"""

from dataclasses import dataclass

import numpy as np

from compute.capture.sight import Sight


@dataclass(frozen=True)
class Batch:
    """Passages that are read together, padded on the right to the longest.

    Attributes
    ----------
    ids : int64 (B, T)
    lengths : int64 (B,)
    special : bool (B, T)
    classes : int64 (B, T)
        −1 in padding.
    causal : bool
    """

    ids: np.ndarray
    lengths: np.ndarray
    special: np.ndarray
    classes: np.ndarray
    causal: bool

    @property
    def inside(self) -> np.ndarray:
        """Which are no padding, bool (B, T)."""
        return np.arange(self.ids.shape[1]) < self.lengths[:, None]

    @property
    def ordinary(self) -> np.ndarray:
        """Which are ordinary tokens, bool (B, T)."""
        found = self.inside & ~self.special
        if self.causal:
            found[:, 0] = False
        return found

    def one_hot(self, count: int) -> np.ndarray:
        """Return the class of each token, float32 (B, T, classes); nothing in padding."""
        return (self.classes[..., None] == np.arange(count)).astype(np.float32)


@dataclass(frozen=True)
class Asked:
    """What is looked for in the layers of one sight.

    Attributes
    ----------
    counts : dict of str to int64 (B,)
        By score: queries that have what it asks for.
    visible : int64 (B, T)
        Keys that each query may see; at least 1.
    same, after : tuple of int64 arrays, one for each passage
        Pairs that duplicate-token heads and induction heads look at, as ``i · T + j``.
    chance : float64 (C, C)
        Attention between classes if every query looked at all that it sees alike, summed.
    of_class : int64 (C,)
        Queries of each class.
    """

    counts: dict[str, np.ndarray]
    visible: np.ndarray
    same: tuple[np.ndarray, ...]
    after: tuple[np.ndarray, ...]
    chance: np.ndarray
    of_class: np.ndarray


def asked(batch: Batch, sight: Sight, classes: int) -> Asked:
    """Return what is looked for in a batch in layers of a sight.

    Parameters
    ----------
    sight : Sight
        Of passages at least as long as these.
    classes : int
        How many there are.
    """
    length = batch.ids.shape[1]
    allowed = sight.at(np.arange(length)[:, None], np.arange(length)[None, :])
    inside, ordinary = batch.inside, batch.ordinary
    one_hot = batch.one_hot(classes).astype(np.float64)
    same, after, chance, of_class = [], [], 0, np.zeros(classes, np.int64)
    visible = np.zeros(batch.ids.shape, np.int64)
    found = {name: [] for name in ("previous", "self", "special", "first", "several")}
    found |= {"duplicate": [], "induction": []}
    for row, size in enumerate(batch.lengths.tolist()):
        seen = allowed & inside[row][None, :]
        asks = ordinary[row]
        visible[row] = seen.sum(1)
        pairs = seen & asks[:, None] & asks[None, :]
        twice, coming = _repeats(batch.ids[row], asks, batch.causal)
        places = [np.flatnonzero(which & pairs) for which in (twice, coming)]
        same.append(places[0])
        after.append(places[1])
        found["duplicate"].append(len(np.unique(places[0] // length)))
        found["induction"].append(len(np.unique(places[1] // length)))
        found["previous"].append(int(np.diagonal(pairs, -1).sum()))
        found["self"].append(int(np.diagonal(pairs).sum()))
        found["special"].append(int((asks & (seen & batch.special[row]).any(1)).sum()))
        found["first"].append(int((asks & seen[:, 0]).sum()) if batch.causal else 0)
        found["several"].append(int((asks & (visible[row] > 1)).sum()))
        looks = inside[row] & (visible[row] > 0)
        even = seen[:size] / np.maximum(visible[row, :size, None], 1)
        chance = chance + one_hot[row, :size].T @ (even @ one_hot[row])
        of_class += (one_hot[row] * looks[:, None]).sum(0).astype(np.int64)
    counts = {name: np.array(some, np.int64) for name, some in found.items()}
    asks = ordinary.sum(1)
    counts |= {name: asks for name in ("entropy", "distance", "spread", "largest")}
    counts["relative_entropy"] = counts.pop("several")
    return Asked(counts, np.maximum(visible, 1), tuple(same), tuple(after), chance, of_class)


def _repeats(ids: np.ndarray, ordinary: np.ndarray, causal: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return where each key is another instance of the query's token, or follows one, bool (T, T).

    In causal models only earlier instances are; keys are ordinary tokens.
    """
    same = (ids[:, None] == ids[None, :]) & ordinary[None, :]
    np.fill_diagonal(same, False)
    if causal:
        same = np.tril(same, -1)
    after = np.zeros_like(same)
    after[:, 1:] = same[:, :-1]
    np.fill_diagonal(after, False)
    return same, after
