"""How summaries are kept on the disk, layer and head first, so that one head is read quickly."""

from dataclasses import asdict, fields

import numpy as np

from compute import store
from compute.summaries.moments import Moments
from compute.summaries.passages import KEYS, Kept, Passage, Sample, Strongest
from compute.summaries.summary import Counts, Kind, Slice, Summary
from compute.summaries.token_table import TokenTable

_STRONGEST = "hash", "peak", "place", "keys", "weights"


def dump(draft: store.Draft, found: Summary) -> None:
    """Put a summary into an entry of the store."""
    draft.values["kind"] = asdict(found.kind)
    draft.values |= {"shards": found.shards, "broken": found.broken, "named": found.named}
    _dump_slices(draft, found)
    for field in fields(Counts):
        draft.save(f"count_{field.name}", getattr(found.counts, field.name))
    for field in fields(TokenTable):
        draft.save(f"token_{field.name}", getattr(found.tokens, field.name))
    _dump_passages(draft, found)


def build(entry: store.Entry) -> Summary:
    """Read a summary back."""
    values = entry.values
    counts = {field.name: entry.array(f"count_{field.name}") for field in fields(Counts)}
    tokens = {field.name: entry.array(f"token_{field.name}") for field in fields(TokenTable)}
    passages = read_passages(entry)
    kind = kind_of(values)
    return Summary(
        kind,
        tuple(values["shards"]),
        _slices(entry, kind),
        Counts(**counts),
        TokenTable(**tokens),
        _sample(entry, passages),
        _strongest(entry, passages),
        values["broken"],
        tuple((where, why) for where, why in values["named"]),
    )


def kind_of(values: dict) -> Kind:
    """Return of which kind the summary is that has these values in its manifest."""
    kept = values["kind"]
    return Kind(**kept | {"scores": tuple(kept["scores"]), "classes": tuple(kept["classes"])})


def read_passages(entry: store.Entry) -> dict[int, Passage]:
    """Return the passages of an entry by their hashes."""
    starts, ids = entry.array("passage_starts"), entry.array("passage_ids")
    found = {}
    for at, number in enumerate(entry.array("passage_hash").tolist()):
        text, part = entry.values["passages"][at]
        own = tuple(ids[starts[at] : starts[at + 1]].tolist())
        found[number] = Passage(number, text, part, own)
    return found


def passages_of(found: Summary) -> dict[int, Passage]:
    """Return all passages that a summary keeps whole, by their hashes."""
    sample = {each.passage.hash: each.passage for each in found.sample.kept}
    return dict(sorted((found.strongest.passages | sample).items()))


def sample_spans(entry: store.Entry, passages: dict[int, Passage]) -> dict[int, slice]:
    """Return where each passage of the sample stands in ``sample_keys`` and ``sample_weights``."""
    found, start = {}, 0
    for number in entry.array("sample_hash").tolist():
        length = len(passages[number].ids)
        found[number] = slice(start, start + length)
        start += length
    return found


def _dump_slices(draft: store.Draft, found: Summary) -> None:
    parts = list(found.slices.values())
    draft.values["parts"] = [
        [name, part.documents, part.passages, part.tokens] for name, part in found.slices.items()
    ]
    draft.save("slice_n", np.stack([part.n for part in parts]))
    for name in found.kind.scores:
        own = [part.moments[name] for part in parts]
        for field in fields(Moments):
            draft.save(f"{field.name}_{name}", np.stack([getattr(m, field.name) for m in own]))


def _slices(entry: store.Entry, kind: Kind) -> dict[str, Slice]:
    n = entry.array("slice_n")
    arrays = {
        name: [entry.array(f"{field.name}_{name}") for field in fields(Moments)]
        for name in kind.scores
    }
    found = {}
    for at, (name, documents, passages, tokens) in enumerate(entry.values["parts"]):
        own = {score: Moments(*(array[at] for array in some)) for score, some in arrays.items()}
        found[name] = Slice(documents, passages, tokens, n[at], own)
    return found


def _dump_passages(draft: store.Draft, found: Summary) -> None:
    kept = found.sample.kept
    some = list(passages_of(found).values())
    lengths = [len(passage.ids) for passage in some]
    draft.save("passage_hash", np.array([passage.hash for passage in some], np.uint64))
    draft.save("passage_starts", np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))
    draft.save("passage_ids", np.array([i for p in some for i in p.ids], np.int32))
    draft.values["passages"] = [[passage.text, passage.part] for passage in some]
    draft.values["limit"] = found.sample.limit
    draft.save("sample_hash", np.array([each.passage.hash for each in kept], np.uint64))
    shape = found.kind.layers, found.kind.heads
    for name, kind in (("peak", np.float32), ("place", np.uint16)):
        own = np.array([getattr(each, name) for each in kept], kind)
        draft.save(f"sample_{name}", own.reshape(-1, *shape))
    for name in ("keys", "weights"):
        nothing = np.zeros((*shape, 0, KEYS), np.uint16)
        own = np.concatenate([nothing, *(getattr(each, name) for each in kept)], axis=2)
        draft.save(f"sample_{name}", own)
    for name in _STRONGEST:
        draft.save(f"strongest_{name}", getattr(found.strongest, name))


def _sample(entry: store.Entry, passages: dict[int, Passage]) -> Sample:
    peaks, places = entry.array("sample_peak"), entry.array("sample_place")
    keys, weights = entry.array("sample_keys"), entry.array("sample_weights")
    kept = []
    for at, (number, span) in enumerate(sample_spans(entry, passages).items()):
        own = keys[:, :, span], weights[:, :, span]
        kept.append(Kept(passages[number], peaks[at], places[at], *own))
    return Sample(entry.values["limit"], tuple(kept))


def _strongest(entry: store.Entry, passages: dict[int, Passage]) -> Strongest:
    arrays = [entry.array(f"strongest_{name}") for name in _STRONGEST]
    named = set(arrays[0][arrays[1] >= 0].tolist())
    return Strongest(*arrays, {n: passage for n, passage in passages.items() if n in named})


SHARDS = store.Stored("shards", dump, build)
"""Summaries of single stretches of text."""
