"""Extraction: one pass of a text through a model, query and key of all heads streamed to disk."""

from typing import TYPE_CHECKING

import numpy as np
import torch

from compute import runs, store
from compute.errors import HeadscopeError
from compute.models import capture
from compute.models.attention_masks import Rules
from compute.models.model import Model
from compute.progress import Progress
from compute.runs import Run
from compute.texts.tokenise import tokens_of
from compute.texts.tokens import Tokens

if TYPE_CHECKING:
    from compute.texts import Text

LIMIT = 2 * 2**30  # bytes of vectors of one text
BATCH = 2048  # tokens of a batch, padding included


def extract(
    model: Model,
    text: "Text",
    key: str,
    progress: Progress,
    ablate: capture.Ablate | None = None,
) -> Run:
    """Compute the vectors of a text in a model and store them.

    Parameters
    ----------
    key : str
        From `compute.runs.key_of`: the name of the entry in the store.
    progress : Progress
        ``progress(done, total)`` in tokens, before the first and after every batch.
    ablate : callable, optional
        What to do to the heads' outputs; see `capture.run`.

    Returns
    -------
    Run
        Read back from the store.

    Raises
    ------
    HeadscopeError
        Before any work: vectors above `LIMIT`, too little room on the disk, or a tokenizer that
        is not the model's. While it works:
        a model whose masks depend on more than the position.

    Notes
    -----
    An error or a killed process leaves nothing in the store.
    """
    tokens, notes = tokens_of(model.tokenizer, text.passages, model.info.positions)
    return keep(model, tokens, text.title, notes, key, progress, ablate)


def keep(
    model: Model,
    tokens: Tokens,
    title: str,
    notes: tuple[str, ...],
    key: str,
    progress: Progress,
    ablate: capture.Ablate | None = None,
) -> Run:
    """Compute and store the vectors of tokens that are there already; see `extract`."""
    _check_size(model, len(tokens))
    _check_vocabulary(model, tokens)
    info = model.info
    with runs.RUNS.writing(key) as draft:
        q = draft.create("q", (info.layers, info.heads, len(tokens), info.head_dim))
        k = draft.create("k", (info.layers, info.kv_heads, len(tokens), info.head_dim))
        norms = draft.create("v_norm", (info.layers, info.kv_heads, len(tokens)))
        rules = Rules(info.name)
        done = 0
        progress(done, len(tokens))
        for batch in batches(np.diff(tokens.starts)):
            done += _run_batch(model, tokens, batch, (q, k, norms), rules, ablate)
            progress(done, len(tokens))
        run = Run(key, info, title, notes, tokens, q, k, norms, **rules.collected())
        runs.RUNS.dump(draft, run)
    return runs.load(key)


def batches(lengths: np.ndarray) -> list[np.ndarray]:
    """Return the numbers of passages that go together, the longest first.

    Parameters
    ----------
    lengths : int (passages,)

    Returns
    -------
    list of int arrays
        Passages of similar length, each batch at most `BATCH` tokens with its padding.
    """
    order = np.argsort(-lengths, kind="stable")
    found, start = [], 0
    while start < len(order):
        count = max(1, BATCH // int(lengths[order[start]]))
        found.append(order[start : start + count])
        start += count
    return found


def padded(model: Model, tokens: Tokens, batch: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """Return ids and mask, int64 (B, T), of some passages, padded on the right."""
    lengths = np.diff(tokens.starts)[batch]
    pad = model.tokenizer.pad_token_id
    ids = torch.full((len(batch), int(lengths.max())), 0 if pad is None else pad)
    mask = torch.zeros_like(ids)
    for row, passage in enumerate(batch):
        part = tokens.ids[tokens.starts[passage] : tokens.starts[passage + 1]]
        ids[row, : len(part)] = torch.from_numpy(part.astype(np.int64))
        mask[row, : len(part)] = 1
    return ids, mask


def _run_batch(
    model: Model,
    tokens: Tokens,
    batch: np.ndarray,
    target: tuple[np.ndarray, np.ndarray, np.ndarray],
    rules: Rules,
    ablate: capture.Ablate | None,
) -> int:
    """Run some passages and put their vectors in place; return how many tokens they have."""
    starts = tokens.starts[batch]
    lengths = tokens.starts[batch + 1] - starts
    ids, mask = padded(model, tokens, batch)
    rules.begin(lengths)

    def on_call(call: capture.Call) -> None:
        norms = torch.linalg.vector_norm(call.value, dim=-1)
        for array, vectors in zip(target, (call.query, call.key, norms), strict=True):
            found = vectors.numpy()
            for row, (start, length) in enumerate(zip(starts, lengths, strict=True)):
                array[call.layer, :, start : start + length] = found[row, :, :length]
        rules.add(call)

    inputs = {"input_ids": ids}
    if len(set(lengths)) > 1:  # without padding a mask would only cost time
        inputs["attention_mask"] = mask
    capture.run(model.net.base_model, inputs, on_call=on_call, ablate=ablate)
    return int(lengths.sum())


def _check_size(model: Model, n: int) -> None:
    info = model.info
    per_token = 4 * info.layers * (info.heads + info.kv_heads) * info.head_dim
    need = n * per_token
    if need > LIMIT:
        raise HeadscopeError(
            f"The query and key vectors of this text ({n:,} tokens) in {info.name} would need "
            f"{need / 2**30:.1f} GiB, and the limit is {LIMIT / 2**30:.0f} GiB. Use at most "
            f"{LIMIT // per_token:,} tokens of text, or a smaller model."
        )
    store.check_room(need)


def _check_vocabulary(model: Model, tokens: Tokens) -> None:
    known = model.net.get_input_embeddings().num_embeddings
    if (highest := int(tokens.ids.max())) >= known:
        raise HeadscopeError(
            f"The tokenizer of {model.info.name} does not belong to it: it gave token {highest}, "
            f"and the model knows {known}. Use the tokenizer that was trained with the model."
        )
