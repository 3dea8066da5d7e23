"""What the stage "Why" says and draws, and what its job is asked."""

from dataclasses import replace

import numpy as np
import pytest
from drawn import said
from stored import FIVE_LINES, quiet

from components.why import callbacks, figures, saved, tables, words
from compute import runs, texts
from compute.errors import HeadscopeError
from compute.jobs import opening
from compute.why.results import EXPLAINED, Explained

ASKED = {
    "layer": 1,
    "head": 0,
    "kind": "edge",
    "edge": [0, 8, 3],
    "queries": [],
    "keys": [],
    "rule": "same",
    "offset": -1,
    "method": "mean",
    "every": False,
}


@pytest.fixture(scope="module", autouse=True)
def run(shared_cache) -> dict:
    text = texts.save_user(texts.from_user(FIVE_LINES, name="Five lines"))
    return opening.open_run("demo-gpt", text, quiet)


def ask(run: dict, **changes: object) -> dict:
    return {"run": run["key"]} | ASKED | changes


def answer(run: dict, **changes: object) -> tuple[dict, Explained]:
    done = callbacks.explain(quiet, ask(run, **changes))
    return done, EXPLAINED.get(done["name"])


def test_the_job_tells_what_is_known_first_the_split(run: dict) -> None:
    told = []
    done = callbacks.explain(told.append, ask(run, edge=[0, 9, 3]))
    seen = [state[2]["name"] for state in told if state[2]]
    first = EXPLAINED.get(seen[0])
    assert len(first.measured) == 0 and len(EXPLAINED.get(done["name"]).measured) == 4
    assert done["needs"] == [["why", done["name"]]]
    assert all(len(state) == 3 for state in told)


def test_every_kind_of_edges_is_asked_for(run: dict) -> None:
    for kind, words_of in (
        ("strongest", "the strongest line of each token"),
        ("rule", "all edges of the rule “Same token”"),
        ("induction", "the edges of induction"),
    ):
        _, found = answer(run, kind=kind)
        assert found.words.startswith(words_of)
    queries, keys = [10, 11], [2, 4]
    _, found = answer(run, kind="picked", queries=queries, keys=keys)
    assert found.edges == 2 and found.words == "2 selected edges"


def test_what_is_missing_is_said(run: dict) -> None:
    with pytest.raises(HeadscopeError, match="Which edge"):
        callbacks.explain(quiet, ask(run, edge=None))
    with pytest.raises(HeadscopeError, match="No points are selected"):
        callbacks.explain(quiet, ask(run, kind="picked", queries=[3]))
    with pytest.raises(HeadscopeError, match="No selected query sees"):
        callbacks.explain(quiet, ask(run, kind="picked", queries=[1], keys=[5]))
    with pytest.raises(HeadscopeError, match="Press Explain, then save"):
        saved.effects(None, run)


def test_nothing_of_another_head_is_shown(run: dict) -> None:
    done, _ = answer(run)
    seen = {name: done[name] for name in ("run", "layer", "head", "name")}
    other = {"run": run["key"], "layer": 1, "head": 3}
    lead, _, hidden, *_ = callbacks.draw(seen, other, "light", run)
    assert lead == "L1H3 is not explained yet. Press Explain." and hidden
    lead, *_ = callbacks.draw(None, other, "light", run)
    assert lead == words.EMPTY
    lead, _, hidden, *_ = callbacks.draw(seen, other | {"head": 0}, "dark", run)
    assert lead.startswith("L1H0, “") and not hidden


def test_a_model_that_can_not_be_explained_is_refused_before_anything_is_asked(
    shared_cache,
) -> None:
    off = opening.open_run("demo-gpt", "grammar", quiet, off="L0H0")
    at = {"run": off["key"], "layer": 1, "head": 0}
    lead, _, hidden, *_ = callbacks.draw(None, at, "light", off)
    assert "heads switched off" in lead and hidden


def test_bars_and_grids_have_the_numbers(run: dict) -> None:
    _, found = answer(run, kind="rule")
    bars = figures.bars(found, dark=False)
    for side in (0, 1):
        assert sum(bars.data[side].x) == pytest.approx(found.contrast.mean(), abs=1e-4)
    grid = figures.effects(found, 1, dark=False)
    for n, (layer, head) in enumerate(found.measured):
        expected = found.effects[:, n, 1].mean()
        assert grid.data[0].z[layer, head] == pytest.approx(expected, abs=1e-5)
        assert "95 % interval" in grid.data[0].customdata[layer, head, 0]
        assert "-" not in grid.data[0].customdata[layer, head, 0]
    gone = replace(found, complete=False, gap=found.gap + 1.25)
    assert "not attributed" in figures.bars(gone, dark=True).data[0].y
    assert "1.25 logits are not attributed" in words.check(gone)


def test_the_table_says_what_heads_do_and_offers_to_be_without_them(run: dict) -> None:
    _, found = answer(run, kind="induction")
    note, made = tables.heads(found, run["key"])
    text = said(made)
    assert "L0H0" in text and "from the token before" in text and "without it" in text
    assert "4 of 4 earlier heads" in said(note)
    assert "It rests most on" in words.strongest(found)
    little = replace(found, attention=np.full_like(found.attention, 0.001))
    assert words.strongest(little) == ""
    assert "hardly looks there" in words.note(little)


def test_words_are_shaded_by_what_a_head_brought_from_them(run: dict) -> None:
    done, found = answer(run)
    seen = {name: done[name] for name in ("run", "layer", "head", "name")}
    at = {"run": run["key"], "layer": 1, "head": 0}
    shaded, note, hidden, chosen = callbacks.draw_brought(seen, "", at, run)
    tokens = len(found.sources[0, 0, 0])
    assert not hidden and len(shaded) == 2 * tokens and chosen
    side, _, head = chosen.partition(" ")
    values = found.sources[("query", "key").index(side)][tuple(map(int, head[1:].split("H")))]
    darkest = max(shaded[::2], key=lambda word: int(word.style["--share"].rstrip("%")))
    data = runs.load(run["key"])
    assert darkest.children == data.tokens.strings[int(abs(values).argmax())]
    assert head in note
    many, _ = answer(run, kind="rule")
    seen = {name: many[name] for name in ("run", "layer", "head", "name")}
    assert callbacks.draw_brought(seen, chosen, at, run)[2]


def test_the_table_is_saved(run: dict) -> None:
    done, _ = answer(run)
    (table, name) = saved.effects({"run": run["key"], "name": done["name"]}, run)
    assert name == ("why", "demo-gpt", "L1H0", "mean")
    assert table is not None


def test_a_model_without_heads_is_not_explained_by_the_whole_one(run: dict) -> None:
    without = opening.open_run("demo-gpt", run["text"], quiet, off="L0H0")
    with pytest.raises(HeadscopeError, match="heads switched off"):
        callbacks.explain(quiet, ask(without, kind="induction"))


def test_rounding_is_told_from_parts_that_are_missing(run: dict) -> None:
    _, found = answer(run)
    rounded = replace(found, complete=False, gap=found.gap + 0.01)
    assert "half precision" in words.check(rounded)
    assert "not attributed" in words.check(replace(rounded, gap=found.gap + 5))
