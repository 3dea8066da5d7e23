"""What a head writes at one position of a passage, and from which source tokens it took it.

`measure` runs a model (and imports torch then); all else here is light, for the web process.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from compute import store
from compute.errors import HeadscopeError

if TYPE_CHECKING:
    from torch import Tensor

    from compute.models.model import Model
    from compute.writes.following import Followed
    from compute.writes.prediction import Prediction

VERSION = 1
DEFAULTS = {"top": 10, "hide": True}
_NODES = (1, 8, 32)
"""Points of the line over which gradients are averaged: more until the parts add up."""

DEFINITION = (
    "How much higher the logit of a token is with what the head writes here than without it, "
    "beside the mean over all tokens, which the softmax ignores. Directly: it goes past all later "
    "layers to the prediction, and norms divide by what they divided by."
    "\nlogits(h) − logits(h − J W_O z), J: additions and held norms"
)


@dataclass(frozen=True)
class Written:
    """What a head writes at a position: k tokens raised, k lowered, T tokens of the passage.

    Effects are changes of logits, centred over the vocabulary: they sum to 0 over all tokens.

    Attributes
    ----------
    layer, head, place : int
        The position in the passage, from 0, special tokens counted.
    hidden : bool
        Masked models: whether the mask token was put there.
    target : int
        The id of the token to predict: the next one, in masked models that of the position; -1
        where there is none.
    target_string : str
        That token as the page shows it; empty where there is none.
    effect : float
        On the token to predict; NaN where there is none.
    effect_rank : int
        Its rank among all tokens by effect, 1 for the one that is raised most; 0 without target.
    rank, rank_without : int
        Its rank in the model's prediction, and in that without what the head writes; 1 is the
        first; 0 without target.
    logit, logit_without : float
        Its logit less the mean of all, with and without; NaN without target.
    size : float
        Standard deviation of the effect over all tokens, as a share of that of the logits.
    raised, lowered : int64 (k,)
        Ids of the tokens with the largest and with the smallest effect, the strongest first.
    raised_effects, lowered_effects : float64 (k,)
    raised_strings, lowered_strings : tuple of str
        Those tokens as the page shows them.
    attention : float32 (T,)
        The head's attention at the position.
    sources : float64 (1 + 2 k, T)
        By source token: the part of the effect on the target (NaN without one), on the raised and
        on the lowered tokens, in this order. A row sums to its token's effect.
    projection_error, path_error, sources_error : float
        How far the sums are off; see `checks.Checks`.
    """

    layer: int
    head: int
    place: int
    hidden: bool
    target: int
    target_string: str
    effect: float
    effect_rank: int
    rank: int
    rank_without: int
    logit: float
    logit_without: float
    size: float
    raised: np.ndarray
    lowered: np.ndarray
    raised_effects: np.ndarray
    lowered_effects: np.ndarray
    raised_strings: tuple[str, ...]
    lowered_strings: tuple[str, ...]
    attention: np.ndarray
    sources: np.ndarray
    projection_error: float
    path_error: float
    sources_error: float


def key(
    run_key: str, layer: int, head: int, passage: int, place: int, options: Mapping[str, object]
) -> str:
    """Return the name among `WRITTEN` of a position; `options` are arguments of `measure`."""
    at = int(layer), int(head), int(passage), int(place)
    return store.key("writes", VERSION, run_key, *at, DEFAULTS | dict(options))


WRITTEN = store.record("writes", Written)


def measure(
    model: "Model",
    ids: np.ndarray,
    layer: int,
    head: int,
    place: int,
    *,
    top: int = 10,
    hide: bool = True,
) -> Written:
    """Measure what a head writes at a position of a passage.

    Parameters
    ----------
    model : Model
        Masked or causal, with its prediction head.
    ids : int (T,)
        The passage, with its special tokens.
    place : int
        The position: in causal models the next token is predicted there.
    top : int
        How many tokens that are raised, and that are lowered, to give.
    hide : bool
        In masked models: put the mask token at the position. Else it is in plain sight.

    Raises
    ------
    HeadscopeError
        If the model has no such head or predicts no tokens, the passage has no such position, the
        way to the logits can't be followed, or a sum does not hold (`checks.Checks`).

    Notes
    -----
    The direct path of Elhage et al. 2021 ("A Mathematical Framework for Transformer Circuits"),
    generalised: what the head adds to the residual stream is carried on by additions and norms, the
    divisors of which are held at what they were, and then the model's own prediction head is given
    the final state with and without it. Where that is more than a plain unembedding (BERT, Gemma's
    cap), the effect is the real difference through it, and the parts of the source tokens are
    integrated gradients of it, which sum to the effect. What other heads and MLPs make of it is no
    part of it.
    """
    from compute.writes import following

    model.info.check(layer, head)
    if not 0 <= place < len(ids):
        raise HeadscopeError(
            f"The passage has no position {place}: its {len(ids)} tokens are counted from 0."
        )
    if top < 1:
        raise HeadscopeError("At least one token is needed.")
    with following.refusing(model):
        return _measured(model, ids, layer, head, place, top, hide)


def _measured(
    model: "Model", ids: np.ndarray, layer: int, head: int, place: int, top: int, hide: bool
) -> Written:
    import torch

    from compute.writes import checks, following
    from compute.writes.prediction import Prediction

    given, target = asked(model, ids, [place], hide)
    tensor = torch.from_numpy(given)[None]
    followed = following.follow(model, tensor, layer, place=place)
    errors = [
        checks.projection(model, followed),
        checks.path(model, tensor, layer, head, place, followed),
    ]
    predicted = Prediction(model, tensor, followed)
    final, reached = followed.final[place], followed.reached(head)[place]
    effect = predicted.effect(final[None], reached[None])[0].double().cpu()
    logits = predicted.logits(torch.stack([final, final - reached])).double().cpu()
    count = min(top, len(effect) // 2)
    raised, lowered = (effect.topk(count, largest=most) for most in (True, False))
    tokens = np.concatenate([target, raised.indices.numpy(), lowered.indices.numpy()])
    attention, parts, error = _sources(model, followed, predicted, place, head, tokens, effect)
    return Written(
        layer=layer,
        head=head,
        place=place,
        hidden=bool(given[place] != ids[place]),
        **_of_target(model, int(target[0]), effect, logits),
        size=float(effect.std() / logits[0].std()),
        raised=raised.indices.numpy(),
        lowered=lowered.indices.numpy(),
        raised_effects=raised.values.numpy(),
        lowered_effects=lowered.values.numpy(),
        raised_strings=shown(model, raised.indices.numpy()),
        lowered_strings=shown(model, lowered.indices.numpy()),
        attention=attention,
        sources=parts,
        projection_error=errors[0],
        path_error=errors[1],
        sources_error=error,
    )


def asked(
    model: "Model", ids: np.ndarray, places: np.ndarray | list[int], hide: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return what a model is given of a passage, and what it is to predict at some positions.

    Returns
    -------
    given : int64 (T,)
        In masked models with mask tokens at the positions, where they `hide`.
    targets : int64 (positions,)
        -1 where there is none: after the last token, and where the passage has a mask token.
    """
    ids, places = np.asarray(ids).astype(np.int64), np.asarray(places)
    info = model.info
    if info.causal:
        return ids, np.append(ids[1:], -1)[places]
    given, targets = ids.copy(), ids[places]
    if hide and info.mask_id is not None:
        given[places] = info.mask_id
    return given, np.where(targets == info.mask_id, -1, targets)


def shown(model: "Model", ids: np.ndarray) -> tuple[str, ...]:
    """Return tokens as the page shows them; empty ones for what the vocabulary doesn't name."""
    from compute.texts import tokenise

    size = len(model.tokenizer)
    names = iter(tokenise.strings(model.tokenizer, ids[ids < size]))
    return tuple(next(names) if token < size else "" for token in ids)


def _of_target(model: "Model", target: int, effect: "Tensor", logits: "Tensor") -> dict:
    """Return the fields of `Written` on the token to predict."""
    names = ("effect", "logit", "logit_without")
    ranks = ("effect_rank", "rank", "rank_without")
    if target < 0:
        nothing = dict.fromkeys(names, float("nan")) | dict.fromkeys(ranks, 0)
        return {"target": -1, "target_string": ""} | nothing
    centred = logits - logits.mean(1, keepdim=True)
    each = (effect, *centred)
    values = {name: float(x[target]) for name, x in zip(names, each, strict=True)}
    places = {name: 1 + int((x > x[target]).sum()) for name, x in zip(ranks, each, strict=True)}
    string = shown(model, np.array([target]))[0]
    return {"target": target, "target_string": string} | values | places


def _sources(
    model: "Model",
    followed: "Followed",
    predicted: "Prediction",
    place: int,
    head: int,
    tokens: np.ndarray,
    effect: "Tensor",
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the attention (T,), the parts of the effects on tokens by source, and their error."""
    import torch

    from compute.writes import checks

    final, reached = followed.final[place], followed.reached(head)[place]
    attention, values = followed.sources(place, head)
    known = np.flatnonzero(tokens >= 0)
    wanted = effect[torch.from_numpy(tokens[known])]
    logits = predicted.logits(final[None])
    for nodes in _NODES:
        gradients = predicted.gradients(final, reached, tokens[known], nodes)
        back = followed.pulled(gradients, place, head).float()
        parts = (attention[:, None] * values @ back.T).T.double().cpu()
        error = checks.sources(model, parts, wanted, effect.abs().max(), logits)
        if predicted.affine or error <= checks.limits(model.net.dtype).sources:
            break
    checks.check(model, "sources", error)
    out = np.full((len(tokens), len(attention)), np.nan)
    out[known] = parts.numpy()
    return attention.float().cpu().numpy(), out, error
