"""Why heads look there, on the command line: tables, summaries, and what is refused."""

import csv
import json
from pathlib import Path

import pytest

from compute.command_line import app
from compute.why import proposals
from compute.why.rows import COLUMNS

HEAD = ["why", "--model", "demo-gpt", "--layer", "1", "--head", "0"]


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text("The cat sat on the mat and the cat ran.\nA red bird sings to a red bird.\n")
    return path


def table(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_an_edge(text: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    out = tmp_path / "out.csv"
    asked = [*HEAD, "--text-file", str(text), "--edge", "1,6,2", "--out", str(out)]
    assert app.main([*asked, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    found = table(out)
    assert tuple(found[0]) == COLUMNS
    for side in ("query", "key"):
        direct = [float(row["direct"]) for row in found if row["side"] == side]
        assert sum(direct) == pytest.approx(told["contrast"], abs=1e-4)
    both = [row for row in found if row["side"] == "both"]
    assert {(row["layer"], row["head"]) for row in both} == {("0", str(h)) for h in range(4)}
    assert all(row["effect"] and row["attention"] and not row["low"] for row in both)
    assert told["complete"] is True and told["count"] == 1
    assert app.main(asked) == 0  # kept, and the same
    assert table(out) == found


def test_edges_of_a_rule_have_intervals(
    text: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    out = tmp_path / "out.csv"
    asked = [*HEAD, "--text-file", str(text), "--rule", "offset:-2", "--out", str(out)]
    assert app.main(asked) == 0
    heads = [row for row in table(out) if row["side"] == "both"]
    assert all(float(row["low"]) <= float(row["effect"]) <= float(row["high"]) for row in heads)
    assert "nothing to compare these edges with" in capsys.readouterr().err


def test_only_proposed_heads_are_taken_out_unless_all_are_asked_for(
    text: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(proposals, "COUNT", 2)
    asked = [*HEAD, "--text-file", str(text), "--edge", "0,6,2"]
    for more, heads in (([], 2), (["--all"], 4)):
        assert app.main([*asked, *more]) == 0
        rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
        assert sum(row["side"] == "both" for row in rows) == heads


def test_induction_needs_no_text(capsys: pytest.CaptureFixture) -> None:
    assert app.main([*HEAD, "--induction", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["strongest"][0]["head"] == "L0H0" and told["strongest"][0]["above"] is True


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Say which edges are meant"),
        (["--strongest", "--rule", "same"], "Say which edges are meant"),
        (["--edge", "1,2"], "names no edge"),
        (["--edge", "0,1,99"], "no token 99"),
        (["--edge", "9,1,1"], "no passage 9"),
        (["--edge", "0,1,2"], "doesn't see token 2"),
        (["--rule", "offset:x"], "no offset"),
        (["--rule", "nothing"], "no rule “nothing”"),
        (["--strongest", "--method", "half"], "no ablation “half”"),
    ],
)
def test_what_can_not_be_asked_is_said(
    arguments: list[str], said: str, text: Path, capsys: pytest.CaptureFixture
) -> None:
    assert app.main([*HEAD, "--text-file", str(text), *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error and "Traceback" not in error


def test_induction_and_a_text_exclude_one_another(
    text: Path, capsys: pytest.CaptureFixture
) -> None:
    assert app.main([*HEAD, "--text-file", str(text), "--induction"]) == 2
    assert "makes its own text" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--induction", "--method", "half"], "no ablation “half”"),
        (["--text", "code", "--rule", "same:3"], "The rule “same” takes no offset"),
        (["--text", "code", "--rule", "offset:"], "“” is no offset"),
    ],
)
def test_what_would_be_passed_over_is_refused(
    asked: list[str], said: str, capsys: pytest.CaptureFixture
) -> None:
    assert app.main([*HEAD, *asked]) == 2
    assert said in capsys.readouterr().err
