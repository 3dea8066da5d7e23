"""Extraction: one pass of a text through a model, query and key of all heads streamed to disk."""

import contextlib
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from compute import runs
from compute.capture import passes
from compute.capture.calls import Call
from compute.capture.rules import Rules
from compute.errors import HeadscopeError, first_line
from compute.machine import bounds, chosen_layers, memory
from compute.models.model import Model, vocabulary_size
from compute.progress import Progress
from compute.runs import Run, cost, pace
from compute.runs.beside import Hand, beside, now
from compute.runs.kept import Kept, kept_in
from compute.runs.run import note_of
from compute.texts.tokenise import tokens_of
from compute.texts.tokens import Tokens

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from compute.texts import Text

BATCH = 2048  # tokens of a batch, padding included


def extract(
    model: Model,
    text: "Text",
    key: str,
    progress: Progress,
    ablate: passes.Ablate | None = None,
    announce: Callable[[str], None] | None = None,
    layers: str = "",
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
    announce : callable, optional
        Gets a sentence on how much work it will be, before the first batch.
    layers : str
        Which are stored, as `chosen_layers` says them; the pass ends at the last of them. All of
        a model that has none of these, or no others.

    Returns
    -------
    Run
        Read back from the store.

    Raises
    ------
    HeadscopeError
        Before any work: vectors above the budget (`bounds.budget`), too little room on the disk, or
        a tokenizer that is not the model's. While it works: a model whose masks depend on more than
        the position.

    Notes
    -----
    An error or a killed process leaves nothing in the store.
    """
    tokens, notes = tokens_of(
        model.tokenizer, text.passages, model.info.positions, bounds.longest()
    )
    if unread := sum(map(bool, text.targets)):
        what = "1 passage has a target" if unread == 1 else f"{unread} passages have targets"
        notes = (*notes, f"{what}, which {model.info.name} doesn't read: it has no decoder.")
    held = held_of(model, layers)
    if announce:
        read = cost.Read(model.info, tokens, tokens, held)
        seconds = pace.guessed(model, np.diff(tokens.starts), read.passed)
        announce(f"Reading {cost.estimate([read], seconds)} …")
    if held is not None:
        notes = (*notes, note_of(held, model.info.layers))
    return keep(model, tokens, text.title, notes, key, progress, ablate, held)


def held_of(model: Model, layers: str) -> tuple[int, ...] | None:
    """Return which layers of a model are kept of those that were asked for; None for all.

    Raises
    ------
    HeadscopeError
        If the model has none of them.
    """
    asked, count = chosen_layers.numbers(layers), model.info.layers
    some = tuple(n for n in asked if n < count)
    if asked and not some:
        has = f"{count} layers, 0 to {count - 1}" if count > 1 else "one layer, 0"
        raise HeadscopeError(
            f"{model.info.name} has {has}: --layers {chosen_layers.words(asked)} names none of "
            "them. Start with some that it has, or without --layers."
        )
    return some if 0 < len(some) < count else None


def keep(
    model: Model,
    tokens: Tokens,
    title: str,
    notes: tuple[str, ...],
    key: str,
    progress: Progress,
    ablate: passes.Ablate | None = None,
    held: tuple[int, ...] | None = None,
    inputs: Callable[[np.ndarray], dict[str, Any]] | None = None,
    **more: Any,
) -> Run:
    """Compute and store the vectors of tokens that are there already; see `extract`.

    Parameters
    ----------
    held : tuple of int, optional
        The layers that are stored, if not all are.
    inputs : callable, optional
        What a pass over some passages, given by their numbers, is fed; by default their tokens.
    more
        Of `Run`, to be kept with it.
    """
    read = cost.Read(model.info, tokens, tokens, held)
    cost.check([read])
    if inputs is None:
        check_vocabulary(model, tokens)
    info = model.info
    with runs.RUNS.writing(key) as draft:
        kept = kept_in(draft, info, tokens, tokens, held)
        rules = Rules(info.name, info.adds)
        done, began = 0, time.perf_counter()
        progress(done, len(tokens))
        with beside() if _lasting(model) else contextlib.nullcontext(now) as hand:
            for batch in batches(np.diff(tokens.starts), info.pads):
                within = _within(progress, done, len(tokens))
                fed = inputs(batch) if inputs else inputs_of(model, tokens, batch)
                done += _run_batch(
                    model, tokens, batch, fed, kept, rules, ablate, within, read.passed, hand
                )
                progress(done, len(tokens))
        arrays = {"q": kept.q, "k": kept.k, "v_norm": kept.v_norm, "added": kept.added} | more
        about = {"held": held, "pace": (time.perf_counter() - began) / read.passed}
        run = Run(
            key, info, title, notes, tokens, **arrays, **rules.collected(info.layers), **about
        )
        runs.RUNS.dump(draft, run)
    return runs.load(key)


def batches(lengths: np.ndarray, pads: bool = True, most: int | None = None) -> list[np.ndarray]:
    """Return the numbers of passages that go together, the longest first.

    Parameters
    ----------
    lengths : int (passages,)
    pads : bool
        Whether passages of other lengths may go together; see `ModelInfo.pads`.
    most : int, optional
        Tokens of a batch, its padding included, unless one passage has more; `BATCH` by default.

    Returns
    -------
    list of int arrays
        Passages of similar length, or of one.
    """
    most = BATCH if most is None else most
    order = np.argsort(-lengths, kind="stable")
    found, start = [], 0
    while start < len(order):
        longest = lengths[order[start]]
        some = order[start : start + max(1, most // int(longest))]
        some = some if pads else some[lengths[some] == longest]
        found.append(some)
        start += len(some)
    return found


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


class _Enough(Exception):
    """Ends a pass after the last layer that is kept."""


def _within(progress: Progress, done: int, total: int) -> Callable[[int], None]:
    """Return what says how many tokens are done within a batch, after those of others."""
    return lambda some: progress(done + some, total)


def _lasting(model: Model) -> bool:
    """Tell whether queries and keys that a pass shows may be copied while it goes on.

    What a family hands to its attention it leaves as it is: training needs it later. Of what is
    seen inside its code that can't be said, and other devices have an order of their own. Where the
    pass has all cores, to copy with all of them is faster.
    """
    net = model.net
    alone = net.device.type == "cpu" and torch.get_num_threads() == 1
    return alone and net._can_set_attn_implementation()


def inputs_of(model: Model, tokens: Tokens, batch: np.ndarray) -> dict[str, Any]:
    """Return what a pass over some passages is fed."""
    ids, mask = padded(model, tokens, batch)
    if len(set(np.diff(tokens.starts)[batch])) == 1:  # without padding a mask would only cost time
        return {"input_ids": ids}
    return {"input_ids": ids, "attention_mask": mask}


def _run_batch(
    model: Model,
    tokens: Tokens,
    batch: np.ndarray,
    inputs: Mapping[str, Any],
    kept: Kept,
    rules: Rules,
    ablate: passes.Ablate | None,
    within: Callable[[int], None],
    passed: int,
    hand: Hand,
) -> int:
    """Run some passages and put their vectors in place; return how many tokens they have.

    One long passage is a batch that takes minutes: `within` hears of how many tokens' worth of it
    is done after each layer, and no vectors of it wait. The pass ends after `passed` layers.
    """
    lengths = np.diff(tokens.starts)[batch]
    hand = hand if lengths.sum() <= BATCH else now
    rules.begin(lengths)
    layers: list[int] = []

    def on_call(call: Call) -> None:
        layers.append(call.layer)
        rules.add(call)
        kept.fill(call, tokens, tokens, batch, hand)
        if lengths.sum() > BATCH:
            kept.let_go()
            within(int(lengths.sum()) * (call.layer + 1) // (passed + 1))
        if call.layer + 1 == passed < model.info.layers:
            raise _Enough

    with contextlib.suppress(_Enough):
        observe(model, inputs, {"passages": lengths}, on_call, ablate)
    if len(layers) != passed:  # such as sparse attention from some length on
        raise HeadscopeError(
            f"{model.info.name} reads passages of {lengths.max()} tokens in another way than short "
            "ones, which Headscope can't show. Use shorter passages, or choose another model."
        )
    return int(lengths.sum())


def observe(
    model: Model,
    inputs: Mapping[str, Tensor],
    sizes: Mapping[str, np.ndarray],
    on_call: passes.OnCall,
    ablate: passes.Ablate | None = None,
) -> None:
    """Run a batch, and say what was in it if the family's own code fails.

    Parameters
    ----------
    sizes : mapping of str to int (B,)
        How many tokens what it reads has, by what it is called.
    """
    try:
        passes.run(seeing(model), inputs, on_call=on_call, ablate=ablate)
    except HeadscopeError:
        raise
    except (RuntimeError, IndexError, ValueError) as error:  # in the family's own code
        if memory.lacked(error):
            raise
        what = " and ".join(
            f"{name} of {lengths.min()} to {lengths.max()} tokens"
            for name, lengths in sizes.items()
        )
        raise HeadscopeError(
            f"{model.info.name} can't read {what}: its own code fails ({first_line(error)}). Leave "
            "them out, or choose another model."
        ) from error


def seeing(model: Model) -> "PreTrainedModel":
    """Return the part of a net that has attention, without what predicts tokens from it."""
    return model.net.base_model if model.grid is None else model.net  # it may lack embeddings


def check_vocabulary(model: Model, tokens: Tokens) -> None:
    """Refuse tokens that a model does not know."""
    known = vocabulary_size(model.net)
    if known is not None and (highest := int(tokens.ids.max())) >= known:
        raise HeadscopeError(
            f"The tokenizer of {model.info.name} does not belong to it: it gave token {highest}, "
            f"and the model knows {known}. Use the tokenizer that was trained with the model."
        )
