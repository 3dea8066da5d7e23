"""What background jobs run, on a small model."""

import pytest
from stored import quiet

from compute import runs, store
from compute.errors import HeadscopeError
from compute.jobs import mapping, opening, scoring
from compute.maps import projection
from compute.scores import heads


@pytest.fixture(scope="module", autouse=True)
def own_cache(shared_cache):
    """One for all tests of the module."""
    return shared_cache


@pytest.fixture(scope="module")
def opened(own_cache):
    told = []
    description = opening.open_run("demo-gpt", "grammar", told.append)
    assert told[-1][0] == 100
    return description


def test_an_opened_run_is_described(opened):
    assert (opened["spec"], opened["text"]) == ("demo-gpt", "grammar")
    assert (opened["model"]["layers"], opened["model"]["heads"]) == (3, 4)
    run = runs.load(opened["key"])
    assert opened["tokens"] == len(run.tokens)
    assert opened["passages"] == len(run.tokens.starts) - 1


def test_opening_again_computes_nothing(opened):
    told = []
    assert opening.open_run("demo-gpt", "grammar", told.append) == opened
    assert not told


def test_a_result_is_valid_only_while_its_arrays_are_there(opened):
    assert opening.still_there(opened)
    assert not opening.still_there(opened | {"key": "of another version"})
    assert not opening.still_there(opened | {"spec": "no/such model"})
    assert not opening.still_there({"needs": [heads.SCORES.ref("gone")]})
    assert opening.still_there({"needs": [runs.RUNS.ref(opened["key"])]})
    assert not opening.still_there([opened, {"needs": [heads.SCORES.ref("gone")]}])
    assert opening.still_there(None)


def test_scores_are_kept(opened):
    assert not heads.SCORES.has(heads.key(opened["key"]))
    scoring.score_heads(opened["key"], quiet)
    found = heads.SCORES.get(heads.key(opened["key"]))
    assert found.of("previous").mean[0, 0] > 0.9, "demo-gpt's L0H0"
    assert found.of("induction").mean[1].min() > 0.5
    assert found.of("induction").mean[[0, 2]].max() < 0.3


def test_a_map_shows_how_it_comes_about_and_leaves_no_frames(opened):
    frames = []

    def report(state: tuple) -> None:
        frame = state[2]
        if frame and frame not in frames:
            assert projection.MAPS.has(frame["frame"])
            frames.append(frame)

    name = mapping.fit_map(opened["key"], 1, 2, "attention", 2, {"steps": 60}, report)
    assert projection.MAPS.get(name).q.shape == (opened["tokens"], 2)
    assert frames and all(frame["name"] == name for frame in frames)
    left = {p.name for p in (store.root() / projection.MAPS.kind).iterdir()}
    assert left == {name}


def test_a_run_that_is_gone_is_told(opened):
    with pytest.raises(HeadscopeError, match="no longer in the cache"):
        scoring.score_heads("no such run", quiet)
