"""No cell of a CSV file is run by a spreadsheet, and every text comes back from it."""

import csv
import io
import string

import pyarrow.parquet
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compute import cells
from compute.take_away import export, tables

FORMULAS = ["=HYPERLINK(1)", "+1", "-", "@SUM(A1)", "\t=1", "\r=1", " =1", '"=1', " '\"\u200b=1"]
FORMULAS += ["＝1", "＋1", "－1", "＠1", "\ufeff=1", "'=1", "\n", "\t", "\x00=1", "\xa0-"]
PLAIN = ["", "a=b", "·=", "##-", "'", "it's", "'tis", '"', " ", "1-2", "<s>", "·the", "'a-b"]
TRICKY = st.text(st.sampled_from([*"=+-@'\" \t\r\n＝－\u200bab1", *string.punctuation]))


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_would_run_is_text(text: str) -> None:
    assert cells.defused(text) == f"'{text}"


@pytest.mark.parametrize("text", PLAIN)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert cells.defused(text) == text


@given(st.lists(st.one_of(TRICKY, st.text()), min_size=1, max_size=5))
@example(["'=1", "''=1", "=1", "'", "''"])
def test_every_text_comes_back_from_a_file(texts: list[str]) -> None:
    texts = [t.encode("utf-8", "replace").decode().replace("\0", "") for t in texts]
    table = tables.csv_text(["text", "n"], [(t, 1) for t in texts])
    rows = list(csv.DictReader(io.StringIO(table, newline="")))
    assert [cells.plain(row["text"]) for row in rows] == texts
    for row in rows:  # and what begins it is no sign that makes a formula
        assert row["text"].strip(" \t\r\n\xa0\"'")[:1] not in [*"=+-@"] or row["text"][0] == "'"


def test_numbers_stay_numbers_and_parquet_keeps_text() -> None:
    table = {"token": ["=1+1", "-"], "change": [-0.5, float("nan")], "offset": [-3, 2]}
    assert export.write(table, "csv").decode() == "token,change,offset\n'=1+1,-0.5,-3\n'-,,2\n"
    kept = pyarrow.parquet.read_table(io.BytesIO(export.write(table, "parquet")))
    assert kept["token"].to_pylist() == ["=1+1", "-"]
