"""Whether the fields that a person named are there: a look at the begin of some files."""

from collections.abc import Sequence

from compute.corpora import formats
from compute.corpora.chosen import FIELDS, Chosen, File
from compute.corpora.records import told
from compute.errors import HeadscopeError

_FILES = 32
"""So many files are looked at, spread evenly over all with fields."""


def check(files: Sequence[File], chosen: Chosen) -> None:
    """Raise `HeadscopeError` if a field of text or slices is in no file that is looked at.

    The error names the fields that there are. It also comes if a library is missing.
    """
    for kind in sorted({file.kind for file in files}):
        formats.named(kind).check()
    names, plain = fields(files)
    if chosen.field and chosen.field not in names and (names or plain):
        raise _no_field(chosen.field, names)
    if names and not plain and not chosen.field and not names.intersection(FIELDS):
        raise HeadscopeError(
            f"No field is called {told(FIELDS)}. Name the one with the text: there are "
            f"{told(sorted(names))}."
        )
    if chosen.by_field and chosen.by_field not in names and (names or plain):
        raise _no_field(chosen.by_field, names)


def fields(files: Sequence[File]) -> tuple[set[str], bool]:
    """Return the names of fields that some files show, and whether all files are without any."""
    names: set[str] = set()
    with_fields = [file for file in files if not file.kind.startswith("text")]
    for file in _spread(with_fields):
        try:
            names |= formats.named(file.kind).fields(file)
        except Exception:  # a damaged file is told when it is read
            continue
    return names, not with_fields


def _spread(files: Sequence[File]) -> list[File]:
    count = min(len(files), _FILES)
    return [files[number * len(files) // count] for number in range(count)]


def _no_field(name: str, names: set[str]) -> HeadscopeError:
    if not names:
        return HeadscopeError(
            f"There is no field “{name}”: files of text have none. Name no field, or choose "
            "files of JSON lines or Parquet."
        )
    return HeadscopeError(f"There is no field “{name}”. There are {told(sorted(names))}.")
