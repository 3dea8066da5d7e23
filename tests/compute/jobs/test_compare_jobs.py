"""Jobs on all heads: made once, then found."""

import pytest
from patterns import random_run

from compute import runs
from compute.errors import HeadscopeError
from compute.jobs import scoring
from compute.scores import aggregate, classes, head_similarity, patterns


@pytest.fixture
def run(monkeypatch):
    run, _ = random_run()
    monkeypatch.setattr(runs, "load", lambda key: run)
    return run


def once(monkeypatch, module, name: str, job) -> list:
    """Run a job twice; return both results. The second must not compute."""
    first = job()
    monkeypatch.setattr(module, name, lambda *_, **__: pytest.fail("computed again"))
    return [first, job()]


def test_jobs_keep_what_they_make(run, monkeypatch) -> None:
    seen = []
    once(monkeypatch, aggregate, "of", lambda: scoring.average("made", seen.append))
    pattern = patterns.Pattern("previous")
    names = once(
        monkeypatch, patterns, "rank", lambda: scoring.find_pattern("made", pattern, seen.append)
    )
    assert names[0] == names[1]
    assert patterns.RANKINGS.get(names[0]).n[0] > 0
    names = once(
        monkeypatch,
        head_similarity,
        "all_pairs",
        lambda: scoring.compare_heads("made", "made", seen.append),
    )
    assert head_similarity.LIKENESS.get(names[1]).divergence.shape == (2, 3, 2, 3)


def test_classes_of_the_user(run, monkeypatch) -> None:
    text = "small = 1.\nnone = zzz"

    def job() -> dict:
        return scoring.between_classes("made", "rules", text, True, lambda state: None)

    first, second = once(monkeypatch, classes, "of", job)
    assert first == second
    assert first["notes"] == ["No token of the text is “none”."]
    found = classes.CLASSES.get(first["name"])
    assert found.names == ("small", "other", "special")
    with pytest.raises(HeadscopeError, match="is not “name = pattern”"):
        scoring.between_classes("made", "rules", "x", True, lambda state: None)
