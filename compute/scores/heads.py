"""What every head does on the user's own text, in numbers.

A score is an average over *ordinary* tokens: special tokens, and in causal models the first token
of each passage, are left out both as the token that looks and as the token looked at, because heads
with nothing to do rest there. Averages run over all such tokens of the text that have what the
score asks for; intervals are bootstrapped over passages.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from compute import store
from compute.progress import Progress, unseen
from compute.runs import Run
from compute.runs.blocks import Block, attention, blocks
from compute.scores.head_scores import HEAD_SCORES, HeadScore
from compute.scores.intervals import Estimate, estimate
from compute.scores.pairs import Pairs, Seen

VERSION = 1
SEED = 0


@dataclass(frozen=True)
class Scores:
    """The scores of all heads on one text.

    Attributes
    ----------
    names : tuple of str
        Of `HEAD_SCORES`, in the order of the arrays' first axis.
    mean, low, high : float64 (names, layers, heads)
        Score and 95 % interval; NaN where the text (or the kind of model) gives no evidence.
    n : int64 (names, layers)
        How many tokens were averaged.
    """

    names: tuple[str, ...]
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n: np.ndarray

    def of(self, name: str) -> Estimate:
        """Return mean, low and high (layers, heads) of one score."""
        i = self.names.index(name)
        return Estimate(self.mean[i], self.low[i], self.high[i])


def key(run_key: str) -> str:
    """Return the name of a run's scores in the store."""
    return store.key(run_key, VERSION)


_RECORD = store.record("scores", Scores)


def _build(entry: store.Entry) -> Scores | None:
    """Return scores; none if they are of other definitions."""
    return _RECORD.build(entry) if entry.values["names"] == list(HEAD_SCORES) else None


SCORES = store.Stored("scores", _RECORD.dump, _build)


def score(run: Run, progress: Progress = unseen) -> Scores:
    """Measure every head on the run's text. Progress is in blocks of the text."""
    shape = len(run.tokens.starts) - 1, run.model.layers
    sums = {part: np.zeros((*shape, run.model.heads)) for part in (*_weights(), *_of_queries())}
    counts = {name: np.zeros(shape, dtype=np.int64) for name in HEAD_SCORES}
    parts = list(blocks(run))
    for done, block in enumerate(parts):
        some = block.passages
        asked: dict[int, _Asked] = {}
        for layer, pattern in enumerate(run.pattern):
            if pattern not in asked:
                asked[pattern] = _asked(pairs_of(run, pattern, block))
            for part, values in _sums(attention(run, layer, block), asked[pattern]).items():
                sums[part][some, layer] += values
            for name, queries in asked[pattern].counted.items():
                counts[name][some, layer] += queries.sum(1)
        progress(done + 1, len(parts))
    estimates = [_estimate(each, sums, counts[name]) for name, each in HEAD_SCORES.items()]
    n = np.stack([counts[name].sum(0) for name in HEAD_SCORES])
    return Scores(
        tuple(HEAD_SCORES), *(np.stack(arrays) for arrays in zip(*estimates, strict=True)), n
    )


def _weights() -> tuple[Callable[[Pairs], np.ndarray], ...]:
    """Return what weighs the pairs, each once however many scores sum it."""
    return tuple(dict.fromkeys(part for each in HEAD_SCORES.values() for part in each.pairs))


def _of_queries() -> dict[str, Callable[[Seen], np.ndarray]]:
    """Return what is a number of each query, by the name of its score."""
    return {name: each.queries for name, each in HEAD_SCORES.items() if each.queries}


def _estimate(score: HeadScore, sums: dict, count: np.ndarray) -> Estimate:
    parts = [sums[part] for part in score.pairs or (score.name,)]
    if len(parts) == 1:
        parts.append(count[..., None])
    return estimate(*parts, seed=SEED, statistic=score.statistic)


@dataclass(frozen=True)
class _Asked:
    """What is asked of a block of p passages of m tokens and r of their queries.

    `targets` float32 (p, r·m, weights) weighs every pair for every sum of attention, and `counted`
    bool (p, r) says per score which queries have what it asks for.
    """

    pairs: Pairs
    targets: np.ndarray
    counted: dict[str, np.ndarray]


def _asked(pairs: Pairs) -> _Asked:
    weights = {weigh: weigh(pairs) for weigh in _weights()}
    counted = {
        name: each.counted(pairs) if each.counted else weights[each.pairs[0]].any(2)
        for name, each in HEAD_SCORES.items()
    }
    flat = [weight.reshape(len(pairs.asks), -1) for weight in weights.values()]
    return _Asked(pairs, np.stack(flat, axis=2).astype(np.float32), counted)


def pairs_of(run: Run, pattern: int, block: Block) -> Pairs:
    """Return what the queries of a block may look at, in layers of a pattern (see `Run`)."""
    causal, m, places, rows = run.model.causal, block.length, block.places, block.rows
    sinks, ids = run.tokens.sinks(causal)[places], run.tokens.ids[places]
    place = np.arange(m)
    i, j = place[rows, None], place[None, :]
    allowed = run.sights[pattern].cells(m, rows)
    asks = ~sinks[:, rows]
    ordinary = asks[:, :, None] & ~sinks[:, None, :] & allowed
    same = (ids[:, rows, None] == ids[:, None, :]) & ~sinks[:, None, :] & (i != j)
    if causal:
        same &= j < i
    return Pairs(asks, ordinary, same, run.tokens.special[places], allowed, i, j, causal)


def _sums(attention: np.ndarray, asked: _Asked) -> dict:
    """Return every sum (p, heads): by what weighs its pairs, or by its score's name."""
    p, heads = attention.shape[:2]
    looked = attention.reshape(p, heads, -1) @ asked.targets
    found = dict(zip(_weights(), np.moveaxis(looked, 2, 0), strict=True))
    seen = Seen(attention, asked.pairs)
    for name, number in _of_queries().items():
        found[name] = (number(seen) @ asked.counted[name][:, :, None].astype(np.float32))[..., 0]
    return found
