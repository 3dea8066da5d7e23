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
from compute.runs import Run
from compute.runs.blocks import Block, attention, blocks
from compute.scores.intervals import Estimate, estimate
from compute.scores.measures import MEASURES

VERSION = 1
SEED = 0

# What is summed per passage: attention to the keys that a measure asks for, then that to ordinary
# keys alone, times distance and times its square, then entropies.
_PAIRS = ("previous", "duplicate", "induction", "self", "special", "first")
_SUMS = (*_PAIRS, "weight", "distance", "square", "entropy", "relative_entropy")


@dataclass(frozen=True)
class Scores:
    """The scores of all heads on one text.

    Attributes
    ----------
    names : tuple of str
        The measures, in the order of the arrays' first axis.
    mean, low, high : float64 (measures, layers, heads)
        Score and 95 % interval; NaN where the text (or the kind of model) gives no evidence.
    n : int64 (measures, layers)
        How many tokens were averaged.
    """

    names: tuple[str, ...]
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n: np.ndarray

    def of(self, name: str) -> Estimate:
        """Return mean, low and high (layers, heads) of one measure."""
        i = self.names.index(name)
        return Estimate(self.mean[i], self.low[i], self.high[i])


def key(run_key: str) -> str:
    """Return the name of a run's scores in the store."""
    return store.key(run_key, VERSION)


SCORES = store.record("scores", Scores)


def score(run: Run, progress: Callable[[int, int], None] = lambda done, total: None) -> Scores:
    """Measure every head on the run's text.

    Parameters
    ----------
    run : Run
    progress : callable
        Called with how many blocks of the text are done, and of how many.

    Returns
    -------
    Scores
    """
    passages = len(run.tokens.starts) - 1
    sums = {name: np.zeros((passages, run.model.layers, run.model.heads)) for name in _SUMS}
    counts = {name: np.zeros((passages, run.model.layers), dtype=np.int64) for name in MEASURES}
    parts = list(blocks(run))
    for done, block in enumerate(parts):
        some = block.passages
        asked: dict[int, _Asked] = {}
        for layer, pattern in enumerate(run.pattern):
            if pattern not in asked:
                asked[pattern] = _asked(run, pattern, block)
            for name, values in _sums(attention(run, layer, block), asked[pattern]).items():
                sums[name][some, layer] += values
            for name, queries in asked[pattern].counted.items():
                counts[name][some, layer] += queries.sum(1)
        progress(done + 1, len(parts))
    estimates = [_estimate(name, sums, counts) for name in MEASURES]
    n = np.stack([counts[name].sum(0) for name in MEASURES])
    return Scores(
        tuple(MEASURES), *(np.stack(arrays) for arrays in zip(*estimates, strict=True)), n
    )


def _estimate(name: str, sums: dict[str, np.ndarray], counts: dict[str, np.ndarray]) -> Estimate:
    if name == "distance":
        return estimate(sums["distance"], sums["weight"], seed=SEED)
    if name == "spread":
        parts = sums["square"], sums["distance"], sums["weight"]
        return estimate(*parts, seed=SEED, statistic=_deviation)
    return estimate(sums[name], counts[name][..., None], seed=SEED)


def _deviation(square: np.ndarray, total: np.ndarray, weight: np.ndarray) -> np.ndarray:
    scale = np.where(weight > 0, weight, np.nan)
    return np.sqrt(np.maximum(square / scale - (total / scale) ** 2, 0))


@dataclass(frozen=True)
class _Asked:
    """What is asked of a block of p passages of m tokens and r of their queries.

    `targets` float32 (p, r·m, sums) weighs every pair for every sum of attention, `queries` float32
    (p, r) marks ordinary ones, `visible` (r,) counts what they may see, and `counted` bool (p, r)
    says per measure which queries have what it asks for.
    """

    targets: np.ndarray
    queries: np.ndarray
    visible: np.ndarray
    counted: dict[str, np.ndarray]


def _asked(run: Run, pattern: int, block: Block) -> _Asked:
    causal, m, places, rows = run.model.causal, block.length, block.places, block.rows
    sinks = run.tokens.sinks(causal)[places]
    special, ids = run.tokens.special[places], run.tokens.ids[places]
    place = np.arange(m)
    i, j = place[rows, None], place[None, :]
    allowed = run.allowed[pattern][:m, :m][rows]
    asks = ~sinks[:, rows]
    ordinary = asks[:, :, None] & ~sinks[:, None, :] & allowed
    same = (ids[:, rows, None] == ids[:, None, :]) & ~sinks[:, None, :] & (i != j)
    if causal:
        same &= j < i
    after = np.zeros_like(same)
    after[..., 1:] = same[..., :-1]
    pairs = {
        "previous": ordinary & (j == i - 1),
        "duplicate": ordinary & same,
        "induction": ordinary & after & (i != j),
        "self": ordinary & (i == j),
        "special": asks[:, :, None] & special[:, None, :] & allowed,
        "first": asks[:, :, None] & (allowed & (j == 0) & causal),
    }
    far = np.abs(i - j)
    weights = [*pairs.values(), ordinary, ordinary * far, ordinary * far**2]
    counted = {name: pair.any(2) for name, pair in pairs.items()}
    visible = allowed.sum(1)
    counted |= {"entropy": asks, "relative_entropy": asks & (visible > 1)}
    counted |= {"distance": asks, "spread": asks}
    targets = np.stack([w.reshape(len(ids), -1) for w in weights], axis=2).astype(np.float32)
    return _Asked(targets, asks.astype(np.float32), visible, counted)


def _sums(attention: np.ndarray, asked: _Asked) -> dict[str, np.ndarray]:
    """Return every sum of `_SUMS` (p, heads)."""
    p, heads = attention.shape[:2]
    looked = attention.reshape(p, heads, -1) @ asked.targets
    # Where a head has a sink of its own, rows sum to less than 1: entropy is of what is left.
    left = np.maximum(attention.sum(3), np.finfo(np.float32).tiny)
    logs = np.log(np.maximum(attention, np.finfo(np.float32).tiny))
    entropy = np.log(left) - np.einsum("phij,phij->phi", attention, logs) / left
    most = np.log(np.maximum(asked.visible, 2))
    spread = np.stack([asked.queries, asked.queries / most * (asked.visible > 1)], axis=2)
    totals = np.concatenate([looked, entropy @ spread], axis=2)
    return dict(zip(_SUMS, np.moveaxis(totals, 2, 0), strict=True))
