"""A head as files: the table of its map, its attention, wrong arguments."""

import csv
import json

import numpy as np
import pytest

from compute import attention, runs, texts
from compute.command_line import app
from compute.finding import catalog
from compute.maps import projection
from compute.models import loading
from compute.trust import trust
from compute.trust.heldout import held_out

LINES = """The old clock ticks and the old clock stops in the old house.

  A red bird sings to a red bird in the rain, and the rain falls on.
One two three four. One two three four."""


@pytest.fixture(scope="module", autouse=True)
def own_cache(shared_cache):
    """One for all tests of the module."""
    return shared_cache


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "lines.txt"
    path.write_text(LINES, encoding="utf-8")
    return path


def the_run() -> runs.Run:
    text = texts.from_user(LINES, name="lines.txt", by="line")
    return runs.load(runs.key_of(catalog.find("demo-gpt"), text))


def project(file, out, *more) -> list[str]:
    where = ["--model", "demo-gpt", "--text-file", str(file), "--layer", "1", "--head", "2"]
    return ["project", *where, "--out", str(out), *more]


def read(path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_the_table_is_the_map_and_its_trust(file, tmp_path, capsys, monkeypatch):
    out = tmp_path / "map.csv"
    arguments = project(file, out, "--method", "attention-map", "--seed", "3")
    assert app.main(arguments) == 0
    told = json.loads(capsys.readouterr().out)
    run = the_run()
    assert len(run.tokens.starts) - 1 == 3  # one line is one passage, empty ones left out
    cloud = projection.cloud(run, 1, 2)
    layout = projection.fit(cloud, "attention", seed=3)
    found, rows, n = trust.trust(cloud, layout), read(out), len(cloud)
    assert tuple(rows[0]) == ("role", "passage", "position", "token", "x", "y", "trust")
    assert [row["role"] for row in rows] == ["query"] * n + ["key"] * n
    for role, places, shares in (("query", layout.q, found.q), ("key", layout.k, found.k)):
        mine = [row for row in rows if row["role"] == role]
        assert [row["token"] for row in mine] == list(run.tokens.strings)
        assert [int(row["passage"]) for row in mine] == run.tokens.passage.tolist()
        assert [int(row["position"]) for row in mine] == run.tokens.position.tolist()
        xy = np.array([[float(row["x"]), float(row["y"])] for row in mine])
        assert np.allclose(xy, places, rtol=1e-4, atol=1e-4)
        written = np.array([float(row["trust"] or "nan") for row in mine])
        assert np.allclose(written, shares, rtol=1e-4, equal_nan=True)
    assert told["trust"] == pytest.approx(found.score, abs=1e-4)
    assert told["recall"]["1"] == pytest.approx(found.recall[1], abs=1e-6)
    assert (told["method"], told["seed"], told["rows"]) == ("attention", 3, 2 * n)
    # A second time the stored map is written.
    before = out.read_bytes()
    monkeypatch.setattr(loading, "load", None)
    monkeypatch.setattr(projection, "fit", lambda *_, **__: pytest.fail("it was fitted again"))
    assert app.main(arguments) == 0
    assert out.read_bytes() == before


def test_three_dimensions_scale_and_held_out(file, tmp_path, capsys):
    out = tmp_path / "map.csv"
    more = ["--method", "pca", "--dims", "3", "--scale", "norm", "--hold-out"]
    assert app.main(project(file, out, *more)) == 0
    told = json.loads(capsys.readouterr().out)
    cloud = projection.cloud(the_run(), 1, 2)
    options = {"scale": "norm"}
    layout = projection.fit(cloud, "pca", dims=3, options=options)
    rows = read(out)
    assert tuple(rows[0])[4:] == ("x", "y", "z", "trust")
    assert float(rows[5]["z"]) == pytest.approx(layout.q[5, 2], rel=1e-4)
    hidden = held_out(cloud, lambda c: projection.fit(c, "pca", dims=3, options=options))
    assert told["held_out"]["score"] == pytest.approx(hidden["score"], abs=1e-6)
    assert told["options"] == options


def test_attention_of_every_passage(file, tmp_path, capsys):
    out = tmp_path / "attention.npz"
    where = ["--model", "demo-gpt", "--text-file", str(file), "--layer", "1", "--head", "2"]
    assert app.main(["attention", *where, "--out", str(out)]) == 0
    assert json.loads(capsys.readouterr().out)["passages"] == 3
    run = the_run()
    with np.load(out, allow_pickle=False) as arrays:
        assert len(arrays.files) == 6
        for passage in range(3):
            expected = attention.of_passage(run, 1, 2, passage)
            assert np.array_equal(arrays[f"attention_{passage}"], expected)
            assert tuple(arrays[f"tokens_{passage}"]) == run.tokens.strings[run.span(passage)]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--method", "mds"], "no map called 'mds'"),
        (["--dims", "4"], "2 or 3 dimensions"),
        (["--layer", "7"], "no head L7H2"),
        (["--text", "prose"], "either --text or --text-file"),
        (["--method", "pca", "--scale", "big"], "a number or “norm”"),
        (["--out", "nowhere/map.csv"], "folder that exists"),
        (["--text-file", "nowhere.txt"], "nowhere.txt can't be read"),
        (["--seed", "-1"], "--seed"),
    ],
)
def test_wrong_arguments_are_one_sentence(file, tmp_path, capsys, arguments, why):
    assert app.main(project(file, tmp_path / "map.csv", *arguments)) == 2
    told = capsys.readouterr()
    assert told.out == "" and why in told.err and "Traceback" not in told.err


def test_a_built_in_text_that_does_not_exist(tmp_path, capsys):
    where = ["--model", "demo-gpt", "--text", "poems", "--layer", "0", "--head", "0"]
    assert app.main(["attention", *where, "--out", str(tmp_path / "a.npz")]) == 2
    assert "no text called “poems”" in capsys.readouterr().err


def test_a_text_of_one_token_gives_a_map_without_trust(tmp_path, capsys):
    (tmp_path / "one.txt").write_text("Hello", encoding="utf-8")
    out = tmp_path / "map.csv"
    assert app.main(project(tmp_path / "one.txt", out)) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["trust"] is None and told["words"] == "passages too short to measure"
    assert {row["trust"] for row in read(out)} == {""}
