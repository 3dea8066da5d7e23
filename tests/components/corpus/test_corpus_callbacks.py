"""What the stage "Corpus" shows of findings whose numbers are known."""

from dataclasses import replace

import corpora_made as made
import numpy as np
import pytest
from corpora_made import NAME, OTHER
from dash import no_update
from dash.exceptions import PreventUpdate
from drawn import at, rows, said

from components.corpus import asking, callbacks, going, of_head, saved, stage, words
from compute import runs, texts
from compute.corpora import SAMPLES
from compute.errors import HeadscopeError


@pytest.fixture(autouse=True)
def found(run: runs.Run, monkeypatch: pytest.MonkeyPatch):
    """Findings of the model of `run`, and others of it."""
    named = {"name": run.model.name}
    first = made.found(run.model.identity, **named)
    second = made.found(run.model.identity, corpus="Another shelf", tokens=9, **named)
    made.keep(monkeypatch, **{NAME: first, OTHER: second})
    return first


def asked(shown: dict, new: str | None = None) -> dict:
    return {"run": shown["key"], "new": new}


def looked(shown: dict, layer: int = 1, head: int = 2, name: str = NAME) -> dict:
    return at(shown, layer, head) | {"name": name}


def test_the_newest_findings_are_offered_and_those_that_were_chosen_stay(shown: dict) -> None:
    options, value, *_, nothing, asks, hidden, disabled, command = callbacks.offer(
        asked(shown), shown, None, None
    )
    assert [each["value"] for each in options] == [NAME, OTHER] and value == NAME
    assert options[0]["label"] == "Two shelves, 12,000 tokens"
    assert (nothing, asks, hidden, disabled) == ("", False, False, False)
    assert command.startswith("python -m compute corpus --model made")
    chosen = callbacks.offer(asked(shown), shown, OTHER, OTHER)
    assert (chosen[1], chosen[3]) == (OTHER, OTHER)
    assert callbacks.offer(asked(shown, NAME), shown, OTHER, OTHER)[1] == NAME  # just measured
    assert callbacks.offer(asked(shown), shown, "ef" * 12, None)[1] == NAME  # gone


def test_a_model_without_findings_is_asked_for_a_corpus(
    shown: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.keep(monkeypatch, **{NAME: made.found("another")})
    _, value, *_, nothing, asks, hidden, disabled, _ = callbacks.offer(
        asked(shown), shown, NAME, None
    )
    assert value == "" and "No corpus was measured" in nothing
    assert (asks, hidden, disabled) == (True, True, False)
    with pytest.raises(PreventUpdate):
        callbacks.draw_grid(NAME, "previous", "*", False, "light", shown)
    with pytest.raises(PreventUpdate):
        of_head.draw_examples(looked(shown), "top", "looks")


@pytest.mark.parametrize(
    ("more", "words_of"),
    [
        ({"task": "picture"}, "reads pictures"),
        ({"weights": False}, "imported vectors"),
        ({"part": "encoder"}, "an encoder and a decoder"),
    ],
)
def test_a_model_that_can_not_be_measured_is_told(shown: dict, more: dict, words_of: str) -> None:
    other = shown | {"model": shown["model"] | more}
    _, value, *_, nothing, _, hidden, disabled, _ = callbacks.offer(asked(other), other, NAME, None)
    assert words_of in nothing and value == "" and hidden and disabled


def test_what_was_measured_is_said_with_what_was_left_out(shown: dict, found) -> None:
    said_of, notes, options, part, right, other = callbacks.tell(NAME, OTHER, "code", "gone", shown)
    assert "12,000 tokens of “Two shelves”: 300 passages of at most 64 tokens" in said_of
    assert "A note." in said(notes) and "2 broken lines" in said(notes)
    assert "news.jsonl, line 17: no JSON" in said(notes)
    assert [each["value"] for each in options] == ["*", "code", "prose"]
    assert options[1]["label"] == "code (5,000 tokens)"
    assert (part, other) == ("code", "*") and len(right) == 3
    lost = replace(found, about=found.about | {"left_out": [["part 3", "the worker died"]]})
    assert "1 part of the corpus could not be read and is in no number" in said(words.notes(lost))


def test_the_grid_has_the_scores_with_intervals(shown: dict, found) -> None:
    figure, note = callbacks.draw_grid(NAME, "previous", "prose", False, "light", shown)
    np.testing.assert_allclose(figure.data[0].z, found.mean[2, 0], rtol=1e-6)
    assert (figure.data[0].zmin, figure.data[0].zmax) == (0, 1)
    said_of = figure.data[0].customdata[1, 2, 0]
    low, high = found.low[2, 0, 1, 2], found.high[2, 0, 1, 2]
    assert f"{low:.3f} … {high:.3f}" in said_of and "mean of 7,000 tokens" in said_of
    assert note.startswith("Previous token, in the slice “prose”.")
    figure, _ = callbacks.draw_grid(NAME, "distance", "*", True, "dark", shown)
    assert np.isnan(figure.data[0].z[0, 0]) and "no evidence" in figure.data[0].customdata[0, 0, 0]
    _, note = callbacks.draw_grid(NAME, "entropy", "*", False, "light", shown)
    assert note == "“Entropy” was not measured here."


def test_a_slice_is_held_against_the_rest(shown: dict, found) -> None:
    figure, note = callbacks.draw_grid(NAME, "previous", "code", True, "light", shown)
    apart = found.apart("previous", "code").mean
    np.testing.assert_allclose(figure.data[0].z, apart, rtol=1e-6)
    assert figure.data[0].zmin == -figure.data[0].zmax == -abs(apart).max()
    assert "minus the rest of the corpus" in note


def test_heads_are_points_and_those_without_evidence_are_left_out(shown: dict, found) -> None:
    args = (NAME, "distance", "previous", "largest", "*", True, "light", shown)
    figure, note = callbacks.draw_scatter(*args)
    points = figure.data[0]
    assert figure.layout.meta["heads"] == [[0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]
    np.testing.assert_allclose(points.x, found.mean[0, 1].ravel()[1:], rtol=1e-6)
    np.testing.assert_allclose(points.y, found.mean[0, 0].ravel()[1:], rtol=1e-6)
    np.testing.assert_allclose(points.error_x.array, 0.01, rtol=1e-6)
    assert note.startswith("5 heads; 1 without evidence")
    assert "<b>L0H1</b><br>Distance (tokens): 0.070 (0.060 … 0.080)" in points.text[0]
    args = (NAME, "previous", "largest", "layer", "*", False, "dark", shown)
    figure, note = callbacks.draw_scatter(*args)
    assert list(figure.data[0].marker.color) == [0, 0, 0, 1, 1, 1] and note.startswith("6 heads.")
    assert figure.data[0].error_x.array is None
    missing, _ = callbacks.draw_scatter(NAME, "entropy", "largest", "layer", "*", 0, "dark", shown)
    assert len(missing.data[0].x) == 0


def test_the_open_head_is_named_with_its_scores(shown: dict, found) -> None:
    title, facts = of_head.tell_head(looked(shown), "code")
    assert title == "L1H2 in the slice “code”"
    value = found.mean[1, 0, 1, 2]
    assert f"previous token {value:.2f} [{value - 0.01:.2f}, {value + 0.01:.2f}]" in facts
    assert of_head.tell_head(looked(shown), "*")[0] == "L1H2 over the corpus"


def test_nothing_of_another_model_is_shown(shown: dict, monkeypatch) -> None:
    made.keep(monkeypatch, **{NAME: made.found("another"), OTHER: made.found("x", layers=9)})
    for draw in (of_head.draw_tokens, of_head.draw_spread, of_head.draw_classes):
        with pytest.raises(PreventUpdate):
            draw(looked(shown), *([] if draw is of_head.draw_tokens else ["light"]))
    with pytest.raises(PreventUpdate):
        of_head.draw_beside(looked(shown), "*", NAME, "*", None, None)


def test_histograms_are_shares_without_empty_ends(shown: dict) -> None:
    figure, note = of_head.draw_spread(looked(shown), "light")
    largest, entropy, distance, position = figure.data
    assert list(largest.y)[:1] == [0.75] and list(entropy.y) == [0.5, 0.5]
    assert list(distance.y) == [0.25, 0.75] and len(position.y) == 14
    assert largest.customdata[19][0] == "0.95 – 1.00"
    assert position.customdata[13][0] == "4,096+ from the beginning"
    assert position.customdata[12][0] == "2,048–4,095 from the beginning"
    assert "L1H2" in note


def test_losses_are_drawn_beside_them_where_they_were_measured(shown: dict, monkeypatch) -> None:
    losses = np.r_[np.full(10, 4.5), np.full(10, np.nan)]
    monkeypatch.setattr(of_head.views, "view", lambda *_: made.view(loss=losses))
    figure, _ = of_head.draw_spread(looked(shown), "light")
    assert len(figure.data) == 5
    np.testing.assert_array_equal(figure.data[4].y, losses)


def test_tokens_and_pairs_are_listed(shown: dict) -> None:
    text = said(of_head.draw_tokens(looked(shown)))
    assert "saw3.5 ×0.70012" in text and "cat2.25 ×" in text and "sawcat8.400125 ×" in text


def test_classes_are_coloured_by_lift(shown: dict) -> None:
    figure, _ = of_head.draw_classes(looked(shown), "light")
    trace = figure.data[0]
    assert trace.z[0, 0] == 1 and trace.z[0, 1] == -1  # twice chance, half of it
    assert np.isnan(trace.z[1, 0]) and trace.z[1, 1] == -3  # no query; none where there was chance
    assert "no evidence" in trace.customdata[1, 0, 0]
    assert list(trace.y) == ["word", "&lt;i&gt;sign"]
    assert trace.customdata[0, 1, 0].startswith("<b>word</b> → <b>&lt;i&gt;sign</b>")


def test_two_heads_are_side_by_side(shown: dict, found) -> None:
    def beside(*right):
        return said(of_head.draw_beside(looked(shown), "*", *right))

    text = beside(OTHER, "code", "0", None)
    assert "L1H2, “Two shelves”" in text and "L0H2, “Another shelf”, slice “code”" in text
    a, b = found.mean[0, 0, 1, 2], found.mean[1, 0, 0, 2]
    assert f"{a:.3f}" in text and f"{a - b:+.3f}".replace("-", "−") in text
    assert beside(NAME, "*", None, None) == words.SAME
    assert "+0.000" in beside(OTHER, "*", None, None)
    assert "There is no L9H2 there: that model has 2 layers of 3 heads." in beside(
        NAME, "*", "9", None
    )
    with pytest.raises(HeadscopeError, match="whole number"):
        beside(NAME, "*", "1.5", None)


def test_a_passage_is_kept_as_a_text(shown: dict) -> None:
    gone = going.keep_sequence(looked(shown) | {"number": 0})
    assert gone["query"] == 3
    kept = texts.load(gone["text"])
    assert kept.passages == ("the cat saw the dog",) and kept.title == "Passage of “Two shelves”"
    with pytest.raises(HeadscopeError, match="not kept any more"):
        going.keep_sequence(looked(shown) | {"number": 99})


def test_all_is_saved(shown: dict, found) -> None:
    table, name = saved.scores(NAME, shown)
    every = rows(table)
    assert name == ("corpus", shown["model"]["name"], "two-shelves")
    assert len(every) == found.mean.size and every[0]["slice"] == ""
    for make in (saved.examples, saved.spread, saved.tokens, saved.pairs, saved.classes):
        table, name = make(NAME, at(shown, 1, 2), shown)
        assert rows(table) and name[-1] == "L1H2"
    with pytest.raises(HeadscopeError, match="Measure one, then save"):
        saved.scores("ef" * 12, shown)


def test_a_head_is_saved_as_a_page(shown: dict, monkeypatch) -> None:
    monkeypatch.setattr(saved.page, "of_head", lambda *asked: f"{asked}")
    sent = saved.send_page(1, NAME, at(shown, 1, 2), shown)
    assert sent["content"] == str((NAME, 1, 2))
    assert sent["filename"] == f"corpus-{shown['model']['name']}-two-shelves-L1H2.html"
    with pytest.raises(PreventUpdate):
        saved.send_page(None, NAME, at(shown, 1, 2), shown)


def test_a_corpus_says_whose_it_is() -> None:
    for sample in SAMPLES:
        assert stage.source(sample.name) == sample.source
    assert "stays on this machine" in stage.source("drop")


def test_files_without_names_are_refused(monkeypatch) -> None:
    told = []
    monkeypatch.setattr(asking, "show_problem", told.append)
    kept = asking.keep_files(["data:text/plain;base64,YQ=="], [], [{"value": "drop"}])
    assert kept == (no_update, no_update, None) and "without their names" in told[0]
