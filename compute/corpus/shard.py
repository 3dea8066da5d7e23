"""The summary of one stretch of text: its documents are read by the model, and added up."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from compute.capture import passes
from compute.capture.calls import Call
from compute.capture.rules import Rules
from compute.capture.sight import Sight
from compute.corpora import Broken, Document, Piece, pieces
from compute.corpus import classes
from compute.corpus.asked import Asked, Batch, asked
from compute.corpus.losses import losses, most_tokens
from compute.corpus.podium import Podium
from compute.corpus.seen import Seen
from compute.corpus.strongest_keys import strongest_keys
from compute.corpus.totals import Totals
from compute.models.model import Model
from compute.runs import vectors
from compute.summaries import passages
from compute.summaries.passages import Kept, Passage
from compute.summaries.summary import BROKEN, Kind, Summary
from compute.texts.tokenise import tokens_of
from compute.texts.tokens import Tokens

PORTION = 2**14
"""Tokens after which documents are added up: what is held of single ones stays small."""
DOCUMENTS = 2**10
"""So do as many documents, however short: of each all scores of all heads are held."""


@dataclass(frozen=True)
class Stretch:
    """A stretch of text.

    Attributes
    ----------
    digest : str
        What names it, from what is in it.
    limit : int
        Passages with smaller hashes may be in the sample.
    """

    digest: str
    documents: Sequence[Document]
    broken: Sequence[Broken]
    limit: int


def summarise(model: Model, kind: Kind, stretch: Stretch) -> Summary | None:
    """Return the summary of a stretch of text; None if there is nothing to read in it.

    Raises
    ------
    HeadscopeError
        If the model can't read it.
    """
    info = model.info
    cut = pieces(stretch.documents, model.tokenizer, info.positions, kind.length)
    found = _tokens(model, cut, kind.length)
    if found is None:
        return None
    tokens, owners = found
    vectors.check_vocabulary(model, tokens)
    reading = _Reading(model, kind, stretch, cut, tokens, owners)
    for some in _portions(np.array([cut[n].document for n in owners]), np.diff(tokens.starts)):
        reading.read(some)
    return reading.result()


def _tokens(model: Model, cut: list[Piece], length: int) -> tuple[Tokens, np.ndarray] | None:
    """Return the tokens of all pieces, and the number of each passage's piece."""
    texts = tuple(piece.text for piece in cut)
    bodies = model.tokenizer(list(texts), add_special_tokens=False)["input_ids"] if texts else []
    owners = np.array([n for n, body in enumerate(bodies) if body], np.int64)
    if not len(owners):
        return None
    tokens, _ = tokens_of(model.tokenizer, texts, model.info.positions, length)
    if len(tokens.starts) - 1 != len(owners):
        raise ValueError("a piece of text is longer than a passage")
    return tokens, owners


def _portions(documents: np.ndarray, lengths: np.ndarray) -> list[np.ndarray]:
    """Return the numbers of passages that are added up together: whole documents, in order."""
    ends = np.flatnonzero(np.append(np.diff(documents) > 0, True)) + 1
    found, start, total = [], 0, np.concatenate([[0], np.cumsum(lengths)])
    held = 0
    for end in ends.tolist():
        held += 1
        full = total[end] - total[start] >= PORTION or held == DOCUMENTS
        if full or end == len(documents):
            found.append(np.arange(start, end))
            start, held = end, 0
    return found


def sights_of(model: Model, inputs: dict, length: int) -> list[Sight]:
    """Return what queries may see in each layer, from a pass over one passage of this length."""
    rules = Rules(model.info.name, model.info.adds)
    rules.begin(np.array([length]))
    vectors.observe(model, inputs, {"passages": np.array([length])}, rules.add)
    found = rules.collected()
    return [found["sights"][number] for number in found["pattern"]]


class _Reading:
    """A stretch of text while it is read."""

    def __init__(
        self,
        model: Model,
        kind: Kind,
        stretch: Stretch,
        cut: list[Piece],
        tokens: Tokens,
        owners: np.ndarray,
    ):
        self._model, self._kind, self._stretch, self._tokens = model, kind, stretch, tokens
        self._pieces = [cut[number] for number in owners]
        self._classes = classes.numbers(tokens, kind.causal, kind.rules)
        lengths = np.diff(tokens.starts)
        longest = int(lengths.argmax())
        inputs = vectors.inputs_of(model, tokens, np.array([longest]))
        self._sights = sights_of(model, inputs, int(lengths[longest]))
        self._podium = Podium(kind.layers, kind.heads, kind.length)
        self._totals = Totals(kind)
        self._sample: dict[int, tuple[Passage, list]] = {}
        self._most = most_tokens(model) if kind.loss else vectors.BATCH

    def read(self, some: np.ndarray) -> None:
        """Read some passages, whole documents, and add them up."""
        lengths = np.diff(self._tokens.starts)[some]
        for batch in vectors.batches(lengths, self._model.info.pads, self._most):
            self._run(some[batch])
        self._totals.close()

    def _run(self, numbers: np.ndarray) -> None:
        batch = self._batch(numbers)
        known = [self._passage(number) for number in numbers.tolist()]
        kind = self._kind
        found = Seen(batch, kind.layers, kind.heads, len(kind.classes))
        by_sight: dict[int, Asked] = {}
        of_layer: list[Asked] = []

        def shown(call: Call, block: slice, heads: slice, attention: torch.Tensor) -> None:
            sight = self._sights[call.layer]
            if id(sight) not in by_sight:
                by_sight[id(sight)] = asked(batch, sight, len(kind.classes))
            if len(of_layer) == call.layer:
                of_layer.append(by_sight[id(sight)])
            whole = call.sinks is None
            found.block(call.layer, block, heads, attention, of_layer[call.layer], whole)
            self._keep(call.layer, block, heads, attention, found, known)
            if block.stop >= len(known) and heads.stop >= kind.heads:
                found.close(call.layer, of_layer[call.layer])

        inputs = vectors.inputs_of(self._model, self._tokens, numbers)
        nats = losses(self._model, inputs, batch, shown) if kind.loss else None
        if not kind.loss:
            passes.run_shown(vectors.seeing(self._model), inputs, shown)
        documents = [self._pieces[n].document for n in numbers]
        parts = [self._pieces[n].part for n in numbers]
        self._totals.add(batch, found, of_layer, documents, parts, nats)

    def _batch(self, numbers: np.ndarray) -> Batch:
        ids, mask = vectors.padded(self._model, self._tokens, numbers)
        special = np.zeros(ids.shape, bool)
        of = np.full(ids.shape, -1, np.int64)
        for row, number in enumerate(numbers.tolist()):
            span = self._tokens.span(number)
            size = span.stop - span.start
            special[row, :size], of[row, :size] = self._tokens.special[span], self._classes[span]
        return Batch(ids.numpy(), mask.numpy().sum(1), special, of, self._kind.causal)

    def _passage(self, number: int) -> Passage:
        piece = self._pieces[number]
        where = f"{self._stretch.digest} {number}"
        ids = tuple(self._tokens.ids[self._tokens.span(number)].tolist())
        return Passage(passages.hashed(piece.text, where), piece.text, piece.part, ids)

    def _keep(
        self,
        layer: int,
        block: slice,
        heads: slice,
        attention: torch.Tensor,
        found: Seen,
        known: list[Passage],
    ) -> None:
        """Keep the strongest keys of passages of the sample, and of those that are strongest."""
        peaks, places = found.peak[block, layer, heads], found.place[block, layer, heads]
        high = self._podium.wanted(layer, heads, peaks)
        for at, passage in enumerate(known[block]):
            sampled = passage.hash < self._stretch.limit
            some = np.flatnonzero(high[at] | sampled)
            if not len(some):
                continue
            keys, weights = strongest_keys(attention[at], some, len(passage.ids))
            own = peaks[at, some], places[at, some], keys, weights
            self._podium.offer(layer, passage, some + heads.start, *own)
            if sampled:
                self._sampled(passage, (layer, heads.start), *own)

    def _sampled(self, passage: Passage, at: tuple[int, int], *of_heads: np.ndarray) -> None:
        """Keep some heads of a passage of the sample, as long as it has one of the first hashes."""
        if passage.hash not in self._sample:
            if at != (0, 0):  # there were enough before it
                return
            self._sample[passage.hash] = passage, []
            lengths = {number: len(own.ids) for number, (own, _) in self._sample.items()}
            chosen = passages.within(lengths)
            self._sample = {number: self._sample[number] for number in chosen}
        if passage.hash in self._sample:
            self._sample[passage.hash][1].append(of_heads)

    def result(self) -> Summary:
        """Return the summary of all that was read."""
        kept = []
        shape = self._kind.layers, self._kind.heads
        for passage, blocks in self._sample.values():
            arrays = [np.concatenate(some) for some in zip(*blocks, strict=True)]
            kept.append(Kept(passage, *(a.reshape(*shape, *a.shape[1:]) for a in arrays)))
        broken = sorted((each.where, each.why) for each in self._stretch.broken)
        return Summary(
            self._kind,
            (self._stretch.digest,),
            *self._totals.result(),
            passages.Sample(self._stretch.limit, tuple(kept)),
            self._podium.result(),
            sum(each.times for each in self._stretch.broken),
            tuple(broken[:BROKEN]),
        )
