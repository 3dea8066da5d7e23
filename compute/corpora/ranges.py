"""A stretch of a file's bytes, with what stands around it, from plain and from compressed files.

A compressed file is one stream, which can't be entered in its middle: a stretch of it is one of its
compressed bytes, in blocks of `BLOCK`, and all before it is unpacked and thrown away. So it is cut
like any other, and nothing needs unpacking when the work is planned. The cost: for a shard half
a file is unpacked, some second for 200 MB of text. A plan therefore takes no more of one file than
some times what is wanted (`planning`).
"""

import contextlib
import gzip
import io
import os
import stat
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from compute.corpora.chosen import File, Span, Unreadable
from compute.errors import HeadscopeError, first_line

BLOCK = 16 * 2**10
"""Compressed bytes, the finest place in a compressed file."""

_OUT = 64 * 2**10
_MOST = 32 * 2**20
"""Bytes that a stretch of a compressed file may hold."""
_FAR = 32 * 2**20
_BOMB = 100
"""What unpacks to more than so many times its size, and more than `_FAR`, is no text."""
_COUNTED = 64 * 2**20
"""Lines are counted up to this byte; further on, bytes name the place."""


class Damaged(Exception):
    """From a compressed byte on nothing can be unpacked; the message ends a sentence."""

    def __init__(self, why: str, at: int):
        super().__init__(why)
        self.at = at


@dataclass
class Range:
    """A stretch of bytes.

    Attributes
    ----------
    head : bytes
        The first bytes of the file.
    base, start, stop : int
        Where `data` begins, and the stretch begins and ends, in (unpacked) bytes of the file.
    data : bytes
        From `base` to `stop`, or to the end of the file.
    more : callable
        Returns that many bytes after those read so far; fewer at the file's end.
    lines : callable
        Counts the line ends before `start`; None if that would take long.
    damage : list of str
        The end of a sentence, if something in the stretch can't be unpacked.
    """

    head: bytes
    base: int
    start: int
    stop: int
    data: bytes
    more: Callable[[int], bytes]
    lines: Callable[[], int | None]
    damage: list[str] = field(default_factory=list)


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


@contextlib.contextmanager
def opened(file: File) -> Iterator[io.BufferedReader]:
    """Open a file as it was planned, and no pipe or device that stands there now.

    Raises
    ------
    Unreadable
        If it is gone, may not be read, or was changed.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(file.path, flags)
    except OSError as error:
        raise Unreadable(f"{file.name} can't be read ({error.strerror}).") from error
    with open(handle, "rb") as opened:
        about = os.fstat(handle)
        now = about.st_size, int(about.st_mtime)
        if not stat.S_ISREG(about.st_mode) or now != (file.size, file.changed):
            raise Unreadable(f"{file.name} was changed while it was read. Start once more.")
        try:
            yield opened
        except OSError as error:
            raise Unreadable(f"{file.name} can't be read ({first_line(error)}).") from error


@contextlib.contextmanager
def plain(span: Span, back: int, head: int = 0) -> Iterator[Range]:
    """Give a stretch of a plain file, with `back` bytes before it, and the file's `head`."""
    base = max(0, span.start - back)
    with opened(span.file) as file:
        first = file.read(head)
        file.seek(base)
        data = file.read(span.stop - base)
        yield Range(
            first, base, span.start, span.stop, data, file.read, lambda: _counted(span, file)
        )


def _counted(span: Span, file: io.BufferedReader) -> int | None:
    if span.start > _COUNTED:
        return None
    here, left, count = file.tell(), span.start, 0
    file.seek(0)
    while left and (some := file.read(min(left, 2**20))):
        count += some.count(b"\n")
        left -= len(some)
    file.seek(here)
    return count


@contextlib.contextmanager
def packed(packing: str, span: Span, back: int, head: int = 0) -> Iterator[Range]:
    """Give a stretch of a compressed file, as `plain`; `span` counts its compressed bytes."""
    with opened(span.file) as file:
        yield _Stream(outputs(packing, file), span, head).stretch(back)


class _Stream:
    """What is unpacked so far: it runs forward only."""

    def __init__(self, pieces: Iterator[tuple[int, bytes]], span: Span, head: int):
        self._pieces, self._span, self._most_head = pieces, span, head
        self._head, self._kept, self._over = b"", bytearray(), b""
        self._end = self._lines = 0
        self._damage: list[str] = []

    def stretch(self, back: int) -> Range:
        """Run through the span."""
        span, start = self._span, None
        while got := self._next():
            position, piece = got
            if start is None and position >= span.start:
                start, lines = self._end, self._lines
            if position >= span.stop:
                self._over = piece
                break
            self._take(piece, lines_too=start is None)
            if start is None and len(self._kept) > back + _OUT:
                del self._kept[:-back]
            elif start is not None and self._end - start > _MOST:
                self._damage.append("unpacks to more than can be text")
                break
        if start is None:
            start, lines = self._end, self._lines
        if (lacks := self._most_head - len(self._head)) > 0:
            ahead = self._more(lacks)
            self._head, self._over = self._head + ahead, ahead + self._over
        base, data = self._end - len(self._kept), bytes(self._kept)
        return Range(
            self._head, base, start, self._end, data, self._more, lambda: lines, self._damage
        )

    def _take(self, piece: bytes, lines_too: bool) -> None:
        self._kept += piece
        self._end += len(piece)
        if len(self._head) < self._most_head:
            self._head = (self._head + piece)[: self._most_head]
        if lines_too:
            self._lines += piece.count(b"\n")

    def _more(self, count: int) -> bytes:
        found = bytearray(self._over)
        while len(found) < count and (got := self._next()):
            found += got[1]
        self._over = bytes(found[count:])
        return bytes(found[:count])

    def _next(self) -> tuple[int, bytes] | None:
        """Return what `outputs` yields; None at the end, and where there is damage."""
        if self._damage:
            return None
        try:
            return next(self._pieces, None)
        except Damaged as error:
            if self._span.start <= error.at < self._span.stop:  # no other tells of it
                self._damage.append(str(error))
            return None


def outputs(packing: str, file: io.BufferedReader) -> Iterator[tuple[int, bytes]]:
    """Yield the compressed byte of the block that was read last, and some unpacked bytes.

    Raises
    ------
    Damaged
        If it ends early, was damaged, or unpacks to more than can be text.
    HeadscopeError
        If the library is not installed.
    """
    source = _Blocks(file)
    stream, failures = _PACKINGS[packing](source)
    count = 0
    while True:
        try:
            piece = stream.read1(_OUT)
        except failures as error:
            why = f"can't be unpacked to its end ({first_line(error)})"
            raise Damaged(why, source.begun) from error
        if not piece:
            return
        count += len(piece)
        if count > _FAR and count > _BOMB * (source.begun + BLOCK):
            why = f"unpacks to more than {_BOMB} times its size, which is no text"
            raise Damaged(why, source.begun)
        yield source.begun, piece


class _Blocks(io.RawIOBase):
    """Reads a file in blocks that begin at multiples of `BLOCK`, and knows the last one's begin."""

    def __init__(self, file: io.BufferedReader | io.BytesIO):
        self._file, self.begun = file, 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        here = self._file.tell()
        room = BLOCK - here % BLOCK
        found = self._file.read(min(size, room) if size >= 0 else room)
        if found:
            self.begun = here - here % BLOCK
        return found


def _of_gzip(source: _Blocks) -> tuple[io.BufferedIOBase, tuple[type[Exception], ...]]:
    return gzip.GzipFile(fileobj=source, mode="rb"), (EOFError, OSError, zlib.error)


def check(packing: str) -> None:
    """Raise `HeadscopeError` if a library is missing."""
    _PACKINGS[packing](_Blocks(io.BytesIO()))


def _of_zstandard(source: _Blocks) -> tuple[io.RawIOBase, tuple[type[Exception], ...]]:
    try:
        import zstandard
    except ImportError as error:
        raise HeadscopeError(
            "Reading .zst files takes the package zstandard: install it with pip install "
            "zstandard, or unpack the files."
        ) from error
    unpacker = zstandard.ZstdDecompressor(max_window_size=2**27)
    stream = unpacker.stream_reader(source, read_size=BLOCK, read_across_frames=True)
    return stream, (zstandard.ZstdError, OSError)


_PACKINGS = {"gz": _of_gzip, "zst": _of_zstandard}
