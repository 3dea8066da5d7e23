"""Jobs on all heads: made once, then found."""

import numpy as np
import pytest
from patterns import random_run

from compute import runs
from compute.errors import HeadscopeError
from compute.jobs import scoring
from compute.scores import aggregate, classes, head_similarity, patterns


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path))
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
        monkeypatch,
        patterns,
        "rank",
        lambda: scoring.find_pattern("made", pattern, seen.append),
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


def test_roles_need_no_content(run) -> None:
    found = scoring.between_classes("made", "role", "", True, lambda state: None)
    measured = classes.CLASSES.get(found["name"])
    assert measured.names == ("special", "digits")
    assert np.nansum(measured.mean[0, 0, 0]) == pytest.approx(1, abs=1e-5)


def test_a_dossier_is_a_page(run) -> None:
    text = scoring.write_dossier("made", 0, 1, lambda state: None)
    assert text.startswith("<!DOCTYPE html>")
    assert "Head L0H1 of made by hand" in text
