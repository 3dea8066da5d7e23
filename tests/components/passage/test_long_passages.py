"""Of a passage that is too long to be drawn whole: the part around the selected token."""

import base64

import numpy as np
import pytest
from dash import no_update
from drawn import said
from stored import column, quiet, random_cross, random_run

from components.passage import attention_panels, overview
from compute import attention
from compute.attention import exact, overviews, windows
from compute.errors import HeadscopeError

pytestmark = pytest.mark.usefixtures("cache")
HEAT = {"kind": "one", "without": True}
SIZE = 12  # a passage's tokens


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(windows, "LONG", 10)
    monkeypatch.setattr(windows, "SIZE", 4)
    monkeypatch.setattr(exact, "CELLS", 2 * SIZE)  # two rows at a time


def looks(**more) -> dict:
    return {"theme": "light", "hide": False, "by_value": False} | more


def drawn(selection=None, **more):
    run = random_run()
    figure, links, title = attention_panels.draw_heatmap(
        column(run, 0, 1), selection, looks(**more), HEAT, None
    )
    return run, np.array(figure.data[0].z), links, said(title)


@pytest.mark.parametrize(("place", "first"), [(0, 0), (5, 3), (11, 8)])
def test_the_part_around_the_selected_token_is_shown(place, first):
    token = 2 * SIZE + place
    run, shown, links, title = drawn({"role": "query", "token": token})
    whole = attention.of_passage(run, 0, 1, 2)
    part = slice(first, first + 4)
    assert np.allclose(shown, whole[part, part], atol=1e-6)
    assert (links["start"], links["count"]) == (2 * SIZE + first, 4)
    assert np.allclose(links["weights"], whole[place, part], atol=1e-4)
    rest = np.where(np.isin(np.arange(SIZE), np.arange(first, first + 4)), 0, whole[place])
    most = int(rest.argmax())
    assert links["beyond"] == {
        "share": pytest.approx(rest.sum()),
        "place": most,
        "word": f"t{(token - place + most) % 7}",
        "weight": pytest.approx(rest[most]),
    }
    assert links["grey"] == [i + first == 0 for i in range(4)], "the sink is the passage's first"
    assert title == f"Attention in passage 3 of 6, tokens {first} to {first + 3} of 12"


def test_what_is_done_to_rows_is_done_before_keys_are_left_out():
    run, shown, *_ = drawn({"role": "query", "token": 2 * SIZE + 5}, by_value=True, hide=True)
    whole = attention.by_value_norm(run, 0, 1, 2, attention.of_passage(run, 0, 1, 2))
    whole = attention.without_special(run, 2, whole)
    np.testing.assert_allclose(shown, whole[3:7, 3:7], atol=1e-6)


def test_a_token_outside_the_part_has_no_mark():
    for roles in (("query", 11, 0), ("key", 0, 11)):
        role, token, other = roles[0], *(2 * SIZE + place for place in roles[1:])
        _, shown, links, _ = drawn({"role": role, "token": token, "other": other})
        assert shown.shape == (4, 4) and links["selection"]["other"] == other and links["part"]
        first = 8 if role == "query" else 0
        assert (links["start"], len(links["weights"])) == (2 * SIZE + first, 4)


@pytest.mark.parametrize("role", ["query", "key"])
def test_both_tokens_are_in_the_part_where_they_fit(role):
    places = {"query": 7, "key": 5}
    token, other = (places[r] + 2 * SIZE for r in (role, {"query": "key", "key": "query"}[role]))
    run, shown, links, _ = drawn({"role": role, "token": token, "other": other})
    assert links["start"] == 2 * SIZE + 4
    whole = attention.of_passage(run, 0, 1, 2)
    np.testing.assert_allclose(shown, whole[4:8, 4:8], atol=1e-6)
    expected = whole[7, 4:8] if role == "query" else whole[4:8, 5]
    np.testing.assert_allclose(links["weights"], expected, atol=1e-4)


def test_of_a_key_no_rest_is_told():
    *_, links, _ = drawn({"role": "key", "token": 2 * SIZE + 11})
    assert "beyond" not in links and len(links["weights"]) == 4


def test_the_difference_of_two_heads_is_of_what_is_shown():
    run = random_run()
    columns = [column(run, 0, at) for at in (0, 1)]
    chosen = {"selection": {"role": "query", "token": 2 * SIZE + 7, "window": [6, 1]}}
    figure, title, note, hidden = attention_panels.draw_difference(columns, chosen, looks(), HEAT)
    one, two = (attention.of_passage(run, 0, head, 2)[6:10, 1:5] for head in (0, 1))
    np.testing.assert_allclose(np.array(figure.data[0].z), one - two, atol=1e-6)
    assert title == "Difference: L0H0 − L0H1, queries 6 to 9 of 12, keys 1 to 4 of 12"
    assert figure.layout.meta["tokens"] == [2 * SIZE + i for i in range(6, 10)]
    assert figure.layout.meta["keys"] == [2 * SIZE + i for i in range(1, 5)]
    assert not hidden and not note


def test_of_two_runs_the_difference_says_why_it_is_not_drawn():
    columns = [column(random_run(seed=seed), 0, 0) for seed in (0, 1)]
    *_, note, hidden = attention_panels.draw_difference(columns, None, looks(), HEAT)
    assert hidden and "at most 1,024 tokens" in note


def test_a_chosen_part_may_have_other_keys_than_queries():
    selection = {"role": "query", "token": 2 * SIZE + 7, "window": [6, 1]}
    run, shown, links, title = drawn(selection)
    whole = attention.of_passage(run, 0, 1, 2)
    np.testing.assert_allclose(shown, whole[6:10, 1:5], atol=1e-6)
    np.testing.assert_allclose(links["weights"], whole[7, 1:5], atol=1e-4)
    assert (links["start"], links["keys"]["start"]) == (2 * SIZE + 6, 2 * SIZE + 1)
    assert links["window"] == {"rows": [6, 10, 12], "columns": [1, 5, 12], "chosen": True}
    assert links["overview"] == {"run": run.key, "layer": 0, "head": 1, "passage": 2}
    assert title.endswith(", queries 6 to 9 of 12, keys 1 to 4 of 12")
    assert links["beyond"]["share"] == pytest.approx(1 - whole[7, 1:5].sum(), abs=1e-5)


def test_a_chosen_part_ends_with_the_passage_and_is_left_with_what_is_selected():
    near = {"role": "query", "token": None, "near": 2 * SIZE, "window": [11, 0]}
    *_, links, _ = drawn(near)
    assert links["window"] == {"rows": [8, 12, 12], "columns": [0, 4, 12], "chosen": True}
    *_, links, title = drawn({"role": "key", "token": 2 * SIZE + 9, "window": [0, 0]})
    assert links["window"]["chosen"] is False and title.endswith("tokens 7 to 10 of 12")


def test_of_cross_attention_each_side_is_chosen_for_itself(monkeypatch):
    monkeypatch.setattr(windows, "LONG", 9)  # the nine queries are all shown
    run = random_cross()
    asked = {"role": "key", "token": 2 * SIZE + 7, "window": [3, 5]}
    figure, links, _ = attention_panels.draw_heatmap(column(run, 0, 1), asked, looks(), HEAT, None)
    whole = attention.of_passage(run, 0, 1, 2)
    np.testing.assert_allclose(np.array(figure.data[0].z), whole[:, 5:9], atol=1e-6)
    assert links["window"]["rows"] == [0, 9, 9] and links["keys"]["start"] == 2 * SIZE + 5


def asked_for(run, **more) -> dict:
    return {"run": run.key, "layer": 0, "head": 1, "passage": 2} | more


def test_the_whole_is_sent_as_a_picture_at_once_or_by_a_job(monkeypatch):
    run = random_run()
    sent, wanted = overview.send(asked_for(run, found=None))
    expected = overviews.of_passage(run, 0, 1, 2).levels
    assert base64.b64decode(sent["levels"]) == expected.tobytes() and wanted is no_update
    assert (sent["rows"], sent["columns"], sent["passage"]) == (12, 12, 2)
    monkeypatch.setattr(overviews, "AT_ONCE", 10)
    assert overview.send(asked_for(run, found=None)) == (None, asked_for(run))
    made = overview.make(quiet, asked_for(run))
    again, wanted = overview.send(asked_for(run, found=made["name"]))
    assert again == sent and wanted is no_update
    assert overview.send(None) == (None, no_update)


def test_a_passage_that_is_not_there_is_refused():
    form = overview.STORES["overview-asked"]
    form.check(asked_for(random_run(), found=None), "asked")
    with pytest.raises(HeadscopeError, match="Reload the page"):
        form.check(asked_for(random_run(), found=None, passage=6), "asked")
