"""Attention of one or two heads over a passage, as the callbacks draw it."""

from dataclasses import replace

import numpy as np
import pytest
from drawn import said
from patterns import run_of
from stored import column, random_run

from components.heads import attention_panels, compare
from compute import runs
from compute.jobs import scoring
from compute.lab import induction
from compute.runs import attention, paired_attention
from compute.runs.token_alignment import counterparts, match
from compute.scores import heads
from compute.scores.intervals import Estimate

pytestmark = pytest.mark.usefixtures("cache")
LOOKS = {"theme": "light", "hide": False, "by_value": False}
SIZE, TOKEN = 12, 29  # a passage's tokens; one of the third passage
ROW = TOKEN - 2 * SIZE


def heatmap(run: runs.Run, selection=None, at=(0, 1)):
    """Draw; return the attention that is shown, its frames, what is sent to the map, the title."""
    figure, links, title = attention_panels.draw_heatmap(column(run, *at), selection, LOOKS)
    return np.array(figure.data[0].z), framed(figure), links, said(title)


def framed(figure) -> dict[str, list[float]]:
    return {s.name: [s.x0, s.x1, s.y0, s.y1] for s in figure.layout.shapes}


def chosen(token: int | None, role="query", **more) -> dict:
    return {"role": role, "token": token} | more


@pytest.mark.parametrize("at", [(0, 1), (1, 0)])
def test_a_query_shows_where_it_looks(at) -> None:
    run = random_run()
    weights = attention.of_passage(run, *at, 2)
    shown, frames, links, title = heatmap(run, chosen(TOKEN), at)
    assert np.allclose(shown, weights, atol=1e-5) and not np.triu(shown, 1).any()
    assert frames == {"marked-row": [-0.5, SIZE - 0.5, ROW - 0.5, ROW + 0.5]}
    assert np.allclose(links["weights"], weights[ROW], atol=1e-4)
    assert (links["start"], links["count"]) == (2 * SIZE, SIZE)
    assert links["selection"] == chosen(TOKEN, other=None)
    assert title == "Attention in passage 3 of 6"


def test_a_key_shows_who_looks_at_it() -> None:
    run = random_run()
    weights = attention.of_passage(run, 0, 1, 2)
    _, frames, links, _ = heatmap(run, chosen(TOKEN, "key"))
    assert frames == {"marked-column": [ROW - 0.5, ROW + 0.5, -0.5, SIZE - 0.5]}
    assert np.allclose(links["weights"], weights[:, ROW], atol=1e-4)


def test_a_pair_is_marked_twice_and_named() -> None:
    run = random_run()
    figure, links, _ = attention_panels.draw_heatmap(
        column(run, 0, 1), chosen(TOKEN, other=TOKEN - 2), LOOKS
    )
    assert set(framed(figure)) == {"marked-row", "marked-column"}
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1], "queries run downwards"
    assert links["selection"]["other"] == TOKEN - 2
    assert "%{z:.3f}" in figure.data[0].hovertemplate
    assert "query <b>%{y}</b> → key <b>%{x}</b>" in figure.data[0].hovertemplate
    assert figure.layout.xaxis.ticktext == run.tokens.strings[24:36] == figure.layout.yaxis.ticktext
    _, frames, links, _ = heatmap(run, chosen(TOKEN, other=3))  # of another passage
    assert set(frames) == {"marked-row"} and links["selection"]["other"] is None


def test_what_is_not_there_is_not_selected() -> None:
    run = random_run()
    for selection in (None, chosen(99_999), chosen(None, near=-1)):
        _, frames, links, title = heatmap(run, selection)
        assert links["selection"] is links["weights"] is None and frames == {}
        assert "passage 1 of" in title and not links["whole"]


def test_a_passage_can_be_chosen_without_a_token() -> None:
    run = random_run()
    shown, frames, links, title = heatmap(run, chosen(None, near=TOKEN))
    assert np.allclose(shown, attention.of_passage(run, 0, 1, 2), atol=1e-5) and frames == {}
    assert title == "Attention in passage 3 of 6"
    assert links["selection"] is None and links["whole"] and links["start"] == 2 * SIZE
    assert not heatmap(run, chosen(TOKEN))[2]["whole"]


def difference(a: dict, b: dict, selection=None):
    return attention_panels.draw_difference([a, b], {"selection": selection}, LOOKS)


def test_the_difference_is_a_minus_b() -> None:
    run = random_run()
    a, b = (attention.of_passage(run, *at, 2) for at in ((0, 1), (1, 0)))
    figure, title, note, hidden = difference(column(run, 0, 1), column(run, 1, 0), chosen(TOKEN))
    trace = figure.data[0]
    assert np.allclose(trace.z, a - b, atol=1e-5) and not hidden and note == ""
    assert trace.zmin == -trace.zmax and np.isclose(trace.zmax, np.abs(a - b).max())
    assert f"L0H1 − L1H0 (they disagree on {0.5 * np.abs(a - b).sum(1).mean():.0%} " in title
    assert list(framed(figure)) == ["marked-row"]
    assert figure.layout.meta["tokens"] == list(range(24, 36))


def test_heads_of_two_models_with_other_tokens(monkeypatch) -> None:
    a = replace(run_of(["[CLS]", "playing", "old", "[SEP]"]), key="a")
    b = replace(run_of(["play", "##ing", "ol", "##d"]), key="b")
    monkeypatch.setattr(runs, "load", {"a": a, "b": b}.get)
    figure, title, note, hidden = difference(column(a, 0, 0), column(b, 0, 0))
    both = paired_attention.of_passage(
        a, b, match(a, b), 0, tuple(attention.of_passage(each, 0, 0, 0) for each in (a, b))
    )
    assert np.allclose(figure.data[0].z, both.a - both.b, equal_nan=True)
    assert "matched by their characters" in note and not hidden
    assert "L0H0 in A − L0H0 in B" in title
    of_a, of_b = counterparts(match(a, b))
    found = compare.send_tokens({"a": "a", "b": "b"})
    assert (found["of_a"], found["of_b"]) == (of_a.tolist(), of_b.tolist())
    assert (found["run"], found["strings"]) == ("b", b.tokens.strings)


def test_of_two_texts_there_is_no_difference() -> None:
    a, b = random_run(), random_run(passages=3, seed=1)
    _, title, note, hidden = difference(column(a, 0, 1), column(b, 0, 1))
    assert (title, hidden) == ("Difference", True)
    assert note.startswith("These are not the same passages: 6 of “Made by hand”")
    found = compare.send_tokens({"a": a.key, "b": b.key})
    assert found["of_a"] is found["of_b"] is None and compare.send_tokens(None) is None


def test_facts_are_told_once_they_are_measured() -> None:
    run = random_run()
    assert attention_panels.tell_facts(column(run, 0, 1), None, None) == ""
    scoring.score_heads(run.key, lambda state: None)
    told = attention_panels.tell_facts(column(run, 0, 1), None, None)
    assert told.startswith("previous token 0.") and "random repeats" not in told


def test_induction_on_the_text_and_on_random_repeats_are_told_apart() -> None:
    run = random_run()
    scoring.score_heads(run.key, lambda state: None)
    shape = np.full((2, 3), 0.123)
    shape[0, 1] = 0.456
    score = {"prefix_matching": Estimate(shape, shape, shape)}
    made = induction.Induction(score, {}, "standard", "corrected", 2, 9, 0, ())
    induction.SCORES.put("0" * 24, made)
    told = {"spec": "made", "name": "0" * 24}
    on_text = heads.SCORES.get(heads.key(run.key)).of("induction").mean[0, 1]
    said = attention_panels.tell_facts(column(run, 0, 1), None, told)
    assert f"induction on the text {on_text:.2f} · induction on random repeats 0.46" in said
    other = told | {"spec": "another"}  # of another model, as column B may show
    assert "random repeats" not in attention_panels.tell_facts(column(run, 0, 1), None, other)
