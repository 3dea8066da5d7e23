"""The scores that colour a head: names, scales, definitions, sources, and how each is summed.

Adding a score is one entry in `HEAD_SCORES`; `scores.heads` measures all of them in one pass over
the attention.
"""

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter

import numpy as np

from compute.scores.intervals import ratio
from compute.scores.pairs import Pairs, Seen

_ASKS = attrgetter("asks")
"""All ordinary queries."""
_ORDINARY = attrgetter("ordinary")
_ENTROPY = attrgetter("entropy")


def _previous(pairs: Pairs) -> np.ndarray:
    return pairs.ordinary & (pairs.j == pairs.i - 1)


def _duplicate(pairs: Pairs) -> np.ndarray:
    return pairs.ordinary & pairs.same


def _induction(pairs: Pairs) -> np.ndarray:
    after = np.zeros_like(pairs.same)
    after[..., 1:] = pairs.same[..., :-1]
    return pairs.ordinary & after & (pairs.i != pairs.j)


def _self(pairs: Pairs) -> np.ndarray:
    return pairs.ordinary & (pairs.i == pairs.j)


def _special(pairs: Pairs) -> np.ndarray:
    return pairs.asked & pairs.special[:, None, :]


def _first(pairs: Pairs) -> np.ndarray:
    return pairs.asked & (pairs.j == 0) & pairs.causal


def _distance(pairs: Pairs) -> np.ndarray:
    return pairs.ordinary * np.abs(pairs.i - pairs.j)


def _squared_distance(pairs: Pairs) -> np.ndarray:
    return pairs.ordinary * (pairs.i - pairs.j) ** 2


def _deviation(square: np.ndarray, total: np.ndarray, weight: np.ndarray) -> np.ndarray:
    scale = np.where(weight > 0, weight, np.nan)
    return np.sqrt(np.maximum(square / scale - (total / scale) ** 2, 0))


def _relative_entropy(seen: Seen) -> np.ndarray:
    return seen.entropy / np.log(np.maximum(seen.pairs.visible, 2)).astype(np.float32)


def _see_several(pairs: Pairs) -> np.ndarray:
    return pairs.asks & (pairs.visible > 1)


@dataclass(frozen=True)
class HeadScore:
    """One score of a head: an average over ordinary tokens, of attention or of what it looks like.

    Attributes
    ----------
    name : str
        Its key in `HEAD_SCORES`.
    title : str
        Two or three words for the page.
    unit : str
        ``share``, ``nats`` or ``tokens``; ``correlation``, of which 1 and −1 are the ends.
    low, high : float or None
        Ends of its scale; None where the data decide.
    definition : str
        Two sentences; on a line of its own the formula, with a(i, j) the attention of token i to j.
    source : str
        Where the definition comes from.
    pairs : tuple of callables
        Each weighs the pairs of a block, (p, r, m): what is summed is weight times attention.
    queries : callable or None
        Instead of `pairs`: a number of each query, (p, heads, r), that is summed where it counts.
    counted : callable or None
        Marks the queries that have what the score asks for, (p, r); by default those for which the
        first of `pairs` is not zero everywhere.
    group : str
        Of which kind it is, for the selector of scores.
    statistic : callable
        Makes the score of the sums, in the order of `pairs`. A single sum is divided by the number
        of queries that count.
    """

    name: str
    title: str
    unit: str
    low: float
    high: float | None
    definition: str
    source: str
    pairs: tuple[Callable[[Pairs], np.ndarray], ...] = ()
    queries: Callable[[Seen], np.ndarray] | None = None
    counted: Callable[[Pairs], np.ndarray] | None = None
    statistic: Callable[..., np.ndarray] = ratio
    group: str = "Other"


POSITION, REPETITION, SPREAD, SPECIAL = "Position", "Repetition", "Spread", "Special tokens"
_HEADVIS = "HeadVis (Luger, Kamath et al. 2026)"

HEAD_SCORES: dict[str, HeadScore] = {
    score.name: score
    for score in (
        HeadScore(
            "previous",
            "Previous token",
            "share",
            0.0,
            1.0,
            "How much a token looks at the token just before it. 1 means always and only there."
            "\nmean over i of a(i, i−1), both tokens ordinary",
            "Elhage et al. 2021; TransformerLens, offset −1",
            pairs=(_previous,),
            group=POSITION,
        ),
        HeadScore(
            "duplicate",
            "Duplicate token",
            "share",
            0.0,
            1.0,
            "How much a token looks at other occurrences of the same token in its passage: earlier "
            "ones in causal models, all others in bidirectional ones. Only tokens that have one "
            "count.\nmean over i of Σ a(i, j), token j = token i, j ≠ i",
            "Wang et al. 2022 (IOI), extended to bidirectional models",
            pairs=(_duplicate,),
            group=REPETITION,
        ),
        HeadScore(
            "induction",
            "Induction on the text",
            "share",
            0.0,
            1.0,
            "How much a token looks at what followed other occurrences of the same token: earlier "
            "ones in causal models, all others in bidirectional ones. Only tokens that have one "
            "count, and looking at oneself does not."
            "\nmean over i of Σ a(i, j+1), token j = token i, j ≠ i, j+1 ≠ i",
            f"{_HEADVIS}, which also drops weights below 0.01",
            pairs=(_induction,),
            group=REPETITION,
        ),
        HeadScore(
            "self",
            "Self",
            "share",
            0.0,
            1.0,
            "How much a token looks at itself. 1 means always and only there."
            "\nmean over i of a(i, i)",
            _HEADVIS,
            pairs=(_self,),
            group=POSITION,
        ),
        HeadScore(
            "entropy",
            "Entropy",
            "nats",
            0.0,
            None,
            "How widely a token's attention is spread over its passage, special tokens included. "
            "0 means one token gets all.\nmean over i of −Σ a(i, j) ln a(i, j)",
            "Clark et al. 2019",
            queries=_ENTROPY,
            counted=_ASKS,
            group=SPREAD,
        ),
        HeadScore(
            "relative_entropy",
            "Relative entropy",
            "share",
            0.0,
            1.0,
            "The entropy as a share of the most it could be with as many tokens in view. "
            "1 means all get the same."
            "\nmean over i of −Σ a(i, j) ln a(i, j) / ln(tokens i may see)",
            "Clark et al. 2019, normalised",
            queries=_relative_entropy,
            counted=_see_several,
            group=SPREAD,
        ),
        HeadScore(
            "special",
            "Special tokens",
            "share",
            0.0,
            1.0,
            "How much of its attention a token gives to special tokens such as [CLS] and [SEP]. "
            "A large share often means that the head finds nothing to do there."
            "\nmean over i of Σ a(i, j), j special",
            "Clark et al. 2019",
            pairs=(_special,),
            group=SPECIAL,
        ),
        HeadScore(
            "first",
            "First token",
            "share",
            0.0,
            1.0,
            "How much of its attention a token gives to the first token of its passage, in causal "
            "models. A large share often means that the head finds nothing to do there."
            "\nmean over i of a(i, 0)",
            "Vig and Belinkov 2019; Xiao et al. 2024 (attention sinks)",
            pairs=(_first,),
            group=SPECIAL,
        ),
        HeadScore(
            "distance",
            "Distance",
            "tokens",
            0.0,
            None,
            "How far away the ordinary tokens are that a head looks at, in tokens and in either "
            "direction. Every bit of attention counts by its weight."
            "\nΣ a(i, j) |i − j| / Σ a(i, j), j ordinary",
            "Vig and Belinkov 2019",
            pairs=(_distance, _ORDINARY),
            counted=_ASKS,
            group=POSITION,
        ),
        HeadScore(
            "spread",
            "Spread of distance",
            "tokens",
            0.0,
            None,
            "How much that distance varies: its standard deviation over all attention of the head. "
            "0 means that the head always looks equally far."
            "\n√(Σ a |i − j|² / Σ a − distance²), j ordinary",
            f"{_HEADVIS} (as variance)",
            pairs=(_squared_distance, _distance, _ORDINARY),
            counted=_ASKS,
            statistic=_deviation,
            group=SPREAD,
        ),
    )
}
