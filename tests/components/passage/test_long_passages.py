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


def test_a_key_outside_the_part_has_no_mark_and_the_difference_says_why_it_is_not_drawn():
    run, shown, links, _ = drawn({"role": "query", "token": 2 * SIZE + 11, "other": 2 * SIZE})
    assert shown.shape == (4, 4) and links["selection"]["other"] == 2 * SIZE
    *_, links, _ = drawn({"role": "key", "token": 2 * SIZE + 11})
    assert "beyond" not in links and len(links["weights"]) == 4
    columns = [column(run, 0, at) for at in (0, 1)]
    *_, note, hidden = attention_panels.draw_difference(columns, None, looks(), HEAT)
    assert hidden and "at most 1,024 tokens" in note
