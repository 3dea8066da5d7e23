"""A shard's documents, and what in it is broken."""

from collections.abc import Iterable, Iterator

from compute.corpora import formats
from compute.corpora.chosen import Broken, Document, Shard

MOST = 100
"""Broken lines of a shard that are named; of the others it is told how many they are."""


def read(shard: Shard) -> tuple[list[Document], list[Broken]]:
    """Return the documents that begin in a shard, and what is broken there.

    Every document of a corpus is in exactly one of its shards. What is broken is counted: the first
    `MOST` with their places.

    Raises
    ------
    Unreadable
        If a file is gone, may not be read, or is not what was planned.
    HeadscopeError
        If a library is missing.
    """
    return _parted(_all(shard))


def _all(shard: Shard) -> Iterator[Document | Broken]:
    for span in shard.spans:
        yield from formats.named(span.file.kind).read(span, shard.field, shard.by)


def _parted(found: Iterable[Document | Broken]) -> tuple[list[Document], list[Broken]]:
    """Return the documents, and what is broken: the first `MOST` by name, the others together."""
    documents: list[Document] = []
    named: list[Broken] = []
    more = 0
    for one in found:
        if isinstance(one, Document):
            documents.append(one)
        elif len(named) < MOST:
            named.append(one)
        else:
            more += one.times
    if more:
        named.append(Broken(f"{named[-1].where} and after it", "more of this kind", more))
    return documents, named
