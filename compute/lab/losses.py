"""How well a model predicts tokens: those that come again, and those of the user's text."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from compute.capture import passes
from compute.capture.passes import Ablate
from compute.models.model import Model, vocabulary_size
from compute.texts.tokens import Tokens
from compute.trials.designs import Trials

LOGITS = 2**25  # numbers that the logits of one pass may be
EVERY = 7  # in masked models one of so many tokens of a text is masked: the usual 15 %
MOST = 4096  # tokens of a text that are read


@dataclass(frozen=True)
class Batch:
    """Sequences of one pass, and what is predicted in them.

    Attributes
    ----------
    ids : int64 (B, N)
    attention : int64 (B, N) or None
        1 for tokens, 0 for padding.
    places : int64 (B, P)
        Where the model's prediction is read; -1 fills rows with fewer.
    truth : int64 (B, P)
        The ids to predict there.
    """

    ids: np.ndarray
    attention: np.ndarray | None
    places: np.ndarray
    truth: np.ndarray


def predicts(model: Model) -> bool:
    """Tell whether a model has a head that predicts tokens."""
    return model.info.task in ("masked", "causal")


def measure(model: Model, batch: Batch, ablate: Ablate | None = None) -> np.ndarray:
    """Return the cross-entropy of every prediction.

    Parameters
    ----------
    model : Model
        With a token-predicting head; see `predicts`.
    ablate : callable, optional
        See `passes.run`.

    Returns
    -------
    float64 (B, P)
        In nats; NaN where `places` is -1.
    """
    inputs = {"input_ids": torch.from_numpy(batch.ids)}
    if batch.attention is not None:
        inputs["attention_mask"] = torch.from_numpy(batch.attention)
    logits = passes.run(model.net, inputs, on_call=lambda call: None, ablate=ablate)["logits"]
    places = torch.from_numpy(batch.places)
    row = torch.arange(len(places))[:, None]
    chosen = logits[row, places.clamp(min=0)].double().cpu()
    truth = torch.from_numpy(batch.truth).clamp(min=0)
    nats = chosen.logsumexp(-1) - chosen.gather(-1, truth[..., None])[..., 0]
    return nats.masked_fill(places < 0, torch.nan).numpy()


def repeated(model: Model, trials: Trials) -> Iterator[Batch]:
    """Yield what can be predicted by induction: the masked token, or the later copies.

    In causal models the first token of the second copy is left out: nothing announces it.
    """
    if model.info.causal:
        tokens = trials.queries[:, 1:]
        places, truth = tokens - 1, np.take_along_axis(trials.ids, tokens, 1)
    else:
        own = trials.keys[:, :, trials.rows.index("earlier+0"), 0]
        places, truth = trials.queries, np.take_along_axis(trials.ids, own, 1)
    step = _step(model, trials.ids.shape[1])
    for start in range(0, len(places), step):
        some = slice(start, start + step)
        yield Batch(trials.ids[some], None, places[some], truth[some])


def of_text(model: Model, tokens: Tokens, seed: int) -> Iterator[Batch]:
    """Yield the passages of a text: every next token, or some masked tokens, to predict.

    Parameters
    ----------
    tokens : Tokens
        Of whole passages; special tokens are not predicted.
    seed : int
        Masked models: decides which of every `EVERY` ordinary tokens are masked.
    """
    rng = np.random.default_rng(seed)
    passages = [slice(a, b) for a, b in zip(tokens.starts[:-1], tokens.starts[1:], strict=True)]
    passages.sort(key=lambda span: span.stop - span.start)
    rows = [_passage(model, tokens.ids[s], tokens.special[s], rng) for s in passages]
    while rows:
        step = 1
        while step < len(rows) and _joins(model, rows[step][0], rows[0][0], step):
            step += 1
        yield _padded(rows[:step], model.tokenizer.pad_token_id or 0)
        rows = rows[step:]


def _joins(model: Model, ids: np.ndarray, first: np.ndarray, count: int) -> bool:
    """Tell whether a passage may share a pass with so many others, of which one is given."""
    alike = model.info.pads or len(ids) == len(first)
    return alike and count < _step(model, len(ids))


def shortened(tokens: Tokens) -> tuple[Tokens, str | None]:
    """Return the first passages, `MOST` tokens at most (one at least), and a sentence if cut."""
    passages = max(1, int(np.searchsorted(tokens.starts, MOST, "right")) - 1)
    if passages == len(tokens.starts) - 1:
        return tokens, None
    end = int(tokens.starts[passages])
    cut = Tokens(
        tokens.strings[:end],
        *(getattr(tokens, name)[:end] for name in ("ids", "passage", "position", "special")),
    )
    return cut, f"Of the text, the first {passages:,} passages ({end:,} tokens) were read."


def _passage(
    model: Model, ids: np.ndarray, special: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return ids, places and truth of one passage."""
    ids = ids.astype(np.int64)
    ordinary = np.flatnonzero(~special)
    if model.info.causal:
        predicted = ordinary[ordinary > 0]
        return ids, predicted - 1, ids[predicted]
    chosen = ordinary[int(rng.integers(max(1, min(EVERY, len(ordinary))))) :: EVERY]
    masked = ids.copy()
    masked[chosen] = model.info.mask_id
    return masked, chosen, ids[chosen]


def _padded(rows: list[tuple[np.ndarray, np.ndarray, np.ndarray]], pad: int) -> Batch:
    ids, places, truth = zip(*rows, strict=True)
    lengths = np.array([len(row) for row in ids])
    attention = (np.arange(lengths.max()) < lengths[:, None]).astype(np.int64)
    together = _filled(ids, pad), _filled(places, -1), _filled(truth, -1)
    return Batch(together[0], None if attention.all() else attention, *together[1:])


def _filled(rows: tuple[np.ndarray, ...], value: int) -> np.ndarray:
    wide = max(len(row) for row in rows)
    return np.stack([np.pad(r, (0, wide - len(r)), constant_values=value) for r in rows])


def _step(model: Model, length: int) -> int:
    """Return how many sequences go into one pass."""
    size = vocabulary_size(model.net) or len(model.tokenizer)
    return max(1, LOGITS // (size * length))
