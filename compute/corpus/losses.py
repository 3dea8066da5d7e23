"""How well the next token is predicted, beside the attention of the same pass."""

import numpy as np
import torch

from compute.capture import passes
from compute.corpus.asked import Batch
from compute.models.model import Model, vocabulary_size

LOGITS = 2**25
"""Numbers that the logits of one pass may be."""


def most_tokens(model: Model) -> int:
    """Return how many tokens of a batch have logits that fit."""
    return max(1, LOGITS // (vocabulary_size(model.net) or 2**15))


def losses(model: Model, inputs: dict, batch: Batch, shown: passes.Shown) -> np.ndarray:
    """Return the cross-entropy of the token after each ordinary one, float64 (B, T), in nats.

    NaN at other tokens, and where none or a special one comes next.
    """
    logits = passes.run_shown(model.net, inputs, shown)["logits"]
    truth = torch.from_numpy(batch.ids[:, 1:]).to(logits.device)
    found = np.full(batch.ids.shape, np.nan)
    for row in range(len(truth)):
        own = logits[row, :-1].float()
        nats = own.logsumexp(-1) - own.gather(-1, truth[row, :, None])[:, 0]
        found[row, :-1] = nats.cpu().numpy()
    coming = np.zeros(batch.ids.shape, bool)
    coming[:, :-1] = (batch.inside & ~batch.special)[:, 1:]
    return np.where(batch.ordinary & coming, found, np.nan)
