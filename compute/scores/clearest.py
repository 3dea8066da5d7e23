"""The head that shows best what it does on a text, and a token that shows it: where to begin."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from compute import attention
from compute.attention.blocks import Block
from compute.maps import projection
from compute.runs import Run
from compute.scores import heads
from compute.scores.cross_scores import described
from compute.trust import trust_store

SCORES = ("previous", "duplicate", "induction", "self", "coming", "read", "row", "column")
"""What is worth seeing. A head that looks at special or first tokens often has nothing to do."""
CLEAR = 0.5
"""The lower end of a clear score's interval: half of the attention goes there, at least."""
APART = 1.0
"""How many standard deviations of all heads it lies above their mean, at least."""
TRUSTED = 0.85
"""From this trust on, near means attended; see `trust.trust`."""
PASSAGES, LONGEST, LETTERS = 30, 1024, 3


@dataclass(frozen=True)
class Clear:
    """A head with a clear score: of all heads it has the most of it.

    Attributes
    ----------
    score : str
        One of `SCORES`.
    layer, head : int
    value : float
        The mean.
    z : float
        How many standard deviations of all heads it lies above their mean.
    """

    score: str
    layer: int
    head: int
    value: float
    z: float


def clear(found: heads.Scores) -> list[Clear]:
    """Return the head of each score that is clear, the one that stands out most first."""
    clear = []
    for name in (name for name in SCORES if name in found.names):
        mean, low, _ = found.of(name)
        if not np.isfinite(mean).any():
            continue
        layer, head = np.unravel_index(np.nanargmax(mean), mean.shape)
        spread = np.nanstd(mean)
        value = mean[layer, head]
        z = (value - np.nanmean(mean)) / spread if spread > 0 else 0.0
        if low[layer, head] >= CLEAR and z >= APART:
            clear.append(Clear(name, int(layer), int(head), float(value), float(z)))
    return sorted(clear, key=lambda each: -each.z)


def choose(candidates: Sequence[Clear], trust: Sequence[float | None]) -> Clear | None:
    """Return the first of the heads whose map can be read; those of little trust come last.

    Parameters
    ----------
    candidates : sequence of Clear
        In order, as from `clear`.
    trust : sequence of float or None
        That of each one's map; None where it isn't known. Nothing is laid out to know it.
    """
    known = zip(candidates, trust, strict=True)
    order = sorted(known, key=lambda each: each[1] is not None and each[1] < TRUSTED)
    return order[0][0] if order else None


def known_trust(run_key: str, at: Clear) -> float | None:
    """Return the trust of a head's attention map, if it was measured before."""
    name = projection.key(run_key, at.layer, at.head, "attention")
    found = trust_store.TRUST.get(trust_store.key(name))
    return found.score if found else None


def example(run: Run, at: Clear) -> int | None:
    """Return the token that looks most clearly where the head's score says, over the text.

    Looked for among the first `PASSAGES`; of equals (to two places) the first is taken. Both tokens
    are words if any such pair has most of the attention.
    """
    best: tuple[tuple[bool, float], int] | None = None
    for passage in range(min(len(run.tokens.starts) - 1, PASSAGES)):
        span, keys = run.span(passage), run.key_span(passage)
        m = span.stop - span.start
        if max(m, keys.stop - keys.start) > LONGEST:
            continue
        sides = [np.arange(side.start, side.stop)[None] for side in (span, keys)]
        block = Block(np.array([passage]), slice(0, m), *sides)
        pairs = heads.pairs_of(run, run.pattern[at.layer], block)
        wanted = described(at.score).pairs[0](pairs)[0]
        weights = np.where(wanted, attention.of_passage(run, at.layer, at.head, passage), 0)
        words = [_words(side.strings[of]) for side, of in ((run.tokens, span), (run.keys, keys))]
        for among in (wanted & words[0][:, None] & words[1], wanted):
            if not among.any():
                continue
            shown = np.where(among, weights, -1).round(2)
            query = int(np.unravel_index(shown.argmax(), shown.shape)[0])
            rank = bool(among is not wanted and shown.max() >= CLEAR), float(shown.max())
            if best is None or rank > best[0]:
                best = rank, span.start + query
    return best and int(best[1])


def _words(tokens: Sequence[str]) -> np.ndarray:
    return np.array([_is_word(token) for token in tokens])


def _is_word(token: str) -> bool:
    word = token.removeprefix("·")
    return len(word) >= LETTERS and word.isalpha()
