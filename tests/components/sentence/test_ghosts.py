"""Added sentences: where their points are placed, before and after the map is there."""

import pytest
from stored import random_run

from components.sentence import ghosts
from components.shown.pictures import Picture, measure, picture
from components.shown.records import HeadView, MapOptions
from compute import runs
from compute.jobs import mapping, opening

pytestmark = pytest.mark.usefixtures("cache")


def shown(run: runs.Run) -> tuple[HeadView, Picture]:
    view = HeadView(opening.describe(run, "made", "prose"), 0, 1)
    return view, picture(view, MapOptions("attention", "2", 5, "none", "after"))


def test_a_map_that_is_fitted_later_gets_its_points_and_its_trust():
    run, added = random_run(), random_run(passages=1, seed=1)
    view, what = shown(run)
    assert ghosts.place(view, added.key, what) is None
    assert measure(view, what) is None
    mapping.fit_map(run.key, 0, 1, "attention", 2, {"steps": 5}, lambda state: None)
    assert ghosts.place(view, added.key, what).q.shape == (len(added.tokens), 2)
    assert measure(view, what).score is not None


def test_what_is_remembered_belongs_to_a_cache_folder(tmp_path, monkeypatch):
    run, added = random_run(), random_run(passages=1, seed=1)
    view, what = shown(run)
    mapping.fit_map(run.key, 0, 1, "attention", 2, {"steps": 5}, lambda state: None)
    assert ghosts.place(view, added.key, what) and measure(view, what)
    monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path / "other"))
    random_run(), random_run(passages=1, seed=1)
    assert ghosts.place(view, added.key, what) is None
    assert measure(view, what) is None
