"""The lab's jobs: each does its work once and names what is in the store."""

import subprocess
import sys

import numpy as np
import pytest

from compute import runs
from compute.errors import HeadscopeError
from compute.jobs import measuring
from compute.lab import ablation, cumulative, induction, nulls, sample_trials
from compute.lab.readouts import main_readout
from compute.models import catalog, loading
from compute.runs import attention
from compute.trials import planned, trial_scores

OPTIONS = {"trials": 6, "length": 12}


@pytest.fixture(autouse=True)
def private_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path))


def quiet(state: tuple[float, str]) -> None:
    assert 0 <= state[0] <= 100 and state[1]


def once(monkeypatch, job):
    """Return what a job returns, and what it does again without any model."""
    first = job()
    with monkeypatch.context() as patch:
        patch.setattr(loading, "load", None)
        assert job() == first
    return first


def test_measure(monkeypatch):
    done = once(monkeypatch, lambda: measuring.measure("demo-gpt", OPTIONS, quiet))
    result, compared = induction.SCORES.get(done["scores"]), nulls.NULLS.get(done["nulls"])
    assert done["causal"] and result.length == 12
    assert set(result.readouts) == set(compared.readouts)
    # The main page's grid and the lab share one entry.
    assert done["scores"] == induction.key(catalog.find("demo-gpt").identity, OPTIONS)


def test_ablate_and_follow(monkeypatch):
    job = lambda: measuring.ablate("demo-bert", [[1, 1]], "prose", OPTIONS, quiet)  # noqa: E731
    found = ablation.ABLATIONS.get(once(monkeypatch, job))
    assert found.heads == ((1, 1),) and set(found.losses) == {"repeated", "text"}
    job = lambda: measuring.follow("demo-bert", OPTIONS, quiet)  # noqa: E731
    assert cumulative.CURVES.get(once(monkeypatch, job)).trials == 6


@pytest.mark.parametrize("spec", ["demo-gpt", "demo-bert"])
def test_examples_show_what_was_measured(spec: str, monkeypatch):
    name = once(monkeypatch, lambda: measuring.show(spec, OPTIONS, quiet))
    few = sample_trials.EXAMPLES.get(name)
    run = runs.load(few.run_key)
    assert len(run.tokens.starts) - 1 == len(few.queries) == sample_trials.FEW
    model = loading.load(catalog.find(spec))
    keys_of = few.keys[main_readout(model.info.causal)]
    means = []
    for trial in range(3):
        matrix = attention.of_passage(run, 1, 2, trial)
        rows = [
            matrix[q, keys[keys >= 0]].sum()
            for q, keys in zip(few.queries[trial], keys_of[trial], strict=True)
            if (keys >= 0).any()
        ]
        means.append(np.mean(rows))
    trials, *_ = planned.plan(model, "standard", "corrected", 6, 12, 0)
    np.testing.assert_array_equal(run.tokens.ids.reshape(3, -1), trials.ids[:3])
    row = trials.rows.index("earlier+1" if model.info.causal else "earlier+0")
    expected = trial_scores.read(model, trials.part(slice(3)))[:, row, 1, 2]
    np.testing.assert_allclose(means, expected, atol=1e-5)


def test_errors_reach_the_caller():
    with pytest.raises(HeadscopeError, match="no head L7H0"):
        measuring.ablate("demo-gpt", [(7, 0)], None, OPTIONS, quiet)
    with pytest.raises(HeadscopeError, match="does not fit"):
        measuring.measure("demo-gpt", {"length": 999}, quiet)


def test_importing_the_jobs_needs_no_torch():
    code = "import sys; from compute.jobs import measuring; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
