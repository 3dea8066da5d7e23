"""What a map does not show of attention that is more than q·k, wherever the map is to be had."""

import json
import re

import pytest
import tiny
from drawn import said
from stored import column, quiet
from test_maps import LOOKS, PCA, SLOW

from components.joint_map import maps, trust_badge
from compute import runs
from compute.command_line import app
from compute.jobs import opening
from compute.take_away import dossier
from compute.take_away.dossier_page import page

ALONE = re.compile("This model adds to q·k .*: this map shows q·k alone, the heatmap all of it")
FITTED = re.compile("This model adds to q·k .* Inside a passage this map is fitted to all of it")


@pytest.fixture(scope="module")
def folder(shared_cache, tmp_path_factory) -> str:
    """A DeBERTa."""
    return str(tiny.save(tmp_path_factory.mktemp("models") / "deberta", "deberta-v2"))


@pytest.fixture(scope="module")
def run(folder) -> runs.Run:
    """Grammar, read by it."""
    run = runs.load(opening.open_run(folder, "grammar", quiet)["key"])
    assert run.model.adds and run.added is not None
    return run


def noted(run: runs.Run, options: dict) -> str:
    return said(maps.draw_map(column(run, 0, 1), options, LOOKS, None, None, ())[1])


def test_the_page_says_it_at_the_map(run) -> None:
    assert ALONE.fullmatch(noted(run, PCA).rstrip("."))
    note = noted(run, SLOW)
    assert note.startswith("A preview, until") and FITTED.search(note) and not ALONE.search(note)
    details = said(trust_badge.draw_badge(column(run, 0, 1), PCA, None)[2])
    assert ALONE.search(details) and "T counts all of it." in details


def test_what_is_taken_along_says_it(run, folder, tmp_path, capsys) -> None:
    told = page(dossier.gather(run, 0, 1))
    assert FITTED.search(told) and "and of what the model adds to them" in told
    asked = ["project", "--model", folder, "--text", "grammar", "--layer", "0", "--head", "1"]
    assert app.main([*asked, "--method", "pca", "--out", str(tmp_path / "map.csv")]) == 0
    assert ALONE.match(json.loads(capsys.readouterr().out)["note"])
    asked[2] = "demo-bert"
    assert app.main([*asked, "--method", "pca", "--out", str(tmp_path / "map.csv")]) == 0
    assert "note" not in json.loads(capsys.readouterr().out)
