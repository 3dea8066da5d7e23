"""What the lab shows of a measurement: words, grids, the open head, the table, ablation, models."""

import io

import numpy as np
import pyarrow.parquet
import pytest
from dash import no_update
from dash.exceptions import PreventUpdate
from drawn import at, figures, rows, said
from stored import quiet

from components.grid import grids
from components.lab import ablation, callbacks, detect, measurement, models, saved, table
from components.lab import figures as lab_figures
from compute import texts
from compute.errors import HeadscopeError
from compute.jobs import opening
from compute.runs import RUNS
from compute.scores import detect as measures
from compute.take_away import export, tables

OPTIONS = {"design": "standard", "protocol": "corrected", "trials": 20, "length": 30, "seed": 0}
pytestmark = pytest.mark.usefixtures("shared_cache")
FEW = OPTIONS | {"trials": 8, "length": 20}
WORDS = "The old clock ticks. The old clock stops.\nA red bird sings to a red bird in the rain."


@pytest.fixture(scope="module")
def run(shared_cache) -> dict:
    text = texts.save_user(texts.from_user(WORDS, name="Two lines"))
    return opening.open_run("demo-gpt", text, quiet)


@pytest.fixture(scope="module")
def measured(shared_cache) -> dict:
    return callbacks.measure(quiet, {"spec": "demo-gpt", "options": OPTIONS})


@pytest.fixture(scope="module")
def beside(shared_cache) -> list[dict]:
    """A small measurement of two masked models."""
    return models.measure_all(quiet, {"specs": ["demo-bert", "minilm"], "options": FEW})


def of(readout: str, measured: dict, run: dict) -> np.ndarray:
    return measurement.load(measured, run).of(readout)[0].mean


def test_what_was_found_is_said(measured, run) -> None:
    verdict, note, no_empty, *_, a, b, c = callbacks.show_measured(measured, run, "heads")
    assert "4 heads of demo-gpt" in verdict and no_empty
    assert "20 trials, 30 random tokens" in note and "seed 0" in note
    assert [a, b, c] == [False, True, True]
    gone = measured | {"scores": "0" * 24}
    _, _, no_empty, lead, why, *hidden = callbacks.show_measured(gone, run, "heads")
    assert lead.startswith("Nothing") and "no longer" in why
    assert not no_empty and hidden == [True] * 3
    # It is about to be measured, or was not: the browser knows which.
    shown = callbacks.show_measured(None, run, "heads")
    assert shown[2:5] == (False, no_update, no_update)


def test_the_grids_show_the_scores_and_their_intervals(measured, run) -> None:
    shown = figures(callbacks.draw_grids(measured, "light", run))
    assert set(shown) == {f"lab-grid-{name}" for name in measurement.read(measured).found.readouts}
    cells = shown["lab-grid-prefix_matching"].data[0]
    score = np.array(cells.z, float)
    assert score.shape == (3, 4)
    assert score[1].min() > 0.5 and score[[0, 2]].max() < 0.05
    hover = cells.customdata[1][3][0]
    assert "95 % interval" in hover and "z = +" in hover


def test_the_open_head_has_its_spectrum(measured, run) -> None:
    figure, title, facts = callbacks.draw_head(measured, run, at(run, 1, 3), "light")
    bars, score = figure.data[0].y, of("prefix_matching", measured, run)[1, 3]
    assert title == "Head L1H3" and f"{score:.3f}" in facts
    assert len(bars) == 11 and np.argmax(bars) == 6  # offset +1
    assert np.isclose(bars[6], score, atol=1e-6)
    weak, _, _ = callbacks.draw_head(measured, run, at(run, 0, 1), "light")
    assert max(weak.data[0].y) < score / 2  # and doesn't look as large as that
    assert weak.layout.yaxis.range == figure.layout.yaxis.range


@pytest.mark.parametrize(("readout", "back"), [("prefix_matching", 29), ("duplicate", 30)])
def test_what_is_read_is_framed_in_a_trial(measured, run, readout: str, back: int) -> None:
    trials, head = callbacks.read_trials(quiet, measured), at(run, 1, 3)
    cells, framed = callbacks.draw_trial(trials, head, "0", readout, False, "light", run).data
    weights, rows, columns = np.array(cells.z), np.array(framed.y), np.array(framed.x)
    assert weights.shape == (60, 60)
    rows, columns = (corners.reshape(-1, 6) for corners in (rows, columns))
    # a thin frame lies round each cell, outside it, and can be taken away
    assert np.nanmin(np.ptp(rows[:, :5], axis=1)) > 1 and framed.line.width < 1.5
    rows, columns = ((c[:, :4].mean(1)).round().astype(int) for c in (rows, columns))
    assert (rows - columns == back).all() and len(rows) == 30
    bare = callbacks.draw_trial(trials, head, "0", readout, True, "light", run).data
    assert len(bare) == 1 and np.array_equal(np.array(bare[0].z), weights)
    assert (weights[rows, columns].mean() > 0.5) == (readout == "prefix_matching")
    with pytest.raises(HeadscopeError, match="no trial"):
        callbacks.draw_trial(trials, head, "9", readout, False, "light", run)


def test_the_frame_of_a_single_cell_is_seen_in_a_long_trial_and_does_not_cover_it() -> None:
    one = np.array([[150, 20]])
    framed = lab_figures.matrix(np.eye(200), ["t"] * 200, one, False).data[1]
    for places, middle in ((framed.y, 150), (framed.x, 20)):
        assert np.nanmin(np.abs(np.array(places) - middle)) > 2


def test_the_table_and_the_files_have_all_numbers(measured, run) -> None:
    score = of("prefix_matching", measured, run)
    shown = table.draw_table(measured, None, run).rowData
    assert [row["prefix_matching"] for row in shown] == pytest.approx(score.ravel(), abs=1e-4)
    kept = rows(saved.scores(measured, run)[0])
    assert list(kept[0]) == list(tables.SCORES)
    means = [float(r["mean"]) for r in kept if r["readout"] == "prefix_matching"]
    assert len(means) == 12 and np.isclose(max(means), score.max(), atol=1e-5)
    assert {f"offset{o:+d}" for o in range(-5, 6)} < {r["readout"] for r in kept}


def test_transformerlens_measure_beside_the_read_outs(measured, run) -> None:
    assert "Not compared yet" in said(detect.draw(None, "light", run))
    asked = detect.compare(quiet, detect.ask(1, run))
    found = measures.measure(RUNS.get(run["key"]))
    shown = figures(detect.draw(asked, "light", run))
    for measure in measures.MEASURES:
        for pattern in measures.PATTERNS:
            values = np.array(shown[f"lab-detect-{measure}-{pattern}"].data[0].z, float)
            np.testing.assert_allclose(values, found.of(measure, pattern), atol=1e-6)
    best = found.of("mul", "previous")[0, 0]
    assert best > 0.9
    columns = table.draw_table(measured, asked, run).columnDefs[-1]["children"]
    assert "detect_mul_previous" in [column["field"] for column in columns]
    file = io.BytesIO(export.write(saved.scores(measured, run)[0], "parquet"))
    kept = pyarrow.parquet.read_table(file).to_pydict()
    first = kept["readout"].index("detect_head:mul:previous")
    assert (kept["layer"][first], kept["head"][first]) == (0, 0)
    assert np.isclose(kept["mean"][first], best, atol=1e-6)


def test_the_head_grid_shows_a_read_out(measured, run) -> None:
    known = dict.fromkeys(grids.MEASURED) | {"lab-measured": measured}
    score = "lab-readout-prefix_matching"
    figure, *_ = grids.draw_head_grid(known, score, "light", {}, run)
    np.testing.assert_allclose(figure.data[0].z, of("prefix_matching", measured, run), rtol=1e-6)


def test_ablating_the_previous_token_head_ends_induction(measured, run) -> None:
    asked = ablation.ask(1, "L0H0", "zero", measured, run)
    assert asked["heads"] == [[0, 0]] and asked["options"]["trials"] == 20
    shown = ablation.draw_effects(ablation.ablate(quiet, asked), "light", run)
    change = np.array(figures(shown)["lab-change-prefix_matching"].data[0].z, float)
    assert np.isnan(change[0, 0])
    assert change[1].max() < -0.5
    assert np.nanmax(np.abs(change[[0, 2]])) < 0.05
    drawn = [f.data[0] for id, f in figures(shown).items() if id.startswith("lab-change-")]
    assert len(drawn) == 3 and len({(cells.zmin, cells.zmax) for cells in drawn}) == 1
    assert drawn[0].zmax == -drawn[0].zmin == pytest.approx(np.nanmax(np.abs(change)), rel=1e-6)
    assert f"one scale from −{drawn[0].zmax:.2g} to +{drawn[0].zmax:.2g}" in said(shown)
    words = said(shown)
    assert "Falls: L1H" in words and "Rises, as a backup would: no head." in words
    losses = shown[0].children[1].children[1].children[0].children
    assert losses[1].children == "L0H0" and float(losses[4].children) > 3


def test_heads_that_do_not_exist_are_told(measured, run) -> None:
    for heads, sentence in (("L9H9", "no head L9H9"), ("", "No head was chosen")):
        with pytest.raises(HeadscopeError, match=sentence):
            ablation.ask(1, heads, "zero", measured, run)
    with pytest.raises(PreventUpdate):
        ablation.ask(1, "L0H0", "zero", None, run)


def test_models_of_one_kind_side_by_side(beside) -> None:
    run = {"spec": "demo-bert", "model": {"layers": 3, "heads": 4}}
    shown = figures(models.draw(beside, None, "light", run))
    ours, other = shown["lab-depth"].data
    assert len(ours.y) == 3 and len(other.y) == 6
    assert ours.y.max() > 0.5 and other.y.max() < 0.1
    np.testing.assert_allclose(other.x, (np.arange(6) + 0.5) / 6)
    assert models.draw(beside, None, "light", {"spec": "demo-gpt"}) == []


def test_a_model_without_induction_is_told_in_words(beside) -> None:
    words = measurement.verdict(measurement.read(beside[1]), "MiniLM-L6")
    assert words.startswith("No head of MiniLM-L6 shows induction")


def test_models_that_do_not_go_together_are_told(measured, beside, run) -> None:
    asked = {"specs": ["demo-bert", "demo-gpt"], "options": FEW}
    with pytest.raises(HeadscopeError, match="one kind"):
        models.measure_all(quiet, asked)
    with pytest.raises(HeadscopeError, match="at least one more"):
        models.ask(1, [], "", measured, run)
    with pytest.raises(HeadscopeError, match="nobody/nothing"):
        models.ask(1, [], "nobody/nothing", measured, run)
    assert models.ask(1, ["minilm"], None, measured, run)["specs"] == ["demo-gpt", "minilm"]
