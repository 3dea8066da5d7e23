"""The contrast of edges, split into what earlier parts of the model wrote into query and key."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import torch
from torch import Tensor

from compute.capture.calls import Call
from compute.models.model import Model
from compute.why import contrast
from compute.why.subject import ONE_SIDED, PLACES, Piece, Subject
from compute.why.traced import DIRECT, Trace, trace

TOLERANCE = 1e-4
"""How far the parts may be from the contrast, as a share of their summed sizes."""


@dataclass(frozen=True)
class Split:
    """One side's contrast, split; P passages, L earlier layers, H heads.

    Attributes
    ----------
    value : float64 (P,)
        The contrast. Each side's parts add up to it: never add the two.
    token, position, rest : float64 (P,)
        Of token embeddings, of position embeddings, and of all that is the same for all texts:
        biases, and embeddings that don't vary.
    heads : float64 (P, L, H)
    mlps : float64 (P, L)
    places : float64 (P, L, H, 4)
        The parts of `heads` by the token that they were brought from; see `PLACES`.
    sources : float64 (L, H, T) or None
        By each token that they were brought from, if there is one passage.
    """

    value: np.ndarray
    token: np.ndarray
    position: np.ndarray
    rest: np.ndarray
    heads: np.ndarray
    mlps: np.ndarray
    places: np.ndarray
    sources: np.ndarray | None

    @property
    def gap(self) -> np.ndarray:
        """What the parts don't account for, (P,)."""
        found = self.token + self.position + self.rest
        return self.value - found - self.heads.sum((1, 2)) - self.mlps.sum(1)

    @property
    def complete(self) -> bool:
        """Whether the parts add up to the contrast; see `TOLERANCE`."""
        sizes = abs(self.token) + abs(self.position) + abs(self.rest)
        sizes = sizes + abs(self.heads).sum((1, 2)) + abs(self.mlps).sum(1)
        return bool((abs(self.gap) <= TOLERANCE * np.maximum(sizes, abs(self.value))).all())


def split(model: Model, subject: Subject, piece: Piece) -> dict[str, Split]:
    """Split the contrast of one passage.

    Returns
    -------
    dict of Split
        For ``query``, what was written into the queries while the keys stay as they are; and
        for ``key``.

    Raises
    ------
    HeadscopeError
        If an edge runs to a key that its query doesn't see.

    Notes
    -----
    The attribution ``direct`` of `traced`: what a head wrote by way of another head or an MLP
    counts for those.
    """
    found = trace(model, torch.from_numpy(piece.ids)[None], subject.layer, DIRECT)
    return {side: _side(model, found, target(found, subject, piece, side)) for side in ONE_SIDED}


def joined(splits: Sequence[Split]) -> Split:
    """Return the splits of several passages as one; sources are kept of a single one alone."""
    if len(splits) == 1:
        return splits[0]
    names = [each.name for each in fields(Split) if each.name != "sources"]
    arrays = {name: np.concatenate([getattr(s, name) for s in splits]) for name in names}
    return Split(**arrays, sources=None)


def target(
    found: Trace, subject: Subject, piece: Piece, side: str, whole: Call | None = None
) -> Tensor:
    """Return the contrast as a function of what wrote into one side.

    Parameters
    ----------
    found : Trace
        Of a pass to the subject's layer, or further.
    whole : Call, optional
        Has the other side, if that is not of the same pass.
    """
    call = contrast.alone(found.calls[subject.layer], subject.head)
    other = call if whole is None else contrast.alone(whole, subject.head)
    weighed = contrast.weights(piece, contrast.visible(call))
    held = {"query": "key", "key": "query"}[side]
    call = replace(call, **{held: getattr(other, held).detach()})
    return contrast.contrast(call, weighed)[0, 0]


def gradients(value: Tensor, of: Sequence[Tensor]) -> list[Tensor]:
    """Return the gradients of a contrast; zero for what doesn't matter for it."""
    if not value.requires_grad or not of:
        return [torch.zeros_like(each) for each in of]
    found = torch.autograd.grad(value, of, allow_unused=True, retain_graph=True)
    pairs = zip(found, of, strict=True)
    return [torch.zeros_like(x) if gradient is None else gradient for gradient, x in pairs]


def _side(model: Model, found: Trace, value: Tensor) -> Split:
    layers, of = len(found.heads), _sources(found)
    got = gradients(value, [x for _, _, x in of])
    by_kind = dict.fromkeys(("token", "position", "rest"), 0.0)
    heads, mlps = np.zeros((layers, model.info.heads)), np.zeros(layers)
    for (kind, layer, x), gradient in zip(of, got, strict=True):
        part = (x.detach().double() * gradient).sum(-1)
        if kind == "head":
            heads[layer] = part[0].sum(0).cpu().numpy()
        elif kind == "mlp":
            mlps[layer] += float(part.sum())
        else:
            by_kind[kind] += float(part.sum())
    sources, places = _brought(found, got[:layers], model.info.heads)
    return Split(
        value=np.array([float(value.detach())]),
        **{kind: np.array([part]) for kind, part in by_kind.items()},
        heads=heads[None],
        mlps=mlps[None],
        places=places[None],
        sources=sources,
    )


def _sources(found: Trace) -> list[tuple[str, int, Tensor]]:
    """Return every part that wrote into the layer: its kind, its layer, what it gave."""
    heads = [("head", layer, x) for layer, x in enumerate(found.heads)]
    # An MLP before the first attention makes something of the embeddings alone.
    mlps = [("rest" if layer < 0 else "mlp", layer, x) for layer, x in found.mlps]
    tables = [(kind, -1, table) for kind, table in found.embeddings]
    return [*heads, *mlps, *tables, *(("rest", -1, bias) for bias in found.biases)]


def _brought(found: Trace, gradient: Sequence[Tensor], heads: int) -> tuple[np.ndarray, np.ndarray]:
    """Return by which source tokens heads brought their parts; see `Split`.

    The part of a head at token t is the sum over p of a(t, p) · (v(p) · gradient at t).
    """
    length = found.target.query.shape[2]
    at = np.arange(length)
    back = at[:, None] - at[None, :]
    masks = [back == 0, back == 1, (at == 0)[None, :] & (back > 1)]
    masks.append(~np.any(masks, 0))
    sources = np.zeros((len(gradient), heads, length))
    places = np.zeros((len(gradient), heads, len(PLACES)))
    for layer, (call, grad) in enumerate(zip(found.calls, gradient, strict=False)):
        with torch.no_grad():
            times = heads // call.value.shape[1]
            value = call.value[0].repeat_interleave(times, dim=0).float()
            moved = call.attention()[0] * (grad[0].transpose(0, 1).float() @ value.transpose(1, 2))
        moved = moved.double().cpu().numpy()
        sources[layer] = moved.sum(1)
        places[layer] = np.stack([(moved * mask).sum((1, 2)) for mask in masks], -1)
    return sources, places
