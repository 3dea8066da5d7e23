"""A shard's documents, and what in it is broken."""

from collections.abc import Iterator

from compute.corpora import broken, formats
from compute.corpora.chosen import Broken, Document, Shard


def read(shard: Shard) -> tuple[list[Document], list[Broken]]:
    """Return the documents that begin in a shard, and what is broken there.

    Every document of a corpus is in exactly one of its shards. What is broken is counted: the first
    `broken.MOST` with their places.

    Raises
    ------
    Unreadable
        If a file is gone, may not be read, or is not what was planned.
    HeadscopeError
        If a library is missing.
    """
    return broken.parted(_all(shard))


def _all(shard: Shard) -> Iterator[Document | Broken]:
    for span in shard.spans:
        yield from formats.named(span.file.kind).read(span, shard.field, shard.by)
