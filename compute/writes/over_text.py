"""What a head writes over a whole text: its effect on the tokens that really come.

`measure` runs a model (and imports torch then); all else here is light, for the web process.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from compute import store
from compute.errors import HeadscopeError
from compute.progress import Progress, unseen
from compute.scores.intervals import Estimate, estimate
from compute.texts.tokens import Tokens
from compute.writes import at_place

if TYPE_CHECKING:
    from torch import Tensor

    from compute.models.model import Model

VERSION = 1
DEFAULTS = {"top": 10, "hide": True, "seed": 0}
EVERY = 7
"""In masked models one of so many tokens is hidden at once: the usual 15 %."""
NUMBERS = 2**23
"""Logits that are held at once."""


@dataclass(frozen=True)
class Overall:
    """What a head writes over the passages of a text: k tokens raised, and k lowered, on average.

    Effects are on logits centred over the vocabulary; see `at_place.Written`.

    Attributes
    ----------
    layer, head : int
    effects : float32 (n,)
        By token of the text, at whose position the effect is: on the next token, in masked models
        on the token itself. NaN where nothing is predicted: after the last token of a passage,
        where the token to predict is a special one, in masked models where it was not hidden.
    mean : Estimate of float64 ()
        Mean effect over all predictions; its interval is over passages.
    raising : Estimate of float64 ()
        Share of predictions in which the token that really comes is raised.
    by_position : Estimate of float64 (longest,)
        Mean effect by position in the passage, from 0; NaN where nothing is predicted.
    counts : int64 (longest,)
        Predictions at each position.
    size : float
        Mean over positions of the effect's standard deviation over all tokens, as a share of that
        of the logits.
    raised, lowered : int64 (k,)
        Ids of the tokens with the largest and the smallest mean effect, the strongest first.
    raised_strings, lowered_strings : tuple of str
        Those tokens as the page shows them.
    raised_effects, lowered_effects : float64 (k,)
        Mean effects.
    raised_often, lowered_often : float64 (k,)
        Share of positions in which the token is among the k that are raised, or lowered, most.
    hidden : bool
        Masked models: whether the tokens to predict were hidden.
    projection_error, path_error : float
        How far the sums are off at most; the path is checked at one position of the text.
    """

    layer: int
    head: int
    effects: np.ndarray
    mean: Estimate
    raising: Estimate
    by_position: Estimate
    counts: np.ndarray
    size: float
    raised: np.ndarray
    lowered: np.ndarray
    raised_strings: tuple[str, ...]
    lowered_strings: tuple[str, ...]
    raised_effects: np.ndarray
    lowered_effects: np.ndarray
    raised_often: np.ndarray
    lowered_often: np.ndarray
    hidden: bool
    projection_error: float
    path_error: float


def key(run_key: str, layer: int, head: int, options: Mapping[str, object]) -> str:
    """Return the name among `OVERALL` of a head; `options` are arguments of `measure`."""
    return store.key(
        "writes over text", VERSION, run_key, int(layer), int(head), DEFAULTS | dict(options)
    )


OVERALL = store.record("writes-text", Overall)


def measure(
    model: "Model",
    tokens: Tokens,
    layer: int,
    head: int,
    *,
    top: int = 10,
    hide: bool = True,
    seed: int = 0,
    progress: Progress = unseen,
) -> Overall:
    """Measure what a head writes over a text.

    Parameters
    ----------
    model : Model
        Masked or causal, with its prediction head.
    tokens : Tokens
        Of whole passages.
    top : int
        How many tokens that are raised, and that are lowered, to give.
    hide : bool
        In masked models: hide one of every `EVERY` ordinary tokens at once, and look at those.
        Else all are looked at in plain sight.
    seed : int
        Decides which are hidden.
    progress : Progress, in passages

    Raises
    ------
    HeadscopeError
        As `at_place.measure`, or if there is nothing to predict in the text.
    """
    from compute.writes import following

    model.info.check(layer, head)
    if top < 1:
        raise HeadscopeError("At least one token is needed.")
    rng, passages = np.random.default_rng(seed), len(tokens.starts) - 1
    places = [_places(model, tokens, passage, hide, rng) for passage in range(passages)]
    if not any(len(some) for some in places):
        raise HeadscopeError("There is no token to predict in this text. Choose a longer one.")
    found = _Sums(np.full(len(tokens), np.nan, np.float32))
    for passage, some in enumerate(places):
        if len(some):
            ids = tokens.ids[tokens.span(passage)]
            with following.refusing(model):
                start = int(tokens.starts[passage])
                _add(found, model, ids, some, start, (layer, head, top, hide))
        progress(passage + 1, passages)
    return _summed(found, model, tokens, layer, head, top, hide)


@dataclass
class _Sums:
    """What is summed over the positions of a text, V tokens of the vocabulary."""

    effects: np.ndarray
    by_token: "np.ndarray | float" = 0.0
    size: float = 0.0
    often: "list[np.ndarray | int]" = field(default_factory=lambda: [0, 0])
    projection: float = 0.0
    path: float | None = None


def _places(
    model: "Model", tokens: Tokens, passage: int, hide: bool, rng: np.random.Generator
) -> np.ndarray:
    """Return the positions of a passage at which something ordinary is to predict."""
    ordinary = np.flatnonzero(~tokens.special[tokens.span(passage)])
    if model.info.causal:
        return ordinary[ordinary > 0] - 1
    if not hide or model.info.mask_id is None:
        return ordinary
    return ordinary[int(rng.integers(max(1, min(EVERY, len(ordinary))))) :: EVERY]


def _add(
    found: _Sums,
    model: "Model",
    ids: np.ndarray,
    places: np.ndarray,
    start: int,
    asked: tuple[int, int, int, bool],
) -> None:
    """Add the predictions of a passage, whose first token is `start`, to the sums."""
    import torch

    from compute.writes import checks, following
    from compute.writes.prediction import Prediction

    layer, head, top, hide = asked
    given, targets = at_place.asked(model, ids, places, hide)
    tensor = torch.from_numpy(given)[None]
    place = int(places[len(places) // 2]) if found.path is None else None
    followed = following.follow(model, tensor, layer, place=place)
    found.projection = max(found.projection, checks.projection(model, followed))
    if place is not None:
        found.path = checks.path(model, tensor, layer, head, place, followed)
    predicted, reached = Prediction(model, tensor, followed), followed.reached(head)
    for some in _batches(len(places), predicted.size):
        at = torch.from_numpy(places[some])
        final, part = followed.final[at], reached[at]
        effect = predicted.effect(final, part)
        found.size += float((effect.std(1) / predicted.logits(final).std(1)).sum())
        found.by_token = found.by_token + effect.double().sum(0).cpu().numpy()
        for side, most in enumerate((True, False)):
            best = effect.topk(min(top, predicted.size // 2), largest=most).indices
            count = np.bincount(best.flatten().cpu().numpy(), minlength=predicted.size)
            found.often[side] = found.often[side] + count
        found.effects[start + places[some]] = _on(effect, targets[some])


def _on(effect: "Tensor", targets: np.ndarray) -> np.ndarray:
    """Return the effects on tokens, one of each row; NaN for those that are -1."""
    import torch

    known = torch.from_numpy(np.maximum(targets, 0))[:, None].to(effect.device)
    values = effect.gather(1, known)[:, 0].cpu().numpy()
    return np.where(targets < 0, np.nan, values)


def _batches(count: int, size: int) -> Iterator[slice]:
    step = max(1, NUMBERS // (2 * size))
    for start in range(0, count, step):
        yield slice(start, start + step)


def _summed(
    found: _Sums, model: "Model", tokens: Tokens, layer: int, head: int, top: int, hide: bool
) -> Overall:
    effects, there = found.effects.astype(np.float64), ~np.isnan(found.effects)
    passages, longest = len(tokens.starts) - 1, int(tokens.position.max()) + 1
    sums, raised, counts = np.zeros((3, passages, longest))
    at = tokens.passage[there], tokens.position[there]
    sums[at], raised[at], counts[at] = effects[there], effects[there] > 0, 1
    number = int(there.sum())
    mean = found.by_token / number
    order = np.argsort(mean, kind="stable")
    top = min(top, len(order) // 2)
    up, down = order[::-1][:top].copy(), order[:top].copy()
    whole = counts.sum(1)
    return Overall(
        layer=layer,
        head=head,
        effects=found.effects,
        mean=estimate(sums.sum(1), whole, seed=0),
        raising=estimate(raised.sum(1), whole, seed=0),
        by_position=estimate(sums, counts, seed=0),
        counts=counts.sum(0).astype(np.int64),
        size=found.size / number,
        raised=up,
        lowered=down,
        raised_strings=at_place.shown(model, up),
        lowered_strings=at_place.shown(model, down),
        raised_effects=mean[up],
        lowered_effects=mean[down],
        raised_often=found.often[0][up] / number,
        lowered_often=found.often[1][down] / number,
        hidden=hide and not model.info.causal and model.info.mask_id is not None,
        projection_error=found.projection,
        path_error=float(found.path or 0.0),
    )
