"""The lab's jobs: each does its work once and names what is in the store."""

from compute import runs
from compute.finding import catalog
from compute.jobs import measuring
from compute.lab import ablation, cumulative, induction, nulls, sample_trials
from compute.models import loading

OPTIONS = {"trials": 6, "length": 12}


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


def test_a_few_trials_are_shown(monkeypatch):
    name = once(monkeypatch, lambda: measuring.show("demo-gpt", OPTIONS, quiet))
    few = sample_trials.EXAMPLES.get(name)
    run = runs.load(few.run_key)
    assert len(run.tokens.starts) - 1 == len(few.queries) == sample_trials.FEW
