"""What a head does, in numbers beside its name."""

import numpy as np
import pytest
from stored import column, random_run

from components.heads import facts
from compute.jobs import scoring
from compute.lab import induction
from compute.scores import heads
from compute.scores.intervals import Estimate

pytestmark = pytest.mark.usefixtures("cache")


def test_facts_are_told_once_they_are_measured() -> None:
    run = random_run()
    assert facts.tell_facts(column(run, 0, 1), None, None) == ""
    scoring.score_heads(run.key, lambda state: None)
    told = facts.tell_facts(column(run, 0, 1), None, None)
    assert told.startswith("previous token 0.") and "random repeats" not in told


def test_induction_on_the_text_and_on_random_repeats_are_told_apart() -> None:
    run = random_run()
    scoring.score_heads(run.key, lambda state: None)
    shape = np.full((2, 3), 0.123)
    shape[0, 1] = 0.456
    score = {"prefix_matching": Estimate(shape, shape, shape)}
    made = induction.Induction(score, {}, "standard", "corrected", 2, 9, 0, ())
    induction.SCORES.put("0" * 24, made)
    told = {"spec": "made", "name": "0" * 24}
    on_text = heads.SCORES.get(heads.key(run.key)).of("induction").mean[0, 1]
    said = facts.tell_facts(column(run, 0, 1), None, told)
    assert f"induction on the text {on_text:.2f} · induction on random repeats 0.46" in said
    other = told | {"spec": "another"}  # of another model, as column B may show
    assert "random repeats" not in facts.tell_facts(column(run, 0, 1), None, other)
    without = column(run, 0, 1)
    without["run"] = without["run"] | {"off": "L0H0"}  # measured with all heads
    assert "random repeats" not in facts.tell_facts(without, None, told)
