"""An added sentence's tokens are numbered on after those of the text."""

import numpy as np
import pytest
from drawn import said
from stored import column, random_run

from components.page import take_away
from components.passage import attention_panels
from components.sentence import sentences
from components.shown.records import HeadView
from compute import attention

pytestmark = pytest.mark.usefixtures("cache")
LOOKS = {"theme": "light", "hide": False, "by_value": False}
HEAT = {"kind": "one", "without": False}


def both(seed=0):
    """A text, and a sentence: of the same model if its seed is the same."""
    text, own = random_run(), random_run(passages=1, length=9, seed=seed)
    return text, own, {"key": own.key, "identity": own.model.identity, "needs": []}


def test_its_heatmap_is_its_own_with_the_pages_numbers() -> None:
    text, own, ghost = both()
    n, weights = len(text.tokens), attention.of_passage(own, 0, 1, 0)
    chosen = {"role": "key", "token": n + 4, "other": n + 7}
    figure, links, title = attention_panels.draw_heatmap(
        column(text, 0, 1), chosen, LOOKS, HEAT, None, ghosts=[ghost]
    )
    assert np.allclose(figure.data[0].z, weights, atol=1e-5)
    assert figure.layout.meta["run"] == text.key
    assert np.allclose(links["weights"], weights[:, 4], atol=1e-4)
    assert (links["start"], links["count"]) == (n, 9)
    assert links["selection"].items() >= chosen.items()
    assert said(title).startswith("Attention in your sentence")
    near = {"role": "query", "token": None, "near": n}
    _, links, _ = attention_panels.draw_heatmap(
        column(text, 0, 1), near, LOOKS, HEAT, None, ghosts=[ghost]
    )
    assert links["whole"] and links["start"] == n and links["selection"] is None


def test_a_sentence_of_another_model_or_none_is_not_shown() -> None:
    text, _, ghost = both(seed=1)
    chosen = {"role": "query", "token": len(text.tokens) + 2}
    for there in (ghost, None):
        _, links, title = attention_panels.draw_heatmap(
            column(text, 0, 1), chosen, LOOKS, HEAT, None, ghosts=[there]
        )
        assert "passage 1 of 6" in said(title) and links["selection"] is None


def test_b_shows_it_as_its_own_model_has_read_it() -> None:
    text, _, ghost = both()
    _, own, other = both(seed=1)
    b = random_run(seed=1)
    chosen = {"role": "query", "token": len(b.tokens) + 2}
    figure, links, title = attention_panels.draw_heatmap(
        column(b, 0, 1), chosen, LOOKS, HEAT, None, ghosts=[ghost, other]
    )
    weights = attention.of_passage(own, 0, 1, 0)
    assert np.allclose(figure.data[0].z, weights, atol=1e-5) and "your sentence" in said(title)
    assert links["selection"]["token"] == chosen["token"]
    views = [HeadView.of(column(each, 0, 1)) for each in (text, b)]
    near = {"role": "query", "token": None, "near": len(text.tokens)}
    _, found, *_ = sentences.pair(*views, near, [ghost, other])
    assert found.key == own.key
    assert sentences.pair(*views, near, [ghost, None])[1] is None


def test_a_token_of_the_text_is_one_as_before() -> None:
    text, _, ghost = both()
    _, links, title = attention_panels.draw_heatmap(
        column(text, 0, 1), {"role": "query", "token": 29}, LOOKS, HEAT, None, ghosts=[ghost]
    )
    assert "passage 3 of 6" in said(title) and links["start"] == 24


def test_the_difference_and_the_table_are_of_the_sentence() -> None:
    text, own, ghost = both()
    near = {"role": "query", "token": None, "near": len(text.tokens)}
    a, b = (attention.of_passage(own, *at, 0) for at in ((0, 1), (1, 0)))
    figure, *_, hidden = attention_panels.draw_difference(
        [column(text, 0, 1), column(text, 1, 0)], {"selection": near}, LOOKS, HEAT, ghosts=[ghost]
    )
    assert np.allclose(figure.data[0].z, a - b, atol=1e-5) and not hidden
    assert figure.layout.meta["tokens"][0] == len(text.tokens)
    table, name = take_away.heatmap_table(
        *(column(text, 0, 1)[part] for part in ("run", "layer", "head")), near, False, False, ghost
    )
    assert np.allclose(table["attention"], a.ravel()) and name[-1] == "sentence1"
    assert table["query_token"][0] == own.tokens.strings[0]
    _, other, _ = both(seed=1)
    *_, note, hidden = attention_panels.draw_difference(
        [column(text, 0, 1), column(other, 1, 0)], {"selection": near}, LOOKS, HEAT, ghosts=[ghost]
    )
    assert hidden and "not been read in B yet" in note


def test_its_tokens_are_sent_with_its_model() -> None:
    _, own, ghost = both()
    sent = sentences.send(ghost)
    assert sent["strings"] == own.tokens.strings and sent["identity"] == own.model.identity
    assert sentences.send(None) is None
    assert sentences.send_other(ghost, None) is None
    sent = sentences.send_other(ghost, ghost)
    assert sent["of_a"] == sent["of_b"] == [*range(9)] and sent["strings"] == own.tokens.strings
    # In other parts no token belongs to one of A's; that B has read it is known all the same.
    text = random_run(seed=1)
    sent = sentences.send_other({**ghost, "key": text.key}, ghost)
    assert {*sent["of_a"]} == {*sent["of_b"]} == {-1} and sent["strings"] == own.tokens.strings
    assert [len(sent[name]) for name in ("of_a", "of_b")] == [len(text.tokens), 9]
