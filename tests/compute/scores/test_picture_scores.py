"""Scores of pictures: a model made so that its heads are known, and demo-vit, whose heads are."""

from dataclasses import replace

import numpy as np
import pytest
import tiny_pictures
from drawings import folder
from stored import quiet, random_run

from compute import attention, pictures, runs
from compute.errors import HeadscopeError
from compute.jobs import opening
from compute.pictures.grid import Grid
from compute.runs import labels
from compute.scores import aggregate, heads, patterns
from compute.scores.cross_scores import KINDS, described, known_of
from compute.scores.pattern_rules import rules_of
from compute.scores.picture_scores import NEIGHBOURS, PICTURE_SCORES, SHARED


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path / "cache"))
    return tmp_path


def opened(spec: str, name: str) -> runs.Run:
    return runs.load(opening.open_run(spec, name, quiet)["key"])


def test_heads_that_look_along_row_and_column(cache):
    shown = pictures.keep(pictures.of_paths([folder(cache / "some", 2)]))
    found = heads.score(opened(str(tiny_pictures.known(cache / "known")), shown))
    assert found.names == tuple(PICTURE_SCORES)
    along, across = [0.75, 0.0], [0.0, 0.75]  # of four patches in a line one is the patch itself
    assert found.of("row").mean[0] == pytest.approx(along, abs=1e-3)
    assert found.of("column").mean[0] == pytest.approx(across, abs=1e-3)
    assert found.of("self").mean[0] == pytest.approx([0.25, 0.25], abs=1e-3)
    for name in NEIGHBOURS:
        right = [0.25, 0] if name in ("left", "right") else [0, 0.25]
        assert found.of(name).mean[0] == pytest.approx(right, abs=1e-3)
    # Of a line of four, all pairs alike: places 0 to 3 are 1.25 apart on average.
    assert found.of("patches").mean[0] == pytest.approx([1.25, 1.25], abs=2e-3)
    assert found.of("cls").mean[0] == pytest.approx([0, 0], abs=1e-3)
    assert found.of("gathered").mean[0] == pytest.approx([1, 1], abs=1e-3)  # [CLS] looks at all
    assert np.isnan(found.of("registers").mean).all()
    n = dict(zip(found.names, found.n[:, 0], strict=True))
    assert (n["row"], n["left"], n["above"], n["gathered"], n["registers"]) == (32, 24, 24, 2, 0)


def test_registers_are_counted_apart_from_cls(cache):
    run = opened(str(tiny_pictures.save(cache / "some", "dinov2_with_registers")), "twins")
    run = replace(run, key="0" * 24)
    found = heads.score(run)
    weights = np.stack([attention.of_passage(run, 1, 2, p) for p in range(24)])[:, 5:]
    assert found.of("cls").mean[1, 2] == pytest.approx(weights[..., 0].mean(), abs=1e-6)
    assert found.of("registers").mean[1, 2] == pytest.approx(
        weights[..., 1:5].sum(-1).mean(), abs=1e-6
    )


def test_demo_vit_has_the_heads_of_its_description(cache):
    run = opened("demo-vit", "twins")
    assert run.grid == Grid(8, 8, ("[CLS]",)) and run.model.layers == run.model.heads == 4
    found = heads.score(run)
    row, column = found.of("row").mean, found.of("column").mean
    assert row[0, [0, 3]] == pytest.approx([0.72, 0.79], abs=0.02)
    assert column[0, [1, 2]] == pytest.approx([0.74, 0.79], abs=0.02)
    assert row[0, [1, 2]].max() < 0.2 and row[1:].max() < 0.35 and column[1:].max() < 0.35
    beside = np.stack([found.of(name).mean for name in NEIGHBOURS])
    assert beside.max() <= 0.13
    # [CLS] sees the objects alone: six to nine of 65 tokens.
    assert found.of("gathered").mean[[1, 2], [1, 3]].max() < np.log(9) / np.log(65) + 0.05


def test_each_kind_has_its_own_scores():
    assert known_of(True, pictures=True) is PICTURE_SCORES and PICTURE_SCORES in KINDS
    assert {"previous", "induction", "distance", "duplicate"}.isdisjoint(PICTURE_SCORES)
    assert set(SHARED) < set(PICTURE_SCORES)
    for name, score in PICTURE_SCORES.items():
        assert described(name) is score and score.name == name and "\n" in score.definition


def test_rules_of_pictures_are_of_rows_columns_and_neighbours(cache):
    assert set(rules_of(True, pictures=True)) == {"row", "column", "around"}
    shown = pictures.keep(pictures.of_paths([folder(cache / "some", 2)]))
    run = opened(str(tiny_pictures.known(cache / "known")), shown)
    averages = aggregate.of(run)
    right = {"row": [0.75, 0], "column": [0, 0.75]}
    # Half of a row's patches have one beside them in it, half have two.
    right["around"] = [0.375, 0.375]
    for name, shares in right.items():
        found = patterns.rank(run, patterns.Pattern(name), averages)
        assert found.mean[0] == pytest.approx(shares, abs=1e-3), name
    with pytest.raises(HeadscopeError, match="is a pattern of texts"):
        patterns.rank(run, patterns.Pattern("previous"), averages)
    text = random_run()
    with pytest.raises(HeadscopeError, match="is a pattern of pictures"):
        patterns.rank(text, patterns.Pattern("row"), aggregate.of(text))


def test_roles_of_patches_are_border_and_inside(cache):
    shown = pictures.keep(pictures.of_paths([folder(cache / "some", 2)]))
    found = labels.roles(opened(str(tiny_pictures.known(cache / "known")), shown))
    assert found.names == ("special", "border", "inside")
    numbers = found.of.reshape(2, 17)[1]
    assert numbers.tolist() == [0, 1, 1, 1, 1, 1, 2, 2, 1, 1, 2, 2, 1, 1, 1, 1, 1]
