"""What a GGUF file says of itself, read with every size and count held against the file.

A reader that believes a file's counts runs for ever, or fills the memory, on one that was cut short
or made to do harm. Here nothing is believed that the file isn't long enough for. The numbers of the
tensors themselves are not read. Format: github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path

from compute.errors import HeadscopeError

MAGIC = b"GGUF"
VERSIONS = (2, 3)
STRING, ARRAY = 8, 9
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q"}
SCALARS |= {12: "d"}
"""Kinds of single values, by their number in the file, as `struct` calls them."""
MOST_BYTES, MOST_KEYS, MOST_TENSORS, MOST_DIMS = 2**28, 10_000, 100_000, 4
"""Of the header, with vocabulary and merges; the largest known have 20 MB."""
MOST_NAME = 1_000
ALIGNMENT = 32


@dataclass(frozen=True)
class Value:
    """A setting: one number or string, or a list of them.

    Attributes
    ----------
    kinds : tuple of int
        The file's number of its kind; for a list, `ARRAY` and the kind of its items.
    items : tuple
        Numbers, or the bytes of strings; one item where it is no list.
    """

    kinds: tuple[int, ...]
    items: tuple

    @property
    def text(self) -> str:
        """The string that it is; empty if it is something else."""
        one = self.kinds == (STRING,)
        return self.items[0].decode("utf-8", "replace") if one else ""


@dataclass(frozen=True)
class Tensor:
    """Where a tensor lies: its ggml kind, sizes (the slowest first), first byte in the file."""

    name: str
    kind: int
    shape: tuple[int, ...]
    start: int

    @property
    def numbers(self) -> int:
        """How many numbers it has."""
        return prod(self.shape)


@dataclass(frozen=True)
class Header:
    """Settings by name, and tensors, of a file of `size` bytes."""

    values: dict[str, Value]
    tensors: tuple[Tensor, ...]
    size: int

    @property
    def architecture(self) -> str:
        """What the file calls the model's family."""
        return self.text("general.architecture")

    @property
    def numbers(self) -> int:
        """How many numbers all tensors have."""
        return sum(tensor.numbers for tensor in self.tensors)

    def text(self, name: str) -> str:
        """Return a setting that is a string; empty if there is none."""
        return self.values[name].text if name in self.values else ""

    def number(self, name: str) -> float | int | None:
        """Return one of the family's own settings that is a number; None if there is none."""
        value = self.values.get(f"{self.architecture}.{name}")
        if value is None or len(value.items) != 1 or value.kinds[0] not in SCALARS:
            return None
        return value.items[0]

    def count(self, name: str) -> int:
        """Return how many items a setting has."""
        return len(self.values[name].items) if name in self.values else 0


def is_gguf(file: Path) -> bool:
    """Tell whether a file begins as GGUF files do."""
    try:
        with file.open("rb") as stream:
            return stream.read(4) == MAGIC
    except OSError:
        return False


def read(file: Path, name: str) -> Header:
    """Read the header of a file.

    Parameters
    ----------
    name : str
        What the person calls the model, for messages.

    Raises
    ------
    HeadscopeError
        If it is no GGUF file, is cut short, or says of itself what can't be.
    """
    try:
        with file.open("rb") as stream:
            size = file.stat().st_size
            if stream.read(4) != MAGIC:
                raise HeadscopeError(f"{name} is not a GGUF file. Copy or download it anew.")
            with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
                return _Reader(mapped, min(size, MOST_BYTES), name).header(size)
    except OSError as error:
        raise HeadscopeError(f"{name} can't be read: {error.strerror or error}.") from error
    except (struct.error, UnicodeDecodeError, ValueError, OverflowError) as error:
        raise broken(name) from error


def broken(name: str) -> HeadscopeError:
    """Return the error for a file that can't be what it says."""
    return HeadscopeError(
        f"The GGUF file {name} is broken or was cut short. Copy or download it anew."
    )


class _Reader:
    """Walks through a mapped file; every step ends in an error at the end of it."""

    def __init__(self, mapped: mmap.mmap, end: int, name: str):
        self.mapped, self.end, self.name, self.at = mapped, end, name, 4

    def header(self, size: int) -> Header:
        version, tensors, keys = self.numbers("IQQ")
        if version not in VERSIONS:
            raise HeadscopeError(
                f"{self.name} is of version {version} of the GGUF format, or for machines that "
                "write numbers the other way round. Headscope reads versions 2 and 3."
            )
        self.limit(tensors, MOST_TENSORS)
        self.limit(keys, MOST_KEYS)
        values = dict(self.settings(keys))
        table = [self.tensor() for _ in range(tensors)]
        if len(values) < keys or len({each[0] for each in table}) < tensors:
            raise ValueError("a name comes twice")
        aligned = values.get("general.alignment", Value((4,), (ALIGNMENT,))).items[0]
        if aligned not in (2**power for power in range(17)):
            raise ValueError("an alignment that is no power of two")
        first = -(-self.at // aligned) * aligned
        found = [Tensor(name, kind, shape, first + at) for name, kind, shape, at in table]
        if any(tensor.start > size for tensor in found):
            raise ValueError("a tensor behind the end of the file")
        return Header(values, tuple(found), size)

    def settings(self, count: int) -> Iterator[tuple[str, Value]]:
        for _ in range(count):
            name = self.string(MOST_NAME).decode()
            (kind,) = self.numbers("I")
            if kind != ARRAY:
                yield name, Value((kind,), self.items(kind, 1))
                continue
            kind, items = self.numbers("IQ")
            yield name, Value((ARRAY, kind), self.items(kind, items))

    def tensor(self) -> tuple[str, int, tuple[int, ...], int]:
        name = self.string(MOST_NAME).decode()
        (dims,) = self.numbers("I")
        self.limit(dims, MOST_DIMS)
        shape = self.numbers(f"{dims}Q")[::-1]
        kind, start = self.numbers("IQ")
        if not all(shape) or prod(shape) > 2**44:
            raise ValueError("a tensor of no size, or of more than any")
        return name, kind, shape, start

    def items(self, kind: int, count: int) -> tuple:
        if kind == STRING:
            self.limit(count, (self.end - self.at) // 8)
            return tuple(self.string() for _ in range(count))
        return self.numbers(f"{count}{SCALARS[kind]}") if kind in SCALARS else self.unknown(kind)

    def unknown(self, kind: int) -> tuple:
        raise ValueError(f"a setting of the kind {kind}")

    def numbers(self, kinds: str) -> tuple:
        """Return numbers of these kinds; `struct` refuses to read past the end."""
        step = struct.calcsize(f"<{kinds}")
        self.limit(step, self.end - self.at)
        self.at += step
        return struct.unpack_from(f"<{kinds}", self.mapped, self.at - step)

    def string(self, most: int = MOST_BYTES) -> bytes:
        (length,) = self.numbers("Q")
        self.limit(length, min(most, self.end - self.at))
        self.at += length
        return self.mapped[self.at - length : self.at]

    def limit(self, count: int, most: int) -> None:
        if count > most:
            raise ValueError(f"{count} where there can be {most}")
