"""The lab on the command line: tables, summaries, wrong arguments, the shared cache."""

import csv
import json
import subprocess
import sys

import numpy as np
import pytest

from compute.command_line import app
from compute.finding import catalog
from compute.lab import induction, nulls
from compute.models import loading
from compute.runs import halves
from compute.take_away import tables
from compute.trials.designs import OFFSETS

FEW = ["--trials", "6", "--length", "12"]
OPTIONS = {"trials": 6, "length": 12}


def read(path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    "arguments", [["induction"], ["ablate", "--heads", "L0H0"], ["dossier", "--head", "L0H0"]]
)
def test_what_needs_all_layers_says_so_before_anything_is_opened(arguments, tmp_path, capsys):
    out = ["--out", str(tmp_path / "out.html"), "--layers", "1"]
    assert app.main([*arguments, "--model", "no/such-model", *out]) == 2
    said = "This looks at all layers of the model: leave --layers away."
    assert capsys.readouterr().err.strip().splitlines()[-1] == said


def test_scores(tmp_path, capsys, monkeypatch):
    out = tmp_path / "scores.csv"
    arguments = ["induction", "--model", "demo-bert", *FEW, "--out", str(out)]
    assert app.main(arguments) == 0
    told = capsys.readouterr()
    assert told.out == "" and "100 %" in told.err and "6 of 6 trials" in told.err
    rows = read(out)
    assert tuple(rows[0]) == ("layer", "head", "readout", "mean", "low", "high", "null_mean", "z")
    names = ["retrieval", "before", "after", "previous", "next"]
    names += [f"offset{o:+d}" for o in OFFSETS]
    assert [row["readout"] for row in rows[: len(names)]] == names
    assert len(rows) == 3 * 4 * len(names)
    identity = catalog.find("demo-bert").identity
    result = induction.SCORES.get(induction.key(identity, OPTIONS))
    compared = nulls.NULLS.get(nulls.key(identity, OPTIONS))
    for row in rows:
        if row["readout"] != "retrieval":
            continue
        at = int(row["layer"]), int(row["head"])
        for part in ("mean", "low", "high"):
            known = getattr(result.readouts["retrieval"], part)[at]
            assert float(row[part]) == pytest.approx(known, rel=1e-5)
        assert float(row["z"]) == pytest.approx(compared.readouts["retrieval"].z[at], rel=1e-5)
    # A second time nothing is computed, and the table is the same.
    before = out.read_bytes()
    monkeypatch.setattr(loading, "load", None)
    assert app.main(arguments) == 0 and out.read_bytes() == before


def test_summary(capsys):
    assert app.main(["induction", "--model", "demo-gpt", *FEW, "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    matching = summary["readouts"]["prefix_matching"]
    assert matching["strongest"].startswith("L1H") and matching["mean"] > 0.8
    assert matching["low"] < matching["mean"] < matching["high"] and matching["z"] > 10
    assert summary["length"] == 12 and summary["seed"] == 0 and summary["out"] is None


def test_table_on_stdout(capsys):
    assert app.main(["induction", "--model", "demo-gpt", *FEW]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "layer,head,readout,mean,low,high,null_mean,z"
    assert len(lines) == 1 + 12 * (3 + 11)


def test_later_copies_have_their_own_rows(tmp_path):
    out = tmp_path / "triple.csv"
    arguments = ["induction", "--model", "demo-bert", "--design", "triple", *FEW]
    assert app.main([*arguments, "--out", str(out)]) == 0
    found = {row["readout"] for row in read(out)}
    assert {"retrieval", "later", "offset+5", "later-5", "later+0"} <= found


def test_ablation(tmp_path, capsys):
    out = tmp_path / "effects.csv"
    arguments = ["ablate", "--model", "demo-gpt", "--heads", "L1", "--text", "prose", *FEW]
    assert app.main([*arguments, "--out", str(out), "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["heads"] == "L1H0, L1H1, L1H2, L1H3"
    rows = read(out)
    assert tuple(rows[0]) == tables.EFFECTS
    losses = {row["measure"]: row for row in rows if not row["layer"]}
    assert {"loss:repeated", "loss:text", "control:repeated", "control:text"} == set(losses)
    assert float(losses["loss:repeated"]["change"]) > 3
    assert summary["losses"]["repeated"]["change"] == pytest.approx(
        float(losses["loss:repeated"]["change"]), rel=1e-4
    )
    assert sum(row["measure"] == "prefix_matching" for row in rows) == 12


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["induction"], "Missing option '--model'"),
        (["induction", "--model", "no/such/model"], "can't be a Hugging Face id"),
        (["induction", "--model", "demo-bert", "--length", "200"], "does not fit"),
        (["induction", "--model", "demo-bert", "--trials", "many"], "--trials"),
        (["induction", "--model", "demo-bert", "--trials", "0"], "or equal to 1"),
        (
            ["induction", "--model", "demo-bert", "--trials", "1000000000000000000"],
            "or equal to 500",
        ),
        (["induction", "--model", "demo-bert", "--length", "100000"], "or equal to 1000"),
        (["induction", "--model", "demo-bert", "--seed", "-1"], "or equal to 0"),
        (["induction", "--model", "demo-bert", "--design", "four"], "choose one of"),
        (["induction", "--model", "demo-gpt", "--out", "/no/folder/x.csv"], "can't be written"),
        (["ablate", "--model", "demo-gpt", "--heads", "L1H9"], "no head L1H9"),
        (["ablate", "--model", "demo-gpt", "--heads", "L1", "--method", "x"], "zero or mean"),
        (["ablate", "--model", "demo-gpt", "--heads", "L1", "--text", "y"], "no text called"),
        (["scan"], "No such command"),
    ],
)
def test_wrong_arguments(arguments, words, capsys):
    assert app.main(arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    last = told.err.strip().splitlines()[-1]
    assert words in last and last.count(". ") <= 1
    assert "Traceback" not in told.err


def test_started_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "compute", "ablate", "--model", "demo-gpt"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.strip() == "Missing option '--heads'."


def test_cells_without_a_number_are_empty():
    text = tables.csv_text(("a", "b", "c"), [(1, float("nan"), np.float64(0.1234567))])
    assert text == "a,b,c\n1,,0.123457\n"


def test_another_precision_is_another_run(tmp_path, monkeypatch, capsys):
    for name in ("HEADSCOPE_DEVICE", "HEADSCOPE_DTYPE"):
        monkeypatch.setenv(name, "")
    found = []
    for dtype in ("float32", "bfloat16"):
        out = tmp_path / f"{dtype}.npz"
        asked = [
            "attention",
            "--model",
            "demo-gpt",
            "--layer",
            "1",
            "--head",
            "1",
            "--out",
            str(out),
        ]
        assert app.main([*asked, "--device", "cpu", "--dtype", dtype]) == 0
        found.append(np.load(out)["attention_0"])
    apart = np.abs(found[0] - found[1]).max()
    assert 0 < apart < 0.1
    assert np.array_equal(found[1], halves.rounded(found[1], "bfloat16"))
    assert app.main([*asked, "--dtype", "float8"]) == 2
    assert "choose auto, float32, bfloat16, float16" in capsys.readouterr().err
