"""Graphs of heads on the command line: tables, summaries, and what is refused."""

import csv
import json
from pathlib import Path

import pytest

from compute.circuits import behaviours, building, rows, taking
from compute.command_line import app

ASKED = ["graph", "--model", "demo-gpt"]


@pytest.fixture(scope="module", autouse=True)
def own_cache(shared_cache: Path) -> Path:
    return shared_cache


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(behaviours, "SEQUENCES", 5)


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    lines = ["The cat sat on the mat and the cat ran.", "A red bird sings to a red bird."] * 3
    path.write_text("\n".join(lines))
    return path


def table(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_who_builds_demo_gpts_induction_heads(
    tmp_path: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """L0H0 the keys of all four, and nobody else any."""
    out = tmp_path / "out.csv"
    assert app.main([*ASKED, "--out", str(out), "--json"]) == 0
    told, found = json.loads(capsys.readouterr().out), table(out)
    assert tuple(found[0]) == rows.GRAPH
    keys = [row for row in found if row["side"] == "key"]
    assert {(row["builder_layer"], row["builder_head"]) for row in keys} == {("0", "0")}
    assert {(row["layer"], row["head"]) for row in keys} == {("1", str(h)) for h in range(4)}
    assert all(float(row["low"]) <= float(row["effect"]) <= float(row["high"]) for row in found)
    assert all(float(row["attention"]) > 0.5 for row in keys)
    assert {"head": "L1H0", "role": "looks"}.items() <= told["heads"][4].items()
    assert "4 heads look along the edges of induction" in told["sentence"]
    monkeypatch.setattr(building, "build", None)  # kept, and the same
    assert app.main([*ASKED, "--out", str(out)]) == 0 and table(out) == found


def test_one_head_alone(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert app.main([*ASKED, "--layer", "1", "--head", "2", "--out", str(out)]) == 0
    assert {(row["layer"], row["head"]) for row in table(out)} == {("1", "2")}


def test_what_rises_without_a_head(
    tmp_path: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.csv"
    asked = [*ASKED, "--without", "L0H0", "--out", str(out)]
    assert app.main([*asked, "--json"]) == 0
    told, found = json.loads(capsys.readouterr().out), table(out)
    assert tuple(found[0]) == rows.RISES
    assert all(int(row["layer"]) > 0 for row in found)
    induction = [row for row in found if row["layer"] == "1"]
    assert all(float(row["change"]) < -0.5 and row["rises"] == "0" for row in induction)
    fed = [one for one in told["fed"] if one["layer"] == 1 and one["side"] == "key"]
    assert len(fed) == 4
    monkeypatch.setattr(taking, "measure", None)
    assert app.main(asked) == 0 and table(out) == found
    assert app.main([*ASKED, "--feeds", "L0H0", "--out", str(out)]) == 0  # the same measurement
    losing = table(out)
    assert tuple(losing[0]) == rows.FED
    effects = [one["effect"] for one in told["fed"]]
    assert [float(row["effect"]) for row in losing] == pytest.approx(effects, rel=1e-4)


def test_a_rule_on_a_text(text: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    out = tmp_path / "out.csv"
    asked = [*ASKED, "--text-file", str(text), "--rule", "offset:-1", "--out", str(out)]
    assert app.main([*asked, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"head": "L0H0", "role": "looks"}.items() <= told["heads"][0].items()
    assert "“Fixed offset” −1" in told["edges"]
    assert app.main([*asked, "--without", "L0H0"]) == 0
    assert {row["layer"] for row in table(out)} > {"1"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--layer", "1"], "by both --layer and --head"),
        (["--layer", "1", "--head", "9"], "no head L1H9"),
        (["--layer", "1", "--head", "0", "--without", "L0H0"], "Name one of"),
        (["--without", "L9H0"], "no head L9H0"),
        (["--without", "x"], "names no head"),
        (["--text", "prose"], "name a rule with --rule"),
        (["--method", "half"], "no ablation “half”"),
        (["--rule", "offset:x"], "is no offset"),
    ],
)
def test_what_can_not_be_asked_is_said(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture
) -> None:
    assert app.main([*ASKED, *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error and "Traceback" not in error
