"""The tokens of one text in two models, joined to the smallest units that both have.

Each token is reduced to its characters without case, accents, spaces and marks. Where a token
ends in both models, a unit ends; a unit is one token in each model, or several. Special tokens are
units of their own if both models put the same ones in the same places; otherwise all special
tokens of a passage are one unit, in whichever model has any.
"""

import difflib
import unicodedata
from dataclasses import dataclass, replace

import numpy as np

from compute.errors import HeadscopeError
from compute.runs import Run
from compute.texts.token_text import bare, characters

LEAST = 0.8
"""Passages with a smaller share of characters in common have different content."""
_MARKS = frozenset("·⏎␍⇥")
_UNKNOWN = frozenset({"[UNK]", "<unk>"})


@dataclass(frozen=True)
class Match:
    """The common units of two runs, numbered passage by passage.

    Attributes
    ----------
    a, b : int64 (n,)
        Unit of each token of the two runs.
    starts : int64 (passages + 1,)
        Passage p has the units ``starts[p]:starts[p + 1]``: its text in order, then special ones.
    ordinary : bool (units,)
        Units that are no sink in either run.
    equal : bool
        Whether every token is a unit: both models cut the text alike.
    source : Match or None
        Cross-attention, whose keys are of other tokens than its queries: the same of these.
    """

    a: np.ndarray
    b: np.ndarray
    starts: np.ndarray
    ordinary: np.ndarray
    equal: bool
    source: "Match | None" = None

    @property
    def keys(self) -> "Match":
        """The units of the key tokens: the same but in cross-attention."""
        return self if self.source is None else self.source


def match(a: Run, b: Run) -> Match:
    """Return the common units of two runs of the same text.

    Raises
    ------
    HeadscopeError
        If the texts have different content, or the models split their passages differently; of the
        parts of an encoder–decoder, if they read different texts.
    """
    _check_pictures(a, b)
    if a.square != b.square:
        raise HeadscopeError(
            "Only one of the two is cross-attention, which looks from one text to another: heads "
            "of the two can't be compared number by number. Choose one part for both."
        )
    if {a.model.part, b.model.part} == {"encoder", "decoder"}:
        raise HeadscopeError(
            "The encoder reads the source and the decoder the target: heads are compared on one "
            "text. Choose one part for both."
        )
    if a.square:
        return match_tokens(a, b)
    return replace(match_tokens(a, b), source=match_tokens(of_keys(a), of_keys(b)))


def _check_pictures(a: Run, b: Run) -> None:
    """Refuse pictures that are not the same, or are not cut into the same patches."""
    if a.grid is None and b.grid is None:
        return
    if a.grid is None or b.grid is None or a.pictures_digest != b.pictures_digest:
        raise HeadscopeError(
            f"“{a.title}” in {a.model.name} and “{b.title}” in {b.model.name} are not the same "
            "pictures. Choose one set for both."
        )
    grids = [(run.grid.rows, run.grid.columns) for run in (a, b)]
    if grids[0] != grids[1]:
        cut = [f"{rows} × {columns}" for rows, columns in grids]
        raise HeadscopeError(
            f"{a.model.name} cuts a picture into {cut[0]} patches, {b.model.name} into {cut[1]}: "
            "heads can't be compared patch by patch. Choose a model with as many."
        )


def of_keys(run: Run) -> Run:
    """Return a run whose only tokens are those whose keys it has."""
    return run if run.square else replace(run, tokens=run.keys, source=None)


def match_tokens(a: Run, b: Run) -> Match:
    """Return the common units of the tokens whose queries two runs have; see `match`."""
    if a.tokens.strings == b.tokens.strings and np.array_equal(a.tokens.starts, b.tokens.starts):
        return _identical(a, b)
    counts = [len(run.tokens.starts) - 1 for run in (a, b)]
    if counts[0] != counts[1]:
        raise HeadscopeError(
            f"These are not the same passages: {counts[0]} of “{a.title}” in {a.model.name}, "
            f"{counts[1]} of “{b.title}” in {b.model.name}. Choose one text for both, with "
            "passages that fit into both models."
        )
    texts = [_characters(run) for run in (a, b)]
    units = [np.zeros(len(run.tokens), np.int64) for run in (a, b)]
    starts = [0]
    for passage in range(counts[0]):
        spans = [run.span(passage) for run in (a, b)]
        sides = [
            (text[span], run.tokens.special[span], [*run.tokens.strings[span]])
            for text, span, run in zip(texts, spans, (a, b), strict=True)
        ]
        count, *found = _passage(sides[0], sides[1], passage)
        for unit, span, own in zip(units, spans, found, strict=True):
            unit[span] = starts[-1] + own
        starts.append(starts[-1] + count)
    return _made(a, b, units, np.array(starts))


def grouped(values: np.ndarray, units: np.ndarray, count: int) -> np.ndarray:
    """Return the mean of tokens' values (n, d) by unit, (count, d); NaN for units without any."""
    sums = np.zeros((count, values.shape[1]))
    np.add.at(sums, units, values)
    sizes = np.bincount(units, minlength=count)[:, None]
    return np.where(sizes > 0, sums / np.maximum(sizes, 1), np.nan)


def between(weights: np.ndarray, units: np.ndarray, count: int) -> np.ndarray:
    """Return attention between units, (..., count, count), from attention between tokens.

    Parameters
    ----------
    weights : float (..., m, m)
        Of a passage: rows are queries, columns are keys.
    units : int (m,)
        Unit of each token, from 0.
    count : int
        How many units there are.

    Returns
    -------
    float32 (..., count, count)
        Summed over the key tokens of a unit, averaged over its query tokens; zero for units without
        any.
    """
    member = np.zeros((len(units), count), np.float32)
    member[np.arange(len(units)), units] = 1
    mean = member / np.maximum(member.sum(0), 1)
    return mean.T @ (weights @ member)


def firsts(units: np.ndarray, count: int) -> np.ndarray:
    """Return the first token of every unit, int64 (count,); -1 for units without any."""
    found = np.full(count, -1, np.int64)
    present, first = np.unique(units, return_index=True)
    found[present] = first
    return found


def counterparts(found: Match) -> tuple[np.ndarray, np.ndarray]:
    """Return for each token of either run the first token of its unit in the other, or -1.

    Returns
    -------
    of_a, of_b : int64 (tokens of a,), (tokens of b,)
    """
    count = len(found.ordinary)
    return firsts(found.b, count)[found.a], firsts(found.a, count)[found.b]


def _identical(a: Run, b: Run) -> Match:
    every = np.arange(len(a.tokens))
    return _made(a, b, [every, every], np.asarray(a.tokens.starts))


def _made(a: Run, b: Run, units: list[np.ndarray], starts: np.ndarray) -> Match:
    ordinary = np.ones(starts[-1], bool)
    for run, own in zip((a, b), units, strict=True):
        ordinary[own[run.tokens.sinks(run.model.causal)]] = False
    every = np.arange(starts[-1])
    equal = all(np.array_equal(np.sort(own), every) for own in units)
    return Match(units[0], units[1], starts, ordinary, equal)


def _characters(run: Run) -> list[str]:
    """Return what is compared of each token; nothing of special ones."""
    texts = characters(bare(run.tokens))
    plain = ["\ufffd" if text in _UNKNOWN else _plain(text) for text in texts]
    return ["" if s else t for t, s in zip(plain, run.tokens.special, strict=True)]


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).casefold()
    kept = (c for c in folded if c not in _MARKS and not c.isspace())
    return "".join(c for c in kept if not unicodedata.combining(c))


_Side = tuple[list[str], np.ndarray, list[str]]


def _passage(a: _Side, b: _Side, passage: int) -> tuple[int, np.ndarray, np.ndarray]:
    """Return the number of units of a passage, and the unit of each token of both sides."""
    ends = [np.cumsum([len(t) for t in texts]) for texts, *_ in (a, b)]
    cuts_a, cuts_b = _common_cuts("".join(a[0]), "".join(b[0]), ends[0], ends[1], passage)
    units = [
        _units(side[0], end, c) for side, end, c in zip((a, b), ends, (cuts_a, cuts_b), strict=True)
    ]
    count = len(cuts_a)
    specials = [side[1] for side in (a, b)]
    names = [[n for n, s in zip(side[2], side[1], strict=True) if s] for side in (a, b)]
    before = [own[special].tolist() for own, special in zip(units, specials, strict=True)]
    if names[0] == names[1] and before[0] == before[1]:
        for own, special in zip(units, specials, strict=True):
            own[special] = count + np.arange(special.sum())
        return count + len(names[0]), units[0], units[1]
    for own, special in zip(units, specials, strict=True):
        own[special] = count
    return count + 1, units[0], units[1]


def _units(texts: list[str], ends: np.ndarray, cuts: np.ndarray) -> np.ndarray:
    """Return in which unit each token begins; `cuts` are the units' ends."""
    begins = ends - np.array([len(t) for t in texts])
    return np.minimum(np.searchsorted(cuts, begins, "right"), max(len(cuts) - 1, 0))


def _common_cuts(
    a: str, b: str, ends_a: np.ndarray, ends_b: np.ndarray, passage: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return where units end, in characters of either side; as many on both."""
    if a == b:
        cuts = np.intersect1d(ends_a, ends_b)
        cuts = cuts[cuts > 0]
        return cuts, cuts
    pairs, common = set(), 0
    set_a, set_b = set(ends_a.tolist()), set(ends_b.tolist())
    for i, j, size in _equal_parts(a, b):
        common += size
        pairs |= {(i + k, j + k) for k in range(size + 1) if i + k in set_a and j + k in set_b}
    if common < LEAST * max(len(a), len(b)):
        raise HeadscopeError(
            f"The two texts have different content (passage {passage + 1} differs), or one of the "
            "models doesn't know their characters. Choose one text for both, in a script that both "
            "know, to compare them token by token."
        )
    kept = [(i, j) for i, j in sorted(pairs) if 0 < i < len(a) and 0 < j < len(b)]
    kept.append((len(a), len(b)))
    return np.array([i for i, _ in kept]), np.array([j for _, j in kept])


def _equal_parts(a: str, b: str) -> list[tuple[int, int, int]]:
    """Return (start in a, start in b, length) of the parts in common, in order."""
    head = 0
    while head < min(len(a), len(b)) and a[head] == b[head]:
        head += 1
    tail = 0
    while tail < min(len(a), len(b)) - head and a[-1 - tail] == b[-1 - tail]:
        tail += 1
    middle = difflib.SequenceMatcher(
        None, a[head : len(a) - tail], b[head : len(b) - tail], autojunk=False
    )
    parts = [(head + m.a, head + m.b, m.size) for m in middle.get_matching_blocks()]
    return [(0, 0, head), *parts, (len(a) - tail, len(b) - tail, tail)]
