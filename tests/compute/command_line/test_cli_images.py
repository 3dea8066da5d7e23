"""``--images``: files and folders of pictures, for the commands that open something."""

import csv
import json

import numpy as np
import pytest
import tiny_pictures
from drawings import folder

from compute.command_line import app
from compute.models import loading


@pytest.fixture
def model(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path / "cache"))
    return str(tiny_pictures.known(tmp_path / "known"))


def test_attention_of_a_folder_of_pictures(model, tmp_path, capsys):
    out = tmp_path / "attention.npz"
    place = folder(tmp_path / "noises", 2)
    told = ["attention", "--model", model, "--layer", "0", "--head", "1", "--out", str(out)]
    assert app.main([*told, "--images", str(place)]) == 0
    about = json.loads(capsys.readouterr().out)
    assert (about["text"], about["passages"]) == ("noises", 2)
    arrays = np.load(out)
    assert arrays["tokens_1"][:2].tolist() == ["[CLS]", "r1 c1"]
    assert np.allclose(arrays["attention_0"][2, 2::4], 0.25, atol=1e-3)  # its own column
    files = [str(place / f"noise-{number}.png") for number in (0, 1)]
    assert app.main([*told, "--images", files[0], "--images", files[1]]) == 0
    assert json.loads(capsys.readouterr().out)["text"] == "Your pictures"


def test_a_map_of_patches(model, tmp_path, capsys):
    out = tmp_path / "map.csv"
    told = ["project", "--model", model, "--layer", "0", "--head", "0", "--out", str(out)]
    images = ["--images", str(folder(tmp_path / "noises", 1))]
    assert app.main([*told, *images, "--method", "pca"]) == 0
    with out.open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 34 and rows[5]["token"] == "r2 c1"
    at = {(row["role"], row["token"]): (float(row["x"]), float(row["y"])) for row in rows}
    same, other = at["query", "r2 c3"], at["query", "r3 c1"]
    assert np.hypot(*np.subtract(at["query", "r2 c1"], same)) < 1e-2
    assert np.hypot(*np.subtract(at["query", "r2 c1"], other)) > 1


def test_a_dossier_of_pictures(model, tmp_path):
    out = tmp_path / "head.html"
    images = ["--images", str(folder(tmp_path / "noises", 2))]
    told = ["dossier", "--model", model, "--head", "L0H0", "--out", str(out), *images]
    assert app.main(told) == 0
    assert "Picture 2, “noise-1”; beyond position: " in out.read_text(encoding="utf-8")


def test_what_does_not_go_together_is_told(model, tmp_path, capsys, monkeypatch):
    out = ["--layer", "0", "--head", "0", "--out", str(tmp_path / "a.npz")]
    images = ["--images", str(folder(tmp_path / "noises", 1))]
    assert app.main(["attention", "--model", model, *out, *images, "--text", "prose"]) == 2
    assert "or --images" in capsys.readouterr().err
    monkeypatch.setattr(loading, "load", lambda source: pytest.fail("read before it is refused"))
    assert app.main(["attention", "--model", "demo-gpt", *out, *images]) == 2
    assert "demo-gpt reads texts, not what was named" in capsys.readouterr().err
    assert app.main(["attention", "--model", model, *out, "--text", "prose"]) == 2
    assert "known reads pictures, not what was named" in capsys.readouterr().err
    assert app.main(["attention", "--model", model, *out, "--images", str(tmp_path / "no")]) == 2
    assert "can't be read" in capsys.readouterr().err
