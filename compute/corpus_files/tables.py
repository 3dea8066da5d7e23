"""The tables of a folder: all heads of a corpus, each table one Parquet file with a fixed schema.

Equal findings give equal files: rows are in a fixed order, a row group is a head.
"""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from compute.corpus import views
from compute.corpus.findings import Findings
from compute.corpus.views import Example, HeadView
from compute.corpus_files import columns
from compute.errors import HeadscopeError
from compute.progress import Progress
from compute.take_away import corpus_tables
from compute.take_away.export import Table

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq


def write(folder: Path, name: str, found: Findings, progress: Progress) -> None:
    """Write all tables into a folder that is there.

    Parameters
    ----------
    name : str
        Of the findings in the store.
    progress : callable
        Counts heads.

    Raises
    ------
    HeadscopeError
        If the findings are not in the store any more.
    """
    layers, heads = (int(found.about[what]) for what in ("layers", "heads"))
    with contextlib.ExitStack() as stack:
        files = {
            table: stack.enter_context(_writer(folder / f"{table}.parquet", known))
            for table, known in columns.TABLES.items()
        }
        _add(files["heads"], columns.TABLES["heads"], _scores(found))
        for number, (layer, head) in enumerate(np.ndindex(layers, heads)):
            view = views.view(name, layer, head)
            if view is None:
                raise HeadscopeError("What was found is not kept any more. Start again.")
            for table, made in of_head(view).items():
                _add(files[table], columns.TABLES[table], _placed(layer, head, made))
            progress(number + 1, layers * heads)


def _scores(found: Findings) -> Table:
    part = np.indices(found.mean.shape)[0].ravel()
    rest = {"difference": found.difference, "less": found.less, "more": found.more}
    more = {name: array.ravel() for name, array in rest.items()}
    return dict(corpus_tables.scores(found)) | more | {"documents": found.documents[part]}


def of_head(view: HeadView) -> dict[str, Table]:
    """Return a head's tables, without the columns that name it."""
    return {
        "examples": _examples(view.examples),
        "tokens": corpus_tables.tokens(view),
        "pairs": corpus_tables.pairs(view),
        "histograms": _histograms(view),
        "classes": corpus_tables.classes(view),
    }


def _examples(examples: Sequence[Example]) -> Table:
    """Return examples, a row each; what is looked at as lists in lists, a query an inner one."""
    return {
        "example": list(range(len(examples))),
        "tenth": [None if each.group is None else each.group + 1 for each in examples],
        "largest": [each.peak for each in examples],
        "query": [each.place for each in examples],
        "slice": [each.part for each in examples],
        "text": [each.text for each in examples],
        "tokens": [each.strings for each in examples],
        "left_out": [each.special.tolist() for each in examples],
        "keys": _nested(examples, "keys"),
        "attention": _nested(examples, "weights"),
    }


def _nested(examples: Sequence[Example], what: str) -> "pa.ListArray":
    """Return what is used of keys or weights: of each example a list of lists."""
    import pyarrow as pa

    used = [each.weights > 0 for each in examples]
    cells = [getattr(each, what)[kept] for each, kept in zip(examples, used, strict=True)]
    inner = np.concatenate([[0], *(kept.sum(1) for kept in used)]).cumsum()
    outer = np.cumsum([0, *map(len, used)])
    values = pa.array(np.concatenate([np.zeros(0), *cells]), _kinds()[what].value_type.value_type)
    lists = pa.ListArray.from_arrays(pa.array(inner, pa.int32()), values)
    return pa.ListArray.from_arrays(pa.array(outer, pa.int32()), lists)


def _histograms(view: HeadView) -> Table:
    rows: list[tuple] = []
    for name, edges in columns.edges().items():
        values = np.asarray(getattr(view, name), np.float64)
        rows += [(name, *pair) for pair in zip(edges[:-1], edges[1:], values, strict=True)]
    tenths = zip(view.bounds[:-1], view.bounds[1:], strict=True)
    rows += [("tenths", low, high, 1 / views.GROUPS) for low, high in tenths]
    kept = [row for row in rows if np.isfinite(row[3])]
    return {
        n: [row[i] for row in kept] for i, n in enumerate(("histogram", "low", "high", "value"))
    }


def _placed(layer: int, head: int, table: Table) -> Table:
    count = len(next(iter(table.values())))
    return {"layer": [layer] * count, "head": [head] * count} | dict(table)


@contextlib.contextmanager
def _writer(path: Path, known: columns.Columns) -> Iterator["pq.ParquetWriter"]:
    import pyarrow.parquet as pq  # only here: loading it takes half a second

    with pq.ParquetWriter(path, _schema(known), compression="zstd", version="2.6") as writer:
        yield writer


def _kinds() -> dict[str, "pa.DataType"]:
    """Return the types of all kinds of columns."""
    import pyarrow as pa

    return {
        "text": pa.string(),
        "place": pa.int32(),
        "count": pa.int64(),
        "number": pa.float64(),
        "texts": pa.list_(pa.string()),
        "flags": pa.list_(pa.bool_()),
        "keys": pa.list_(pa.list_(pa.int32())),
        "weights": pa.list_(pa.list_(pa.float32())),
    }


def _schema(known: columns.Columns) -> "pa.Schema":
    import pyarrow as pa

    kinds = _kinds()
    return pa.schema([(name, kinds[column.kind]) for name, column in known.items()])


def _add(writer: "pq.ParquetWriter", known: columns.Columns, table: Table) -> None:
    """Write one row group; numbers that are none become nulls."""
    import pyarrow as pa

    schema = _schema(known)
    made = []
    for field in schema:
        column = table[field.name]
        ready = isinstance(column, pa.Array)
        made.append(column if ready else pa.array(column, type=field.type, from_pandas=True))
    writer.write_table(pa.table(made, schema=schema))
