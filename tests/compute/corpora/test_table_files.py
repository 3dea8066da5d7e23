"""Parquet files and saved data sets: each row in one stretch, and damage is no end."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet
import pytest
from corpora import cut_at, documents
from hypothesis import given
from hypothesis import strategies as st

from compute.corpora import Broken, Chosen, Document, plan, read
from compute.errors import HeadscopeError


def table(rows: int) -> pa.Table:
    return pa.table(
        {
            "number": range(rows),
            "text": [f"text {row}" for row in range(rows)],
            "meta": [{"lang": "en" if row % 2 else "fr", "n": row} for row in range(rows)],
        }
    )


def stream(path: Path, rows: int, of: int) -> None:
    made = table(rows)
    with pa.ipc.new_stream(path, made.schema) as writer:
        writer.write_table(made, max_chunksize=of)


def feather(path: Path, rows: int, of: int) -> None:
    made = table(rows)
    with pa.ipc.new_file(path, made.schema) as writer:
        writer.write_table(made, max_chunksize=of)


def parquet(path: Path, rows: int, of: int) -> None:
    pa.parquet.write_table(table(rows), path, row_group_size=of)


WRITERS = {
    "stream": (stream, ".arrow"),
    "file": (feather, ".arrow"),
    "parquet": (parquet, ".parquet"),
}


@pytest.mark.parametrize("kind", list(WRITERS))
@given(st.data())
def test_each_row_is_in_one_stretch(
    tmp_path_factory: pytest.TempPathFactory, kind: str, data: st.DataObject
) -> None:
    write, ending = WRITERS[kind]
    rows, of = data.draw(st.integers(1, 40)), data.draw(st.integers(1, 15))
    file = tmp_path_factory.mktemp("rows") / f"a{ending}"
    write(file, rows, of)
    cuts = data.draw(st.lists(st.integers(0, file.stat().st_size), max_size=5))
    found = documents(file, cuts, by="meta.lang")
    assert found == [Document(f"text {n}", "en" if n % 2 else "fr") for n in range(rows)]


def test_rows_without_text_are_named(tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    pa.parquet.write_table(pa.table({"body": ["a", None, "b"], "n": [1, 2, 3]}), file)
    found = cut_at(file, [file.stat().st_size // 2], by="n")
    told = "it has no text in “text”, “content”, “document”, “body”"
    assert found == [Document("a", "1"), Broken("a.parquet, row 2", told), Document("b", "3")]
    for name in ("n", "none"):
        assert [one.why for one in cut_at(file, field=name)] == [f"it has no text in “{name}”"] * 3
    pa.parquet.write_table(pa.table({"a.b": ["x"], "a": [{"c": "y"}]}), file)
    assert documents(file, field="a.b", by="a.c") == [Document("x", "y")]


def test_only_part_of_a_parquet_file_is_text(tmp_path: Path) -> None:
    """Numbers beside the text make no more of it, and what is packed counts unpacked."""
    count = 5_000
    columns = {"text": ["the same words " * 20] * count, "v": pa.array([b"\1" * 3000] * count)}
    pa.parquet.write_table(
        pa.table(columns), tmp_path / "a.parquet", use_dictionary=False, row_group_size=500
    )
    made = plan(Chosen((str(tmp_path),)))
    assert abs(made.size / (count * 300) - 1) < 0.05
    lengths = [sum(len(one.text) for one in read(shard)[0]) for shard in made.shards]
    assert len(lengths) == pytest.approx(count * 300 / 2**16, abs=2)
    assert sum(lengths) == count * 300 and max(lengths) < 1.02 * 2**16


@pytest.mark.parametrize("kind", list(WRITERS))
def test_a_damaged_file_is_named(tmp_path: Path, kind: str) -> None:
    write, ending = WRITERS[kind]
    file = tmp_path / f"a{ending}"
    write(file, 1000, 100)
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    assert next(one for one in cut_at(file) if isinstance(one, Broken)).where == file.name
    file.write_bytes(b"no such file")
    assert [one.where for one in cut_at(file)] == [file.name]


def test_a_plan_leaves_damaged_parquet_out(tmp_path: Path) -> None:
    parquet(tmp_path / "a.parquet", 10, 10)
    (tmp_path / "b.parquet").write_bytes(b"no such file")
    pa.parquet.write_table(pa.table({"n": [1]}), tmp_path / "c.parquet")
    made = plan(Chosen((str(tmp_path),)))
    assert made.notes == (
        "1 file is left out, damaged: b.parquet.",
        "1 file is left out, without the field of the text: c.parquet.",
    )
    assert sum(len(read(shard)[0]) for shard in made.shards) == 10


def test_a_data_set_that_was_saved(tmp_path: Path) -> None:
    """As ``datasets.save_to_disk`` lays it out, with a file that later work left behind."""
    names = ["data-00000-of-00002.arrow", "data-00001-of-00002.arrow"]
    (tmp_path / "dataset_dict.json").write_text('{"splits": ["train"]}')
    train = tmp_path / "train"
    train.mkdir()
    for name in names:
        stream(train / name, 30, 7)
    stream(train / "cache-0123456789abcdef.arrow", 5, 5)
    (train / "dataset_info.json").write_text("{}")
    (train / "state.json").write_text(
        json.dumps({"_data_files": [{"filename": name} for name in names]})
    )
    made = plan(Chosen((str(tmp_path),), by="folder"))
    assert not made.notes
    found = [one for shard in made.shards for one in read(shard)[0]]
    assert len(found) == 60 and {one.part for one in found} == {"train"}
    with pytest.raises(HeadscopeError, match=r"“meta\.lang”"):
        plan(Chosen((str(tmp_path),), field="nothing"))
