"""Added sentences: where their points are placed, before and after the map is there."""

import numpy as np
import pytest
from drawn import said
from stored import quiet, random_run

from components.forms import opened
from components.forms.form import Form
from components.passage.attention_panels import draw_heatmap
from components.sentence import ghosts, sentences
from components.shown.pictures import Picture, measure, picture
from components.shown.records import HeadView, MapOptions
from compute import attention, runs
from compute.jobs import mapping, opening

pytestmark = pytest.mark.usefixtures("cache")
LOOKS = {"theme": "light", "hide": False, "by_value": False}
HEAT = {"kind": "one", "without": False}


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


def test_in_cross_attention_a_sentence_has_queries_and_keys_of_two_texts():
    """As demo-pairs reads it, which writes the target itself; it is of this part alone."""
    told = opening.open_run("demo-pairs", "pairs", quiet, part="cross")
    view = HeadView(told, 2, 0)
    what = picture(view, MapOptions("attention", "2", 5, "none", "after"))
    mapping.fit_map(view.key, 2, 0, "attention", 2, {"steps": 5}, quiet)
    wanted = {"sentence": "reverse: house of god", "model": "demo-pairs", "part": "cross"}
    Form(opened.Sentence).check(wanted, "sentence")
    asked = ghosts.ask(wanted)
    Form(opened.Request).check(asked, "asked")
    ghost = ghosts.read(quiet, asked)
    own = runs.load(ghost["key"])
    assert own.tokens.strings[1:4] == ("god", "of", "house")
    assert own.keys.strings[:4] == ("reverse:", "house", "of", "god")
    places = ghosts.place(view, own.key, what)
    assert (places.q.shape, places.k.shape) == ((len(own.tokens), 2), (len(own.keys), 2))
    before = {"query": len(view.data.tokens), "key": len(view.data.keys)}
    chosen = {"role": "key", "token": before["key"] + 2, "other": before["query"] + 1}
    columns = {"run": told, "layer": 2, "head": 0}
    figure, links, title = draw_heatmap(columns, chosen, LOOKS, HEAT, None, ghosts=[ghost])
    weights = attention.of_passage(own, 2, 0, 0)
    assert np.allclose(figure.data[0].z, weights, atol=1e-5) and "your sentence" in said(title)
    assert np.allclose(links["weights"], weights[:, 2], atol=1e-4)
    assert (links["start"], links["keys"]["start"]) == (before["query"], before["key"])
    assert links["selection"].items() >= chosen.items()
    sent = sentences.send(ghost)
    assert (sent["part"], sent["strings"]) == ("cross", own.tokens.strings)
    assert sent["keys"]["strings"] == own.keys.strings
    other = opening.open_run("demo-pairs", "pairs", quiet)
    assert sentences.of(HeadView(other, 0, 0), [ghost]) is None
    assert sentences.of(HeadView(other, 0, 0), [ghost, ghosts.read(quiet, asked | {"part": ""})])
