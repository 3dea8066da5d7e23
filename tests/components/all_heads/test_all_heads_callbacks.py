"""What the stage "All heads" sends to be drawn: places, notes, scores, found tokens."""

import base64

import numpy as np
import pytest
from dash.exceptions import PreventUpdate
from stored import quiet, random_run

from components.all_heads import callbacks
from components.grid import grids
from compute import runs
from compute.jobs import opening, scoring
from compute.maps import all_maps, tiles
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
    points, note, hide = callbacks.send_points(laid, None, None, "own", run)
    found = tiles.of(run["key"], "attention")
    assert (points["layers"], points["heads"]) == SHAPE == found.q.shape[:2]
    for role, places in zip(("query", "key"), tiles.framed(found, False), strict=True):
        np.testing.assert_allclose(numbers(points[role]), places, atol=1e-4)
    assert "6 heads" in note and "previews" in note.lower() and not hide
    assert note.endswith("Each head has its own scale.")
    shared, note, _ = callbacks.send_points(laid, None, None, "shared", run)
    assert shared["query"] != points["query"] and "One scale for all heads" in note
    with pytest.raises(PreventUpdate):
        callbacks.send_points(laid, None, None, "own", run | {"key": "0" * 24})


def test_all_heads_are_refined_and_kept(run) -> None:
    frames, few = [], run | {"key": random_run(*SHAPE, passages=2, seed=1).key}
    callbacks.lay_out(quiet, {"run": few["key"], "method": "attention"})
    refined = callbacks.refine(frames.append, 1, few, "attention")
    assert refined["needs"] == [all_maps.TRUSTS.ref(all_maps.key(few["key"], "attention"))]
    assert frames and all("frame" in frame for *_, frame in frames)
    assert tiles.of(few["key"], "attention").fitted.all()
    _, note, hide = callbacks.send_points(refined, refined, None, "own", few)
    assert "Attention map of all 6 heads" in note and hide


def test_the_scores_of_all_heads_are_sent(run, laid) -> None:
    scoring.score_heads(run["key"], quiet)
    sent = callbacks.send_values(*[None] * len(grids.MEASURED), laid, None, run)
    expected = heads.SCORES.get(heads.key(run["key"])).of("self").mean
    np.testing.assert_allclose(sent["numbers"]["self"], expected, atol=1e-4)
    assert sent["titles"]["self"] == "Self"


def test_a_token_is_found_in_all_heads(run, laid) -> None:
    tokens, _ = search.find(runs.load(run["key"]).tokens, "t3")
    hits, count = callbacks.find("t3", laid, None, None, "own", run)
    assert count == f"{len(tokens)} found" and len(tokens) == hits["count"] > 1
    found = tiles.of(run["key"], "attention")
    close = tiles.gathered(found.q, found.k, tokens)
    np.testing.assert_allclose(hits["gathered"], close, atol=1e-3)
    places, _ = tiles.framed(found, False)
    np.testing.assert_allclose(numbers(hits["query"]), places[:, :, tokens], atol=1e-4)
    assert callbacks.find("zebra", laid, None, None, "own", run) == (None, "0 found")
    assert callbacks.find(" ", laid, None, None, "own", run) == (None, "")


def test_the_colours_come_with_their_legend(run, laid) -> None:
    sent, legend = callbacks.send_colours(laid, "role", "light", run)
    assert len(sent["query"]["shades"]) == 1 and "levels" not in sent["query"] and legend == ""
    sent, legend = callbacks.send_colours(laid, "position", "light", run)
    levels = np.frombuffer(base64.b64decode(sent["key"]["levels"]), "u1")
    assert levels.max() < len(sent["key"]["shades"]) == callbacks.SHADES and legend
