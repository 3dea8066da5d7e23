"""Encoder–decoders on the command line: parts, targets of a file, what is not possible yet."""

import json
from pathlib import Path

import numpy as np
import pytest

from compute.command_line import app


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    sources = "copy: the king went out\nreverse: for the child shall die\n"
    (tmp_path / "sources.txt").write_text(sources)
    (tmp_path / "targets.txt").write_text("the king went out\n\n")
    names = ("text-file", "sources.txt"), ("target-file", "targets.txt")
    return [each for option, name in names for each in (f"--{option}", str(tmp_path / name))]


def test_a_dossier_of_cross_attention_on_given_and_written_targets(files, tmp_path, capsys) -> None:
    out = tmp_path / "head.html"
    asked = ["dossier", "--model", "demo-pairs", "--head", "L2H1", "--part", "cross"]
    assert app.main([*asked, *files, "--out", str(out)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["part"] == "cross" and told["model"] == "demo-pairs" and told["head"] == "L2H1"
    page = out.read_text(encoding="utf-8")
    assert "demo-pairs (cross)" in page and "Token that comes next" in page
    assert "written by demo-pairs itself" in page  # of the second passage, which has no target


def test_rows_of_cross_attention_are_the_targets_tokens(files, tmp_path, capsys) -> None:
    out = tmp_path / "attention.npz"
    asked = ["attention", "--model", "demo-pairs", "--layer", "2", "--head", "0"]
    assert app.main([*asked, "--part", "cross", *files, "--out", str(out)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["notes"][0].startswith("The target of 1 passage was written by demo-pairs itself")
    found = np.load(out)
    assert found["queries_0"].tolist()[1:] == ["the", "king", "went", "out"]
    assert found["keys_0"].tolist()[:2] == ["copy:", "the"]
    for passage in range(2):
        queries, keys = found[f"queries_{passage}"].tolist(), found[f"keys_{passage}"].tolist()
        looks = found[f"attention_{passage}"].argmax(1)
        assert [keys[j] for j in looks[:-1]] == queries[1:]  # at what is said next


@pytest.mark.parametrize("command", [["induction"], ["ablate", "--heads", "L0H1"]])
def test_what_an_encoder_decoder_cant_have_yet_is_said(command, capsys) -> None:
    assert app.main([*command, "--model", "demo-pairs"]) == 2
    said = capsys.readouterr().err
    assert "demo-pairs has an encoder and a decoder" in said and "Traceback" not in said


def test_targets_and_parts_are_refused_where_there_are_none(files, tmp_path, capsys) -> None:
    out = ["--layer", "0", "--head", "0", "--out", str(tmp_path / "x.npz")]
    assert app.main(["attention", "--model", "demo-gpt", *files, *out]) == 2
    assert "demo-gpt reads one text" in capsys.readouterr().err
    assert app.main(["attention", "--model", "demo-gpt", "--part", "cross", *out]) == 2
    assert "no part called “cross”" in capsys.readouterr().err
    assert app.main(["attention", "--model", "demo-pairs", *files[2:], *out]) == 2
    assert "name it with --text-file" in capsys.readouterr().err
