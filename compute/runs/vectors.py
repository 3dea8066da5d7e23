"""Extraction: one pass of a text through a model, query and key of all heads streamed to disk."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from compute import runs, store
from compute.capture import passes
from compute.capture.calls import Call
from compute.capture.rules import HIDDEN, Rules, taken_apart
from compute.errors import HeadscopeError, first_line
from compute.machine import computing, memory
from compute.models.model import Model, ModelInfo, vocabulary_size
from compute.progress import Progress
from compute.runs import Run
from compute.runs.halves import STORED
from compute.runs.run import pair_starts
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
    ablate: passes.Ablate | None = None,
) -> Run:
    """Compute the vectors of a text in a model and store them.

    Parameters
    ----------
    key : str
        From `compute.runs.key_of`: the name of the entry in the store.
    progress : Progress
        ``progress(done, total)`` in tokens, before the first and after every batch.
    ablate : callable, optional
        What to do to the heads' outputs; see `passes.run`.

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
    ablate: passes.Ablate | None = None,
) -> Run:
    """Compute and store the vectors of tokens that are there already; see `extract`."""
    _check_size(model, tokens)
    _check_vocabulary(model, tokens)
    info = model.info
    with runs.RUNS.writing(key) as draft:
        kept = _kept(draft, info, tokens)
        rules = Rules(info.name, info.adds)
        done = 0
        progress(done, len(tokens))
        for batch in batches(np.diff(tokens.starts), info.pads):
            done += _run_batch(model, tokens, batch, kept, rules, ablate)
            progress(done, len(tokens))
        arrays = {"q": kept.q, "k": kept.k, "v_norm": kept.v_norm, "added": kept.added}
        run = Run(key, info, title, notes, tokens, **arrays, **rules.collected())
        runs.RUNS.dump(draft, run)
    return runs.load(key)


@dataclass(frozen=True)
class _Kept:
    """Arrays in the store that a pass fills; see `Run`."""

    q: np.ndarray
    k: np.ndarray
    v_norm: np.ndarray
    added: np.ndarray | None
    pairs: np.ndarray

    def fill(self, call: Call, starts: np.ndarray, lengths: np.ndarray) -> None:
        """Keep what a layer has, for passages of a batch that begin and are long as given."""
        norms = torch.linalg.vector_norm(call.value.float(), dim=-1, keepdim=True)
        place(self.q, call.layer, call.query, starts, lengths)
        place(self.k, call.layer, call.key, starts, lengths)
        place(self.v_norm[..., None], call.layer, norms, starts, lengths)

    def fill_added(self, call: Call, passages: np.ndarray, lengths: np.ndarray) -> None:
        """Keep what a layer adds to the logits of each pair."""
        for row, (passage, length) in enumerate(zip(passages, lengths, strict=True)):
            pairs = slice(int(self.pairs[passage]), int(self.pairs[passage + 1]))
            found = taken_apart(call, row, length)
            values = 0 if found.values is None else found.values
            cells = np.where(found.sight.cells(length), values, HIDDEN)
            self.added[call.layer, :, pairs] = cells.reshape(-1, length**2)


def _kept(draft: store.Draft, info: ModelInfo, tokens: Tokens) -> _Kept:
    """Make room in the store for the vectors of a text."""
    n, pairs = len(tokens), pair_starts(tokens.starts)
    all_pairs = (info.layers, info.heads, int(pairs[-1]))
    return _Kept(
        q=draft.create("q", (info.layers, info.heads, n, info.head_dim), STORED[info.dtype]),
        k=draft.create("k", (info.layers, info.kv_heads, n, info.head_dim), STORED[info.dtype]),
        v_norm=draft.create("v_norm", (info.layers, info.kv_heads, n)),
        added=draft.create("added", all_pairs) if info.adds else None,
        pairs=pairs,
    )


def batches(lengths: np.ndarray, pads: bool = True) -> list[np.ndarray]:
    """Return the numbers of passages that go together, the longest first.

    Parameters
    ----------
    lengths : int (passages,)
    pads : bool
        Whether passages of other lengths may go together; see `ModelInfo.pads`.

    Returns
    -------
    list of int arrays
        Passages of similar length, or of one, each batch at most `BATCH` tokens with its padding.
    """
    order = np.argsort(-lengths, kind="stable")
    found, start = [], 0
    while start < len(order):
        longest = lengths[order[start]]
        some = order[start : start + max(1, BATCH // int(longest))]
        some = some if pads else some[lengths[some] == longest]
        found.append(some)
        start += len(some)
    return found


def place(
    array: np.ndarray, layer: int, vectors: Tensor, starts: np.ndarray, lengths: np.ndarray
) -> None:
    """Put a layer's vectors of a batch where they belong.

    Parameters
    ----------
    array : (layers, heads, n, d)
        Of the precision that is kept, as it is on the disk.
    vectors : (B, h, T, e)
        Of fewer heads where keys are shared: then each is repeated. Fewer numbers than d are
        followed by zeros, which change no product.
    starts, lengths : int (B,)
        Of the passages, in the text.
    """
    group = array.shape[1] // vectors.shape[1]
    if array.dtype == np.uint16:
        vectors = vectors.to(torch.bfloat16).view(torch.int16)
    else:  # of layers that differ in precision, the widest is kept
        vectors = vectors.to(getattr(torch, str(array.dtype)))
    vectors = vectors.repeat_interleave(group, 1) if group > 1 else vectors
    found = vectors.cpu().numpy().view(array.dtype)
    for row, (start, length) in enumerate(zip(starts, lengths, strict=True)):
        array[layer, :, start : start + length, : found.shape[3]] = found[row, :, :length]


def padded(model: Model, tokens: Tokens, batch: np.ndarray) -> tuple[Tensor, Tensor]:
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
    kept: _Kept,
    rules: Rules,
    ablate: passes.Ablate | None,
) -> int:
    """Run some passages and put their vectors in place; return how many tokens they have."""
    starts = tokens.starts[batch]
    lengths = tokens.starts[batch + 1] - starts
    ids, mask = padded(model, tokens, batch)
    rules.begin(lengths)
    layers: list[int] = []

    def on_call(call: Call) -> None:
        layers.append(call.layer)
        kept.fill(call, starts, lengths)
        rules.add(call)
        if kept.added is not None:
            kept.fill_added(call, batch, lengths)

    inputs = {"input_ids": ids}
    if len(set(lengths)) > 1:  # without padding a mask would only cost time
        inputs["attention_mask"] = mask
    try:
        passes.run(model.net.base_model, inputs, on_call=on_call, ablate=ablate)
    except HeadscopeError:
        raise
    except (RuntimeError, IndexError, ValueError) as error:  # in the family's own code
        if memory.lacked(error):
            raise
        raise HeadscopeError(
            f"{model.info.name} can't read passages of {lengths.min()} to {lengths.max()} tokens: "
            f"its own code fails ({first_line(error)}). Leave them out, or choose another model."
        ) from error
    if len(layers) != model.info.layers:  # such as sparse attention from some length on
        raise HeadscopeError(
            f"{model.info.name} reads passages of {lengths.max()} tokens in another way than short "
            "ones, which Headscope can't show. Use shorter passages, or choose another model."
        )
    return int(lengths.sum())


def _check_size(model: Model, tokens: Tokens) -> None:
    info, n = model.info, len(tokens)
    each = computing.BYTES[info.dtype]
    need = each * n * info.layers * (info.heads + info.kv_heads) * info.head_dim
    what = "query and key vectors"
    if info.adds:
        need += 4 * info.layers * info.heads * int(pair_starts(tokens.starts)[-1])
        what = "query and key vectors, and what attention adds to their products,"
    if need > LIMIT:
        most = n * LIMIT // need
        raise HeadscopeError(
            f"The {what} of this text ({n:,} tokens) in {info.name} would need "
            f"{need / 2**30:.1f} GiB, and the limit is {LIMIT / 2**30:.0f} GiB. Use at most "
            f"{most:,} tokens of {'such ' if info.adds else ''}text, or a smaller model."
        )
    store.check_room(need)


def _check_vocabulary(model: Model, tokens: Tokens) -> None:
    known = vocabulary_size(model.net)
    if known is not None and (highest := int(tokens.ids.max())) >= known:
        raise HeadscopeError(
            f"The tokenizer of {model.info.name} does not belong to it: it gave token {highest}, "
            f"and the model knows {known}. Use the tokenizer that was trained with the model."
        )
