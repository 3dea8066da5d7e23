"""Rows of Parquet files, and of data sets that were saved to disk (Arrow streams).

A place in such a file is a row's share of it: row r of n stands at byte r · size / n. Of Parquet
only the columns that are needed are read, and only the row groups that a stretch touches. An Arrow
stream, as ``datasets.save_to_disk`` writes it, is read from its begin up to the end of the stretch.
"""

import io
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from compute.corpora import records
from compute.corpora.chosen import FIELDS, Broken, Document, File, Span
from compute.corpora.ranges import opened
from compute.errors import first_line

if TYPE_CHECKING:
    import pyarrow

_ROWS = 256  # of Parquet, read at once; fewer of large ones
_AT_ONCE = 8 * 2**20
_MAGIC = b"ARROW1"


def documents(
    span: Span, field: str, by: str, part: str, parquet: bool
) -> Iterator[Document | Broken]:
    """Yield the documents of the rows of a stretch, and the broken ones."""
    import pyarrow

    names = {*((field,) if field else FIELDS), *((by,) if by else ())}
    wanted = names | {name.partition(".")[0] for name in names}
    with opened(span.file) as file:
        try:
            batches = _of_parquet(file, span, wanted) if parquet else _of_arrow(file, span)
            for first, batch in batches:
                chosen = [name for name in batch.schema.names if name in wanted]
                for row, record in enumerate(batch.select(chosen).to_pylist(), first + 1):
                    where = partial("{}, row {:,}".format, span.file.name, row)
                    yield from records.documents(record, where, field, by, part)
        except (pyarrow.ArrowException, OSError, ValueError, EOFError) as error:
            if getattr(error, "errno", None):  # of the disk; Arrow's own have no number
                raise
            yield Broken(span.file.name, f"it is damaged ({first_line(error)})")


def fields(file: File, parquet: bool) -> set[str]:
    """Return the names of a file's fields, those in others too."""
    return {name for one in _schema(file, parquet) for name in _below(one)}


def share(file: File, field: str) -> float:
    """Return the bytes of text for a byte of a Parquet file.

    Raises
    ------
    ArrowException
        If it is none, or damaged.
    """
    import pyarrow.parquet

    with opened(file) as opened_file:
        about = pyarrow.parquet.read_metadata(opened_file)
    wanted = {name.partition(".")[0] for name in ((field,) if field else FIELDS)}
    size = 0
    for group in map(about.row_group, range(about.num_row_groups)):
        for column in map(group.column, range(group.num_columns)):
            if column.path_in_schema.partition(".")[0] in wanted:
                size += column.total_uncompressed_size
    return size / max(file.size, 1)


def _of_parquet(
    file: io.BufferedReader, span: Span, wanted: set[str]
) -> Iterator[tuple[int, "pyarrow.RecordBatch"]]:
    import pyarrow.parquet

    table = pyarrow.parquet.ParquetFile(file, pre_buffer=False)
    rows = table.metadata.num_rows
    start, stop = (-(-at * rows // span.file.size) for at in (span.start, span.stop))
    columns = [name for name in table.schema_arrow.names if name in wanted]
    first = 0
    for group in range(table.num_row_groups):
        size = table.metadata.row_group(group).num_rows
        if first < stop and first + size > start:
            here, bytes_each = first, table.metadata.row_group(group).total_byte_size // size
            some = min(max(_AT_ONCE // max(bytes_each, 1), 1), _ROWS)
            for batch in table.iter_batches(some, row_groups=[group], columns=columns):
                low, high = max(start - here, 0), min(stop - here, len(batch))
                if low < high:
                    yield here + low, batch.slice(low, high - low)
                here += len(batch)
                if here >= stop:
                    break
        first += size


def _of_arrow(file: io.BufferedReader, span: Span) -> Iterator[tuple[int, "pyarrow.RecordBatch"]]:
    first = 0
    for begin, end, batch in _batches(file, span.file.size):
        rows, length = len(batch), end - begin
        low, high = (
            min(max(-(-(at - begin) * rows // max(length, 1)), 0), rows)
            for at in (span.start, span.stop)
        )
        if low < high:
            yield first + low, batch.slice(low, high - low)
        first += rows
        if end >= span.stop:
            return


def _batches(
    file: io.BufferedReader, size: int
) -> Iterator[tuple[int, int, "pyarrow.RecordBatch"]]:
    """Yield where each batch of a file begins and ends, and the batch."""
    import pyarrow
    import pyarrow.ipc

    source = pyarrow.PythonFile(file, mode="r")
    if _is_file(file):
        reader = pyarrow.ipc.open_file(source)
        count = reader.num_record_batches
        for number in range(count):
            cuts = (number * size // count, (number + 1) * size // count)
            yield *cuts, reader.get_batch(number)
        return
    reader, begin = pyarrow.ipc.open_stream(source), 0
    while True:
        try:
            batch = reader.read_next_batch()
        except StopIteration:
            return
        end = file.tell()
        yield begin, end, batch
        begin = end


def _schema(file: File, parquet: bool) -> "pyarrow.Schema":
    import pyarrow
    import pyarrow.ipc
    import pyarrow.parquet

    with opened(file) as opened_file:
        if parquet:
            return pyarrow.parquet.read_schema(opened_file)
        source = pyarrow.PythonFile(opened_file, mode="r")
        whole = _is_file(opened_file)
        return (pyarrow.ipc.open_file if whole else pyarrow.ipc.open_stream)(source).schema


def _is_file(file: io.BufferedReader) -> bool:
    begin = file.read(len(_MAGIC))
    file.seek(0)
    return begin == _MAGIC


def _below(field: "pyarrow.Field") -> Iterator[str]:
    import pyarrow

    yield field.name
    if pyarrow.types.is_struct(field.type):
        yield from (f"{field.name}.{inner.name}" for inner in field.type)
