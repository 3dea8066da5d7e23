"""Whether a longer context helps a model to predict a token of a text: the ICL score.

`measure` runs a model (and imports torch then); all else here is light, for the web process.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from compute import store
from compute.errors import HeadscopeError
from compute.progress import Progress, unseen
from compute.scores.intervals import Effect, estimate

if TYPE_CHECKING:
    from compute.lab.losses import Batch
    from compute.models.model import Model
    from compute.texts import Text

VERSION = 1
SHORT, LONG = 50, 500
LEAST = 2  # times the short context that the long one must have
DEFAULTS = {"trials": 100, "seed": 0}

DEFINITION = (
    "The loss at a token with a long context, less the loss at the same token with a short one, in "
    "nats. Negative: the model makes use of the longer context (the sign of Olsson et al. 2022)."
)
PUBLISHED = (
    "The study's published number is the mean loss over all tokens, nearly all of them in plain "
    "sight, with one masked at another place in the short text than in the long one; short less "
    "long. It is positive even without any learning in context, because the few tokens that cost "
    "something weigh ten times more among 50 tokens than among 500."
)


@dataclass(frozen=True)
class Icl:
    """The ICL score of a model on a text.

    Attributes
    ----------
    score : Effect
        ``before``: loss with the short context, ``after``: with the long one, ``change``: after
        less before, paired by token, with its interval. Negative is learning in context.
    short, long : int
        Tokens of context; in masked models around the token and with it, in causal ones before it.
    published : Effect or None
        The study's number for masked models (`PUBLISHED`): ``before`` is the loss over the long
        text, ``after`` over the short one, ``change`` the study's score.
    targets : int
        Tokens that were predicted.
    text : str
        The text's title.
    """

    score: Effect
    short: int
    long: int
    published: Effect | None
    targets: int
    text: str
    notes: tuple[str, ...]


def key(identity: str, digest: str, options: Mapping[str, object]) -> str:
    """Return the name in the store of the score on a text; `options` are those of `measure`."""
    return store.key("icl", VERSION, identity, digest, DEFAULTS | dict(options))


SCORES = store.record("icl", Icl)


def measure(
    model: "Model",
    text: "Text",
    *,
    trials: int = 100,
    seed: int = 0,
    progress: Progress = unseen,
) -> Icl:
    """Measure the ICL score of a model on a text.

    Parameters
    ----------
    model : Model
        With a token-predicting head.
    text : Text
        Its passages are read one after the other, as one long text.
    trials : int
        Tokens to predict, drawn at random.
    progress : Progress, in passes

    Raises
    ------
    HeadscopeError
        If the model predicts no tokens, or text or model are too short for two contexts.

    Notes
    -----
    The target is the same token with both contexts. In masked models it is masked in the middle of
    its context; in causal ones it follows it. Special tokens are put around as for any input.
    """
    from compute.lab import losses
    from compute.texts import vocabulary
    from compute.texts.tokenise import tokens_of

    info = model.info
    if not losses.predicts(model):
        raise HeadscopeError(
            f"{info.name} has no head that predicts tokens, so there is no loss to compare. Choose "
            "a masked or a causal language model."
        )
    tokens, _ = tokens_of(model.tokenizer, text.passages, info.positions)
    stream = tokens.ids[~tokens.special].astype(np.int64)
    before, after = vocabulary.frame(model.tokenizer)
    room = info.positions - len(before) - len(after) if info.positions else LONG
    long = min(LONG, room, len(stream) - 1)
    if long < LEAST * SHORT:
        raise HeadscopeError(
            f"Contexts of {SHORT} and of at least {LEAST * SHORT} tokens are compared, and there "
            f"is room for {max(0, long)} only. Choose a longer text or another model."
        )
    rng = np.random.default_rng(seed)
    starts = rng.permutation(len(stream) - long)[:trials]
    total = (2 if info.causal else 4) * len(starts)
    count = iter(range(1, total + 1))

    def loss(batches: list["Batch"]) -> np.ndarray:
        nats = []
        for batch in batches:
            nats.append(np.nanmean(losses.measure(model, batch)))
            progress(next(count), total)
        return np.array(nats)

    frame = (before, after, None if info.causal else info.mask_id)
    windows = [stream[s : s + long + 1] for s in starts]
    plain = [loss([_context(w, n, frame) for w in windows]) for n in (SHORT, long)]
    published = None
    if not info.causal:
        made = [_published(w[:long], n, frame, rng) for n in (long, SHORT) for w in windows]
        published = _effect(*np.split(loss(made), 2))
    notes = () if long == LONG else (f"The long context has {long} tokens: no more fit.",)
    return Icl(_effect(*plain), SHORT, long, published, len(starts), text.title, notes)


Frame = tuple[list[int], list[int], int | None]


def _context(window: np.ndarray, length: int, frame: Frame) -> "Batch":
    """Return the prediction of a window's target from `length` tokens of it.

    The target is the last token of the window in causal models, the middle one in masked ones.
    """
    from compute.lab.losses import Batch

    before, after, mask_id = frame
    if mask_id is None:
        ids = [*before, *window[-1 - length : -1]]
        place, truth = len(ids) - 1, window[-1]
    else:
        middle = (len(window) - 1) // 2
        start = middle - length // 2
        ids = [*before, *window[start : start + length], *after]
        place, truth = len(before) + middle - start, window[middle]
        ids[place] = mask_id
    row = np.array([ids], dtype=np.int64)
    return Batch(row, None, np.array([[place]]), np.array([[truth]]))


def _published(window: np.ndarray, length: int, frame: Frame, rng: np.random.Generator) -> "Batch":
    """Return the study's: all tokens are predicted, one of them is masked, nothing closes."""
    from compute.lab.losses import Batch

    before, _, mask_id = frame
    truth = np.array([*before, *window])[:length]
    ids = truth.copy()
    ids[rng.integers(len(ids))] = mask_id
    return Batch(ids[None], None, np.arange(len(ids))[None], truth[None])


def _effect(before: np.ndarray, after: np.ndarray) -> Effect:
    change = estimate(after - before, np.ones(len(after)), seed=0)
    return Effect(*(float(x) for x in (before.mean(), after.mean(), *change)))
