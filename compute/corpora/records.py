"""From a record of JSON, Parquet or a data set to a document: its text and its slice."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from compute.corpora.chosen import FIELDS, LONGEST_PART, Broken, Document

LONGEST = 1_000_000
"""Characters; a longer text becomes several documents."""
_TOLD = 12


def documents(
    record: object, where: Callable[[], str], field: str, by: str, part: str
) -> Iterator[Document | Broken]:
    """Yield the document of a record; several, if its text is longer than `LONGEST`.

    Parameters
    ----------
    record : mapping
        Anything else is broken.
    where : callable
        Names the record's place.
    field, by : str
        The fields of text and slice, as in a `Shard`.
    part : str
        The slice, if no field says it.
    """
    if not isinstance(record, Mapping):
        yield Broken(where(), "it is no record with fields")
        return
    names = (field,) if field else FIELDS
    found = [value(record, name) for name in names]
    text = next((one for one in found if isinstance(one, str)), None)
    if text is None:
        yield Broken(where(), f"it has no text in {told(names)}")
        return
    if not _whole(text):
        yield Broken(where(), "it has halves of characters, which no text has")
        return
    if by:
        label = value(record, by)
        part = "" if label is None else one_line(label)
    for piece in _cut(text):
        yield Document(piece, part)


def value(record: Mapping, name: str) -> object:
    """Return a field of a record; of ``a.b`` that of ``b`` in ``a``. None if there is none."""
    if name in record:
        return record[name]
    outer, _, inner = name.partition(".")
    below = record.get(outer)
    return value(below, inner) if inner and isinstance(below, Mapping) else None


def names_of(record: Mapping, outer: str = "") -> Iterator[str]:
    """Yield the names of a record's fields, and of those in fields, as `value` takes them."""
    for name, inside in record.items():
        yield f"{outer}{name}"
        if isinstance(inside, Mapping) and not outer:
            yield from names_of(inside, f"{name}.")


def told(names: Iterable[str]) -> str:
    """Return names of fields in quotes; of many, some."""
    every = [f"“{one_line(name)}”" for name in names]
    more = f" and {len(every) - _TOLD} more" if len(every) > _TOLD else ""
    return ", ".join(every[:_TOLD]) + more


def one_line(label: object) -> str:
    """Return something as the name of a slice: one line of printable characters."""
    text = str(label)[: 4 * LONGEST_PART]
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:LONGEST_PART]


def _whole(text: str) -> bool:
    """Tell whether a text can be written: JSON can hold halves of characters (surrogates)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _cut(text: str) -> Iterator[str]:
    """Yield a text in parts of at most `LONGEST` characters, cut at white space if it has some."""
    start = 0
    while len(text) - start > LONGEST:
        stop = start + LONGEST
        white = max(text.rfind(sign, stop - 1000, stop) for sign in " \n")
        stop = white if white > start else stop
        yield text[start:stop]
        start = stop
    yield text[start:]
