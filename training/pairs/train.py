"""The training loop, and saving what came of it."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from transformers import BartForConditionalGeneration, GenerationConfig, PreTrainedTokenizerFast

from training.pairs import measure, start, tasks, vocabulary
from training.pairs.tasks import TASKS, Batch, Sampler
from training.train import fit

STEPS = 4000
SHORT_SHARE = 0.25  # of the steps see short sequences only
SHORT = 12  # words
REPORT_EVERY = 100  # steps


def train(
    documents: Sequence[str],
    *,
    steps: int = STEPS,
    seed: int = 0,
    report: Callable[[str], None] = print,
) -> tuple[BartForConditionalGeneration, PreTrainedTokenizerFast]:
    """Return a trained model and its tokenizer.

    The same arguments give the same weights on the same machine; a single thread is used.

    Parameters
    ----------
    steps : int
        The learning rate falls to a twentieth over this many.
    report : callable
        Is given a line of progress now and then.
    """
    torch.set_num_threads(1)
    tokenizer = vocabulary.train(documents, TASKS)
    model = start.untrained(len(tokenizer), seed).train()
    sampler = sampler_of(tokenizer, documents, seed)

    def loss_of(step: int) -> torch.Tensor:
        longest = SHORT if step < SHORT_SHARE * steps else vocabulary.LONGEST - 2
        return batch_loss(model, sampler.batch(longest))

    fit(model, steps, loss_of, report, lambda: _on_pairs(model, sampler), REPORT_EVERY)
    return model.eval(), tokenizer


def save(
    model: BartForConditionalGeneration, tokenizer: PreTrainedTokenizerFast, folder: Path
) -> None:
    """Write weights (float16 safetensors), settings and tokenizer, as `from_pretrained` reads."""
    model.generation_config = GenerationConfig(
        bos_token_id=vocabulary.START,
        eos_token_id=vocabulary.END,
        pad_token_id=vocabulary.PAD,
        decoder_start_token_id=vocabulary.START,
        max_length=vocabulary.LONGEST,
    )
    model.half().save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def sampler_of(tokenizer: PreTrainedTokenizerFast, documents: Sequence[str], seed: int) -> Sampler:
    """Return what draws pairs of the words of some documents."""
    pieces = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
    encoded = tokenizer(list(documents), add_special_tokens=False, verbose=False)["input_ids"]
    ids = tuple(tokenizer.convert_tokens_to_ids(list(TASKS)))
    return Sampler(tasks.running_words(encoded, pieces), ids, seed)


def batch_loss(model: BartForConditionalGeneration, batch: Batch) -> torch.Tensor:
    """Return the mean cross-entropy, in nats, of the target's tokens."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = model(
            input_ids=torch.from_numpy(batch.source),
            decoder_input_ids=torch.from_numpy(measure.read(batch.target)),
            use_cache=False,
        ).logits
    return torch.nn.functional.cross_entropy(
        logits.float().flatten(0, 1), torch.from_numpy(batch.target).flatten()
    )


def _on_pairs(model: BartForConditionalGeneration, sampler: Sampler) -> str:
    scores = measure.on_pairs(model, sampler)
    return ", ".join(
        f"{task} right {right:.3f}, {_best(aligned, margin)}"
        for task, right, aligned, margin in zip(TASKS, *scores, strict=True)
    )


def _best(aligned: np.ndarray, margin: np.ndarray) -> str:
    layer, head = np.unravel_index(aligned.argmax(), aligned.shape)
    best = (layer, head)
    return f"L{layer}H{head} aligned {aligned[best]:.3f} ± {margin[best]:.3f}"
