"""Added sentences: where their points are placed, before and after the map is there."""

import pytest
from stored import random_run

from components.heads import ghosts
from components.parts.pictures import measure, picture
from compute import runs
from compute.jobs import mapping, opening


@pytest.fixture(autouse=True)
def private_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path))


def asked(run: runs.Run):
    described = opening.describe(run, "made", "prose")
    return picture(described, 0, 1, "attention", 2, 5, "none", "after")


def test_a_map_that_is_fitted_later_gets_its_points_and_its_trust():
    run, added = random_run(), random_run(passages=1, seed=1)
    what = asked(run)
    assert ghosts.place(run.key, added.key, 0, 1, what) is None
    assert measure(run.key, 0, 1, what) is None
    mapping.fit_map(run.key, 0, 1, "attention", 2, {"steps": 5}, lambda state: None)
    assert ghosts.place(run.key, added.key, 0, 1, what).q.shape == (len(added.tokens), 2)
    assert measure(run.key, 0, 1, what).score is not None


def test_what_is_remembered_belongs_to_a_cache_folder(tmp_path, monkeypatch):
    run, added = random_run(), random_run(passages=1, seed=1)
    what = asked(run)
    mapping.fit_map(run.key, 0, 1, "attention", 2, {"steps": 5}, lambda state: None)
    assert ghosts.place(run.key, added.key, 0, 1, what) and measure(run.key, 0, 1, what)
    monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path / "other"))
    random_run(), random_run(passages=1, seed=1)
    assert ghosts.place(run.key, added.key, 0, 1, what) is None
    assert measure(run.key, 0, 1, what) is None
