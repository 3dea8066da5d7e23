"""Of a passage that is too long to be drawn whole: the part around the selected token."""

import numpy as np
import pytest
from drawn import said
from stored import column, random_run

from components.passage import attention_panels
from compute.runs import attention, windows

pytestmark = pytest.mark.usefixtures("cache")
HEAT = {"kind": "one", "without": True}
SIZE = 12  # a passage's tokens


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(windows, "LONG", 10)
    monkeypatch.setattr(windows, "SIZE", 4)
    monkeypatch.setattr(attention, "CELLS", 2 * SIZE)  # two rows at a time


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


def test_of_a_key_no_rest_is_told_and_the_difference_says_why_it_is_not_drawn():
    *_, links, _ = drawn({"role": "key", "token": 2 * SIZE + 11})
    assert "beyond" not in links and len(links["weights"]) == 4
    run = random_run()
    columns = [column(run, 0, at) for at in (0, 1)]
    *_, note, hidden = attention_panels.draw_difference(columns, None, looks(), HEAT)
    assert hidden and "at most 1,024 tokens" in note
