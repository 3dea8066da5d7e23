"""Plain text: paragraphs with blank lines between them, or a line each.

A file whose first 64 KiB have a blank line between others is one of paragraphs; any other has a
document a line. Lines end with a line feed, with or without a carriage return before it; a line of
up to 4,096 bytes of white space alone is blank. What is longer than `LONGEST` without an end is
cut, at the first white space after a multiple of `LONGEST`: a file of one line is not one document.

Where a document begins follows from the few bytes around that place, so that stretches of a file
may be read by different processes: each takes the documents that begin in its own, to their end.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator

from compute.corpora.chosen import Broken, Document
from compute.corpora.ranges import Places, Range

LONGEST = 256 * 2**10
"""Bytes, after which a document is cut at the next multiple; none is longer than twice that."""
HEAD = 64 * 2**10
"""Bytes that tell whether a file has paragraphs."""

_BLANK = 4096
_ROOM = 1024  # bytes in which white space is looked for
BACK = 2 * LONGEST + _BLANK + 2
"""Bytes before a stretch that tell what begins in it."""

_BLANK_LINES = re.compile(rb"\n(?:[^\S\n]{0,%d}\n)++" % _BLANK)
_ENDS = re.compile(rb"\n[\r\n]*")
_WHITE = re.compile(rb"\s")
_WIDE = (b"\xff\xfe", b"\xfe\xff")


def documents(found: Range, name: str, part: str) -> Iterator[Document | Broken]:
    """Yield the documents that begin in a stretch, and what is none.

    Parameters
    ----------
    found : Range
        With `BACK` bytes before it, and a head of `HEAD`.
    name : str
        Of the file.
    part : str
        The slice of all of them.
    """
    places = Places(name, found)
    if found.head.startswith(_WIDE):
        if found.start == 0:
            yield Broken(name, "it is in UTF-16; save it in UTF-8")
        return
    for offset, content in _cut(found):
        if not content.strip():
            continue
        try:
            text = content.decode()
        except UnicodeDecodeError:
            yield Broken(places.at(offset), "it is not in UTF-8")
            continue
        if "\0" in text:
            yield Broken(places.at(offset), "it has zero bytes, which no text has")
        else:
            yield Document(text.removeprefix("\ufeff"), part)
    if found.damage:
        yield Broken(name, f"it {found.damage[0]}")


def paragraphed(head: bytes) -> bool:
    """Tell whether a file that begins with these bytes is one of paragraphs."""
    return _BLANK_LINES.search(head.strip()) is not None


def _cut(found: Range) -> Iterator[tuple[int, bytes]]:
    """Yield where each document of a stretch begins, and its bytes."""
    data = found.data + found.more(2 * LONGEST + _ROOM)
    starts = _starts(data, found.base, paragraphed(found.head))
    first, last = bisect_left(starts, found.start), bisect_left(starts, found.stop)
    ends = [*starts[first + 1 : last + 1], found.base + len(data)]
    for start, stop in zip(starts[first:last], ends, strict=False):
        content = data[_place(data, start - found.base) : _place(data, stop - found.base)]
        yield start, content


def _starts(data: bytes, base: int, by_paragraph: bool) -> list[int]:
    """Return the bytes of the file at which documents begin, all that `data` shows.

    Those of a begin of `data` that is not the file's may lack.
    """
    ends = (_BLANK_LINES if by_paragraph else _ENDS).finditer(data)
    natural = [base + match.end() for match in ends]
    if base == 0:
        natural.insert(0, 0)
    starts: list[int] = []
    before = base
    for start in [*natural, base + len(data)]:
        # Multiples so far from the start before them that no other lies within `LONGEST`.
        first = -(-(before + LONGEST) // LONGEST) * LONGEST
        starts += range(first, start, LONGEST)
        starts.append(start)
        before = start
    return starts[:-1]


def _place(data: bytes, at: int) -> int:
    """Return `at`, or where a word and a character end if it is within one."""
    if at in (0, len(data)) or data[at - 1] in b"\n\r":
        return at
    if white := _WHITE.search(data, at, at + _ROOM):
        return white.start()
    while at < len(data) and data[at] & 0xC0 == 0x80:
        at += 1
    return at
