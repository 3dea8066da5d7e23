"""What the stage "All heads" sends to be drawn: places, notes, scores, found tokens."""

import base64

import numpy as np
import pytest
from dash import no_update
from dash.exceptions import PreventUpdate
from stored import quiet, random_run

from components.all_heads import callbacks, refining, thumbnails
from components.forms.form import Form
from components.grid import grids
from compute import runs
from compute.all_heads import all_maps, tiles
from compute.attention import all_attention
from compute.errors import HeadscopeError
from compute.jobs import opening, scoring
from compute.maps import projection
from compute.scores import heads
from compute.texts import search

SHAPE = (2, 3)


@pytest.fixture(scope="module", autouse=True)
def run(shared_cache) -> dict:
    return opening.describe(random_run(*SHAPE), "made", "prose")


@pytest.fixture(scope="module")
def laid(run: dict) -> dict:
    return callbacks.lay_out(quiet, {"run": run["key"], "method": "attention"})


def numbers(sent: str) -> np.ndarray:
    """Places as the page gets them, from -1 to 1."""
    found = np.frombuffer(base64.b64decode(sent), "<u2").reshape(*SHAPE, -1, 2)
    return found / (65535 / 2) - 1


def test_every_head_has_a_tile(run, laid) -> None:
    points, note = callbacks.send_points(laid, "own", run)
    found = tiles.of(run["key"], "attention")
    assert (points["layers"], points["heads"]) == SHAPE == found.q.shape[:2]
    for role, places in zip(("query", "key"), tiles.framed(found, False), strict=True):
        np.testing.assert_allclose(numbers(points[role]), places, atol=1e-4)
    assert points["fitted"] == [0] * 6 and points["title"] == "Attention map"
    assert note == "Each head has its own scale."
    shared, note = callbacks.send_points(laid, "shared", run)
    assert shared["query"] != points["query"] and "One scale for all heads" in note
    with pytest.raises(PreventUpdate):
        callbacks.send_points(laid, "own", run | {"key": "0" * 24})


def test_heads_are_refined_some_at_a_time_and_kept() -> None:
    few = opening.describe(random_run(*SHAPE, passages=2, seed=1), "made", "prose")
    asked = {"run": few["key"], "method": "attention"}
    laid = callbacks.lay_out(quiet, asked)
    Form(refining.Some).check(asked | {"heads": [[1, 2]]}, "asked")
    with pytest.raises(HeadscopeError):
        Form(refining.Some).check(asked | {"heads": [[0, 3]]}, "asked")
    fresh = refining.fit_some(quiet, asked | {"heads": [[1, 2], [0, 1]]})
    assert fresh["heads"][0] == (1, 2) and fresh["seconds"] > 0
    names = [projection.key(few["key"], *at, "attention") for at in fresh["heads"]]
    assert fresh["needs"] == [projection.MAPS.ref(name) for name in names]
    more, whole = refining.send_fresh(fresh, "own", laid, few)
    points, _ = callbacks.send_points(laid, "own", few)
    count = points["count"] * 4  # bytes of a head's queries
    sent, every = (base64.b64decode(each["query"]) for each in (more, points))
    assert sent[:count] == every[5 * count : 6 * count] and whole is no_update
    assert points["fitted"][5] == 1 and sum(points["fitted"]) == len(fresh["heads"])
    # the widest map gives the scale of all: then all are sent
    more, whole = refining.send_fresh(fresh, "shared", laid, few)
    assert more is no_update and whole["shared"] and whole["fitted"] == points["fitted"]
    with pytest.raises(PreventUpdate):
        refining.send_fresh(fresh, "own", laid | {"method": "pca"}, few)
    refined = refining.gather(quiet, asked)
    assert refined["needs"] == [all_maps.TRUSTS.ref(all_maps.key(few["key"], "attention"))]
    assert tiles.of(few["key"], "attention").fitted.all()


def test_the_attention_of_a_passage_is_sent(run) -> None:
    sent = thumbnails.send_attention({"run": run["key"], "passage": 3}, run)
    data = runs.load(run["key"])
    found = np.frombuffer(base64.b64decode(sent["levels"]), np.uint8)
    np.testing.assert_array_equal(
        found.reshape(*SHAPE, sent["rows"], sent["columns"]), all_attention.of_all_heads(data, 3)
    )
    assert (sent["start"], sent["count"]) == (data.span(3).start, 12)
    assert sent["keys"] == {"start": data.span(3).start, "count": 12}
    for asked in (None, {"run": "0" * 24, "passage": 3}):
        with pytest.raises(PreventUpdate):
            thumbnails.send_attention(asked, run)
    own = random_run(*SHAPE, passages=1, length=9)
    asked = {"run": run["key"], "passage": 0, "sentence": own.key}
    Form(thumbnails.Passage).check(asked, "asked")
    sent = thumbnails.send_attention(asked, run)
    found = np.frombuffer(base64.b64decode(sent["levels"]), np.uint8)
    assert (found == all_attention.of_all_heads(own, 0).ravel()).all()
    assert (sent["start"], sent["count"]) == (len(data.tokens), 9)
    other = random_run(*SHAPE, passages=1, seed=1)
    wrong = {"passage": 6, "sentence": None}, {"passage": 1}, {"sentence": other.key}
    for each in (asked | some for some in wrong):
        with pytest.raises(HeadscopeError):
            Form(thumbnails.Passage).check(each, "asked")


def test_of_a_long_passage_a_job_draws_all_heads(run, monkeypatch) -> None:
    asked = {"run": run["key"], "passage": 3, "sentence": None}
    at_once = thumbnails.send_attention(asked, run)
    monkeypatch.setattr(all_attention, "WHOLE", 3)
    assert thumbnails.show(asked, None, run) == (no_update, asked)
    drawn = thumbnails.draw(quiet, asked)
    Form(thumbnails.Drawn).check(drawn, "drawn")
    assert drawn["needs"] == [all_attention.KEPT.ref(all_attention.key(run["key"], 3))]
    sent, wanted = thumbnails.show(asked, drawn, run)
    assert wanted is no_update and sent["levels"] == at_once["levels"]


def test_the_scores_of_all_heads_are_sent(run, laid) -> None:
    scoring.score_heads(run["key"], quiet)
    sent = callbacks.send_values(*[None] * len(grids.MEASURED), laid, None, run, "maps")
    expected = heads.SCORES.get(heads.key(run["key"])).of("self").mean
    np.testing.assert_allclose(sent["numbers"]["self"], expected, atol=1e-4)
    assert sent["titles"]["self"] == "Self"


def test_a_token_is_found_in_all_heads(run, laid) -> None:
    tokens, _ = search.find(runs.load(run["key"]).tokens, "t3")
    hits, count = callbacks.find("t3", laid, None, "own", run)
    assert count == f"{len(tokens)} found" and len(tokens) == hits["count"] > 1
    found = tiles.of(run["key"], "attention")
    close = tiles.gathered(found.q, found.k, tokens)
    np.testing.assert_allclose(hits["gathered"], close, atol=1e-3)
    places, _ = tiles.framed(found, False)
    np.testing.assert_allclose(numbers(hits["query"]), places[:, :, tokens], atol=1e-4)
    assert callbacks.find("zebra", laid, None, "own", run) == (None, "0 found")
    assert callbacks.find(" ", laid, None, "own", run) == (None, "")


def test_the_colours_come_with_their_legend(run, laid) -> None:
    sent, legend = callbacks.send_colours(laid, "role", "light", run)
    assert len(sent["query"]["shades"]) == 1 and "levels" not in sent["query"] and legend == ""
    sent, legend = callbacks.send_colours(laid, "position", "light", run)
    levels = np.frombuffer(base64.b64decode(sent["key"]["levels"]), "u1")
    assert levels.max() < len(sent["key"]["shades"]) == callbacks.SHADES and legend
