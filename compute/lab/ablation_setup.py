"""A model with sequences of repeated tokens to take heads out on, for all that ablates."""

from dataclasses import dataclass

import numpy as np

from compute.capture.passes import Ablate
from compute.errors import HeadscopeError
from compute.lab import induction, losses
from compute.lab.readouts import main_readout
from compute.models.model import Model
from compute.scores.intervals import Effect, estimate
from compute.texts import Text
from compute.texts.tokenise import tokens_of
from compute.texts.tokens import Tokens
from compute.trials import head_ablation, planned, trial_scores
from compute.trials.designs import Trials
from compute.trials.head_ablation import Heads, Means

DESIGNS = ("standard", "triple", "four")


@dataclass(frozen=True)
class Lab:
    """A model, and sequences to take heads out on; `prepare` makes one.

    Attributes
    ----------
    length : int
        Random tokens per copy.
    means : Means or None
        For mean ablation.
    """

    model: Model
    trials: Trials
    length: int
    means: Means | None
    seed: int
    notes: tuple[str, ...]

    def scores(self, heads: Heads) -> np.ndarray:
        """Return what `trial_scores.read` gives without heads, (trials, rows, layers, heads).

        In batches, because what replaces a head depends on where the masks are.
        """
        count, n = self.trials.ids.shape
        step = max(1, trial_scores.BATCH // n)
        parts = [self.trials.part(slice(start, start + step)) for start in range(0, count, step)]
        return np.concatenate(
            [
                trial_scores.read(self.model, part, ablate=self._without(heads, part.ids))
                for part in parts
            ]
        )

    def main_score(self, scores: np.ndarray) -> np.ndarray:
        """Return the read-out of `scores` that makes an induction head, (layers, heads)."""
        causal = self.model.info.causal
        return induction.arrange(mean(scores), self.trials.rows, causal)[0][main_readout(causal)]

    def repeated(self, heads: Heads) -> np.ndarray:
        """Return the losses on repeated tokens without heads, (trials, 2): sum and number."""
        batches = losses.repeated(self.model, self.trials)
        return _sums([losses.measure(self.model, b, self._without(heads, b.ids)) for b in batches])

    def of_text(self, tokens: Tokens, heads: Heads) -> np.ndarray:
        """Return the losses (passages, 2) of a text without heads: sum and number of tokens."""
        ablate = head_ablation.silence(heads, self.means) if heads else None
        batches = losses.of_text(self.model, tokens, self.seed)
        return _sums([losses.measure(self.model, b, ablate) for b in batches])

    def _without(self, heads: Heads, ids: np.ndarray) -> Ablate | None:
        if not heads:
            return None
        info = self.model.info
        return head_ablation.silence(heads, self.means, ids, -1 if info.causal else info.mask_id)


def prepare(
    model: Model, *, method: str, design: str, trials: int, length: int | None, seed: int
) -> Lab:
    """Draw sequences, and for mean ablation measure the heads' means.

    Raises
    ------
    HeadscopeError
        For an unknown method, a design without a repeat in order, and what `planned.plan`
        refuses.
    """
    if method not in head_ablation.ABLATIONS:
        raise HeadscopeError(f"There is no ablation “{method}”: choose zero or mean.")
    if design not in DESIGNS:
        raise HeadscopeError(
            f"The design “{design}” has no repeat to predict: choose one of {', '.join(DESIGNS)}."
        )
    made, length, notes = planned.plan(model, design, "corrected", trials, length, seed)
    means = None
    if method == "mean":
        means = head_ablation.means(model, planned.without_repeat(model, made, "corrected", seed))
    return Lab(model, made, length, means, seed, notes)


def tokens(model: Model, text: Text) -> tuple[Tokens, list[str]]:
    """Return the tokens of a text, as far as it is read, and sentences on what was left out."""
    whole, notes = tokens_of(model.tokenizer, text.passages, model.info.positions)
    some, cut = losses.shortened(whole)
    return some, [*notes, *([cut] if cut else [])]


def mean(scores: np.ndarray) -> np.ndarray:
    """Return the mean over trials, the first axis; NaN where no trial has a value."""
    there = ~np.isnan(scores)
    sums, counts = np.where(there, scores, 0).sum(0), there.sum(0)
    return np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)


def effect(before: np.ndarray, after: np.ndarray) -> Effect:
    """Return what ablation does to a loss, paired.

    Parameters
    ----------
    before, after : float64 (units, 2)
        Per trial or passage: the sum of the losses in nats, and their number.
    """
    change = estimate(after[:, 0] - before[:, 0], before[:, 1], seed=0)
    level = [part[:, 0].sum() / part[:, 1].sum() for part in (before, after)]
    return Effect(*(float(x) for x in (*level, *change)))


def _sums(nats: list[np.ndarray]) -> np.ndarray:
    return np.concatenate(
        [np.stack([np.nansum(part, 1), (~np.isnan(part)).sum(1)], axis=1) for part in nats]
    )
