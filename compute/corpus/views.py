"""What one head does over a corpus: examples, histograms, tokens, pairs and classes."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from compute import store
from compute.corpus.findings import FINDINGS
from compute.summaries import kept, mass
from compute.summaries.passages import unpack

ROWS = 50
"""Tokens and pairs that are listed, at most."""
RARE = 5
"""Tokens and pairs that occur less often are not listed: their means say little."""
GROUPS = 10


@dataclass(frozen=True)
class Example:
    """A passage, and what the head looks at in it.

    Attributes
    ----------
    group : int or None
        The decile of its largest attention among all passages, 0 to 9; None for one of the
        strongest of the corpus.
    peak : float
        Its largest attention of an ordinary token to another.
    place : int
        Position of the query that has it.
    text, part : str
        The passage as it was read, and its slice.
    strings : tuple of str
        Its tokens as the page shows them.
    special : bool (t,)
        Which of them are left out as keys and queries, as sinks are.
    keys : uint16 (t, 8)
        Up to eight keys of each query, the strongest first.
    weights : float32 (t, 8)
        Their attention; 0 where there is no such key above .005.
    """

    group: int | None
    peak: float
    place: int
    text: str
    part: str
    strings: tuple[str, ...]
    special: np.ndarray
    keys: np.ndarray
    weights: np.ndarray

    @property
    def looked_at(self) -> int | None:
        """The place of the key that the query at `place` looks at most, other than itself."""
        keys, weights = self.keys[self.place], self.weights[self.place]
        others = np.where(keys == self.place, 0, weights)
        return int(keys[others.argmax()]) if others.any() else None


class TokenRow(NamedTuple):
    """A token of the vocabulary, and what it does over what all tokens do on average.

    As a query: its largest attention to an ordinary key. As a key: all that it gets.
    """

    token: str
    lift: float
    mean: float
    count: int


class PairRow(NamedTuple):
    """Two tokens of the vocabulary: mean attention from one to the other where it is above .005.

    Over the kept examples. `lift` is the attention of all such pairs over what it would be if it
    depended on either token alone.
    """

    query: str
    key: str
    attention: float
    count: int
    lift: float


@dataclass(frozen=True)
class HeadView:
    """One head over a corpus.

    Attributes
    ----------
    largest : int64 (20,)
        Queries by their largest attention, in bins of .05.
    entropy : int64 (36,)
        Queries by their entropy, in bins of .25 nats.
    distance, position : float64 (14,)
        Shares of the attention between ordinary tokens by distance, and by the position of the
        key: 0, 1, 2–3, 4–7 … 4096 and more.
    bounds : float64 (11,)
        Ends of the deciles of the passages' largest attention to another token.
    examples : tuple of Example
        The strongest of the corpus, then a random sample by falling decile.
    queries, keys : tuple of TokenRow
    pairs : tuple of PairRow
    classes : tuple of str
    attention, chance : float64 (C, C)
        From tokens of the row's class to those of the column's: mean, and what uniform attention
        gives; NaN for a class without queries.
    loss : float64 (20,)
        Mean loss of the next token, in nats, by the query's largest attention; NaN without.
    """

    largest: np.ndarray
    entropy: np.ndarray
    distance: np.ndarray
    position: np.ndarray
    bounds: np.ndarray
    examples: tuple[Example, ...]
    queries: tuple[TokenRow, ...]
    keys: tuple[TokenRow, ...]
    pairs: tuple[PairRow, ...]
    classes: tuple[str, ...]
    attention: np.ndarray
    chance: np.ndarray
    loss: np.ndarray


def view(name: str, layer: int, head: int) -> HeadView | None:
    """Return what kept findings say of one head; None if they are not kept any more."""
    if FINDINGS.get(name) is None:
        return None
    entry = store.find(FINDINGS.kind, name)
    return None if entry is None else _view(entry, layer, head)


def _view(entry: store.Entry, layer: int, head: int) -> HeadView:
    def of_head(array: str) -> np.ndarray:
        return np.asarray(entry.on_disk(array)[layer, head])

    kind = kept.kind_of(entry.values)
    strings = {number: shown for number, shown in entry.values["strings"]}
    bounds = _bounds(of_head("count_peaks"))
    examples = _examples(entry, layer, head, strings, bounds, kind.causal)
    queries = np.maximum(np.asarray(entry.array("count_of_class")[layer]), 0).astype(np.float64)
    over = np.where(queries > 0, queries, np.nan)[:, None]
    told = of_head("count_predicted").astype(np.float64)
    return HeadView(
        of_head("count_largest"),
        of_head("count_entropy"),
        _shares(of_head("count_distance")),
        _shares(of_head("count_position")),
        bounds,
        examples,
        _tokens(entry, of_head("token_gives"), strings),
        _tokens(entry, of_head("token_gets"), strings),
        _pairs(examples),
        kind.classes,
        mass.total(of_head("count_classes")) / over,
        mass.total(entry.array("count_chance")[layer]) / over,
        mass.total(of_head("count_loss")) / np.where(told > 0, told, np.nan),
    )


def _shares(whole: np.ndarray) -> np.ndarray:
    total = whole.sum()
    return whole / total if total else np.zeros(len(whole))


def _bounds(counts: np.ndarray) -> np.ndarray:
    """Return where the deciles of a histogram of `bins.PEAKS` bins end, each bin taken as even."""
    edges = np.arange(len(counts) + 1) / len(counts)
    below = np.concatenate([[0], np.cumsum(counts)])
    if not below[-1]:
        return np.full(GROUPS + 1, np.nan)
    steps = np.linspace(0, below[-1], GROUPS + 1)
    which = np.maximum(np.searchsorted(below, steps) - 1, np.flatnonzero(counts)[0])
    return edges[which] + (steps - below[which]) / counts[which] / len(counts)


def _examples(
    entry: store.Entry,
    layer: int,
    head: int,
    strings: dict[int, str],
    bounds: np.ndarray,
    causal: bool,
) -> tuple[Example, ...]:
    passages = kept.read_passages(entry)
    special = set(entry.values["special"])

    def example(
        number: int, group: int | None, peak: float, place: int, *cells: np.ndarray
    ) -> Example:
        passage = passages[number]
        keys, weights = (array[: len(passage.ids)] for array in cells)
        sinks = np.array([i in special for i in passage.ids])
        if causal:
            sinks[0] = True
        shown = tuple(strings[i] for i in passage.ids)
        own = passage.text, passage.part, shown, sinks, keys, unpack(weights)
        return Example(group, float(peak), int(place), *own)

    names = "hash", "peak", "place", "keys", "weights"
    top = [np.asarray(entry.on_disk(f"strongest_{name}")[layer, head]) for name in names]
    found, seen = [], set()
    for number, peak, *rest in zip(*top, strict=True):
        text = passages[int(number)].text if peak >= 0 else ""
        if text and text not in seen:  # the same text may stand in several places
            seen.add(text)
            found.append(example(int(number), None, peak, *rest))
    sampled = []
    peaks, places = entry.array("sample_peak")[:, layer, head], entry.array("sample_place")
    cells = [np.asarray(entry.on_disk(f"sample_{n}")[layer, head]) for n in ("keys", "weights")]
    for at, (number, span) in enumerate(kept.sample_spans(entry, passages).items()):
        group = int(np.clip(np.searchsorted(bounds, peaks[at], "right") - 1, 0, GROUPS - 1))
        own = (array[span] for array in cells)
        sampled.append(example(number, group, peaks[at], places[at, layer, head], *own))
    sampled.sort(key=lambda each: -each.peak)
    return (*found, *sampled)


def _tokens(entry: store.Entry, whole: np.ndarray, strings: dict[int, str]) -> tuple[TokenRow, ...]:
    types, count = entry.array("token_types"), entry.array("token_count")
    sums = mass.total(whole)
    total = sums.sum()
    if not total:
        return ()
    means = sums / count
    lifts = means / (total / count.sum())
    often = np.flatnonzero(count >= RARE)
    order = often[np.lexsort((types[often], -lifts[often]))][:ROWS]
    return tuple(
        TokenRow(strings[int(types[n])], float(lifts[n]), float(means[n]), int(count[n]))
        for n in order
    )


def _pairs(examples: tuple[Example, ...]) -> tuple[PairRow, ...]:
    some = {each.text: each for each in examples}.values()
    names = sorted({string for each in some for string in each.strings})
    number = {name: at for at, name in enumerate(names)}
    queries, keys, weights = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0)]
    for each in some:
        own = np.array([number[string] for string in each.strings], np.int64)
        rows, places = np.nonzero(each.weights)
        queries.append(own[rows])
        keys.append(own[each.keys[rows, places]])
        weights.append(each.weights[rows, places].astype(np.float64))
    query, key, weight = (np.concatenate(parts) for parts in (queries, keys, weights))
    given, got = (np.bincount(side, weight, len(names)) for side in (query, key))
    pairs, which = np.unique(query * len(names) + key, return_inverse=True)
    sums, counts = np.bincount(which, weight, len(pairs)), np.bincount(which, minlength=len(pairs))
    often = np.flatnonzero(counts >= RARE)
    order = often[np.lexsort((pairs[often], -sums[often]))][:ROWS]
    total = weight.sum()
    rows = []
    for at in order.tolist():
        one, other = divmod(int(pairs[at]), len(names))
        lift = sums[at] * total / (given[one] * got[other])
        mean, count = float(sums[at] / counts[at]), int(counts[at])
        rows.append(PairRow(names[one], names[other], mean, count, float(lift)))
    return tuple(rows)
