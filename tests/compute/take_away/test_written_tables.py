"""What a head writes as rows: where there is nothing to predict, and what JSON can't have."""

import json

import circuits
import numpy as np
from patterns import tokens

from compute.take_away import tables, written_tables
from compute.writes import at_place, over_text

WORDS = list(range(4, 12))
ROW = [circuits.CLS, *WORDS, *WORDS]
TOKENS = tokens([[circuits.CLS, 5], ROW], {circuits.CLS})


def test_the_last_token_has_no_target_and_its_sources_no_numbers():
    last = len(ROW) - 1
    result = at_place.measure(circuits.copier(1.0), np.array(ROW), 1, 0, last, top=2)
    rows = list(written_tables.of_place(result, TOKENS, 1))
    assert [row[0] for row in rows] == ["raised"] * 2 + ["lowered"] * 2 + ["source"] * len(ROW)
    assert [row[2] for row in rows[4:]] == ROW
    line = tables.csv_text(written_tables.COLUMNS, rows).splitlines()[-1].split(",")
    effect = written_tables.COLUMNS.index("effect")
    assert line[effect] == "" and line[3] == str(last)
    summary = written_tables.summary_of_place(result)
    assert summary["effect"] is None and json.loads(json.dumps(summary, allow_nan=False)) == summary


def test_one_passage_has_a_mean_without_an_interval():
    result = over_text.measure(circuits.copier(1.0), tokens([ROW], {circuits.CLS}), 1, 0, top=2)
    rows = list(written_tables.of_text(result))
    parts = ["text"] + ["position"] * 16 + ["raised"] * 2 + ["lowered"] * 2
    assert [row[0] for row in rows] == parts
    assert rows[0][4] == float(result.mean.mean) and rows[0][-1] == 16
    assert [row[3] for row in rows[1:17]] == list(range(16))
    summary = written_tables.summary_of_text(result)
    assert summary["mean"]["low"] is None and summary["mean"]["mean"] == rows[0][4]
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary
