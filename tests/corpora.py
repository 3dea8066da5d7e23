"""Files as a corpus has them, read in stretches that a test cuts."""

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from compute.corpora import Broken, Document, File, Shard, Span, formats, read


def whole(path: Path, kind: str = "", part: str = "part") -> File:
    """A file as a plan names it."""
    about = path.stat()
    kind = kind or formats.of_file(path.name).name
    return File(str(path), path.name, kind, about.st_size, int(about.st_mtime), part)


def cut_at(
    path: Path, cuts: Iterable[int] = (), field: str = "", by: str = ""
) -> list[Document | Broken]:
    """Read all of a file, in stretches that end at some bytes; documents and what is broken."""
    file = whole(path)
    found: list[Document | Broken] = []
    for start, stop in pairwise(sorted({0, *cuts, file.size})):
        found += formats.named(file.kind).read(Span(file, start, stop), field, by)
    return found


def documents(
    path: Path, cuts: Iterable[int] = (), field: str = "", by: str = ""
) -> list[Document]:
    """The same, of a file in which nothing is broken."""
    found: list[Document] = []
    file = whole(path)
    for start, stop in pairwise(sorted({0, *cuts, file.size})):
        some, broken = read(Shard(0, (Span(file, start, stop),), field, by))
        assert not broken
        found += some
    return found
