"""Properties on the command line: one head, all heads, and a map by one."""

import csv
import json

import pytest

from compute.command_line import app
from compute.models import loading
from compute.properties import numbers

ASKED = ["why", "--model", "demo-gpt", "--text", "prose"]


@pytest.fixture(autouse=True)
def own_cache(shared_cache):
    """A cache for all tests here: the text is opened once."""


def read(path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_all_heads_and_one_of_them(tmp_path, capsys, monkeypatch) -> None:
    out = tmp_path / "heads.csv"
    assert app.main([*ASKED, "--property", "same@-1", "--out", str(out)]) == 0
    assert "of 12 heads" in capsys.readouterr().err
    rows = read(out)
    assert tuple(rows[0]) == ("layer", "head", "property", "verdict", "dims", *numbers.NUMBERS)
    assert len(rows) == 12 and rows[0]["layer"] == "1"
    assert {row["verdict"] for row in rows[:4]} <= {"uses it", "not specific"}
    assert float(rows[0]["attention"]) > 5 * float(rows[0]["removed"])
    monkeypatch.setattr(loading, "load", None)
    at = ["--layer", rows[0]["layer"], "--head", rows[0]["head"]]
    assert app.main([*ASKED, "--property", "same@-1", *at, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["words"] == "the token before the key is the query's token"
    assert told["says"] and told["rows"] == 1
    assert app.main([*ASKED, "--property", "same@-1", *at, "--out", str(out)]) == 0
    assert read(out)[0] == rows[0]
    assert capsys.readouterr().out.strip() == told["says"]


@pytest.mark.parametrize(
    ("more", "what"),
    [
        (["--property", "colour"], "There is no property “colour”"),
        (["--property", "file:"], "missing after the colon"),
        (["--property", "selection:mine"], "No selection “mine” is kept"),
        (["--property", "same@0", "--layer", "1"], "Name a layer and a head"),
        (["--property", "file:nowhere.csv"], "can't be read"),
        (["--property", "same@0", "--layer", "1", "--head", "9"], "has no head L1H9"),
    ],
)
def test_what_can_not_be_asked_is_said(more: list[str], what: str, capsys) -> None:
    assert app.main([*ASKED, *more]) == 2
    assert what in capsys.readouterr().err.splitlines()[-1]


def test_a_map_by_a_property(tmp_path, capsys) -> None:
    out = tmp_path / "map.csv"
    arguments = ["project", "--model", "demo-gpt", "--text", "prose", "--layer", "1", "--head", "0"]
    arguments += ["--out", str(out)]
    assert app.main([*arguments, "--method", "property", "--property", "same@-1"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["options"] == {"property": "same@-1"} and 0 <= told["trust"] <= 1
    assert {"x", "y", "trust"} <= set(read(out)[0])
    assert app.main([*arguments, "--property", "same@-1"]) == 2
    assert "is for --method property" in capsys.readouterr().err
