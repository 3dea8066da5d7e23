"""Attention of one or two heads over a passage, as the callbacks draw it."""

from dataclasses import replace

import numpy as np
import pytest
from drawn import said
from patterns import run_of
from stored import column, random_run

from components.compare import column_b
from components.passage import attention_panels
from compute import attention, runs
from compute.attention import heat_scales
from compute.matched import paired_attention
from compute.matched.token_alignment import counterparts, match

pytestmark = pytest.mark.usefixtures("cache")
LOOKS = {"theme": "light", "hide": False, "by_value": False}
HEAT = {"kind": "one", "without": False}
SIZE, TOKEN = 12, 29  # a passage's tokens; one of the third passage
ROW = TOKEN - 2 * SIZE


def heatmap(run: runs.Run, selection=None, at=(0, 1)):
    """Draw; return the attention that is shown, its frames, what is sent to the map, the title."""
    figure, links, title = attention_panels.draw_heatmap(
        column(run, *at), selection, LOOKS, HEAT, None
    )
    return np.array(figure.data[0].z), framed(figure), links, said(title)


def framed(figure) -> dict[str, list[float]]:
    framed = (s for s in figure.layout.shapes if s.name.startswith("framed"))
    return {s.name: [s.x0, s.x1, s.y0, s.y1] for s in framed}


def chosen(token: int | None, role="query", **more) -> dict:
    return {"role": role, "token": token} | more


@pytest.mark.parametrize("at", [(0, 1), (1, 0)])
def test_a_query_shows_where_it_looks(at) -> None:
    run = random_run()
    weights = attention.of_passage(run, *at, 2)
    shown, frames, links, title = heatmap(run, chosen(TOKEN), at)
    assert np.allclose(shown, weights, atol=1e-5) and not np.triu(shown, 1).any()
    assert frames == {"framed-row": [-0.5, SIZE - 0.5, ROW - 0.5, ROW + 0.5]}
    assert np.allclose(links["weights"], weights[ROW], atol=1e-4)
    assert (links["start"], links["count"]) == (2 * SIZE, SIZE)
    assert links["selection"] == chosen(TOKEN, other=None)
    assert title == "Attention in passage 3 of 6"


def test_a_key_shows_who_looks_at_it() -> None:
    run = random_run()
    weights = attention.of_passage(run, 0, 1, 2)
    _, frames, links, _ = heatmap(run, chosen(TOKEN, "key"))
    assert frames == {"framed-column": [ROW - 0.5, ROW + 0.5, -0.5, SIZE - 0.5]}
    assert np.allclose(links["weights"], weights[:, ROW], atol=1e-4)


def test_a_pair_is_marked_twice_and_named() -> None:
    run = random_run()
    figure, links, _ = attention_panels.draw_heatmap(
        column(run, 0, 1), chosen(TOKEN, other=TOKEN - 2), LOOKS, HEAT, None
    )
    assert set(framed(figure)) == {"framed-row", "framed-column"}
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1], "queries run downwards"
    assert links["selection"]["other"] == TOKEN - 2
    assert figure.data[0].hoverinfo == "none"  # the page's own card tells of a cell
    names = {str(i): name for i, name in enumerate(run.tokens.strings[24:36])}
    assert figure.layout.xaxis.labelalias == names == figure.layout.yaxis.labelalias
    _, frames, links, _ = heatmap(run, chosen(TOKEN, other=3))  # of another passage
    assert set(frames) == {"framed-row"} and links["selection"]["other"] is None


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


def drawn(run: runs.Run, kind: str, without=False, selection=None, both=None, at=(0, 1)):
    """Draw on a scale; return the figure, and what is sent for the words."""
    heat = {"kind": kind, "without": without}
    figure, links, _ = attention_panels.draw_heatmap(column(run, *at), selection, LOOKS, heat, both)
    return figure, links


def test_each_scale_says_what_it_is_and_keeps_the_attention() -> None:
    run = random_run()
    weights = attention.of_passage(run, 0, 1, 2)
    said = {}
    for kind in heat_scales.KINDS:
        figure, links = drawn(run, kind, selection=chosen(TOKEN))
        trace, said[kind] = figure.data[0], figure.layout.meta["scale"]
        hovered = trace.customdata if kind == "row" else trace.z
        assert np.allclose(hovered, weights), "what the mouse shows is attention"
        assert np.allclose(links["weights"], weights[ROW], atol=1e-4)
        shades = heat_scales.fit(kind, True, [shown_in(run, 2)]).shades(
            weights[ROW], np.full(SIZE, weights[ROW].max())
        )
        assert np.allclose(links["shades"], shades, atol=1e-3) and not any(links["grey"])
    assert said["one"] == "0 to 1, the same for all heads."
    assert figure.data[0].zmax == 1 and np.allclose(np.max(figure.data[0].z, 1), 1)
    top = np.quantile(weights[np.tril_indices(SIZE)], 0.99)
    figure, _ = drawn(run, "clip", selection=chosen(TOKEN))
    assert np.isclose(figure.data[0].zmax, top) and f"0 to {top:.2g}." in said["clip"]
    assert figure.data[0].colorbar.ticktext[-1] == f"≥ {top:.2g}"
    figure, _ = drawn(run, "log")
    bar = figure.data[1].marker.colorbar
    assert bar.ticktext == ("≤ 0.001", "0.01", "0.1", "1")
    assert np.allclose(bar.tickvals, [-3, -2, -1, 0])


def shown_in(run: runs.Run, passage: int, at=(0, 1)) -> heat_scales.Shown:
    weights = attention.of_passage(run, *at, passage)
    return heat_scales.of_passage(run, at[0], passage, weights)


def test_sinks_are_grey_and_do_not_count() -> None:
    run = random_run()  # causal, its first tokens special
    weights = attention.of_passage(run, 0, 1, 2)
    figure, links = drawn(run, "one", True, chosen(TOKEN))
    cells, grey = figure.data
    assert np.isclose(cells.zmax, weights[:, 1:].max()) and cells.zmax < 1
    assert np.allclose(cells.z, weights), "their attention stays"
    assert (grey.x0, grey.zmax, grey.hoverinfo) == (0, 1, "skip")
    assert np.allclose(grey.z, weights[:, :1])
    assert links["grey"] == [True] + [False] * (SIZE - 1)
    assert np.isclose(links["shades"][0], weights[ROW, 0], atol=1e-3)
    _, links = drawn(run, "one", True, chosen(2 * SIZE, "key"))
    assert all(links["grey"]), "all of them look at a sink"
    assert "but sinks" in figure.layout.meta["scale"]


def test_two_that_are_compared_have_one_scale() -> None:
    run = random_run()
    chose = [chosen(TOKEN), chosen(TOKEN)]
    both = {"columns": [column(run, 0, 1), column(run, 1, 0)], "selections": chose}
    tops = {
        drawn(run, "clip", selection=chose[0], both=both, at=at)[0].data[0].zmax
        for at in ((0, 1), (1, 0))
    }
    parts = [shown_in(run, 2, at).counted(True) for at in ((0, 1), (1, 0))]
    assert np.isclose(tops.pop(), np.quantile(np.concatenate(parts), 0.99)) and not tops
    figure, _ = drawn(run, "clip", selection=chose[0], both=both)
    assert figure.layout.meta["scale"].endswith("One scale for A and B.")


def test_a_pale_picture_is_offered_another_scale() -> None:
    run = random_run(causal=False)  # its last head looks everywhere alike
    figure, _ = drawn(run, "one", at=(1, 2))
    assert figure.layout.meta["pale"] == "all"
    assert drawn(run, "clip", at=(1, 2))[0].layout.meta["pale"] == ""


def difference(a: dict, b: dict, selection=None, heat=HEAT):
    return attention_panels.draw_difference([a, b], {"selection": selection}, LOOKS, heat)


def test_the_difference_is_a_minus_b() -> None:
    run = random_run()
    a, b = (attention.of_passage(run, *at, 2) for at in ((0, 1), (1, 0)))
    figure, title, note, hidden = difference(column(run, 0, 1), column(run, 1, 0), chosen(TOKEN))
    trace = figure.data[0]
    assert np.allclose(trace.z, a - b, atol=1e-5) and not hidden and note == ""
    assert trace.zmin == -trace.zmax and np.isclose(trace.zmax, np.abs(a - b).max())
    assert f"L0H1 − L1H0 (they disagree on {0.5 * np.abs(a - b).sum(1).mean():.0%} " in title
    assert list(framed(figure)) == ["framed-row"]
    assert figure.layout.meta["tokens"] == list(range(24, 36))
    said = figure.layout.meta["scale"]
    assert (
        f"from −{trace.zmax:.2g} (purple: L1H0" in said and f"+{trace.zmax:.2g} (teal: L0H1" in said
    )
    heat = {"kind": "clip", "without": True}
    figure, *_ = difference(column(run, 0, 1), column(run, 1, 0), chosen(TOKEN), heat)
    seen = np.abs(a - b)[:, 1:][np.tril(np.ones((SIZE, SIZE), bool))[:, 1:]]
    assert np.isclose(figure.data[0].zmax, np.quantile(seen, 0.99)), "without the sink"
    assert np.allclose(figure.data[1].z, np.abs(a - b)[:, :1])


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
    found = column_b.send_tokens({"a": "a", "b": "b"})
    assert (found["of_a"], found["of_b"]) == (of_a.tolist(), of_b.tolist())
    assert (found["run"], found["strings"]) == ("b", b.tokens.strings)


def test_of_two_texts_there_is_no_difference() -> None:
    a, b = random_run(), random_run(passages=3, seed=1)
    _, title, note, hidden = difference(column(a, 0, 1), column(b, 0, 1))
    assert (title, hidden) == ("Difference", True)
    assert note.startswith("These are not the same passages: 6 of “Made by hand”")
    found = column_b.send_tokens({"a": a.key, "b": b.key})
    assert found["of_a"] is found["of_b"] is None and column_b.send_tokens(None) is None
