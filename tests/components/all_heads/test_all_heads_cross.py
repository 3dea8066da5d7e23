"""All heads of cross-attention: maps of queries and keys of two texts, attention between them."""

import base64

import numpy as np
import pytest
from stored import quiet, random_cross

from components.all_heads import callbacks, refining, thumbnails
from components.forms.form import Form
from compute import runs
from compute.all_heads import tiles
from compute.attention import all_attention
from compute.jobs import opening
from compute.maps import points, projection
from compute.texts import search

pytestmark = pytest.mark.usefixtures("cache")
SHAPE, ROWS, COLUMNS = (2, 3), 9, 12


@pytest.fixture
def run() -> dict:
    return opening.describe(random_cross(*SHAPE), "made", "prose")


@pytest.fixture
def laid(run: dict) -> dict:
    return callbacks.lay_out(quiet, {"run": run["key"], "method": "attention"})


def numbers(sent: str, kind: str = "<u2") -> np.ndarray:
    found = np.frombuffer(base64.b64decode(sent), kind)
    return found if kind == "u1" else found.reshape(*SHAPE, -1, 2) / 32767.5 - 1


def test_the_places_of_both_texts_are_sent(run, laid) -> None:
    sent, note = callbacks.send_points(laid, "own", run)
    assert (sent["count"], sent["key_count"]) == (6 * ROWS, 6 * COLUMNS)
    found = tiles.of(run["key"], "attention")
    for role, places in zip(("query", "key"), tiles.framed(found, False), strict=True):
        np.testing.assert_allclose(numbers(sent[role]), places, atol=1e-4)
    assert "Queries are of the decoder's tokens, keys of the encoder's." in note
    expected = tiles.stand_in(projection.cloud(runs.load(run["key"]), 1, 2), "attention")
    assert np.array_equal(found.q[1, 2], expected.q) and np.array_equal(found.k[1, 2], expected.k)


def test_some_of_either_text_are_drawn_of_many(run, laid, monkeypatch) -> None:
    monkeypatch.setattr(tiles, "MOST", 10)
    sent, note = callbacks.send_points(laid, "own", run)
    assert (sent["count"], sent["key_count"]) == (54, 60)
    assert note.startswith("54 of 54 queries and 60 of 72 keys are drawn, the same in all.")
    colours, _ = callbacks.send_colours(laid, "mod5", "light", run)
    data, found = runs.load(run["key"]), tiles.sample(72, 6)
    levels = numbers(colours["key"]["levels"], "u1").reshape(*SHAPE, 60)
    assert (levels == points.position_mod_5(data, 0, 0).k[found]).all()


def test_every_colouring_is_sent_for_both(run, laid) -> None:
    for name in points.COLOURINGS:
        sent, _ = callbacks.send_colours(laid, name, "dark", run)
        for role, count in (("query", 54), ("key", 72)):
            assert name == "role" or len(numbers(sent[role]["levels"], "u1")) == 6 * count


def test_a_head_is_refined(run, laid) -> None:
    asked = {"run": run["key"], "method": "attention", "heads": [[1, 2]]}
    Form(refining.Some).check(asked, "asked")
    fresh = refining.fit_some(quiet, asked)
    more, _ = refining.send_fresh(fresh, "own", laid, run)
    points, _ = callbacks.send_points(laid, "own", run)
    assert points["fitted"] == [0, 0, 0, 0, 0, 1]
    for role, count in (("query", 54), ("key", 72)):
        sent, every = (base64.b64decode(each[role]) for each in (more, points))
        assert sent == every[5 * 4 * count :] and len(sent) == 4 * count


@pytest.mark.parametrize("word", ["t3", "s3"])
def test_a_token_is_found_in_either_text(run, laid, word) -> None:
    hits, count = callbacks.find(word, laid, None, "own", run)
    data = runs.load(run["key"])
    places = [search.find(side, word)[0] for side in (data.tokens, data.keys)]
    assert (hits["count"], hits["key_count"]) == tuple(map(len, places))
    assert count == "queries: {} found; keys: {} found".format(*map(len, places))
    found = tiles.of(run["key"], "attention")
    one, rows = (found.q, places[0]) if len(places[0]) else (found.k, places[1])
    middles = [each.mean(2, keepdims=True) for each in (one[:, :, rows], one)]
    apart = [
        np.linalg.norm(part - middle, axis=-1).mean(2)
        for part, middle in zip((one[:, :, rows], one), middles, strict=True)
    ]
    np.testing.assert_allclose(hits["gathered"], apart[0] / np.maximum(apart[1], 1e-12), atol=2e-3)
    assert callbacks.find("zebra", laid, None, "own", run)[0] is None


def test_the_attention_of_a_passage_is_as_wide_as_its_source(run) -> None:
    sent = thumbnails.send_attention({"run": run["key"], "passage": 3}, run)
    assert (sent["rows"], sent["columns"]) == (ROWS, COLUMNS)
    assert (sent["start"], sent["count"]) == (27, ROWS)
    assert sent["keys"] == {"start": 36, "count": COLUMNS}
    found = numbers(sent["levels"], "u1").reshape(*SHAPE, ROWS, COLUMNS)
    assert (found == all_attention.of_all_heads(runs.load(run["key"]), 3)).all()
