"""What is kept on disk has the names that it always had: a cache of an earlier version is not lost.

``entries.json`` was written before the rooms of the house were moved. Every job runs once on the
demo models; the kinds and names of all that lies in the cache afterwards must be those.
"""

import json
from pathlib import Path

import pytest

from compute import (
    compare_jobs,
    jobs,
    lab_jobs,
    map_jobs,
    patterns,
    store,
    texts,
    tiles,
)

ENTRIES = Path(__file__).with_name("entries.json")
LAB = {"trials": 6, "length": 12, "seed": 3}
TWO = "The cat sat on the mat.\nThe dog saw the cat and the dog ran."


def quiet(state: tuple) -> None:
    """Take a report and do nothing with it."""


def everything() -> None:
    """Run each kind of job that keeps something."""
    text = texts.save_user(texts.from_user(TWO))
    gpt = jobs.open_run("demo-gpt", text, quiet)["key"]
    jobs.open_run("demo-bert", text, quiet)
    without = jobs.open_run("demo-gpt", text, quiet, "L0H0, L1", "mean")["key"]
    compare_jobs.score_heads(gpt, quiet)
    map_jobs.measure_trust(gpt, "pca", 2, {"scale": 2.0}, quiet)
    lab_jobs.measure_induction("demo-gpt", LAB, quiet)
    map_jobs.fit_map(gpt, 1, 2, "attention", 2, {"steps": 5}, quiet)
    map_jobs.fit_map(gpt, 1, 2, "attention-size", 3, {}, quiet)
    map_jobs.fit_map(gpt, 0, 1, "tsne", 2, {"iterations": 250, "scale": "norm"}, quiet)
    tiles.lay_out(gpt, "pca", lambda *_: None)
    map_jobs.scan_scales(gpt, quiet)
    map_jobs.compare(gpt, 0, 0, list(map_jobs.at_scales("pca").values()), quiet)
    lab_jobs.measure("demo-bert", LAB | {"design": "shuffled"}, quiet)
    lab_jobs.show("demo-gpt", LAB, quiet)
    lab_jobs.ablate("demo-gpt", [(0, 0), (1, None)], text, LAB | {"method": "mean"}, quiet)
    lab_jobs.follow("demo-gpt", LAB, quiet)
    lab_jobs.copies("demo-gpt", {"trials": 5, "seed": 1}, quiet)
    lab_jobs.detect(gpt, quiet)
    lab_jobs.context("demo-gpt", "prose", {"trials": 5, "seed": 1}, quiet)
    compare_jobs.find_pattern(gpt, patterns.Pattern("offset", -2), quiet)
    compare_jobs.find_pattern(
        gpt, patterns.Pattern("painted", cells=((2, 1, 1.0),), passage=0), quiet
    )
    compare_jobs.between_classes(gpt, "role", "", True, quiet)
    compare_jobs.between_classes(gpt, "rules", "any = .+", False, quiet)
    compare_jobs.compare_runs(gpt, without, quiet)


def kept() -> dict[str, list[str]]:
    """Return the names of all entries, by their kind."""
    found: dict[str, list[str]] = {}
    for manifest in store.root().glob(f"*/*/{store.MANIFEST}"):
        found.setdefault(manifest.parent.parent.name, []).append(manifest.parent.name)
    return {kind: sorted(names) for kind, names in sorted(found.items())}


def test_entries_have_the_names_that_they_always_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path))
    everything()
    assert kept() == json.loads(ENTRIES.read_text())
