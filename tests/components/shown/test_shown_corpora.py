"""What a corpus says of a head beside what one text says."""

import corpora_made as made
import pytest
from corpora_made import NAME, OTHER
from stored import column, quiet

from components.grid import grids
from components.heads import facts
from components.shown import corpora
from compute import runs
from compute.jobs import scoring
from compute.scores import heads


@pytest.fixture(autouse=True)
def found(run: runs.Run, monkeypatch: pytest.MonkeyPatch):
    first = made.found(run.model.identity)
    made.keep(monkeypatch, **{OTHER: made.found("another"), NAME: first})
    return first


def test_findings_are_those_of_the_open_model_with_all_its_heads(shown: dict, found) -> None:
    assert corpora.of(NAME, shown) is found and corpora.latest(shown) is found
    assert corpora.of(OTHER, shown) is None and corpora.of(None, shown) is None
    assert corpora.latest(shown | {"off": "L0H0"}) is None
    deeper = shown | {"model": shown["model"] | {"layers": 3}}
    assert corpora.latest(deeper) is None


def test_a_number_is_said_with_its_interval() -> None:
    assert corpora.said(-0.004, -0.1, 0.25) == "0.00 [−0.10, 0.25]"
    assert corpora.said(0.5, float("nan"), float("nan"), 3) == "0.500"


def test_the_hover_of_the_rail_and_the_facts_have_both(run: runs.Run, shown: dict, found) -> None:
    scoring.score_heads(run.key, quiet)
    done = {"scores": {"run": run.key}}
    known = dict.fromkeys(grids.MEASURED) | done
    value = found.mean[0, 0, 1, 2]
    interval = f"{value:.2f} [{value - 0.01:.2f}, {value + 0.01:.2f}]"
    figure, *_ = grids.draw_head_grid(known, "previous", "light", {}, shown)
    assert f"<br>corpus: {interval}" in figure.data[0].customdata[1, 2, 0]
    figure, *_ = grids.draw_head_grid(known, "entropy", "light", {}, shown)
    assert "corpus" not in figure.data[0].customdata[1, 2, 0]
    own = heads.SCORES.get(heads.key(run.key)).of("previous").mean[1, 2]
    told, room = facts.tell(column(run, 1, 2), None, None)
    assert f"previous token {own:.2f} (corpus {interval})" in told
    assert f"previous token 0.00 (corpus {interval})" in room
    assert "corpus" not in facts.tell(column(run, 1, 2) | {"run": None}, None, None)[1]
