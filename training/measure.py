"""Whether it works: attention and loss on random tokens that are repeated once."""

from typing import NamedTuple

import numpy as np
import torch
from transformers.utils import ModelOutput

from training.start import Model
from training.vocabulary import BERT_SPECIALS, BOS, CLS, MASK, SEP

PERIOD = 32
SEQUENCES = 32
SEED = 1234


class Scores(NamedTuple):
    """Means over sequences; the grids are (layers, heads).

    Attributes
    ----------
    induction : float64 (layers, heads)
        GPT: attention from a token of copy 2 to the token after its first copy. BERT: attention
        from the masked token of copy 2 to the same token of copy 1.
    previous : float64 (layers, heads)
        Attention to the token before.
    loss : float
        Cross-entropy, in nats, of the tokens of copy 2 (BERT: of the masked one).
    """

    induction: np.ndarray
    previous: np.ndarray
    loss: float


@torch.no_grad()
def on_repeats(model: Model, kind: str, vocabulary: int) -> Scores:
    """Return how a model does on 32 different random tokens, repeated once."""
    rng = np.random.default_rng(SEED)
    first = 1 if kind == "gpt" else len(BERT_SPECIALS)
    choices = np.arange(first, vocabulary)
    segments = np.stack([rng.choice(choices, PERIOD, replace=False) for _ in range(SEQUENCES)])
    twice = np.tile(segments, 2)
    begin = np.full((SEQUENCES, 1), BOS if kind == "gpt" else CLS)
    end = np.empty((SEQUENCES, 0), int) if kind == "gpt" else np.full((SEQUENCES, 1), SEP)
    tokens = torch.from_numpy(np.concatenate([begin, twice, end], axis=1))
    rows = torch.arange(SEQUENCES)
    was_training = model.training
    model.eval()
    if kind == "gpt":
        # Every token of copy 2 but the last has a successor in copy 2 to be predicted.
        read = torch.arange(PERIOD + 1, 2 * PERIOD)
        reply = model(input_ids=tokens, output_attentions=True)
        logits, answers = reply.logits[:, read], tokens[:, read + 1]
        attention = _stacked(reply)
        induction = attention[:, :, :, read, read - PERIOD + 1].mean((1, 3))
    else:
        place = torch.from_numpy(rng.integers(PERIOD + 3, 2 * PERIOD - 1, SEQUENCES))
        answers = tokens[rows, place]
        masked = tokens.clone()
        masked[rows, place] = MASK
        reply = model(input_ids=masked, output_attentions=True)
        logits = reply.logits[rows, place]
        attention = _stacked(reply)
        induction = attention[:, rows, :, place, place - PERIOD].mean(0)
    model.train(was_training)
    loss = torch.nn.functional.cross_entropy(logits.flatten(0, -2), answers.flatten())
    here = torch.arange(1, 2 * PERIOD + 1)
    previous = attention[:, :, :, here, here - 1].mean((1, 3))
    return Scores(induction.double().numpy(), previous.double().numpy(), loss.item())


def _stacked(reply: ModelOutput) -> torch.Tensor:
    """Return the attention of all layers, (layers, sequences, heads, queries, keys)."""
    return torch.stack(reply.attentions)
