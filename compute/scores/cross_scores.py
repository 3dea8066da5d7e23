"""The scores of cross-attention, where a token of the target looks at those of its source.

What is defined by places of one text (the token before, distance, oneself) has no meaning here.
Three scores of its own take their place; how widely a head looks and what it gives special tokens
are the same as elsewhere.
"""

import numpy as np

from compute.scores.head_scores import HEAD_SCORES, POSITION, REPETITION, HeadScore
from compute.scores.pairs import Pairs
from compute.scores.picture_scores import PICTURE_SCORES

SHARED = ("entropy", "relative_entropy", "special")
"""Scores of `HEAD_SCORES` that cross-attention has too."""


def _coming(pairs: Pairs) -> np.ndarray:
    return pairs.next


def _read(pairs: Pairs) -> np.ndarray:
    return pairs.ordinary & pairs.same


def _all(pairs: Pairs) -> np.ndarray:
    return pairs.ordinary.astype(float)


def _in_target(pairs: Pairs) -> np.ndarray:
    return pairs.ordinary * ((pairs.i + 0.5) / pairs.asking - 0.5)


def _in_source(pairs: Pairs) -> np.ndarray:
    return pairs.ordinary * ((pairs.j + 0.5) / pairs.special.shape[1] - 0.5)


def _both(pairs: Pairs) -> np.ndarray:
    return _in_target(pairs) * _in_source(pairs)


def _target_squared(pairs: Pairs) -> np.ndarray:
    return _in_target(pairs) ** 2


def _source_squared(pairs: Pairs) -> np.ndarray:
    return _in_source(pairs) ** 2


def _correlation(
    both: np.ndarray,
    target: np.ndarray,
    source: np.ndarray,
    target_squared: np.ndarray,
    source_squared: np.ndarray,
    weight: np.ndarray,
) -> np.ndarray:
    scale = np.where(weight > 0, weight, np.nan)
    means = target / scale, source / scale
    spread = (target_squared / scale - means[0] ** 2) * (source_squared / scale - means[1] ** 2)
    together = both / scale - means[0] * means[1]
    # What a head looks at has no order where it is one place: rounding alone would give it one.
    clear = np.where(spread > 1e-12, spread, np.nan)
    return np.clip(together / np.sqrt(clear), -1, 1)


CROSS_SCORES: dict[str, HeadScore] = {
    score.name: score
    for score in (
        HeadScore(
            "coming",
            "Token that comes next",
            "share",
            0.0,
            1.0,
            "How much the target, where it is about to say a token, looks at that token in the "
            "source. Only places count whose next token is in the source, such as in copying, or "
            "names in a translation.\nmean over i of Σ a(i, j), token j = token i+1",
            "Prefix matching of Olsson et al. 2022, from target to source",
            pairs=(_coming,),
            group=REPETITION,
        ),
        HeadScore(
            "read",
            "Same token",
            "share",
            0.0,
            1.0,
            "How much a token of the target looks at the same token in the source. Only tokens "
            "that are in the source count.\nmean over i of Σ a(i, j), token j = token i",
            "Duplicate token of Wang et al. 2022, from target to source",
            pairs=(_read,),
            group=REPETITION,
        ),
        HeadScore(
            "order",
            "Order of the source",
            "correlation",
            -1.0,
            1.0,
            "Whether a head goes through the source from its beginning to its end (1), or from its "
            "end to its beginning (−1), as the target goes on. 0 means neither, or both in turn."
            "\ncorrelation of i / t and j / s over all pairs of ordinary tokens, weight a(i, j)",
            "This project; the monotone alignment of translations",
            pairs=(_both, _in_target, _in_source, _target_squared, _source_squared, _all),
            counted=lambda pairs: pairs.asks,
            statistic=_correlation,
            group=POSITION,
        ),
        *(HEAD_SCORES[name] for name in SHARED),
    )
}
KINDS = HEAD_SCORES, CROSS_SCORES, PICTURE_SCORES
"""The scores within one text, those of cross-attention, and those of pictures."""


def known_of(square: bool, pictures: bool = False) -> dict[str, HeadScore]:
    """Return the scores that the attention of a run has: within one text (`square`), or across.

    Those of `pictures` are others.
    """
    if pictures:
        return PICTURE_SCORES
    return HEAD_SCORES if square else CROSS_SCORES


def described(name: str) -> HeadScore:
    """Return a score of any kind by its name; `KeyError` if there is none."""
    return (HEAD_SCORES | CROSS_SCORES | PICTURE_SCORES)[name]
