"""Pictures as files: those of a run, and nothing else."""

import base64
import io
from types import SimpleNamespace

import numpy as np
import pytest
import tiny_pictures
from drawings import folder
from flask import Flask
from PIL import Image
from stored import column, quiet, random_run

from components.compare import column_b
from components.lasso import points
from components.passage import attention_panels
from components.pictures import every_head, serving
from components.sentence import sentences
from compute import attention, pictures, runs
from compute.attention import windows
from compute.errors import HeadscopeError
from compute.jobs import opening
from compute.pictures import encoding


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path / "cache"))
    shown = pictures.keep(pictures.of_paths([folder(tmp_path / "some", 2)]))
    spec = str(tiny_pictures.save(tmp_path / "vit", "vit"))
    return runs.load(opening.open_run(spec, shown, quiet)["key"])


@pytest.fixture
def client():
    server = Flask("some")
    serving.serve(server)
    return server.test_client()


def test_a_picture_is_what_the_model_sees(run, client):
    answer = client.get(f"/picture/{run.key}/1.png")
    assert answer.status_code == 200 and answer.content_type == "image/png"
    assert "private" in answer.headers["Cache-Control"]
    seen = np.asarray(Image.open(io.BytesIO(answer.data)))
    assert np.array_equal(seen, run.pictures[1]) and seen.shape == (32, 32, 3)


@pytest.mark.parametrize("path", ["{key}/2.png", "{none}/0.png", "{text}/0.png", "../0.png",
                                  "{key}/-1.png", "..%2f..%2fetc/0.png"])  # fmt: skip
def test_what_is_no_picture_of_a_run_is_not_found(path, run, client):
    text = random_run(1, 1, 1)
    asked = path.format(key=run.key, none="0" * 24, text=text.key)
    assert client.get(f"/picture/{asked}").status_code == 404


def test_every_head_is_sent_as_the_root_of_its_attention(run):
    for role, token in (("query", 17 + 3), ("key", 17 + 9)):
        asked = {"run": run.key, "token": token, "role": role}
        found = every_head.send(asked)
        sent = np.frombuffer(base64.b64decode(found["heads"]), "u1").reshape(3, 4, 17)
        for layer, head in np.ndindex(3, 4):
            weights = attention.of_passage(run, layer, head, 1)
            right = weights[3] if role == "query" else weights[:, 9]
            assert np.abs((sent[layer, head] / 255) ** 2 - right).max() < 4e-3
            assert found["most"][4 * layer + head] == pytest.approx(right.max(), rel=1e-3)
        assert found["token"] == token
    assert every_head.send(None) is None


def test_of_a_large_picture_all_is_laid_over_and_a_part_is_the_heatmap(run, monkeypatch):
    monkeypatch.setattr(windows, "LONG", 10)
    monkeypatch.setattr(windows, "SIZE", 6)
    looks = {"theme": "light", "hide": False, "by_value": False}
    heat = {"kind": "one", "without": False}

    def links(selection: dict | None) -> dict:
        drawn = attention_panels.draw_heatmap(column(run, 0, 1), selection, looks, heat, None)
        return drawn[1]

    whole = attention.of_passage(run, 0, 1, 1)
    for role, right in (("query", whole[3]), ("key", whole[:, 3])):
        found = links({"role": role, "token": 17 + 3})
        assert (found["start"], found["count"], found["part"]) == (17, 6, True)
        picture = found["picture"]
        assert (picture["start"], picture["count"]) == (17, 17)
        assert np.allclose(picture["weights"], right, atol=1e-6)
    near = links({"role": "query", "token": None, "near": 20})
    assert near["picture"] == {"start": 17, "count": 17, "weights": None}
    monkeypatch.setattr(windows, "LONG", 17)
    assert "picture" not in links(None)


def test_the_heading_of_a_heatmap_says_picture(run):
    said = sentences.where(SimpleNamespace(data=run), 1, sentences.NONE)
    assert said.children == " in picture 2 of 2"


def test_the_list_of_selected_patches_says_what_is_counted_together(run):
    lassoed = {"run": run.key, "queries": [1, 18], "keys": [3], "columns": [[run.key, 0, 1]]}
    said = str(points.describe(lassoed)[0])
    assert "Selected: 2 queries, 1 key" in said and points.PLACES in said
    assert "H2('L0H1: the queries attend to')" in said


def test_column_b_refuses_what_its_model_cannot_read(run):
    shown = pictures.keep(zip(["noise-0.png", "noise-1.png"], _files(run), strict=True))
    asked = {"text": shown, "model": "demo-bert", "off": "", "method": "zero"}
    with pytest.raises(HeadscopeError, match="reads texts, not what was chosen for B"):
        column_b.open_run(quiet, asked)
    told = column_b.open_run(quiet, asked | {"model": run.model.spec, "off": "L0H1"})
    assert told["text"] == shown and told["off"] == "L0H1"


def _files(run):
    return [encoding.png(picture) for picture in run.pictures[:]]
