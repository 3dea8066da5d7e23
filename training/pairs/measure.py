"""Whether it works: written answers, and where the heads of the cross attention look."""

from typing import NamedTuple

import numpy as np
import torch
from transformers import BartForConditionalGeneration

from training.pairs.tasks import Batch, Sampler
from training.pairs.vocabulary import START

WORDS = 16
SEQUENCES = 200
SEED = 1234
NORMAL = 1.96  # standard errors at each side of a 95 % interval


class Scores(NamedTuple):
    """How a model does; the grids are (2 tasks, layers, heads), copying first.

    Attributes
    ----------
    right : float64 (2,)
        Share of the target's tokens that have the highest logit, the right ones before them given.
    aligned : float64 (2, layers, heads)
        Attention, in the cross attention, from the place where a word is written to the place in
        the source where that word stands: mean over the words of a sequence, then over sequences.
    margin : float64 (2, layers, heads)
        Half the 95 % interval of `aligned`, over sequences.
    """

    right: np.ndarray
    aligned: np.ndarray
    margin: np.ndarray


def on_pairs(model: BartForConditionalGeneration, sampler: Sampler) -> Scores:
    """Return how a model does on 200 new sequences of 16 different words."""
    fresh = Sampler(sampler.text, tuple(sampler.tasks), SEED)
    return on_batch(model, fresh.of(WORDS, SEQUENCES, distinct=True), sampler.tasks)


@torch.no_grad()
def on_batch(model: BartForConditionalGeneration, batch: Batch, tasks: np.ndarray) -> Scores:
    """Return how a model does on some pairs, of both tasks."""
    was_training = model.training
    model.eval()
    reply = model(
        input_ids=torch.from_numpy(batch.source),
        decoder_input_ids=torch.from_numpy(read(batch.target)),
        output_attentions=True,
    )
    model.train(was_training)
    right = (reply.logits.argmax(-1).numpy() == batch.target).mean(1)
    cross = torch.stack(reply.cross_attentions).numpy()  # layers, rows, heads, target, source
    words = batch.places.shape[1] - 1  # the end has no word to be copied
    here = np.take_along_axis(cross, batch.places[None, :, None, :, None], axis=-1)[..., :words, 0]
    aligned = here.mean(-1).astype(np.float64)  # layers, rows, heads
    parts = []
    for task in tasks:
        rows = batch.source[:, 0] == task
        chosen = aligned[:, rows]
        error = chosen.std(1, ddof=1) / np.sqrt(rows.sum())
        parts.append((right[rows].mean(), chosen.mean(1), NORMAL * error))
    return Scores(*(np.stack(part) for part in zip(*parts, strict=True)))


def read(target: np.ndarray) -> np.ndarray:
    """Return what the decoder reads to write `target`: the start, and all but the last token."""
    return np.hstack([np.full((len(target), 1), START), target[:, :-1]])
