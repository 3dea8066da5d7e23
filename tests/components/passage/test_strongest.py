"""The list of the passages where a head is strongest, as the callback draws it."""

import base64
import io
import json

import numpy as np
import pytest
import tiny_pictures
from dash import html
from drawings import folder
from drawn import inside, said
from PIL import Image
from stored import quiet, random_run

from components.passage import strongest
from compute import attention, pictures, runs
from compute.errors import HeadscopeError
from compute.jobs import opening, scoring
from compute.pictures import encoding
from compute.scores import heads, strongest_passages

pytestmark = pytest.mark.usefixtures("cache")


def asked(run: runs.Run, by: str, **more) -> dict:
    at = {"run": run.key, "layer": 0, "head": 1, "token": None, "scored": True, "found": None}
    return at | {"by": by} | more


def entries(drawn: list) -> list[tuple[str, dict]]:
    """What each entry says, and what a click on it selects."""
    buttons = [part for part in inside(drawn) if isinstance(part, html.Button)]
    return [(said(b), json.loads(b.to_plotly_json()["props"]["data-selection"])) for b in buttons]


def test_nothing_is_asked_for_while_it_is_closed() -> None:
    assert strongest.draw(None)[:2] == ([], True)


def test_by_the_clearest_score_it_says_which_and_what_it_is() -> None:
    run = random_run()
    drawn, hidden, _ = strongest.draw(asked(run, "score"))
    assert "still being measured" in said(drawn) and not hidden and entries(drawn) == []
    scoring.score_heads(run.key, quiet)
    best = strongest_passages.clearest(heads.SCORES.get(heads.key(run.key)), 0, 1)
    found = strongest_passages.find(run, 0, 1, best.name)
    drawn, *_ = strongest.draw(asked(run, "score"))
    assert f"{best.value:.2f}, rank {best.rank} of 6 heads" in said(drawn)
    first = int(np.nanargmax(found.value))
    words, selection = entries(drawn)[0]
    assert words.startswith(f"Passage {first + 1} · {np.nanmax(found.value):.2f} · mean of ")
    assert selection == {"role": "query", "token": None, "near": 12 * first}
    listed = [int(words.split()[1]) - 1 for words, _ in entries(drawn)]
    assert listed == found.first(8).tolist() and len(listed) == 6


def test_by_the_largest_attention_it_selects_the_pair() -> None:
    run = random_run()
    drawn, *_ = strongest.draw(asked(run, "largest"))
    words, selection = entries(drawn)[0]
    passage, query, key = (
        int(words.split()[1]) - 1, selection["token"], selection["other"],
    )  # fmt: skip
    weights = attention.of_passage(run, 0, 1, passage)
    value = weights[query - 12 * passage, key - 12 * passage]
    assert f" {value:.2f} · largest of " in words
    marked = [p for p in inside(drawn) if "of-" in (getattr(p, "className", "") or "")]
    assert [p.className for p in marked[:2]] == ["shaded of-key", "shaded of-query"]
    assert marked[0].style["--w"] == f"{85 * value:.0f}%"


def test_by_what_a_token_gets_it_selects_that_token_as_a_key() -> None:
    run = random_run()
    drawn, *_ = strongest.draw(asked(run, "token"))
    assert "Select a token first" in said(drawn)
    drawn, *_ = strongest.draw(asked(run, "token", token=29))
    assert f"What “{run.tokens.strings[29]}” gets" in said(drawn)
    for _, selection in entries(drawn):
        assert selection["role"] == "key"
        assert run.tokens.ids[selection["token"]] == run.tokens.ids[29]
    with pytest.raises(HeadscopeError, match="not of this text"):
        strongest.draw(asked(run, "token", token=9_999))


def test_a_long_text_is_work_for_a_job(monkeypatch) -> None:
    run = random_run()
    at_once = entries(strongest.draw(asked(run, "largest"))[0])
    monkeypatch.setattr(strongest_passages, "AT_ONCE", 10)
    drawn, _, wanted = strongest.draw(asked(run, "largest"))
    assert wanted == {"run": run.key, "layer": 0, "head": 1, "measure": "largest"}
    assert "Looking through all passages" in said(drawn)
    done = strongest.measure(quiet, wanted)
    assert done["needs"] == [["strongest", done["name"]]]
    assert entries(strongest.draw(asked(run, "largest", found=done["name"]))[0]) == at_once


def test_of_a_long_passage_the_words_round_the_strongest_are_shown() -> None:
    run = random_run(passages=9, length=90)
    drawn, *_ = strongest.draw(asked(run, "largest"))
    lines, both = [part for part in inside(drawn) if isinstance(part, html.Button)], []
    for line in lines:
        words = [p for p in inside(line) if "shaded" in (getattr(p, "className", "") or "")]
        assert len(words) == strongest.WORDS and "…" in said(line)
        marked = "".join(word.className for word in words)
        pair = json.loads(line.to_plotly_json()["props"]["data-selection"])
        near = abs(pair["token"] - pair["other"]) < strongest.WORDS - 1
        assert "of-key" in marked and ("of-query" in marked or not near)
        both.append(near)
    assert any(both), "a pair that fits"


def test_of_pictures_it_lists_pictures_with_what_is_measured_laid_over(tmp_path) -> None:
    shown = pictures.keep(pictures.of_paths([folder(tmp_path / "some", 2)]))
    told = opening.open_run(str(tiny_pictures.known(tmp_path / "known")), shown, quiet)
    run = runs.load(told["key"])
    scoring.score_heads(run.key, quiet)
    drawn, *_ = strongest.draw(asked(run, "score"))  # L0H1 looks along columns
    assert "stands out most by “Same column”: 0.75" in said(drawn)
    assert strongest.LAID in said(drawn)
    drawn, *_ = strongest.draw(asked(run, "token", token=17 + 6))
    assert "What “r2 c2” gets" in said(drawn)
    words, selection = entries(drawn)[0]
    number = int(words.split()[1].strip(",")) - 1
    assert words.startswith(f"Picture {number + 1}, “noise-{number}” · 0.05 · mean of 15 tokens")
    assert selection == {"role": "key", "token": 17 * number + 6}
    picture, laid = [part for part in inside(drawn) if isinstance(part, html.Img)][:2]
    assert picture.src == f"/picture/{run.key}/{number}.png"
    seen = np.asarray(Image.open(io.BytesIO(base64.b64decode(laid.src.partition(",")[2]))))
    assert seen.shape == (4, 4, 4) and seen[0, 1, 3] == round(255 * encoding.MOST_INK)
    assert set(np.flatnonzero(seen[..., 3].max(0) > 60)) == {1}  # its column asks for it
