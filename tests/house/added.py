"""What CONTRIBUTING.md adds, looked at in a tree that has it (see test_contributing.py)."""

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import asdict

import numpy as np
import pytest
from dash import dcc
from drawn import inside, wired
from stored import quiet, random_run

from components import lengths
from components.entrance.table import FORMS, form_of
from components.forms.maps import Options
from components.grid import grids, head_scores
from components.page import address, layout
from components.page.stages import STAGES
from components.patterns import saved
from components.shown.pictures import picture
from components.shown.records import HeadView, MapOptions
from compute import attention
from compute.command_line.app import main
from compute.jobs import mapping, measuring, opening, scoring
from compute.lab import induction
from compute.maps import projection
from compute.runs import Run
from compute.scores import heads, pattern_rules, patterns, peak
from compute.scores.patterns import Pattern
from compute.store import root


@pytest.fixture(scope="module")
def made() -> Run:
    assert root().name == "cache"
    return random_run()


@pytest.fixture(scope="module")
def shown(made: Run) -> dict:
    return {"key": made.key, "spec": "made", "text": "t", "model": asdict(made.model)}


@pytest.fixture(scope="module")
def parts() -> dict[str, object]:
    """Everything on the page with an id, the stages that are made later included."""
    every = inside([layout.page({"model": "a"}, "light"), *(each.content() for each in STAGES)])
    return {each.id: each for each in every if isinstance(getattr(each, "id", None), str)}


def _offered(select) -> set[str]:
    return {option["value"] for option in select.options}


def test_the_stage_is_offered_wired_and_lists_passages(parts, shown, tmp_path) -> None:
    assert "lengths" in _offered(parts["stage-select"])
    assert {"stage-lengths", "lengths-list", "lengths-sorted"} <= parts.keys()
    outputs = " ".join(entry["output"] for entry in wired(tmp_path)._callback_list)
    assert "lengths-list.children" in outputs and "peak-result.data" in outputs
    assert [each.children for each in lengths.draw(shown, True)] == ["12 tokens"] * 6


def test_the_control_is_in_the_address() -> None:
    kept = {field.address: (field.id, stage) for field, stage in address.kept()}
    assert kept["lengths-sorted"] == ("lengths-sorted", "lengths")
    assert ("lengths-sorted", "value") in FORMS


def test_the_map_is_offered_and_fitted_with_steps_and_scale(parts, made, shown) -> None:
    assert "ring" in _offered(parts["method-select"]) & _offered(parts["all-method"])
    view = HeadView(shown, 1, 1)
    asked = picture(view, MapOptions("ring", "2", "3", "2.5", "after"))
    assert dict(asked.options) == {"pulls": 3, "scale": 2.5}
    Options(**dict(asked.options)).fit("ring")
    name = mapping.fit_map(made.key, 1, 1, "ring", 2, dict(asked.options), quiet)
    assert name == asked.name
    found, pca = (
        asked.of(view),
        projection.fit(projection.cloud(made, 1, 1), "pca", options={"scale": 2.5}),
    )
    before, after = (np.linalg.norm(each.q, axis=1) for each in (pca, found))
    np.testing.assert_allclose(after - 1, (before - 1) / 8, atol=1e-4)


def test_the_score_on_the_text_is_offered_and_measured(parts, made) -> None:
    assert "two-before" in _offered(parts["score-select"])
    scoring.score_heads(made.key, quiet)
    uniform = heads.SCORES.get(heads.key(made.key)).of("two-before").mean[-1, -1]
    # The first token of a passage is no ordinary one; token i sees i + 1.
    known = [1 / (i + 1) for i in range(3, 12)]
    assert uniform == pytest.approx(np.mean(known), rel=1e-5)


def test_the_score_with_a_job_is_asked_for_measured_and_shown(parts, made, shown) -> None:
    assert "peak" in _offered(parts["score-select"])
    assert {"peak", "peak-asked", "peak-result", "peak-job", "peak-cancel"} <= parts.keys()
    assert isinstance(parts["peak"], dcc.Store)
    nothing = dict.fromkeys(grids.MEASURED)
    *_, asked = grids.draw_head_grid(nothing, "peak", "light", {}, shown)
    assert asked["peak-asked"] == {"run": made.key}
    done = head_scores.measure_peak(quiet, asked["peak-asked"])
    assert opening.still_there(done) and form_of(("peak", "data")) is FORMS["peak", "data"]
    figure, *_ = grids.draw_head_grid(nothing | {"peak": done}, "peak", "light", {}, shown)
    most = [attention.of_passage(made, 0, 1, p).max(1) for p in range(6)]
    assert figure.data[0].z[0][1] == pytest.approx(np.mean(most), rel=1e-5)
    assert peak.PEAKS.get(peak.key(made.key)).mean[-1, -1] == pytest.approx(
        np.mean(1 / np.arange(1, 13)), rel=1e-5
    )


def test_the_read_out_is_offered_and_measured(parts) -> None:
    assert "lab-readout-two-after" in _offered(parts["score-select"])
    name = measuring.measure_induction("demo-gpt", {"trials": 2, "length": 10}, quiet)
    found = induction.SCORES.get(name)
    assert np.isfinite(found.readouts["two-after"].mean).all()
    at_two = found.spectra["earlier"].mean[7]  # offsets are -5 … 5
    np.testing.assert_allclose(found.readouts["two-after"].mean, at_two)


def test_the_rule_is_offered_and_ranks(parts, made) -> None:
    assert "two-before" in _offered(parts["patterns-rule"]) & pattern_rules.RULES.keys()
    ranked, offset = (
        patterns.RANKINGS.get(scoring.find_pattern(made.key, Pattern(rule, -2), quiet))
        for rule in ("two-before", "offset")
    )
    np.testing.assert_allclose(ranked.mean, offset.mean)


def test_the_table_has_buttons_and_is_made(parts, shown) -> None:
    assert {"patterns-lengths-csv", "patterns-lengths-parquet"} <= parts.keys()
    table, name = saved.lengths(shown)
    assert table == {"passage": [*range(6)], "tokens": [12] * 6}
    assert name == ("lengths", "Made by hand", "t")


def test_the_command_is_listed_and_runs(tmp_path) -> None:
    assert " lengths " in _said("--help")
    text = tmp_path / "two.txt"
    text.write_text("A red bird.\nA red bird sings to a red bird.\n")
    lines = _said("lengths", "--model", "demo-gpt", "--text-file", str(text)).splitlines()
    assert lines[0] == "passage,tokens" and [line[:2] for line in lines[1:]] == ["0,", "1,"]


def _said(*arguments: str) -> str:
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(sys.stderr):
        assert main(list(arguments)) == 0
    return out.getvalue()
