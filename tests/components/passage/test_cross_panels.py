"""Cross-attention over a passage: rows are of what the decoder reads, columns of the encoder's."""

import json
from dataclasses import replace

import numpy as np
import pytest
from dash import html
from drawn import inside, said
from stored import column, quiet, random_cross, random_run

from components.forms import opened
from components.forms.form import Form
from components.lasso import kept, points
from components.passage import attention_panels, strongest
from compute import attention, runs, store
from compute.attention import heat_scales
from compute.errors import HeadscopeError
from compute.jobs import scoring
from compute.scores import selected
from compute.take_away import selected_tables

pytestmark = pytest.mark.usefixtures("cache")
LOOKS = {"theme": "light", "hide": False, "by_value": False}
HEAT = {"kind": "one", "without": False}
ROWS, COLUMNS = 9, 12  # tokens of a passage in either text
QUERY, KEY = 2 * ROWS + 4, 2 * COLUMNS + 11  # of the third passage


def draw(run: runs.Run, selection=None, looks=LOOKS, heat=HEAT):
    shown = attention_panels.draw_heatmap(column(run, 0, 1), selection, looks, heat, None)
    return *shown[:2], said(shown[2])


def frames(figure) -> dict:
    framed = (s for s in figure.layout.shapes if s.name.startswith("framed"))
    return {s.name: [s.x0, s.x1, s.y0, s.y1] for s in framed}


def test_a_query_shows_which_tokens_of_the_source_it_looks_at() -> None:
    run = random_cross()
    weights = attention.of_passage(run, 0, 1, 2)
    figure, links, title = draw(run, {"role": "query", "token": QUERY, "other": KEY})
    assert weights.shape == (ROWS, COLUMNS) and np.allclose(figure.data[0].z, weights, atol=1e-5)
    rows, columns = (
        list(axis.labelalias.values()) for axis in (figure.layout.yaxis, figure.layout.xaxis)
    )
    assert rows == list(run.tokens.strings[18:27]) and columns == list(run.keys.strings[24:36])
    assert frames(figure) == {
        "framed-row": [-0.5, 11.5, 3.5, 4.5],
        "framed-column": [10.5, 11.5, -0.5, 8.5],
    }
    assert np.allclose(links["weights"], weights[4], atol=1e-4)
    assert len(links["shades"]) == len(links["grey"]) == COLUMNS
    assert (links["start"], links["count"]) == (18, ROWS)
    assert links["keys"] == {"start": 24, "count": COLUMNS}
    assert title == "Attention in passage 3 of 6"


def test_a_key_shows_which_tokens_of_the_target_look_at_it() -> None:
    run = random_cross()
    weights = attention.of_passage(run, 0, 1, 2)
    figure, links, _ = draw(run, {"role": "key", "token": KEY})
    assert frames(figure) == {"framed-column": [10.5, 11.5, -0.5, 8.5]}
    assert np.allclose(links["weights"], weights[:, 11], atol=1e-4)
    assert len(links["shades"]) == len(links["grey"]) == ROWS
    assert links["selection"] == {"role": "key", "token": KEY, "other": None}


@pytest.mark.parametrize(
    "selection",
    [
        {"role": "query", "token": 6 * ROWS},  # a key of the last passage has this number
        {"role": "key", "token": 6 * COLUMNS},
        {"role": "query", "token": None, "near": 6 * ROWS},
    ],
)
def test_each_role_has_its_own_numbers(selection) -> None:
    _, links, title = draw(random_cross(), selection)
    assert links["selection"] is None and title == "Attention in passage 1 of 6"


def test_a_passage_or_a_pair_of_another_passage() -> None:
    run = random_cross()
    _, links, title = draw(run, {"role": "key", "token": None, "near": KEY})
    assert links["whole"] and title == "Attention in passage 3 of 6"
    _, links, _ = draw(run, {"role": "query", "token": QUERY, "other": 4 * COLUMNS})
    assert links["selection"]["other"] is None


@pytest.mark.parametrize("kind", heat_scales.KINDS)
@pytest.mark.parametrize("without", [False, True])
def test_every_scale_is_of_both_sides(kind, without) -> None:
    run = random_cross()
    heat = {"kind": kind, "without": without}
    for selection in ({"role": "query", "token": QUERY}, {"role": "key", "token": KEY}):
        figure, links, _ = draw(run, selection, heat=heat)
        shown = figure.data[0].customdata if kind == "row" else figure.data[0].z
        assert np.allclose(shown, attention.of_passage(run, 0, 1, 2), atol=1e-5)
        sinks = [True] + [False] * (COLUMNS - 1)  # special keys
        expected = sinks if selection["role"] == "query" else [False] * ROWS
        assert links["grey"] == [grey and without for grey in expected]


def test_special_tokens_of_both_sides_are_left_out_and_values_are_of_keys() -> None:
    run = random_cross()
    norms = np.random.default_rng(0).uniform(0.5, 2, run.v_norm.shape).astype(np.float32)
    key = store.key("more")
    runs.RUNS.put(key, replace(run, key=key, v_norm=norms))
    run = runs.load(key)
    weights = attention.of_passage(run, 0, 1, 2)
    figure, _, title = draw(
        run, looks=LOOKS | {"hide": True}, selection={"role": "key", "token": KEY}
    )
    shown = np.array(figure.data[0].z)
    assert np.isnan(shown[0]).all() and np.isnan(shown[:, 0]).all() and "special" in title
    rest = weights[1:, 1:] / weights[1:, 1:].sum(1, keepdims=True)
    assert np.allclose(shown[1:, 1:], rest, atol=1e-5)
    figure, *_ = draw(
        run, looks=LOOKS | {"by_value": True}, selection={"role": "key", "token": KEY}
    )
    scaled = weights * norms[0, 1, 24:36]
    assert np.allclose(figure.data[0].z, scaled / scaled.sum(1, keepdims=True), atol=1e-5)


def difference(a: runs.Run, b: runs.Run, selection=None):
    columns = column(a, 0, 1), column(b, 1, 0)
    return attention_panels.draw_difference(columns, {"selection": selection}, LOOKS, HEAT)


def test_the_difference_of_two_heads() -> None:
    run = random_cross()
    figure, title, note, hidden = difference(run, run, {"role": "query", "token": QUERY})
    a, b = (attention.of_passage(run, *at, 2) for at in ((0, 1), (1, 0)))
    assert np.allclose(figure.data[0].z, a - b, atol=1e-5) and not hidden and note == ""
    assert figure.layout.meta["tokens"] == [*range(18, 27)]
    assert figure.layout.meta["keys"] == [*range(24, 36)]
    assert f"{0.5 * np.abs(a - b).sum(1).mean():.0%}" in title
    assert frames(figure) == {"framed-row": [-0.5, 11.5, 3.5, 4.5]}


def test_no_difference_of_cross_attention_and_other_attention() -> None:
    run, other = random_cross(), random_run(length=ROWS, causal=False)
    for pair in ((run, other), (other, run)):
        _, _, note, hidden = difference(*pair)
        assert hidden and "there is no difference" in note
    _, _, note, hidden = difference(run, random_cross(sources=11))
    assert hidden and "other tokens" in note
    last = {"role": "query", "token": 6 * ROWS - 1}  # of a passage that the other text lacks
    for fewer in (random_cross(passages=3), random_run(passages=3, length=ROWS)):
        _, _, note, hidden = difference(run, fewer, last)
        assert hidden and ("other tokens" in note or "there is no difference" in note)


def listed(run: runs.Run, by: str, **more) -> list:
    asked = {"run": run.key, "layer": 0, "head": 1, "token": None, "scored": True, "found": None}
    return strongest.draw(asked | {"by": by} | more)[0]


def entries(drawn: list) -> list[tuple[str, dict]]:
    buttons = [part for part in inside(drawn) if isinstance(part, html.Button)]
    return [(said(b), json.loads(b.to_plotly_json()["props"]["data-selection"])) for b in buttons]


def test_where_a_head_is_strongest_from_one_text_to_the_other() -> None:
    run = random_cross()
    words, chosen = entries(listed(run, "largest"))[0]
    passage = int(words.split()[1]) - 1
    weights = attention.of_passage(run, 0, 1, passage)
    place = chosen["token"] - ROWS * passage, chosen["other"] - COLUMNS * passage
    assert weights[place] == weights[1:, 1:].max()
    assert f"from “{run.tokens.strings[chosen['token']]}”" in words
    assert run.keys.strings[chosen["other"]] in words.split("”")[1]
    assert "Select a key first" in said(listed(run, "token"))
    drawn = listed(run, "token", token=KEY)
    assert f"What “{run.keys.strings[KEY]}” gets" in said(drawn) and "≠" not in said(drawn)
    for _, chosen in entries(drawn):
        assert chosen["role"] == "key"
        assert run.keys.ids[chosen["token"]] == run.keys.ids[KEY]
    with pytest.raises(HeadscopeError, match="not of this text"):
        listed(run, "token", token=len(run.keys))
    scoring.score_heads(run.key, quiet)
    assert len(entries(listed(run, "score"))) == 6


def test_selected_points_are_of_their_own_texts() -> None:
    run = random_cross()
    lassoed = {"run": run.key, "queries": [20], "keys": [24, 71], "columns": [[run.key, 0, 1]]}
    Form(opened.Lassoed).check(lassoed, "lassoed")
    drawn, hidden = points.describe(lassoed)
    assert not hidden and "Selected: 1 query, 2 keys" in said(drawn)
    share = attention.of_passage(run, 0, 1, 2)[2, 0]
    assert f"{share:.1%} of the attention" in said(drawn)
    with pytest.raises(HeadscopeError, match="not of this text"):
        Form(opened.Lassoed).check(lassoed | {"queries": [71], "keys": [20]}, "lassoed")
    table = selected_tables.contexts(run, np.array([20]), np.array([71]))
    assert table["token"] == [run.tokens.strings[20], run.keys.strings[71]]
    assert (table["passage"], table["position"]) == ([3, 6], [2, 11])
    assert table["before"][1] == " ".join(run.keys.strings[61:71])
    kept.keep(None, None, "ends", lassoed, {"key": run.key})
    shown = kept.show("ends", {"key": run.key})
    assert (shown["queries"], shown["keys"]) == ([20], [24, 71])
    ranked = scoring.rank_selected(run.key, "ends", quiet)
    found = selected.SELECTED.get(ranked)
    assert found.mean[0, 1] == pytest.approx(share, abs=1e-5) and found.n.tolist() == [1, 1]


def test_selected_points_in_two_columns() -> None:
    """Another model that reads the same texts has the same tokens; other attention has none."""
    run, other = random_cross(), random_cross(d=4)
    lassoed = {"run": run.key, "queries": [20], "keys": [24, 71]}
    columns = [[run.key, 0, 1], [other.key, 1, 0]]
    drawn, _ = points.describe(lassoed | {"columns": columns})
    share = attention.of_passage(other, 1, 0, 2)[2, 0]
    assert "L1H0 in B: within the selection" in said(drawn) and f"{share:.1%} of" in said(drawn)
    columns[1][0] = random_run(length=ROWS, causal=False).key
    drawn, _ = points.describe(lassoed | {"columns": columns})
    assert "in A" in said(drawn) and "in B" not in said(drawn)
