"""The formats that are read, each one entry: how its files are called, measured, cut and read.

Of each file a stretch of bytes is read (see `ranges` and `tables`), so that all are cut alike.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

from compute.corpora import json_lines, ranges, tables, text_files
from compute.corpora.chosen import Broken, Document, File, Span
from compute.corpora.ranges import Range

_BEGIN = 64 * 2**10


@dataclass(frozen=True)
class Format:
    """A kind of file.

    Attributes
    ----------
    name : str
    endings : tuple of str
        Of the names of files, in small letters.
    read : callable
        Yields what begins in a span: documents, and what is broken. Takes span, field and by.
    fields : callable
        Returns the names of the fields that a file's begin shows; it may raise anything.
    share : callable
        Returns the bytes of text in a byte of a file, about, with that field.
    block : int
        Where a file can be cut: at multiples of so many bytes.
    check : callable
        Raises `HeadscopeError` if a library is missing.
    enterable : bool
        Whether it can be entered in its middle.
    """

    name: str
    endings: tuple[str, ...]
    read: Callable[[Span, str, str], Iterator[Document | Broken]]
    fields: Callable[[File], set[str]]
    share: Callable[[File, str], float]
    block: int = 1
    check: Callable[[], None] = lambda: None
    enterable: bool = True


def _text(enter: "_Enter", span: Span, field: str, by: str) -> Iterator[Document | Broken]:
    with enter(span, text_files.BACK, text_files.HEAD) as found:
        yield from text_files.documents(found, span.file.name, span.file.part)


def _lines(enter: "_Enter", span: Span, field: str, by: str) -> Iterator[Document | Broken]:
    with enter(span, json_lines.BACK) as found:
        yield from json_lines.documents(found, span.file.name, field, by, span.file.part)


def _rows(parquet: bool, span: Span, field: str, by: str) -> Iterator[Document | Broken]:
    yield from tables.documents(span, field, by, span.file.part, parquet)


def _no_fields(file: File) -> set[str]:
    return set()


def _line_fields(packing: str, file: File) -> set[str]:
    with ranges.opened(file) as opened:
        if not packing:
            return json_lines.fields(opened.read(_BEGIN))
        return json_lines.fields(next(iter(ranges.outputs(packing, opened)))[1])


def _all(file: File, field: str) -> float:
    return 1.0


def _some(file: File, field: str) -> float:
    """Return what text is packed to, as a rule."""
    return 3.5


_Enter = Callable[..., AbstractContextManager[Range]]
_PLAIN_TEXT = (".txt", ".md")
_JSON_LINES = (".jsonl", ".ndjson")


def _packed(packing: str) -> tuple[Format, Format]:
    """Return the formats of compressed text and JSON lines."""
    enter = partial(ranges.packed, packing)
    rest = {"block": ranges.BLOCK, "enterable": False, "share": _some}
    rest |= {"check": partial(ranges.check, packing)}
    texts = tuple(f"{ending}.{packing}" for ending in _PLAIN_TEXT)
    lines = tuple(f"{ending}.{packing}" for ending in (*_JSON_LINES, ".json"))
    fields = partial(_line_fields, packing)
    return (
        Format(f"text.{packing}", texts, partial(_text, enter), _no_fields, **rest),
        Format(f"jsonl.{packing}", lines, partial(_lines, enter), fields, **rest),
    )


FORMATS: tuple[Format, ...] = (
    Format("text", _PLAIN_TEXT, partial(_text, ranges.plain), _no_fields, _all),
    Format("jsonl", _JSON_LINES, partial(_lines, ranges.plain), partial(_line_fields, ""), _all),
    *_packed("gz"),
    *_packed("zst"),
    Format(
        "parquet",
        (".parquet",),
        partial(_rows, True),
        partial(tables.fields, parquet=True),
        tables.share,
    ),
    Format(
        "arrow", (".arrow",), partial(_rows, False), partial(tables.fields, parquet=False), _all
    ),
)

_BY_NAME = {one.name: one for one in FORMATS}


def named(name: str) -> Format:
    """Return a format by its name."""
    return _BY_NAME[name]


def of_file(name: str) -> Format | None:
    """Return the format of files that are called like this, or None."""
    low = name.lower()
    return next((one for one in FORMATS if low.endswith(one.endings)), None)


def endings() -> str:
    """Return the endings of all formats, as a sentence lists them."""
    plain = ", ".join(ending for one in FORMATS if one.enterable for ending in one.endings)
    return f"{plain}, or text and JSON lines with .gz or .zst after that"
