"""What the view "A graph of heads" says and draws, and what its jobs are asked."""

from dataclasses import replace

import numpy as np
import pytest
from drawn import said
from stored import FIVE_LINES, quiet

from components.circuits import callbacks, saved, tables, words
from compute import runs, texts
from compute.circuits.graph import GRAPHS, Graph, arrows
from compute.circuits.taken import TAKEN
from compute.errors import HeadscopeError
from compute.jobs import opening

EDGES = {"kind": "induction", "rule": "same", "offset": -1, "method": "mean"}


@pytest.fixture(scope="module")
def run(shared_cache) -> dict:
    text = texts.save_user(texts.from_user(FIVE_LINES, name="Five lines"))
    return opening.open_run("demo-gpt", text, quiet)


@pytest.fixture(scope="module")
def told() -> list:
    return []


@pytest.fixture(scope="module")
def done(run: dict, told: list) -> dict:
    return callbacks.measure(told.append, {"run": run["key"], **EDGES, "only": None})


@pytest.fixture(scope="module")
def found(done: dict) -> Graph:
    return GRAPHS.get(done["name"])


@pytest.fixture(scope="module")
def gone(run: dict) -> dict:
    return callbacks.take_out(quiet, {"run": run["key"], **EDGES, "off": [0, 0]})


def seen(done: dict) -> dict:
    return {name: value for name, value in done.items() if name != "needs"}


def at(run: dict, layer: int, head: int) -> dict:
    return {"run": run["key"], "layer": layer, "head": head}


def test_the_job_tells_what_is_known_first_the_heads_that_look(done, told, found) -> None:
    assert done["needs"] == [["graphs", done["name"]]] and done["whole"]
    first = next(state[2] for state in told if state[2])
    assert not first["whole"] and first["kind"] == "induction"
    part = GRAPHS.get(first["name"])
    assert part.measured == 0 and part.looks.sum() == 4 and found.measured == 4
    assert "being taken out" in words.whole(part, None, False)


def test_a_graph_is_drawn_and_the_open_head_is_framed(run, done, found) -> None:
    lead, hidden, figure, note, table, options, off = callbacks.draw(
        seen(done), at(run, 1, 2), "light", run, ""
    )
    assert not hidden and lead.startswith("4 heads look along the edges of induction")
    assert "without L0H0 in the key of L1H" in lead
    assert "12 sequences; 4 earlier heads were taken out" in note
    names, *rest = figure.data
    assert list(names.text) == [f"L{layer}H{head}" for layer, head in found.heads]
    assert list(map(list, names.customdata)) == found.heads.tolist()
    frames = [shape.line.width for shape in figure.layout.shapes]
    assert frames.count(3) == 1 and names.text[frames.index(3)] == "L1H2"
    # Arrows go from box to box, the strongest is the thickest, its card has the numbers.
    drawn = rest[: len(found.effects)]
    assert drawn[0].line.width == max(each.line.width for each in drawn)
    first = next(arrows(found))
    assert f"L0H0 → L1H{first.looking.head}, key side: {first.effect:.1f}" in drawn[0].hovertemplate
    start, end = (np.array([drawn[0].x[i], drawn[0].y[i]]) for i in (0, -1))
    middles = np.stack([names.x, names.y], 1)
    assert abs(start - middles[found.ends[0, 0]]).max() == pytest.approx(0.25)
    assert end[1] < middles[found.ends[0, 1], 1] - 0.25  # the tip is below the box
    assert "without it" in said(table) and "L0H0" in said(table)
    assert options[0] == {"value": "L0H0", "label": "L0H0, 4 arrows from it"} and off == "L0H0"
    *_, off = callbacks.draw(seen(done), at(run, 2, 1), "dark", run, "L2H1")
    assert off == "L2H1"  # the open head can be taken out too, though it is not in the graph


def test_nothing_of_another_text_is_shown(run, done) -> None:
    other = {**run, "key": "0" * 24}
    lead, hidden, *_ = callbacks.draw(seen(done), at(other, 1, 0), "light", other, "")
    assert lead == words.EMPTY and hidden
    assert callbacks.draw_without(None, seen(done), run)[:2] == (words.NOT_YET, True)


def test_a_graph_of_the_open_head_names_it(run) -> None:
    asked = {"run": run["key"], **EDGES, "kind": "rule"}
    built = callbacks.measure(quiet, asked | {"only": [2, 1]})
    lead, hidden, figure, note, *_ = callbacks.draw(seen(built), at(run, 0, 0), "light", run, "")
    assert not hidden and lead.startswith("Only L2H1, with attention")
    assert "passage" in note and "sequence" not in note
    assert figure.layout.meta["text"]


def test_an_empty_graph_is_said_in_a_sentence(run, done, found) -> None:
    none = {
        name: getattr(found, name)[:0]
        for name in ("heads", "attention", "contrast", "looks", "ends", "sides")
    }
    numbers = {name: getattr(found, name)[:0] for name in ("effects", "low", "high", "changes")}
    GRAPHS.put("1" * 24, replace(found, measured=0, notes=(), **none, **numbers))
    empty = seen(done) | {"name": "1" * 24}
    lead, hidden, figure, note, *_ = callbacks.draw(empty, at(run, 1, 0), "light", run, "")
    assert hidden and lead.startswith("No head of this model looks along") and note
    assert figure.layout.height > 0


def test_whom_it_feeds_and_that_nothing_rises(run, done, gone) -> None:
    note, hidden, fed, table, rises, rising = callbacks.draw_without(gone, seen(done), run)
    assert not hidden and note == "" and fed.startswith("Without L0H0, ")
    assert all(f"L1H{head}" in said(table) for head in range(4))
    assert rises.startswith("No later head looks clearly more along") and rising == []
    other = seen(done) | {"method": "zero"}  # another graph: not along its edges
    assert callbacks.draw_without(gone, other, run)[1]
    found = TAKEN.get(gone["name"])
    assert "no head comes after it" in words.fed(replace(found, heads=((2, 0),)), 2)


def test_a_head_that_rises_is_a_candidate_and_no_more(gone) -> None:
    found = TAKEN.get(gone["name"])
    risen, others = found.changes.copy(), found.others_changes.copy()
    risen[:, 2, 3], others[:, 2, 3] = -0.3, 0.0
    made = replace(found, changes=risen, others_changes=others)
    assert words.rises(made, 2).endswith("candidate for a backup head; what for is not measured.")
    text = said(tables.rises(made))
    assert "L2H3" in text and "+0.30" in text and "0.30 … 0.30" in text


def test_what_cannot_be_asked_is_said(run) -> None:
    why, hidden, ask, kinds = callbacks.allow(run)
    assert why == "" and hidden and not ask and not any(one["disabled"] for one in kinds)
    with pytest.raises(HeadscopeError, match="Press Draw the graph, then save"):
        saved.graph(None, run)


@pytest.mark.parametrize("task", ["pictures", "no mask"])
def test_models_that_cannot_be_explained_are_refused_at_once(run, task, monkeypatch) -> None:
    known = runs.load(run["key"])
    changes = {"task": "picture"} if task == "pictures" else {"causal": False, "mask_id": None}
    other = replace(known, model=replace(known.model, **changes))
    monkeypatch.setattr(runs, "load", lambda key: other)
    why, hidden, ask, kinds = callbacks.allow(run)
    assert not hidden and ask == (task == "pictures")
    if task == "pictures":
        assert "reads pictures" in why
    else:
        assert "Choose a rule on this text" in why and kinds[0]["disabled"]


def test_tables_are_saved(run, done, gone) -> None:
    table, name = saved.graph(seen(done), run)
    assert name == ("graph", "demo-gpt", "induction", "mean") and len(table["effect"]) >= 4
    fed, rises = (each.make(gone, run) for each in saved.TABLES[1:])
    assert fed[1] == ("fed", "demo-gpt", "induction", "without-L0H0", "mean")
    assert set(rises[0]["layer"]) == {1, 2}
