"""The loss on repeated tokens as ever more heads are taken out, the strongest first.

`measure` runs a model (and imports torch then); all else here is light, for the web process.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from compute import store
from compute.errors import HeadscopeError
from compute.progress import Progress, unseen
from compute.scores.intervals import Estimate, estimate
from compute.trials.head_ablation import Heads

if TYPE_CHECKING:
    from compute.lab.ablation_setup import Lab
    from compute.models.model import Model

VERSION = 1
MOST = 32  # heads taken out
DRAWS = 5  # random choices at each step
DEFAULTS = {"method": "zero", "design": "standard", "trials": 50, "length": None, "seed": 0}


@dataclass(frozen=True)
class Curve:
    """Loss on repeated tokens against the number of heads taken out.

    Attributes
    ----------
    order : Heads
        The heads by falling score, the first taken out first.
    counts : tuple of int
        0, 1, 2, 4, 8 …: how many of them are out.
    top : Estimate of float64 (counts,)
        The loss, in nats, with its interval over trials.
    random : Estimate of float64 (counts,)
        The same with random other heads of the same layers, as many of each layer as of the top
        ones; the mean of `DRAWS` draws, with its interval over trials. NaN where none is left.
    random_counts : tuple of int
        How many random heads were out: less than `counts` where the layers have no more.
    draws : float64 (counts, DRAWS)
        The loss of every draw.
    """

    order: Heads
    counts: tuple[int, ...]
    top: Estimate
    random: Estimate
    random_counts: tuple[int, ...]
    draws: np.ndarray
    method: str
    design: str
    trials: int
    length: int
    seed: int
    notes: tuple[str, ...]


def key(identity: str, options: Mapping[str, object]) -> str:
    """Return a curve's name in the store; `options` are arguments of `measure`."""
    return store.key("cumulative", VERSION, identity, DEFAULTS | dict(options))


CURVES = store.record("cumulative", Curve)


def measure(
    model: "Model",
    *,
    method: str = "zero",
    design: str = "standard",
    trials: int = 50,
    length: int | None = None,
    seed: int = 0,
    progress: Progress = unseen,
) -> Curve:
    """Take out the heads with the highest scores, and random ones beside.

    Parameters
    ----------
    model : Model
        With a token-predicting head.
    method, design, trials, length, seed
        See `ablation.measure`.
    progress : Progress, in passes

    Raises
    ------
    HeadscopeError
        If the model predicts no tokens, or for what `ablation_setup.prepare` refuses.
    """
    from compute.lab import ablation_setup, losses

    info = model.info
    if not losses.predicts(model):
        raise HeadscopeError(
            f"{info.name} has no head that predicts tokens, so there is no loss to follow. Choose "
            "a masked or a causal language model."
        )
    settings = dict(method=method, design=design, trials=trials, length=length, seed=seed)
    bench = ablation_setup.prepare(model, **settings)
    score = bench.main_score(bench.scores(()))
    order = _by_score(score)
    counts = (0, *(2**i for i in range(len(order).bit_length()) if 2**i <= min(MOST, len(order))))
    rng = np.random.default_rng(seed)
    chosen = [_others(order[:count], score.shape, rng) for count in counts]
    total, done = len(counts) * (DRAWS + 1), 0
    top, random = [], []
    for count, draws in zip(counts, chosen, strict=True):
        top.append(bench.repeated(order[:count]))
        random.append([_loss(bench, heads, count, top[0]) for heads in draws])
        done += DRAWS + 1
        progress(done, total)
    curve = _curve(np.array(top), np.array(random))
    taken = tuple(len(draws[0]) for draws in chosen)
    return Curve(
        order=order[: counts[-1]],
        counts=counts,
        **curve,
        random_counts=taken,
        method=method,
        design=design,
        trials=trials,
        length=bench.length,
        seed=seed,
        notes=bench.notes + _short(counts, taken),
    )


def _by_score(score: np.ndarray) -> Heads:
    flat = np.argsort(-np.nan_to_num(score), axis=None, kind="stable")
    return tuple((int(i) // score.shape[1], int(i) % score.shape[1]) for i in flat)


def _others(top: Heads, shape: tuple[int, int], rng: np.random.Generator) -> list[Heads]:
    """Draw random heads of the layers of the top ones, as many of each as there are."""
    draws = []
    for _ in range(DRAWS):
        heads: list[tuple[int, int]] = []
        for layer in sorted({layer for layer, _ in top}):
            out = [head for at, head in top if at == layer]
            left = [head for head in range(shape[1]) if head not in out]
            some = rng.permutation(left)[: len(out)]
            heads += [(layer, int(head)) for head in some]
        draws.append(tuple(heads))
    return draws


def _loss(bench: "Lab", heads: Heads, count: int, plain: np.ndarray) -> np.ndarray:
    """Return sums and numbers (trials, 2); NaN sums where no head is left to take out."""
    if count == 0:
        return plain
    if not heads:
        return plain * [np.nan, 1]
    return bench.repeated(heads)


def _curve(top: np.ndarray, random: np.ndarray) -> dict:
    """Average (counts, trials, 2) and (counts, draws, trials, 2) with intervals over trials."""
    together = random.sum(1)
    known = ~np.isnan(together[..., 0])
    sums = np.where(known, together[..., 0], 0)
    return {
        "top": estimate(top[..., 0].T, top[..., 1].T, seed=0),
        "random": estimate(sums.T, (together[..., 1] * known).T, seed=0),
        "draws": random[..., 0].sum(2) / random[..., 1].sum(2),
    }


def _short(counts: tuple[int, ...], taken: tuple[int, ...]) -> tuple[str, ...]:
    less = [(count, some) for count, some in zip(counts, taken, strict=True) if some < count]
    if not less:
        return ()
    count, some = less[0]
    return (
        f"From {count} heads on, their layers have too few other heads for the random choice "
        f"({some} beside {count}).",
    )
