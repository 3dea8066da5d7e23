"""Where something in a file stands, in words; and how many broken things are told one by one."""

from collections.abc import Iterable

from compute.corpora.chosen import Broken, Document
from compute.corpora.ranges import Range

MOST = 100
"""Broken lines of a shard that are named; of the others it is told how many they are."""


class Places:
    """Names places of a stretch by their line, or by their byte far into a large file.

    It is asked for places in their order.
    """

    def __init__(self, name: str, found: Range):
        self._name, self._found, self._seen = name, found, found.start
        self._asked, self._line = False, None

    def at(self, offset: int) -> str:
        """Return the file's name and the line of a byte of the stretch."""
        found = self._found
        if not self._asked:
            self._asked, self._line = True, found.lines()
        if self._line is None:
            return f"{self._name}, byte {offset:,}"
        self._line += found.data.count(b"\n", self._seen - found.base, offset - found.base)
        self._seen = offset
        return f"{self._name}, line {self._line + 1:,}"


def parted(found: Iterable[Document | Broken]) -> tuple[list[Document], list[Broken]]:
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
