"""A dossier of pictures: what a head does is seen on them, and patches are no words."""

import base64
import html
import io
import re

import numpy as np
import pytest
import tiny_pictures
from drawings import folder
from PIL import Image
from stored import quiet

from compute import attention, pictures, runs
from compute.jobs import opening, scoring
from compute.pictures.encoding import LAID, MOST_INK
from compute.pictures.grid import PLACES
from compute.take_away import charts
from compute.take_away.dossier_pictures import TOLD


@pytest.fixture
def run(cache, tmp_path):
    shown = pictures.keep(pictures.of_paths([folder(tmp_path / "some", 2)]))
    told = opening.open_run(str(tiny_pictures.known(tmp_path / "known")), shown, quiet)
    return runs.load(told["key"])


def pixels(url: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))))


def test_each_telling_picture_is_there_with_the_attention_laid_over(run) -> None:
    page = html.unescape(scoring.write_dossier(run.key, 0, 1, quiet))  # it looks along columns
    assert "Three telling pictures" in page and TOLD in page and PLACES in page
    assert "34 tokens in 2 pictures" in page and "−4 is the patch above" in page
    assert not re.search(r"<text[^>]*>r\d c\d<", page)  # in no picture is a patch a word
    figures = re.findall(r'<figure class="pair">.*?</figure>', page)
    assert len(figures) == 2
    for figure in figures:
        number = int(re.search(r"Picture (\d+), “noise", figure)[1]) - 1
        first, mean, second, laid = map(pixels, re.findall(r'<image href="([^"]+)"', figure))
        assert np.array_equal(first, run.pictures[number]) and np.array_equal(first, second)
        said = re.search(
            r"Right: row (\d), column (\d) looks at row \d, column (\d) with ([.\d]+)\.", figure
        )
        row, column, to = (int(each) - 1 for each in said.groups()[:3])
        assert column == to and float(said[4]) == pytest.approx(0.25, abs=2e-3)
        assert set(np.flatnonzero(laid[..., 3].max(0) > 60)) == {column}
        assert laid.max() == max(round(255 * MOST_INK), *LAID)
        weights = attention.of_passage(run, 0, 1, number)[1:, 1:]
        others = (weights.sum(0) - np.diag(weights)) / 15
        share = np.sqrt(others / others.max()).reshape(4, 4)
        assert np.abs(mean[..., 3] / 255 - MOST_INK * share).max() < 3e-3
        frame = re.search(r'<rect x="([\d.]+)" y="([\d.]+)" width="70"', figure)
        assert [float(at) / 70 for at in frame.groups()] == [column, row]


def test_the_map_shows_keys_as_their_patches(run) -> None:
    page = scoring.write_dossier(run.key, 0, 0, quiet)
    assert "as patches are keys that get much attention" in page
    drawn = re.search(r"Map of queries and keys.*?</svg>", page)[0]
    seen = [pixels(url) for url in re.findall(r'<image href="([^"]+)"', drawn)]
    patches = [
        run.pictures[number][8 * row : 8 * row + 8, 8 * column : 8 * column + 8]
        for number, row, column in np.ndindex(2, 4, 4)
    ]
    assert 1 <= len(seen) <= 32
    assert all(any(np.array_equal(each, patch) for patch in patches) for each in seen)
    assert f'width="{charts.SMALL}"' in drawn
