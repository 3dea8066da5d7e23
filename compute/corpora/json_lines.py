"""JSON lines: a record a line, of which one field is the text.

A line is read to its end, wherever the stretch ends in which it begins; one of more than `LONGEST`
bytes is broken, and is not read whole.
"""

import contextlib
import json
import re
from collections.abc import Iterator
from functools import partial

import orjson

from compute.corpora import records
from compute.corpora.chosen import Broken, Document
from compute.corpora.ranges import Places, Range
from compute.errors import first_line

LONGEST = 16 * 2**20
"""Bytes of a line."""
BACK = 1
"""Bytes before a stretch that tell whether a line begins with it."""
_STEP = 2**20
_BLANK = re.compile(rb"[\r\n]*")


def documents(
    found: Range, name: str, field: str, by: str, part: str
) -> Iterator[Document | Broken]:
    """Yield the documents of the lines that begin in a stretch, and the broken ones.

    Parameters
    ----------
    found : Range
        With `BACK` bytes before it.
    name : str
        Of the file.
    field, by : str
        The fields of text and slice.
    part : str
        The slice, if no field says it.
    """
    places = Places(name, found)
    for offset, line in _lines(found):
        if line is None:
            yield Broken(places.at(offset), f"the line is longer than {LONGEST // 2**20} MiB")
            continue
        line = line.removeprefix(b"\xef\xbb\xbf") if offset == 0 else line
        if not line.strip():
            continue
        try:
            record = _parsed(line)
        except (ValueError, RecursionError) as error:
            yield Broken(places.at(offset), _why(error))
            continue
        where = partial(places.at, offset)
        yield from records.documents(record, where, field, by, part)
    if found.damage:
        yield Broken(name, f"it {found.damage[0]}")


def fields(begin: bytes) -> set[str]:
    """Return the names of the fields of the lines that are whole in a file's begin."""
    names: set[str] = set()
    for line in begin.removeprefix(b"\xef\xbb\xbf").split(b"\n")[:20]:
        try:
            record = _parsed(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(record, dict):
            names.update(records.names_of(record))
    return names


def _lines(found: Range) -> Iterator[tuple[int, bytes | None]]:
    """Yield where each line of a stretch begins, and its bytes; None for one that is too long."""
    data, base = found.data, found.base
    at, stop = found.start - base, found.stop - base
    if found.start:
        at = data.find(b"\n", at - 1) + 1 or len(data)
    while (at := _BLANK.match(data, at).end()) < min(stop, len(data)):
        end = data.find(b"\n", at)
        line = data[at:end] if end >= 0 else _to_its_end(data[at:], found)
        yield base + at, line if line is not None and len(line) <= LONGEST else None
        at = end + 1 if end >= 0 else len(data)


def _to_its_end(begun: bytes, found: Range) -> bytes | None:
    """Return a line of which the stretch has only the begin; None if it is too long."""
    line = bytearray(begun)
    while len(line) <= LONGEST:
        some = found.more(_STEP)
        if (end := some.find(b"\n")) >= 0:
            return bytes(line + some[:end])
        line += some
        if not some:
            return bytes(line)
    return None


def _parsed(line: bytes) -> object:
    if len(line) < _STEP:  # of a long line orjson takes twelve times the memory
        with contextlib.suppress(ValueError):
            return orjson.loads(line)
    return json.loads(line.decode())  # also takes NaN, and halves of characters, which are met


def _why(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is not in UTF-8"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return f"it is no JSON ({first_line(error)})"
