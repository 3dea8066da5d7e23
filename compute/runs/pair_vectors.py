"""Extraction of encoder–decoders: one pass of sources and targets, a run for each part."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from compute import runs, store
from compute.capture.calls import Call
from compute.capture.rules import Rules
from compute.errors import HeadscopeError
from compute.machine import bounds
from compute.models import pair_probe
from compute.models.model import SIDES, Model, ModelInfo
from compute.progress import Progress, unseen
from compute.runs import Run, cost, pace, written
from compute.runs.kept import Kept, kept_in
from compute.runs.vectors import BATCH, check_vocabulary, observe, padded
from compute.texts import pairs
from compute.texts.tokens import Tokens

if TYPE_CHECKING:
    from compute.texts import Text

WHOLE = "All its layers are stored: --layers is for models of one stack."


@dataclass(frozen=True)
class Part:
    """One part of the model while its vectors are made."""

    info: ModelInfo
    key: str
    draft: store.Draft
    tokens: Tokens
    keys: Tokens
    kept: Kept
    rules: Rules

    def begin(self, passages: np.ndarray) -> None:
        """Start a batch of these passages."""
        sizes = (np.diff(side.starts)[passages] for side in (self.tokens, self.keys))
        self.rules.begin(*sizes)

    def take(self, call: Call, passages: np.ndarray) -> None:
        """Keep what a layer has."""
        self.kept.fill(call, self.tokens, self.keys, passages)
        self.rules.add(call)

    def run(self, title: str, notes: tuple[str, ...]) -> Run:
        """Return what was made."""
        kept = self.kept
        arrays = {"q": kept.q, "k": kept.k, "v_norm": kept.v_norm, "added": kept.added}
        arrays |= {"source": None if self.keys is self.tokens else self.keys}
        return Run(
            self.key, self.info, title, notes, self.tokens, **arrays, **self.rules.collected()
        )


def extract(
    model: Model,
    text: "Text",
    keys: dict[str, str],
    progress: Progress,
    writing: Progress = unseen,
    announce: Callable[[str], None] | None = None,
) -> dict[str, Run]:
    """Compute and store the vectors of all parts of an encoder–decoder in one pass.

    Parameters
    ----------
    text : Text
        With or without targets; where there is none, the model writes it: greedily, at most
        `written.LONGEST` tokens.
    keys : dict of str to str
        By part, from `compute.runs.key_of`: the names of the entries in the store.
    progress : Progress
        ``progress(done, total)`` in tokens of both sides.
    writing : Progress
        Likewise, in passages whose target the model had to write.
    announce : callable, optional
        Gets a sentence on how much work it will be, before the first batch.

    Returns
    -------
    dict of str to Run
        By part, read back from the store.

    Raises
    ------
    HeadscopeError
        As `vectors.extract`.
    """
    longest = bounds.longest()
    found = pairs.sources(model.tokenizer, text.passages, model.info.positions, longest)
    targets, told = _targets(model, text, found, writing)
    told += [WHOLE] if bounds.layers() else []
    sides = {"source": found.tokens, "target": targets}
    for tokens in sides.values():
        check_vocabulary(model, tokens)
    read = [cost.Read(info, *(sides[s] for s in SIDES[name])) for name, info in model.parts.items()]
    cost.check(read)
    lengths = np.stack([np.diff(tokens.starts) for tokens in sides.values()], 1)
    if announce:
        seconds = pace.guessed_of_pairs(model, lengths)
        announce(f"Reading {cost.estimate(read, seconds)} …")
    with ExitStack() as stack:
        parts = {
            name: _part(stack, info, keys[name], *(sides[side] for side in SIDES[name]))
            for name, info in model.parts.items()
        }
        _learn_rules(model, sides, parts)
        total, done = sum(map(len, sides.values())), 0
        progress(done, total)
        for batch in _batches(lengths, model.info.pads):
            for part in parts.values():
                part.begin(batch)
            _pass(model, sides, batch, parts)
            done += int(lengths[batch].sum())
            progress(done, total)
        for part in parts.values():
            runs.RUNS.dump(part.draft, part.run(text.title, (*found.notes, *told)))
    return {name: runs.load(key) for name, key in keys.items()}


def _part(stack: ExitStack, info: ModelInfo, key: str, tokens: Tokens, keys: Tokens) -> Part:
    draft = stack.enter_context(runs.RUNS.writing(key))
    kept = kept_in(draft, info, tokens, keys)
    return Part(info, key, draft, tokens, keys, kept, Rules(info.name, info.adds))


def _learn_rules(model: Model, sides: dict[str, Tokens], parts: dict[str, Part]) -> None:
    """Take the rules from the longest source with the longest target, a pair or not."""
    longest = {name: int(np.diff(t.starts).argmax()) for name, t in sides.items()}
    sizes = {name: np.diff(t.starts).max(keepdims=True) for name, t in sides.items()}
    for name, part in parts.items():
        part.rules.begin(*(sizes[side] for side in SIDES[name]))
    inputs = {}
    for name, tokens in sides.items():
        ids, _ = padded(model, tokens, np.array([longest[name]]))
        inputs |= {_IDS[name]: ids}

    def on_call(call: Call) -> None:
        name, layer = model.order[call.layer]
        parts[name].rules.add(_numbered(call, layer))

    observe(model, inputs, _named(sizes), on_call)


def _pass(
    model: Model, sides: dict[str, Tokens], batch: np.ndarray, parts: dict[str, Part]
) -> None:
    """Run some passages and keep what is seen."""
    inputs, sizes = {}, {}
    for name, tokens in sides.items():
        sizes[name] = np.diff(tokens.starts)[batch]
        ids, mask = padded(model, tokens, batch)
        inputs |= {_IDS[name]: ids}
        if len(set(sizes[name].tolist())) > 1:
            inputs |= {_MASK[name]: mask}

    def on_call(call: Call) -> None:
        name, layer = model.order[call.layer]
        parts[name].take(_numbered(call, layer), batch)

    observe(model, inputs, _named(sizes), on_call)


def _numbered(call: Call, layer: int) -> Call:
    return replace(call, layer=layer)


def _named(sizes: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {f"{name}s": lengths for name, lengths in sizes.items()}


def _batches(lengths: np.ndarray, pads: bool) -> list[np.ndarray]:
    """Return the numbers of passages that go together: of like sources, or of one size.

    Parameters
    ----------
    lengths : int (passages, 2)
        Tokens of source and target.
    """
    order = np.lexsort((-lengths[:, 1], -lengths[:, 0]))
    found: list[list[int]] = []
    for passage in order.tolist():
        with_it = [*found[-1], passage] if found else []
        fits = with_it and len(with_it) * int(lengths[with_it].max(0).sum()) <= BATCH
        if fits and (pads or (lengths[with_it] == lengths[passage]).all()):
            found[-1] = with_it
        else:
            found.append([passage])
    return [np.array(batch) for batch in found]


def _targets(
    model: Model, text: "Text", found: pairs.Sources, writing: Progress
) -> tuple[Tokens, list[str]]:
    """Return what the decoder reads, passage by passage, and sentences on where it comes from."""
    given = text.targets or ("",) * len(text.passages)
    missing = np.array([n for n, p in enumerate(found.passages) if not given[p]], dtype=int)
    own = written.targets(model, found.tokens, missing, writing)
    rows, cut, longest = [], 0, bounds.longest()
    most = min(model.info.positions or longest, longest)
    for number, passage in enumerate(found.passages):
        row = own.get(number)
        if row is None:
            row = _read_by(model, pairs.target_ids(model.tokenizer, given[passage]))
            cut += len(row) > most
        rows.append(row[:most])
    tokens = pairs.framed(model.tokenizer, rows, np.array([[1, len(row)] for row in rows]))
    told = []
    if own:
        what = (
            "The target of 1 passage was"
            if len(own) == 1
            else f"Targets of {len(own)} passages were"
        )
        told.append(
            f"{what} written by {model.info.name} itself: {written.chosen_by(model)}, at most "
            f"{written.most(model)} tokens."
        )
    if cut:
        what = "1 target was" if cut == 1 else f"{cut} targets were"
        told.append(f"{what} longer than the {most} tokens that fit, and cut at the end.")
    return tokens, told


def _read_by(model: Model, ids: list[int]) -> list[int]:
    """Return what a decoder reads where it shall say some ids: one place later, from its start."""
    start = pair_probe.start_of(model.net)
    shift = getattr(model.net, "prepare_decoder_input_ids_from_labels", None)
    if shift is not None:
        try:
            return shift(labels=torch.tensor([ids]))[0].tolist()
        except (AttributeError, ValueError) as error:  # its settings lack what that needs
            if start is None:
                raise HeadscopeError(
                    f"The settings of {model.info.name} don't say which token its decoder starts "
                    "from: add decoder_start_token_id to its config.json, for T5 the id of <pad>."
                ) from error
    return ids if start is None else [start, *ids[:-1]]


_IDS = {"source": "input_ids", "target": "decoder_input_ids"}
_MASK = {"source": "attention_mask", "target": "decoder_attention_mask"}
