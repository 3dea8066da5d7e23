"""``python -m compute writes``: its table, its summary, and wrong arguments."""

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest

from compute.command_line import app
from compute.models import loading
from compute.take_away import written_tables

LINES = "the old clock ticks and the old clock stops\nA red bird sings to a red bird in the rain."


@pytest.fixture
def asked(tmp_path: Path) -> list[str]:
    file = tmp_path / "lines.txt"
    file.write_text(LINES)
    return ["writes", "--model", "demo-gpt", "--text-file", str(file), "--layer", "1"]


def rows(path: Path) -> dict[str, list[dict[str, str]]]:
    """Return the rows of a table by their part."""
    found: dict[str, list[dict[str, str]]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert tuple(row) == written_tables.COLUMNS
            found.setdefault(row["part"], []).append(row)
    return found


def test_a_position(asked, tmp_path, monkeypatch, capsys):
    out = tmp_path / "out.csv"
    arguments = [*asked, "--head", "0", "--passage", "1", "--position", "6", "--top", "4"]
    assert app.main([*arguments, "--out", str(out), "--json"]) == 0
    found, summary = rows(out), json.loads(capsys.readouterr().out)
    assert [len(found[part]) for part in ("target", "raised", "lowered")] == [1, 4, 4]
    target = found["target"][0]
    assert target["position"] == "6" and int(target["rank"]) >= 1
    assert target["token"] == found["source"][7]["token"] == summary["target_string"]
    parts = [float(row["effect"]) for row in found["source"]]
    assert sum(parts) == pytest.approx(float(target["effect"]), abs=1e-4)
    attention = [float(row["attention"]) for row in found["source"]]
    assert sum(attention) == pytest.approx(1, abs=1e-4) and not any(attention[7:])
    effects = [float(row["effect"]) for row in found["raised"]]
    assert effects == sorted(effects, reverse=True)
    assert summary["raised"] == [row["token"] for row in found["raised"]]
    assert summary["errors"]["path"] < 1e-4
    # What was measured is kept: the model is not needed again.
    monkeypatch.setattr(loading, "load", None)
    before = out.read_bytes()
    assert app.main([*arguments, "--out", str(out)]) == 0 and out.read_bytes() == before


def test_a_text(asked, tmp_path, capsys):
    out = tmp_path / "out.csv"
    assert app.main([*asked, "--head", "3", "--out", str(out), "--json"]) == 0
    found, summary = rows(out), json.loads(capsys.readouterr().out)
    whole = found["text"][0]
    assert float(whole["low"]) <= float(whole["effect"]) <= float(whole["high"])
    assert float(whole["effect"]) == pytest.approx(summary["mean"]["mean"], rel=1e-4)
    counts = np.array([int(row["count"]) for row in found["position"]])
    assert counts.sum() == int(whole["count"]) and set(counts) == {1, 2}
    means = np.array([float(row["effect"]) for row in found["position"]])
    assert (means * counts).sum() / counts.sum() == pytest.approx(float(whole["effect"]), rel=1e-3)
    assert all(0 <= float(row["often"]) <= 1 for row in found["raised"] + found["lowered"])


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--head", "9"], "no head L1H9"),
        (["--head", "0", "--passage", "1"], "Name a --position"),
        (["--head", "0", "--passage", "2", "--position", "0"], "no passage 2"),
        (["--head", "0", "--position", "99"], "no position 99"),
        (["--head", "0", "--top", "0"], "--top"),
    ],
)
def test_wrong_arguments(asked, more, words, capsys):
    assert app.main([*asked, *more]) == 2
    assert words in capsys.readouterr().err.strip().splitlines()[-1]


def test_an_encoder_without_a_prediction_head(asked, capsys):
    asked[2] = "minilm"
    assert app.main([*asked, "--head", "0", "--position", "1"]) == 2
    assert "predicts no tokens" in capsys.readouterr().err


def test_the_help_says_what_the_columns_are(capsys):
    assert app.main(["writes", "--help"]) == 0
    assert ",".join(written_tables.COLUMNS) in re.sub(r"\s+", " ", capsys.readouterr().out)
