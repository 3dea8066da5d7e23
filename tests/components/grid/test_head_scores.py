"""The lab's scores as colours of the head grid."""

from dataclasses import asdict

import numpy as np
import pytest
from stored import random_run

from components.grid import chooser, grids, head_scores
from components.lab import detect as lab_detect
from compute.scores import detect


@pytest.fixture
def run(cache) -> dict:
    made = random_run()
    return {"key": made.key, "spec": "made", "text": "t", "model": asdict(made.model)}


def test_each_kind_of_model_is_offered_its_own() -> None:
    both, causal, masked = (dict(head_scores.offered(kind)) for kind in (None, True, False))
    assert set(both) == set(causal) | set(masked)
    assert "lab-readout-retrieval" in masked and "lab-readout-retrieval" not in causal
    assert "lab-detect-mul-induction" in causal and "lab-detect-mul-induction" not in masked
    assert not {"induction", chooser.TRUST_SCORE} & set(both)


def test_the_selector_knows_both_kinds() -> None:
    kinds, every = chooser.kinds(), dict(chooser.all_scores())
    listed = {
        name: [option["value"] for option in options if not option.get("disabled")]
        for name, options in kinds.items()
    }
    assert {name for some in listed.values() for name in some} == set(every)
    assert listed["causal"][0] == listed["masked"][0] == "previous"
    assert "lab-readout-duplicate" not in listed["masked"]
    assert listed["cross"] == [
        *("coming", "read", "order", "entropy", "relative_entropy", "special", "trust")
    ]
    assert "lab-copying" not in listed["untried causal"]
    assert "lab-detect-mul-previous" in listed["untried causal"]


@pytest.mark.parametrize("causal", [True, False])
def test_each_score_has_a_name_of_its_own_and_stands_under_a_heading(causal) -> None:
    titles = [title for _, title in chooser.all_scores(causal)]
    assert len(set(titles)) == len(titles) and "Induction" not in titles
    named = [title.lower() for title in titles if "induction" in title.lower()]
    assert all("on the text" in title or "on random repeats" in title for title in named)
    labels = [each["label"] for each in chooser.options(True)]
    assert chooser.options(True)[0]["disabled"]
    repetition = labels[labels.index("— Repetition —") :][1:4]
    wanted = ["Duplicate token", "Induction on the text", "Induction on random repeats"]
    assert repetition == wanted


def test_transformerlens_measure_is_asked_for_and_then_shown(run) -> None:
    score = "lab-detect-abs-previous"
    nothing = dict.fromkeys(grids.MEASURED)
    figure, note, _, asked = grids.draw_head_grid(nothing, score, "light", {}, run)
    assert asked == {"lab-detected-asked": {"run": run["key"]}} and "Comparing" in note
    assert np.isnan(np.array(figure.data[0].z, float)).all()
    shape = run["model"]["layers"], run["model"]["heads"]
    values = np.random.default_rng(0).uniform(-1, 1, (2, 3, *shape))
    detect.DETECTED.put(detect.key(run["key"]), detect.Detected(*values))
    figure, note, *_ = grids.draw_head_grid(nothing, score, "light", {}, run)
    np.testing.assert_allclose(figure.data[0].z, values[1, 0], rtol=1e-6)
    assert (figure.data[0].zmin, figure.data[0].zmax) == (-1, 1) and "detect_head" in note
    known = {name for name, *_ in head_scores.every(run, {})}
    assert known == {f"lab-detect-{m}-{p}" for m in detect.MEASURES for p in detect.PATTERNS}


def test_what_is_not_measured_is_said(run) -> None:
    for score, said in (("lab-copying", "Measure copying"), ("lab-readout-duplicate", "Waiting")):
        found = head_scores.LAB_SCORES[score].show(run, {})
        assert isinstance(found, str) and said in found


def test_a_score_that_would_wait_for_another_store_than_its_jobs_is_refused() -> None:
    def score(store: str, **more) -> head_scores.LabScore:
        return head_scores.LabScore("near", "Near", store, lambda *_: "", **more)

    assert score(lab_detect.NAME, job=lab_detect.JOB).job is lab_detect.JOB
    assert score("another").job is None  # a button in the lab starts it
    with pytest.raises(TypeError, match=f"score near waits for .*another.*{lab_detect.NAME}"):
        score("another", job=lab_detect.JOB)
