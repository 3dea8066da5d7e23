"""What the view "What it writes" shows, on an induction head whose answer is known."""

from dataclasses import replace

import numpy as np
import pytest
from dash import html
from dash.exceptions import PreventUpdate
from drawn import at, inside, rows, said
from stored import FIVE_LINES, quiet, random_run

from components.writes import callbacks, figures, saved, tables, words
from compute import runs, store, texts
from compute.errors import HeadscopeError
from compute.jobs import opening
from compute.writes.at_place import WRITTEN
from compute.writes.over_text import OVERALL

pytestmark = pytest.mark.usefixtures("shared_cache")
PLACE = 10
"""“clo” for the second time in "The old clock ticks. The old clock stops."; "ck" comes next."""
EARLIER = 3
"""Where it came the first time."""


@pytest.fixture(scope="module")
def run(shared_cache) -> dict:
    text = texts.save_user(texts.from_user(FIVE_LINES, name="Five lines"))
    return opening.open_run("demo-gpt", text, quiet)


def asked(run: dict, **more: object) -> dict:
    return at(run, 1, 3) | {"passage": 1, "place": PLACE, "hide": True} | more


@pytest.fixture(scope="module")
def told() -> list[tuple]:
    """What the page was told while the job ran."""
    return []


@pytest.fixture(scope="module")
def seen(run, told) -> dict:
    done = callbacks.explain(told.append, asked(run))
    assert {kind for kind, _ in done["needs"]} == {WRITTEN.kind, OVERALL.kind}
    return {name: value for name, value in done.items() if name != "needs"}


@pytest.fixture
def found(seen):
    return WRITTEN.get(seen["place"])


@pytest.fixture
def known(run) -> runs.Run:
    return runs.load(run["key"])


def test_the_place_is_there_before_the_text(seen, told) -> None:
    frames = [frame for _, _, frame in told]
    assert frames[0] is None and frames[-1] == seen | {"text": None}


def test_what_came_after_the_earlier_one_is_raised(seen, run, found) -> None:
    lead, hidden, sentence, bars, note, check, *_ = callbacks.draw(
        seen, at(run, 1, 3), "light", run
    )
    assert (lead, hidden) == ("", False)
    assert "L1H3 at “·clo” (token 10 of passage 1), where “ck” comes next" in sentence
    assert "raises “ck” by 2.45 logits, more than any other token" in sentence
    assert "“ck” is number 1, with the head and without it" in sentence
    names, raised = bars.layout.yaxis.ticktext, bars.data[1]
    assert names[0] == names[1] == "“ck”"  # what comes next is what is raised most
    assert bars.data[0].x[0] == raised.x[0] == found.raised_effects[0]
    assert list(raised.x) == sorted(raised.x, reverse=True) and max(bars.data[2].x) < 0
    assert len(set(np.concatenate([trace.y for trace in bars.data]))) == len(names) == 21
    assert bars.data[2].text[0].startswith("−")
    assert check.startswith("Checked: ") and "e−" in check and "wide as the logits" in note


def test_it_read_that_where_it_came_first(seen, run) -> None:
    shaded, note, chosen = callbacks.draw_words(seen, "", at(run, 1, 3), run)
    spans = [part for part in shaded if isinstance(part, html.Span)]
    assert chosen == "next" and note.startswith("The words together give “ck” 2.45 logits")
    assert spans[EARLIER].style == {"--share": "100%"} and "rises" in spans[EARLIER].className
    assert [n for n, span in enumerate(spans) if "why-here" in span.className] == [PLACE]
    again, other, _ = callbacks.draw_words(seen, "lowered 0", at(run, 1, 3), run)
    assert "−" in other and said(again) == said(shaded)


def test_the_whole_text(seen, run) -> None:
    *_, hidden, sentence, table, check = callbacks.draw(seen, at(run, 1, 3), "dark", run)
    whole = OVERALL.get(seen["text"])
    count = int(np.isfinite(whole.effects).sum())
    assert not hidden and f"At {count} places in 5 passages" in sentence
    assert f"by +{whole.mean.mean:.2f} on average (95 % interval " in sentence
    assert f"raises it at {whole.raising.mean:.0%}" in sentence and check.startswith("Checked")
    first = next(row for row in inside(table) if isinstance(row, html.Tr) and "“" in said(row))
    assert whole.raised_strings[0] in said(first) and whole.lowered_strings[0] in said(first)
    assert f"at {whole.raised_often[0]:.0%}" in said(first)


def test_nothing_of_another_head_or_run_stays(seen, run) -> None:
    other = callbacks.draw(seen, at(run, 1, 2), "light", run)
    assert other[0] == words.AGAIN.format(1, 2) and other[1] is other[7] is True
    assert callbacks.draw(None, at(run, 1, 3), "light", run)[0] == words.EMPTY.format(1, 3)
    for nothing in (None, at(run, 1, 3) | {"run": "0" * 24}):
        with pytest.raises(PreventUpdate):
            callbacks.draw(seen, nothing, "light", run)
    with pytest.raises(PreventUpdate):
        callbacks.draw_words(seen, "next", at(run, 1, 2), run)


def test_without_a_place_the_text_alone(seen, run) -> None:
    done = callbacks.explain(quiet, asked(run, passage=None, place=None))
    assert done["text"] == seen["text"] and done["place"] is done["passage"] is None
    lead, hidden, *_ = shown = callbacks.draw(done, at(run, 1, 3), "light", run)
    assert lead == words.NO_PLACE and hidden and not shown[7]
    with pytest.raises(HeadscopeError, match="Press Explain, then save"):
        saved.place(done, run)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"place": None}, "type both"),
        ({"passage": None}, "type both"),
        ({"passage": 6}, "no passage 6: this text has 5"),
        ({"place": 15}, "Passage 1 has no token 15: its last one is 14"),
    ],
)
def test_places_that_are_not_there(run, more, why) -> None:
    with pytest.raises(HeadscopeError, match=why):
        callbacks.explain(quiet, asked(run, **more))


def test_tables_to_save(seen, run, found) -> None:
    table, name = saved.place(seen, run)
    assert name == ("writes", "demo-gpt", "L1H3", "passage-1", "token-10")
    first, *others = rows(table)
    assert (first["part"], first["token"]) == ("target", "ck")
    assert sum(row["part"] == "source" for row in others) == len(found.attention)
    table, name = saved.text(seen, run)
    assert name[-1] == "L1H3" and rows(table)[0]["part"] == "text"


@pytest.mark.parametrize(
    ("task", "mask", "shown"),
    [
        ("encoder", 3, (True, False)),
        ("masked", 3, (False, True)),
        ("masked", None, (False, False)),
    ],
)
def test_a_model_that_predicts_nothing_is_refused_at_once(task, mask, shown) -> None:
    made, key = random_run(causal=False), store.key("refused", task, mask)
    model = replace(made.model, task=task, mask_id=mask)
    runs.RUNS.put(key, replace(made, key=key, model=model))
    why, unrefused, no_ask, no_mask = callbacks.allow({"key": key})
    refused, masks = shown
    assert ("predicts no tokens" in why) is (not unrefused) is no_ask is refused
    assert refused or no_mask is not masks


def test_a_token_behind_the_mask_and_one_that_is_not_known(found, known) -> None:
    masked = replace(known, model=replace(known.model, causal=False))
    hidden = replace(found, hidden=True)
    assert "“·clo” (token 10 of passage 1), which is hidden behind" in words.place(
        hidden, 0, masked
    )
    assert "[mask: ·clo]" in said(tables.words(hidden, 0, masked, "next", "“x”, there")[0])
    last = replace(found, target=-1, target_string="", effect=np.nan)
    assert "no token comes after it" in words.place(last, 0, known)
    assert tables.options(last, "")[0]["value"] == "raised 0"
    drawn = figures.bars(last, "", False).data
    assert [trace.name for trace in drawn] == ["raised most", "lowered most"]


def test_small_and_lowering_effects_are_said_as_such(found, known) -> None:
    assert "hardly changes" in words.place(replace(found, effect=-0.003), 0, known)
    low = replace(found, effect=-0.4, rank=7, rank_without=5, size=0.004)
    assert "it lowers “ck” by 0.40 logits. " in words.place(low, 0, known)
    assert "number 7; without what the head writes it would be number 5" in words.ranks(low)
    assert words.place_note(low).startswith("Hardly anything is written here")


def test_tokens_without_a_name_and_with_markup(found) -> None:
    odd = replace(found, raised_strings=("", "<b>", *found.raised_strings[2:]))
    names = figures.bars(odd, "comes next", True).layout.yaxis.ticktext
    assert names[1].startswith("token ") and names[2] == "“&lt;b&gt;”"
