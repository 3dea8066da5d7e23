"""What a model predicts from final states: its own prediction head, with all that it does."""

import contextlib
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from transformers.modeling_outputs import ModelOutput

from compute.capture import passes
from compute.models.model import Model
from compute.writes.following import Followed

_BEND = 1e-3
"""Share of the logits by which an affine head may miss a straight line, in single precision."""

TOGETHER = 32
"""Tokens whose gradients are taken at once: one product of matrices instead of many."""


class Prediction:
    """The part of a model that makes logits of final states.

    It is the model itself, whose layers return given states instead of computing some; so that an
    activation, a norm, a scale or a cap of its logits is part of it, and no family is named.

    Attributes
    ----------
    affine : bool
        Whether it is a plain unembedding, which a sum of states goes through part by part.
    size : int
        Tokens of the vocabulary, V.
    """

    def __init__(self, model: Model, ids: Tensor, followed: Followed):
        self._net, self._ids, self._stack = model.net, ids, followed.stack
        some = followed.final[-1]
        twice, once, never = self.logits(torch.stack([2 * some, some, torch.zeros_like(some)]))
        bend = (twice - 2 * once + never).abs().max()
        self.size = twice.shape[0]
        self.affine = bool(bend <= max(_BEND, 16 * _eps(some)) * once.abs().max())

    def logits(self, states: Tensor) -> Tensor:
        """Return the logits (n, V), float32, of states (n, S)."""
        with torch.inference_mode():
            return self._run(states)

    def effect(self, final: Tensor, reached: Tensor) -> Tensor:
        """Return what a part of final states does to the logits, less its mean over all tokens.

        Parameters
        ----------
        final, reached : (n, S)
            States, and the part of them that is taken away.

        Returns
        -------
        float32 (n, V)
            Logits with it less logits without it. A shift common to all tokens is left out: the
            softmax ignores it.
        """
        if self.affine:  # to more digits than as a difference of large numbers
            both = self.logits(torch.cat([reached, torch.zeros_like(reached[:1])]))
            change = both[:-1] - both[-1:]
        else:
            with_it, without = self.logits(torch.cat([final, final - reached])).chunk(2)
            change = with_it - without
        return change - change.mean(1, keepdim=True)

    def gradients(self, final: Tensor, reached: Tensor, tokens: np.ndarray, nodes: int) -> Tensor:
        """Return the gradients of tokens' centred logits (tokens, S), averaged along a line.

        Parameters
        ----------
        final, reached : (S,)
            The line leads from `final` less `reached` to `final`: times `reached`, the averages
            give the effect (integrated gradients, Sundararajan et al. 2017).
        nodes : int
            Points of the line, by Gauss and Legendre.
        """
        places, weights = np.polynomial.legendre.leggauss(nodes)
        along = torch.from_numpy((places + 1) / 2).to(final)[:, None]
        states = (final - along * reached).detach().requires_grad_()
        with torch.enable_grad():
            logits = self._run(states)
        given = torch.from_numpy(weights / 2).to(logits)[:, None]
        found = []
        for some in torch.from_numpy(tokens).to(logits.device).split(TOGETHER):
            asked = torch.full((len(some), *logits.shape), -1 / self.size).to(logits)
            asked[torch.arange(len(some)), :, some] += 1
            (gradients,) = torch.autograd.grad(
                logits, states, asked * given, retain_graph=True, is_grads_batched=True
            )
            found.append(gradients.float().sum(1))
        return torch.cat(found)

    def _run(self, states: Tensor) -> Tensor:
        inputs = passes.moved(self._net, {"input_ids": self._ids})
        with contextlib.ExitStack() as changed:
            for module, kind in self._stack:
                given = kind(last_hidden_state=states[None])
                changed.enter_context(_standing_in(module, given))
            return self._net(**inputs)["logits"][0].float()


@contextlib.contextmanager
def _standing_in(module: torch.nn.Module, output: ModelOutput) -> Iterator[None]:
    """Let a module return this, whatever it is given."""
    before = module.__dict__.get("forward")  # accelerate puts its own there
    module.forward = lambda *_, **__: output
    try:
        yield
    finally:
        if before is None:
            del module.forward
        else:
            module.forward = before


def _eps(states: Tensor) -> float:
    return torch.finfo(states.dtype).eps
