"""Colours of pictures: known for a picture that is made of patches of known colours."""

import numpy as np
import pytest
import tiny_pictures
from drawings import folder
from stored import quiet, random_run

from compute import pictures, runs
from compute.jobs import opening
from compute.maps import patch_points, points
from compute.pictures.grid import Grid


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path / "cache"))
    shown = pictures.keep(pictures.of_paths([folder(tmp_path / "some", 3)]))
    spec = str(tiny_pictures.save(tmp_path / "vit", "vit"))
    return runs.load(opening.open_run(spec, shown, quiet)["key"])


def test_rows_and_columns_from_their_first_to_their_last(run):
    rows, columns = patch_points.row(run, 0, 0), patch_points.column(run, 0, 0)
    grid = rows.q.reshape(3, 17)
    assert np.isnan(grid[:, 0]).all() and rows.legend == "row 1 … row 4 (grey: [CLS])"
    assert np.allclose(grid[2, 1:].reshape(4, 4), np.arange(4)[:, None] / 3)
    assert np.allclose(columns.k.reshape(3, 17)[1, 1:].reshape(4, 4), np.arange(4) / 3)
    assert patch_points.picture(run, 0, 0).q.reshape(3, 17)[:, 5].tolist() == [0, 1, 2]


def test_a_patch_has_the_mean_of_its_own_pixels():
    colours = np.random.default_rng(0).integers(0, 256, (2, 3, 3), dtype=np.uint8)
    picture = colours.repeat(5, 0).repeat(4, 1)[None]
    found = patch_points.mean_colours(picture, Grid(2, 3, ("[CLS]", "[REG 1]")))
    assert found.shape == (1, 8, 3) and (found[0, :2] == 128).all()
    assert np.array_equal(found[0, 2:], colours.reshape(6, 3))


def test_texts_and_pictures_have_their_own_colours(run):
    text = random_run()
    for name in patch_points.EVERY:
        of_picture = patch_points.colouring(name, run).of(run, 0, 0)
        of_text = patch_points.colouring(name, text).of(text, 0, 0)
        assert (of_picture.kind == "role") == (
            name not in patch_points.OF_PICTURES or name == "role"
        )
        assert (of_text.kind == "role") == (name not in points.COLOURINGS or name == "role")
