"""The training loop, and saving what came of it."""

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from transformers import PreTrainedTokenizerFast

from training import measure, start, vocabulary
from training.batches import Batch, Sampler
from training.start import Model, Recipe

RATE = 2e-3
WARM_UP = 100  # steps
SHORT_SHARE = 0.4  # of the steps see short sequences only
SHORT = 64  # tokens
REPORT_EVERY = 50  # steps


def train(
    recipe: Recipe,
    documents: Sequence[str],
    *,
    steps: int,
    seed: int,
    report: Callable[[str], None] = print,
) -> tuple[Model, PreTrainedTokenizerFast]:
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
    tokenizer = vocabulary.train(recipe.kind, documents)
    model = start.untrained(recipe, len(tokenizer), seed).train()
    sampler = Sampler(recipe.kind, encode(tokenizer, recipe.kind, documents), seed, len(tokenizer))

    def loss_of(step: int) -> torch.Tensor:
        longest = SHORT if step < SHORT_SHARE * steps else vocabulary.LONGEST
        return batch_loss(model, recipe.kind, sampler.batch(longest))

    def measured() -> str:
        return _on_repeats(model, recipe.kind, len(tokenizer))

    fit(model, steps, loss_of, report, measured, REPORT_EVERY)
    return model.eval(), tokenizer


def fit(
    model: torch.nn.Module,
    steps: int,
    loss_of: Callable[[int], torch.Tensor],
    report: Callable[[str], None],
    measured: Callable[[], str],
    every: int,
) -> None:
    """Take the steps of a training.

    Parameters
    ----------
    loss_of : callable
        Returns the loss of a new batch, given the step; or losses (n,), which are added up.
    report : callable
        Is given a line of progress: before every so many steps, and at the end.
    measured : callable
        Returns what such a line says of the model.
    every : int
        Steps.
    """
    optimizer = optimizer_of(model)
    since, losses = time.process_time(), []

    def progress(step: int) -> None:
        text = _means(losses) if losses else "-"
        seconds = time.process_time() - since
        report(f"step {step:5d}  {seconds:4.0f} s  training loss {text}  {measured()}")
        losses.clear()

    for step in range(steps):
        if step % every == 0:
            progress(step)
        for group in optimizer.param_groups:
            group["lr"] = rate(step, steps)
        loss = loss_of(step)
        loss.sum().backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(loss.detach().numpy())
    progress(steps)


def _means(losses: Sequence[np.ndarray]) -> str:
    return " + ".join(f"{part:.2f}" for part in np.atleast_1d(np.mean(losses, axis=0)))


def save(model: Model, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Write weights (float16 safetensors), settings and tokenizer, as `from_pretrained` reads."""
    model.half().save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def rate(step: int, steps: int) -> float:
    """Return the learning rate of a step: a linear start, then a cosine down to a twentieth."""
    cosine = 0.5 * (1 + math.cos(math.pi * step / steps))
    return RATE * min(1.0, (step + 1) / WARM_UP) * (0.05 + 0.95 * cosine)


def batch_loss(model: Model, kind: str, batch: Batch) -> torch.Tensor:
    """Return the mean cross-entropy, in nats, of a batch's chosen tokens.

    Logits are made for these alone: most of the time of so small a model goes into them.
    """
    inputs, targets, chosen = (torch.from_numpy(np.ascontiguousarray(part)) for part in batch)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        if kind == "gpt":
            hidden = model.transformer(input_ids=inputs).last_hidden_state
            logits = model.lm_head(hidden[:, :-1][chosen[:, 1:]])
        else:
            logits = model.cls(model.bert(input_ids=inputs).last_hidden_state[chosen])
    return torch.nn.functional.cross_entropy(logits.float(), targets[chosen])


def encode(tokenizer: PreTrainedTokenizerFast, kind: str, documents: Sequence[str]) -> np.ndarray:
    """Return the tokens of all documents in a row, each ended by a special token; int64 (n,)."""
    end = vocabulary.SEP if kind == "bert" else vocabulary.BOS
    encoded = tokenizer(list(documents), add_special_tokens=False, verbose=False)["input_ids"]
    return np.concatenate([np.array([*ids, end], dtype=np.int64) for ids in encoded])


def optimizer_of(model: torch.nn.Module) -> torch.optim.Optimizer:
    """Return AdamW, with a little weight decay of the matrices."""
    matrices = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    groups = [
        {"params": matrices, "weight_decay": 0.01},
        {"params": others, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.98), fused=True)


def _on_repeats(model: Model, kind: str, size: int) -> str:
    scores = measure.on_repeats(model, kind, size)
    return (
        f"repeats: loss {scores.loss:.2f}, induction {scores.induction.max():.3f}, "
        f"previous token {scores.previous.max():.3f}"
    )
