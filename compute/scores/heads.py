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
from compute.attention.blocks import Block, attention, blocks
from compute.progress import Progress, unseen
from compute.runs import Run
from compute.scores.cross_scores import KINDS, known_of
from compute.scores.head_scores import HeadScore
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
        Of `cross_scores.known_of`, in the order of the arrays' first axis.
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
    return _RECORD.build(entry) if entry.values["names"] in map(list, KINDS) else None


SCORES = store.Stored("scores", _RECORD.dump, _build)


def score(run: Run, progress: Progress = unseen) -> Scores:
    """Measure every head on the run's text. Progress is in blocks of the text."""
    known = known_of(run.square, run.grid is not None)
    shape = len(run.tokens.starts) - 1, run.model.layers
    every = (*_weights(known), *_of_queries(known))
    sums = {part: np.zeros((*shape, run.model.heads)) for part in every}
    counts = {name: np.zeros(shape, dtype=np.int64) for name in known}
    parts = list(blocks(run))
    for done, block in enumerate(parts):
        some = block.passages
        asked: dict[int, _Asked] = {}
        for layer in run.stored:
            pattern = run.pattern[layer]
            if pattern not in asked:
                asked[pattern] = _asked(known, pairs_of(run, pattern, block))
            for part, values in _sums(attention(run, layer, block), asked[pattern]).items():
                sums[part][some, layer] += values
            for name, queries in asked[pattern].counted.items():
                counts[name][some, layer] += queries.sum(1)
        progress(done + 1, len(parts))
    absent = sorted({*range(run.model.layers)} - {*run.stored})
    for values in sums.values():
        values[:, absent] = np.nan
    estimates = [_estimate(each, sums, counts[name]) for name, each in known.items()]
    n = np.stack([counts[name].sum(0) for name in known])
    return Scores(tuple(known), *(np.stack(arrays) for arrays in zip(*estimates, strict=True)), n)


Known = dict[str, HeadScore]


def _weights(known: Known) -> tuple[Callable[[Pairs], np.ndarray], ...]:
    """Return what weighs the pairs, each once however many scores sum it."""
    return tuple(dict.fromkeys(part for each in known.values() for part in each.pairs))


def _of_queries(known: Known) -> dict[str, Callable[[Seen], np.ndarray]]:
    """Return what is a number of each query, by the name of its score."""
    return {name: each.queries for name, each in known.items() if each.queries}


def _estimate(score: HeadScore, sums: dict, count: np.ndarray) -> Estimate:
    parts = [sums[part] for part in score.pairs or (score.name,)]
    if len(parts) == 1:
        parts.append(count[..., None])
    return estimate(*parts, seed=SEED, statistic=score.statistic)


@dataclass(frozen=True)
class _Asked:
    """What is asked of a block of p passages of m keys and r of their queries.

    `targets` float32 (p, r·m, weights) weighs every pair for every sum of attention, and `counted`
    bool (p, r) says per score which queries have what it asks for.
    """

    known: Known
    pairs: Pairs
    targets: np.ndarray
    counted: dict[str, np.ndarray]


def _asked(known: Known, pairs: Pairs) -> _Asked:
    weights = {weigh: weigh(pairs) for weigh in _weights(known)}
    counted = {
        name: each.counted(pairs) if each.counted else weights[each.pairs[0]].any(2)
        for name, each in known.items()
    }
    flat = [weight.reshape(len(pairs.asks), -1) for weight in weights.values()]
    return _Asked(known, pairs, np.stack(flat, axis=2).astype(np.float32), counted)


def pairs_of(run: Run, pattern: int, block: Block) -> Pairs:
    """Return what the queries of a block may look at, in layers of a pattern (see `Run`)."""
    causal, m, rows = run.model.causal, block.length, block.rows
    rests = run.tokens.sinks(causal)[block.asking], run.keys.sinks(causal)[block.places]
    ids = run.keys.ids[block.places][:, None, :]
    i, j = np.arange(rows.start, rows.stop)[:, None], np.arange(m)[None, :]
    allowed = run.sights[pattern].cells(m, rows)
    asks, sought = ~rests[0], ~rests[1][:, None, :]
    same = (run.tokens.ids[block.asking][:, :, None] == ids) & sought
    if run.square:
        same &= i != j
    if causal:
        same &= j < i
    coming = None if run.square else (_next(run, block)[:, :, None] == ids) & sought & allowed
    special, asking = run.keys.special[block.places], block.queries.shape[1]
    ordinary = asks[:, :, None] & sought & allowed
    more = causal, asking, coming, run.grid
    return Pairs(asks, ordinary, same, special, allowed, i, j, *more)


def _next(run: Run, block: Block) -> np.ndarray:
    """Return the id of the token after each query's, int (p, r); -1 where there is none."""
    ids = np.where(run.tokens.special, -1, run.tokens.ids)[block.queries]
    ended = np.full((len(ids), 1), -1)
    return np.concatenate([ids[:, 1:], ended], axis=1)[:, block.rows]


def _sums(attention: np.ndarray, asked: _Asked) -> dict:
    """Return every sum (p, heads): by what weighs its pairs, or by its score's name."""
    p, heads = attention.shape[:2]
    looked = attention.reshape(p, heads, -1) @ asked.targets
    found = dict(zip(_weights(asked.known), np.moveaxis(looked, 2, 0), strict=True))
    seen = Seen(attention, asked.pairs)
    for name, number in _of_queries(asked.known).items():
        found[name] = (number(seen) @ asked.counted[name][:, :, None].astype(np.float32))[..., 0]
    return found
